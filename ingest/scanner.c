#include "scanner_parts.h"

#include <dangan/error.h>
#include <dangan/image.h>
#include <math.h>
#include <pthread.h>
#include <sane/saneopts.h>
#include <signal.h>
#include <string.h>

#define READ_BYTES (256u << 10)
/* No scanner takes so long to let its paper go. */
#define END_SECONDS 5
#define MAX_BYTES ((gsize)DA_IMAGE_MAX_PIXELS * 3)

typedef struct Ending Ending;

struct DaScanner {
    char *name;
    SANE_Handle handle;
    Ending *ending;
    guint dpi;
    gboolean feeder, duplex;
};

/* --- what the scanner says --------------------------------------------------------------------------------------------------- */

typedef struct {
    SANE_Status status;
    DaErrorCode code;
    const char *text;
} Meaning;

static const Meaning meanings[] = {
    {SANE_STATUS_DEVICE_BUSY, DA_ERROR_CONFLICT,
     "it is busy; close the other program that uses it and run the same command again"},
    {SANE_STATUS_CANCELLED, DA_ERROR_CANCELLED, "it was stopped at the scanner"},
    {SANE_STATUS_JAMMED, DA_ERROR_SYSTEM, "the paper is jammed"},
    {SANE_STATUS_NO_DOCS, DA_ERROR_INPUT, "there is no paper in the feeder"},
    {SANE_STATUS_COVER_OPEN, DA_ERROR_SYSTEM, "its cover is open"},
    {SANE_STATUS_IO_ERROR, DA_ERROR_SYSTEM, "the connection to it failed; look at cable and power"},
    {SANE_STATUS_NO_MEM, DA_ERROR_SYSTEM, "there is not enough memory"},
    {SANE_STATUS_ACCESS_DENIED, DA_ERROR_DENIED,
     "access is denied; the user must be in the group 'scanner'"},
    {SANE_STATUS_INVAL, DA_ERROR_INPUT, "the driver refuses the value"},
    {SANE_STATUS_UNSUPPORTED, DA_ERROR_INPUT, "the driver cannot do it"},
    {SANE_STATUS_EOF, DA_ERROR_SYSTEM, "it delivered nothing"},
};

gboolean da_scanner_fail(SANE_Status status, const char *what, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(meanings); i++)
        if (meanings[i].status == status)
            return da_error_set(error, meanings[i].code, "%s: %s", what, meanings[i].text);
    return da_error_set(error, DA_ERROR_SYSTEM, "%s: %s", what, sane_strstatus(status));
}

/* SANE is begun once and ended by the end of the process: drivers leave threads and libraries behind. */
static gboolean begin(GError **error)
{
    static gboolean begun = FALSE;
    SANE_Status status = begun ? SANE_STATUS_GOOD : sane_init(NULL, NULL);
    begun = status == SANE_STATUS_GOOD;
    return begun || da_scanner_fail(status, "cannot start SANE", error);
}

/* --- which there are ----------------------------------------------------------------------------------------------------------- */

static void device_free(gpointer data)
{
    DaScannerDevice *device = data;
    g_free(device->name);
    g_free(device->vendor);
    g_free(device->model);
    g_free(device->type);
    g_free(device);
}

/* Words of a driver, as text. */
static char *text_of(const char *word)
{
    return g_utf8_make_valid(word ? word : "", -1);
}

GPtrArray *da_scanner_list(GError **error)
{
    const SANE_Device **found = NULL;
    if (!begin(error))
        return NULL;
    SANE_Status status = sane_get_devices(&found, SANE_FALSE);
    if (status != SANE_STATUS_GOOD) {
        da_scanner_fail(status, "cannot look for scanners", error);
        return NULL;
    }
    GPtrArray *devices = g_ptr_array_new_with_free_func(device_free);
    for (guint i = 0; found && found[i]; i++) {
        DaScannerDevice *device = g_new0(DaScannerDevice, 1);
        device->name = text_of(found[i]->name);
        device->vendor = text_of(found[i]->vendor);
        device->model = text_of(found[i]->model);
        device->type = text_of(found[i]->type);
        g_ptr_array_add(devices, device);
    }
    return devices;
}

/* --- end of one --------------------------------------------------------------------------------------------------------------- */

/* Drivers have been seen to wait for themselves forever when a side is broken off, or to cancel a thread that held a lock of the C library
 * (SANE's own test driver, one time in some dozens): what hangs is left behind, and so is the thread that ends a scanner. It is made
 * before the driver makes any, for then no thread can be made any more. */
struct Ending {
    GMutex mutex;
    GCond changed;
    SANE_Handle handle;
    gboolean is_asked, is_ended;
};

static gpointer end(gpointer data)
{
    Ending *ending = data;
    g_mutex_lock(&ending->mutex);
    while (!ending->is_asked)
        g_cond_wait(&ending->changed, &ending->mutex);
    g_mutex_unlock(&ending->mutex);
    if (ending->handle) {
        sane_cancel(ending->handle);
        sane_close(ending->handle);
    }
    g_mutex_lock(&ending->mutex);
    ending->is_ended = TRUE;
    g_cond_signal(&ending->changed);
    g_mutex_unlock(&ending->mutex);
    return NULL;
}

