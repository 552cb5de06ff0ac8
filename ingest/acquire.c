#include <dangan/acquire.h>

#include "batch_names.h"
#include "split_internal.h"

#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dangan/image.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PREFIX "scan"
#define DIGITS 4

void da_acquired_clear(DaAcquired *acquired)
{
    g_clear_pointer(&acquired->files, g_ptr_array_unref);
}

/* --- the folder ------------------------------------------------------------------------------------------------------- */

/* The folder itself is locked, so that nothing but scans lies in it. Who watches it looks at this lock too. */
static int take_folder(const char *path, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    if (!da_dir_make(path, error))
        return -1;
    da_autofd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (fd >= 0 && errno == EWOULDBLOCK)
            da_error_set(error, DA_ERROR_CONFLICT,
                         "cannot scan into '%s': another scan into it is running", shown);
        else
            da_error_set_errno(error, errno, "cannot open folder '%s'", shown);
        return -1;
    }
    int taken = fd;
    fd = -1;
    return taken;
}

typedef struct {
    char *prefix;
    guint digits;
    guint64 last;
} Numbering;

/* "scan0007.jpg" → "scan", 4 digits, 7. FALSE for names that do not end in a number. */
static gboolean parse_name(const char *name, Numbering *numbering)
{
    const char *dot = strrchr(name, '.'), *digits = dot;
    while (digits && digits > name && g_ascii_isdigit(digits[-1]))
        digits--;
    if (!digits || digits == dot || dot - digits > 9)
        return FALSE;
    numbering->prefix = g_strndup(name, (gsize)(digits - name));
    numbering->digits = (guint)(dot - digits);
    numbering->last = g_ascii_strtoull(digits, NULL, 10);
    return TRUE;
}

static gboolean is_named(const char *scan)
{
    g_autofree char *class_code = NULL;
    guint sequence, side;
    return da_scan_name_parse(scan, &class_code, &sequence, &side);
}

/* Goes on after the last scan of the folder, by its own manner of counting. */
static gboolean find_numbering(const char *folder, Numbering *numbering, GError **error)
{
    g_autoptr(GPtrArray) names = da_dir_list(folder, error);
    g_autofree char *root = realpath(folder, NULL);
    const char *last = NULL;
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
        if (da_entry_kind(root, path) == DA_ENTRY_SCAN)
            last = names->pdata[i];
    }
    if (!names)
        return FALSE;
    if (last && is_named(last)) {
        g_autofree char *shown = g_filename_display_name(folder);
        return da_error_set(
            error, DA_ERROR_INPUT,
            "cannot scan into '%s': its scans are named 类号-序号-页号 already, and "
            "nothing says which material comes next; scan into another folder",
            shown);
    }
    if (last && parse_name(last, numbering))
        return TRUE;
    *numbering = (Numbering){g_strdup(PREFIX), DIGITS, 0};
    if (!last || da_name_compare(last, PREFIX) < 0)
        return TRUE;
    /* New scans would stand before a name that comes after "scan0001". */
    g_autofree char *shown = g_filename_display_name(last);
    return da_error_set(error, DA_ERROR_INPUT,
                        "scan '%s' has no number that could be counted on from; scan into another "
                        "folder",
                        shown);
}

/* --- a side as a file ----------------------------------------------------------------------------------------------------- */

static Pix *pix_of(const DaScannedSide *side)
{
    Pix *pix = pixCreate((int)side->width_px, (int)side->height_px, side->channels == 3 ? 32 : 8);
    const guint8 *from = side->samples->data;
    for (guint y = 0; pix && y < side->height_px; y++) {
        guint32 *line = pixGetData(pix) + (gsize)y * (gsize)pixGetWpl(pix);
        for (guint x = 0; x < side->width_px; x++, from += side->channels) {
            if (side->channels == 3)
                line[x] = (guint32)from[0] << 24 | (guint32)from[1] << 16 | (guint32)from[2] << 8;
            else
                SET_DATA_BYTE(line, x, *from);
        }
    }
    if (pix)
        pixSetResolution(pix, (int)side->dpi, (int)side->dpi);
    return pix;
}

static GBytes *encode_jpeg(const DaScannedSide *side, guint quality, GError **error)
{
    if (side->bits != 8) {
        da_error_set(error, DA_ERROR_USAGE,
                     "JPEG keeps 8 bits a sample, the scanner delivers %u; scan as tiff",
                     side->bits);
        return NULL;
    }
    g_autoptr(Pix) pix = pix_of(side);
    if (pix)
        return da_image_encode_jpeg(pix, quality, error);
    da_error_set(error, DA_ERROR_LIMIT, "there is not enough memory for the side");
    return NULL;
}

/* Source: SANE Standard 1.06 §3.2.1: a bit that is set is black. */
static GBytes *encode_tiff(const DaScannedSide *side, GError **error)
{
    const DaSplitRaster raster = {.width_px = side->width_px,
                                  .height_px = side->height_px,
                                  .bits = side->bits,
                                  .channels = side->channels,
                                  .dpi = side->dpi,
                                  .white_is_zero = side->bits == 1};
    return da_split_tiff_from_samples(&raster, side->samples->data, side->samples->len, error);
}

/* --- the run ---------------------------------------------------------------------------------------------------------------- */

typedef struct {
    const DaAcquireOptions *options;
    DaAcquired *acquired;
    Numbering numbering;
    GPtrArray *sheet; /* GBytes *: sides of the sheet that is in the scanner */
    GString *sizes;   /* what is told of them */
} Run;

static void bytes_free(gpointer bytes)
{
    g_bytes_unref(bytes);
}

