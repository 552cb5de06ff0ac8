#include "report_crop.h"

#include <dangan/file.h>
#include <dangan/image.h>
#include <dangan/package.h>
#include <dangan/worker.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Widths on screen are half of these, so that print and dense screens stay sharp. */
#define PAGE_WIDTH_PX 380
#define CROP_WIDTH_PX 760
#define CROP_MARGIN_PX 60
#define CROP_QUALITY 72
#define CROP_SECONDS 30
#define CROP_MEMORY_BYTES ((guint64)3 << 30)

typedef struct {
    const DaVerification *verification;
    const DaFinding *finding;
} Wish;

typedef struct {
    GArray *wishes; /* Wish */
    guint next;
    GHashTable *crops;
} Crops;

/* The real place of a file, only if it is a regular file inside the package: a link would show the reader other people's files. */
static char *file_inside(const char *package, const char *relative)
{
    g_autofree char *full = g_build_filename(package, relative, NULL);
    char *root = realpath(package, NULL), *real = realpath(full, NULL);
    struct stat state;
    gboolean inside = root && real && g_str_has_prefix(real, root) && real[strlen(root)] == '/' &&
                      !lstat(real, &state) && S_ISREG(state.st_mode);
    char *found = inside ? g_strdup(real) : NULL;
    free(root);
    free(real);
    return found;
}

static char *access_image(const DaVerification *verification, const char *stem)
{
    static const char *const extensions[] = {"jpg", "png", "tif"};
    for (guint i = 0; verification->id && i < G_N_ELEMENTS(extensions); i++) {
        g_autofree char *path =
            da_package_page_file(verification->id, DA_FILE_ACCESS, stem, extensions[i]);
        char *found = da_path_is_safe(path) ? file_inside(verification->path, path) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

/* The least pixels that still give the wanted width. */
static guint reduction(guint width_px)
{
    guint denominator = 8;
    while (denominator > 1 && width_px / denominator < PAGE_WIDTH_PX)
        denominator /= 2;
    return denominator;
}

static Pix *cut(Pix *pix, const DaFinding *finding)
{
    int left = MAX(finding->x_px - CROP_MARGIN_PX, 0), top = MAX(finding->y_px - CROP_MARGIN_PX, 0);
    g_autoptr(Box) box = boxCreate(left, top, finding->w_px + 2 * CROP_MARGIN_PX,
                                   finding->h_px + 2 * CROP_MARGIN_PX);
    return pixClipRectangle(pix, box, NULL);
}

static Pix *picture(GBytes *bytes, const DaFinding *finding, GError **error)
{
    DaImageInfo info;
    if (!da_image_probe(bytes, &info, error))
        return NULL;
    g_autoptr(Pix) whole = finding->has_box
                               ? da_image_decode(bytes, error)
                               : da_image_decode_reduced(bytes, reduction(info.width_px), error);
    if (!whole)
        return NULL;
    g_autoptr(Pix) part = finding->has_box ? cut(whole, finding) : pixClone(whole);
    int wanted = finding->has_box ? CROP_WIDTH_PX : PAGE_WIDTH_PX;
    if (!part || pixGetWidth(part) <= wanted)
        return g_steal_pointer(&part);
    return pixScaleToSize(part, wanted, 0);
}

static char *work(const char *job, gpointer entered, GError **error)
{
    const Crops *crops = entered;
    const Wish *wish = &g_array_index(crops->wishes, Wish, g_ascii_strtoull(job, NULL, 10));
    g_autofree char *path = access_image(wish->verification, wish->finding->page);
    g_autoptr(GBytes) bytes = path ? da_file_read(path, DA_IMAGE_MAX_BYTES, error) : NULL;
    g_autoptr(Pix) pix = bytes ? picture(bytes, wish->finding, error) : NULL;
    g_autoptr(GBytes) jpeg = pix ? da_image_encode_jpeg(pix, CROP_QUALITY, error) : NULL;
    if (!jpeg)
        return g_strdup(""); /* no picture: the finding stands without it */
    return g_base64_encode(g_bytes_get_data(jpeg, NULL), g_bytes_get_size(jpeg));
}

static char *next_job(gpointer data)
{
    Crops *crops = data;
    return crops->next < crops->wishes->len ? g_strdup_printf("%u", crops->next++) : NULL;
}

static gboolean done(const char *job, DaWorkerOutcome outcome, const char *answer,
                     const GError *job_error, gpointer data, GError **error)
{
    Crops *crops = data;
    const Wish *wish = &g_array_index(crops->wishes, Wish, g_ascii_strtoull(job, NULL, 10));
    if (outcome == DA_WORKER_DONE && *answer)
        g_hash_table_insert(crops->crops, (gpointer)wish->finding, g_strdup(answer));
    return TRUE;
}

static void collect(const GPtrArray *verifications, GArray *wishes)
{
    for (guint i = 0; i < verifications->len; i++) {
        const DaVerification *verification = verifications->pdata[i];
        for (guint k = 0; k < verification->findings->len && wishes->len < DA_REPORT_MAX_CROPS;
             k++) {
            Wish wish = {verification, verification->findings->pdata[k]};
            g_autofree char *path =
                wish.finding->page ? access_image(verification, wish.finding->page) : NULL;
            if (path)
                g_array_append_val(wishes, wish);
        }
    }
}

GHashTable *da_report_crops(const GPtrArray *verifications)
{
    g_autoptr(GArray) wishes = g_array_new(FALSE, FALSE, sizeof(Wish));
    collect(verifications, wishes);
    Crops crops = {
        .wishes = wishes,
        .crops = g_hash_table_new_full(NULL, NULL, NULL, g_free),
    };
    DaWorkerPool pool = {
        .processes = MIN(g_get_num_processors(), DA_WORKERS_MAX),
        .memory_bytes = CROP_MEMORY_BYTES,
        .seconds = CROP_SECONDS,
        .next = next_job,
        .work = work,
        .done = done,
        .data = &crops,
    };
    if (wishes->len)
        da_workers_run(&pool, NULL); /* a report without pictures is still a report */
    return crops.crops;
}