static Ending *ending_new(void)
{
    Ending *ending = g_new0(Ending, 1);
    g_mutex_init(&ending->mutex);
    g_cond_init(&ending->changed);
    /* Ctrl-C is for the thread that reads from the scanner. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    g_thread_unref(g_thread_new("scanner-end", end, ending));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ending;
}

/* Ends `handle` if there is one, and frees `ending` unless the driver hangs. */
static void end_or_leave(Ending *ending, SANE_Handle handle)
{
    g_mutex_lock(&ending->mutex);
    ending->handle = handle;
    ending->is_asked = TRUE;
    g_cond_signal(&ending->changed);
    gint64 until_us = g_get_monotonic_time() + END_SECONDS * G_TIME_SPAN_SECOND;
    while (!ending->is_ended && g_cond_wait_until(&ending->changed, &ending->mutex, until_us))
        ;
    gboolean is_ended = ending->is_ended;
    g_mutex_unlock(&ending->mutex);
    if (!is_ended)
        return;
    g_mutex_clear(&ending->mutex);
    g_cond_clear(&ending->changed);
    g_free(ending);
}

/* --- one of them --------------------------------------------------------------------------------------------------------------- */

static gboolean open_device(DaScanner *scanner, GError **error)
{
    SANE_Status status = sane_open(scanner->name, &scanner->handle);
    if (status == SANE_STATUS_GOOD)
        return TRUE;
    if (status == SANE_STATUS_INVAL)
        return da_error_set(error, DA_ERROR_NOT_FOUND,
                            "there is no scanner '%s'; dangan scan --list shows those there are",
                            scanner->name);
    g_autofree char *what = g_strdup_printf("cannot open scanner '%s'", scanner->name);
    return da_scanner_fail(status, what, error);
}

/* Settings of the driver may have changed it once more. */
static guint dpi_of(const DaScanner *scanner, guint wanted)
{
    SANE_Int option = da_scanner_option(scanner->handle, SANE_NAME_SCAN_RESOLUTION);
    double dpi = option ? da_scanner_number(scanner->handle, option) : NAN;
    return isfinite(dpi) && dpi >= 1 ? (guint)lround(dpi) : wanted;
}

DaScanner *da_scanner_open(const DaScannerSettings *settings, GError **error)
{
    if (!begin(error))
        return NULL;
    g_autoptr(DaScanner) scanner = g_new0(DaScanner, 1);
    scanner->name = g_strdup(settings->device);
    scanner->ending = ending_new();
    if (!open_device(scanner, error))
        return NULL;
    if (!da_scanner_set_up(scanner->handle, settings, &scanner->feeder, &scanner->duplex, error)) {
        g_prefix_error(error, "cannot set up scanner '%s': ", scanner->name);
        return NULL;
    }
    scanner->dpi = dpi_of(scanner, settings->dpi);
    return g_steal_pointer(&scanner);
}

void da_scanner_close(DaScanner *scanner)
{
    if (!scanner)
        return;
    if (scanner->ending)
        end_or_leave(scanner->ending, scanner->handle);
    g_free(scanner->name);
    g_free(scanner);
}

gboolean da_scanner_has_feeder(const DaScanner *scanner)
{
    return scanner->feeder;
}

gboolean da_scanner_is_duplex(const DaScanner *scanner)
{
    return scanner->duplex;
}

/* --- a side ------------------------------------------------------------------------------------------------------------------------ */

void da_scanned_side_clear(DaScannedSide *side)
{
    g_clear_pointer(&side->samples, g_byte_array_unref);
}

static gboolean look_at(const SANE_Parameters *p, GError **error)
{
    guint channels = p->format == SANE_FRAME_RGB ? 3 : 1;
    if (p->format > SANE_FRAME_BLUE || (p->depth != 1 && p->depth != 8 && p->depth != 16))
        return da_error_set(error, DA_ERROR_INPUT,
                            "it delivers a format that is not known; set another mode or depth");
    if (p->depth == 1 && p->format != SANE_FRAME_GRAY)
        return da_error_set(error, DA_ERROR_INPUT,
                            "it delivers colours of one bit; set its depth to 8");
    guint64 row = ((guint64)MAX(p->pixels_per_line, 0) * (guint)p->depth * channels + 7) / 8;
    if (p->pixels_per_line < 1 || p->lines == 0 || p->bytes_per_line < 1 ||
        (guint64)p->bytes_per_line < row)
        return da_error_set(error, DA_ERROR_SYSTEM, "it delivers an image without a size");
    if ((guint64)p->pixels_per_line * (guint64)MAX(p->lines, 1) > DA_IMAGE_MAX_PIXELS)
        return da_error_set(error, DA_ERROR_LIMIT, "%d x %d px are more than the limit",
                            p->pixels_per_line, p->lines);
    return TRUE;
}

/* All bytes of a frame as they come. */
static GByteArray *read_frame(DaScanner *scanner, GError **error)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    g_autofree guint8 *chunk = g_malloc(READ_BYTES);
    for (;;) {
        SANE_Int got = 0;
        SANE_Status status = sane_read(scanner->handle, chunk, READ_BYTES, &got);
        if (status == SANE_STATUS_EOF)
            return g_steal_pointer(&data);
        if (status != SANE_STATUS_GOOD) {
            da_scanner_fail(status, "cannot read the side", error);
            return NULL;
        }
        if (data->len + (gsize)MAX(got, 0) > MAX_BYTES * 2) {
            da_error_set(error, DA_ERROR_LIMIT, "the side does not end");
            return NULL;
        }
        g_byte_array_append(data, chunk, (guint)MAX(got, 0));
    }
}

