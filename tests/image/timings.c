/*
 * What the steps of a page cost that need no recognition: one JSON object a file, milliseconds of processor time, the median of some
 * runs. A page that needs nothing done keeps its bytes and is not encoded.
 * Not a test: script/bench runs it.
 *
 * usage: image_timings FILE… (JPEG, PNG or TIFF)
 */
#include <dangan/digest.h>
#include <dangan/image.h>
#include <dangan/measure.h>
#include <dangan/upright.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUNS 5
#define QUALITY 85

typedef enum { DECODE, ANALYSIS, UPRIGHT, ENCODE, DIGEST, PARTS } Part;

static const char *const names[PARTS] = {"decode_ms", "analysis_ms", "upright_ms", "encode_ms",
                                         "digest_ms"};

typedef struct {
    double ms[PARTS][RUNS];
    guint run;
    gint64 since;
} Clock;

static gint64 processor_us(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return (gint64)spent.tv_sec * 1000000 + spent.tv_nsec / 1000;
}

static void lap(Clock *clock, Part part)
{
    gint64 now = processor_us();
    clock->ms[part][clock->run] = (double)(now - clock->since) / 1000;
    clock->since = now;
}

static gboolean run_once(GBytes *bytes, Clock *clock, GError **error)
{
    DaMeasure measure;
    clock->since = processor_us();
    g_autoptr(Pix) pix = da_image_decode(bytes, error);
    if (pix == NULL)
        return FALSE;
    lap(clock, DECODE);
    guint dpi = (guint)MAX(0, pixGetXRes(pix));
    if (!da_measure_page(pix, dpi, &measure, error))
        return FALSE;
    lap(clock, ANALYSIS);
    DaUpright upright = {.skew_cw_deg = measure.skew_cw_deg};
    if (measure.sheet_known)
        da_upright_crop_to_sheet(&upright, measure.sheet_quad_px, dpi, pixGetWidth(pix),
                                 pixGetHeight(pix));
    g_autoptr(Pix) access = da_upright_apply(pix, &upright, error);
    if (access == NULL)
        return FALSE;
    lap(clock, UPRIGHT);
    g_autoptr(GBytes) jpeg =
        access == pix ? g_bytes_ref(bytes) : da_image_encode_jpeg(access, QUALITY, error);
    if (jpeg == NULL)
        return FALSE;
    lap(clock, ENCODE);
    da_digest_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    da_digest_bytes(g_bytes_get_data(jpeg, NULL), g_bytes_get_size(jpeg));
    lap(clock, DIGEST);
    return TRUE;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *file, Clock *clock)
{
    double whole = 0;
    g_autofree char *name = g_path_get_basename(file);
    printf("{\"file\": \"%s\"", name);
    for (Part part = 0; part < PARTS; part++) {
        qsort(clock->ms[part], RUNS, sizeof *clock->ms[part], by_size);
        printf(", \"%s\": %.1f", names[part], clock->ms[part][RUNS / 2]);
        whole += clock->ms[part][RUNS / 2];
    }
    printf(", \"whole_ms\": %.1f}\n", whole);
}

static gboolean time_file(const char *file, GError **error)
{
    g_autofree char *data = NULL;
    gsize size = 0;
    if (!g_file_get_contents(file, &data, &size, error))
        return FALSE;
    g_autoptr(GBytes) bytes = g_bytes_new_take(g_steal_pointer(&data), size);
    Clock clock = {0};
    for (; clock.run < RUNS; clock.run++) {
        if (!run_once(bytes, &clock, error))
            return FALSE;
    }
    print(file, &clock);
    return TRUE;
}

int main(int argc, char **argv)
{
    int status = argc < 2 ? 2 : 0;
    if (argc < 2)
        fprintf(stderr, "usage: image_timings FILE…\n");
    for (int i = 1; i < argc; i++) {
        g_autoptr(GError) error = NULL;
        if (time_file(argv[i], &error))
            continue;
        fprintf(stderr, "image_timings: %s: %s\n", argv[i], error->message);
        status = 3;
    }
    return status;
}