static gboolean keep_side(Run *run, const DaScannedSide *side, GError **error)
{
    gboolean tiff = run->options->format == DA_ACQUIRE_TIFF || side->bits == 1;
    GBytes *bytes =
        tiff ? encode_tiff(side, error) : encode_jpeg(side, run->options->quality, error);
    if (!bytes)
        return FALSE;
    g_ptr_array_add(run->sheet, bytes);
    g_string_append_printf(run->sizes, "%u x %u px, %u dpi\n", side->width_px, side->height_px,
                           side->dpi);
    return TRUE;
}

static gboolean write_side(Run *run, GBytes *bytes, const char *size, GError **error)
{
    gsize n;
    const void *data = g_bytes_get_data(bytes, &n);
    const char *extension = da_image_extension(da_image_format(data, n));
    g_autofree char *name =
        g_strdup_printf("%s%0*" G_GUINT64_FORMAT ".%s", run->numbering.prefix,
                        (int)run->numbering.digits, run->numbering.last + 1, extension);
    g_autofree char *path = g_build_filename(run->options->into, name, NULL);
    if (!da_file_write(path, data, n, error))
        return FALSE;
    run->numbering.last++;
    g_ptr_array_add(run->acquired->files, g_strdup(path));
    da_progress_add(run->options->progress, 1);
    g_autofree char *shown = g_filename_display_name(name);
    da_progress_line(run->options->progress, "%s: %s", shown, size);
    da_fault_point("acquire.side");
    return TRUE;
}

/* Both sides of a sheet appear together: after a jam the sheet is fed again, and its front must not be there already. */
static gboolean write_sheet(Run *run, GError **error)
{
    g_auto(GStrv) sizes = g_strsplit(run->sizes->str, "\n", -1);
    for (guint i = 0; i < run->sheet->len; i++)
        if (!write_side(run, g_ptr_array_index(run->sheet, i), sizes[i], error))
            return FALSE;
    g_ptr_array_set_size(run->sheet, 0);
    g_string_truncate(run->sizes, 0);
    return TRUE;
}

static gboolean is_stopped(const Run *run)
{
    return run->options->stop && *run->options->stop;
}

/* TRUE when the stack is through. */
static gboolean read_stack(Run *run, DaScanner *scanner, GError **error)
{
    guint sheet = da_scanner_is_duplex(scanner) ? 2 : 1, limit = run->options->sides;
    do {
        g_auto(DaScannedSide) side = {0};
        DaScannerOutcome outcome = da_scanner_read(scanner, &side, error);
        if (outcome == DA_SCANNER_FAILED)
            return FALSE;
        if (outcome == DA_SCANNER_EMPTY)
            return write_sheet(run, error);
        if (!keep_side(run, &side, error))
            return FALSE;
        if (run->sheet->len < sheet)
            continue;
        if (!write_sheet(run, error))
            return FALSE;
        if (limit > 0 && run->acquired->files->len >= limit)
            return TRUE;
        if (is_stopped(run))
            return da_error_set(error, DA_ERROR_CANCELLED, "stopped");
    } while (da_scanner_has_feeder(scanner) || run->sheet->len > 0);
    return TRUE;
}

/* What is there already, and what to do with the paper. */
static gboolean explain(const Run *run, GError *wrong, GError **error)
{
    guint done = run->acquired->files->len;
    g_autofree char *shown = g_filename_display_name(run->options->into);
    gboolean cancelled = g_error_matches(wrong, DA_ERROR, DA_ERROR_CANCELLED);
    if (done == 0) {
        g_propagate_error(error, wrong);
        return FALSE;
    }
    if (g_error_matches(wrong, DA_ERROR, DA_ERROR_DISK)) {
        g_propagate_prefixed_error(error, wrong, "%u sides lie in '%s'; ", done, shown);
        return FALSE;
    }
    g_autofree char *last = g_path_get_basename(g_ptr_array_index(run->acquired->files, done - 1));
    da_error_set(error, cancelled ? DA_ERROR_CANCELLED : DA_ERROR_PART,
                 "%s; %u sides lie in '%s', the last is '%s'; feed the sheets after it%s and run "
                 "the same command again",
                 wrong->message, done, shown, last,
                 cancelled ? "" : " (the one in the scanner too)");
    g_error_free(wrong);
    return FALSE;
}

static gboolean scan(Run *run, GError **error)
{
    g_autoptr(DaScanner) scanner = da_scanner_open(&run->options->scanner, error);
    g_autoptr(GError) wrong = NULL;
    if (!scanner)
        return FALSE;
    if (!read_stack(run, scanner, &wrong))
        return explain(run, g_steal_pointer(&wrong), error);
    return run->acquired->files->len > 0 ||
           da_error_set(error, DA_ERROR_INPUT,
                        "there is no paper in the feeder of '%s'; put the stack in and run the "
                        "same command again",
                        run->options->scanner.device);
}

gboolean da_acquire_run(const DaAcquireOptions *options, DaAcquired *acquired, GError **error)
{
    *acquired = (DaAcquired){.files = g_ptr_array_new_with_free_func(g_free)};
    da_autofd int folder = take_folder(options->into, error);
    Run run = {.options = options, .acquired = acquired};
    if (folder < 0 || !find_numbering(options->into, &run.numbering, error)) {
        g_free(run.numbering.prefix);
        return FALSE;
    }
    run.sheet = g_ptr_array_new_with_free_func(bytes_free);
    run.sizes = g_string_new(NULL);
    gboolean done = scan(&run, error);
    if (acquired->files->len == 0)
        rmdir(options->into); /* goes only when it is empty: no dossier without scans */
    g_ptr_array_unref(run.sheet);
    g_string_free(run.sizes, TRUE);
    g_free(run.numbering.prefix);
    return done;
}