/* How many rows came; 0 with `error` when it is not what was promised. */
static guint rows_of(const SANE_Parameters *p, const GByteArray *data, GError **error)
{
    guint rows = data->len / (guint)p->bytes_per_line;
    if (rows == 0)
        da_error_set(error, DA_ERROR_SYSTEM, "it delivered nothing");
    else if (p->lines > 0 && rows < (guint)p->lines)
        da_error_set(error, DA_ERROR_SYSTEM, "the side ended after %u of %d lines", rows, p->lines);
    else
        return p->lines > 0 ? (guint)p->lines : rows;
    return 0;
}

/* One frame is the whole side (grey, RGB): rows lose what pads them. */
static void take_rows(DaScannedSide *side, const SANE_Parameters *p, const GByteArray *data)
{
    guint row = (side->width_px * side->bits * side->channels + 7) / 8;
    side->samples = g_byte_array_sized_new(row * side->height_px);
    for (guint y = 0; y < side->height_px; y++)
        g_byte_array_append(side->samples, data->data + (gsize)y * (guint)p->bytes_per_line, row);
}

/* One frame is one colour: scanners that pass three times. */
static void take_colour(DaScannedSide *side, const SANE_Parameters *p, const GByteArray *data)
{
    guint bytes = side->bits / 8, channel = (guint)(p->format - SANE_FRAME_RED);
    gsize row = (gsize)side->width_px * bytes * 3;
    if (!side->samples) {
        side->samples = g_byte_array_new();
        g_byte_array_set_size(side->samples, (guint)(row * side->height_px));
        memset(side->samples->data, 0, side->samples->len);
    }
    for (guint y = 0; y < side->height_px; y++) {
        const guint8 *from = data->data + (gsize)y * (guint)p->bytes_per_line;
        guint8 *to = side->samples->data + y * row + (gsize)channel * bytes;
        for (guint x = 0; x < side->width_px; x++)
            memcpy(to + (gsize)x * bytes * 3, from + (gsize)x * bytes, bytes);
    }
}

static gboolean take_frame(DaScanner *scanner, const SANE_Parameters *p, DaScannedSide *side,
                           GError **error)
{
    g_autoptr(GByteArray) data = look_at(p, error) ? read_frame(scanner, error) : NULL;
    guint rows = data ? rows_of(p, data, error) : 0;
    if (rows == 0)
        return FALSE;
    gboolean first = side->height_px == 0;
    if (!first && (side->height_px != rows || side->width_px != (guint)p->pixels_per_line ||
                   side->bits != (guint)p->depth))
        return da_error_set(error, DA_ERROR_SYSTEM, "its three passes differ in size");
    side->width_px = (guint)p->pixels_per_line;
    side->height_px = rows;
    side->bits = (guint)p->depth;
    side->channels = p->format == SANE_FRAME_GRAY ? 1 : 3;
    if (p->format >= SANE_FRAME_RED)
        take_colour(side, p, data);
    else if (first)
        take_rows(side, p, data);
    return TRUE;
}

static gboolean start(DaScanner *scanner, SANE_Parameters *p, gboolean *empty, GError **error)
{
    SANE_Status status = sane_start(scanner->handle);
    *empty = status == SANE_STATUS_NO_DOCS;
    if (*empty)
        return FALSE;
    if (status == SANE_STATUS_GOOD)
        status = sane_get_parameters(scanner->handle, p);
    return status == SANE_STATUS_GOOD || da_scanner_fail(status, "cannot start the scan", error);
}

DaScannerOutcome da_scanner_read(DaScanner *scanner, DaScannedSide *side, GError **error)
{
    g_auto(DaScannedSide) taken = {.dpi = scanner->dpi};
    SANE_Parameters p;
    do {
        gboolean empty = FALSE;
        if (!start(scanner, &p, &empty, error) || !take_frame(scanner, &p, &taken, error)) {
            if (!empty)
                g_prefix_error(error, "scanner '%s': ", scanner->name);
            return empty ? DA_SCANNER_EMPTY : DA_SCANNER_FAILED;
        }
    } while (!p.last_frame);
    *side = taken;
    taken.samples = NULL;
    return DA_SCANNER_SIDE;
}
