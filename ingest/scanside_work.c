#include "scanside_lay.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/inspect.h>
#include <dangan/split.h>
#include <dangan/upright.h>
#include <math.h>
#include <string.h>
#include <time.h>

/* Raised when a step's result would differ for the same input: kept results of the older version are made again. */
#define INSPECTION_STEP "inspection-3"
#define IMAGE_STEP "image-3"
#define TEXT_STEP "text-3"
#define THUMBNAIL_PX 220
#define THUMBNAIL_MEAN 6
#define THUMBNAIL_QUALITY 70
#define RESULT_MAX_BYTES ((gsize)64 << 20)
#define DEFAULT_DPI 300

/* Parts of the work, as script/bench shows them. */
enum { STEP_DECODE, STEP_MEASURE, STEP_VOTE, STEP_LAY, STEP_ENCODE, STEP_WRITE, STEP_READ, STEPS };
static const char *const step_names[STEPS] = {"decode", "measure", "vote", "lay",
                                              "encode", "write",   "read"};

typedef struct {
    const DaSideJob *job;
    GBytes *master;
    DaDigest digest;
    DaImageInfo info;
    guint dpi;
    char *name;         /* what all files of the side are called before their first point */
    json_t *inspection; /* as da_inspection_to_json() gives it */
    DaSideLay lay;
    DaUpright upright;                /* as it was applied */
    Pix *pix, *access;                /* decoded, only when they were needed */
    gboolean inspected, imaged, read; /* steps that were done now, not found from an earlier run */
    double ms[STEPS];                 /* processor time of each part */
    clock_t begun;
} Work;

static void work_clear(Work *work)
{
    g_clear_pointer(&work->master, g_bytes_unref);
    g_clear_pointer(&work->name, g_free);
    g_clear_pointer(&work->inspection, json_decref);
    pixDestroy(&work->pix);
    pixDestroy(&work->access);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

static char *state_path(const Work *work, const char *name, const char *suffix)
{
    g_autofree char *base = g_strconcat(name, suffix, NULL);
    return g_build_filename(work->job->state, base, NULL);
}

/* What has passed since the last call, or the beginning, belongs to `step`. */
static void clock_step(Work *work, guint step)
{
    clock_t now = clock();
    work->ms[step] += (double)(now - work->begun) * 1000.0 / CLOCKS_PER_SEC;
    work->begun = now;
}

static gboolean write_bytes(const char *path, GBytes *bytes, GError **error)
{
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    return da_file_write(path, data, size, error);
}

static gboolean write_json(const char *path, json_t *object, GError **error)
{
    g_autofree char *text = json_dumps(object, JSON_COMPACT);
    return da_file_write(path, text, strlen(text), error);
}

/* --- what is kept ------------------------------------------------------------------------------------------------ */

/* What an earlier run left at `path`; NULL = nothing. */
static json_t *load_kept(const char *path)
{
    g_autoptr(GBytes) bytes = da_file_read(path, RESULT_MAX_BYTES, NULL);
    gsize size = 0;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    return data ? json_loadb(data, size, 0, NULL) : NULL;
}

/* TRUE when member `name` of a kept result is the key that the step has now. */
static gboolean fits(const json_t *kept, const char *name, const DaDigest *key)
{
    const char *found = json_string_value(json_object_get(kept, name));
    return found && !strcmp(found, key->hex);
}

static gboolean file_is_whole(const DaSideJob *job, const json_t *file)
{
    const char *name = json_string_value(json_object_get(file, "name"));
    const char *sha256 = json_string_value(json_object_get(file, "sha256"));
    if (!name || !sha256)
        return FALSE;
    g_autofree char *path = g_build_filename(job->state, name, NULL);
    DaDigest digest;
    return da_digest_file(path, &digest, NULL, NULL) && !strcmp(digest.hex, sha256);
}

static json_t *file_json(const char *path, const char *sha256, gsize size)
{
    g_autofree char *name = g_path_get_basename(path);
    return json_pack("{s:s, s:s, s:I}", "name", name, "sha256", sha256, "bytes", (json_int_t)size);
}

/* --- master --------------------------------------------------------------------------------------------------------- */

static gboolean take_master(Work *work, GError **error)
{
    g_autoptr(DaScanFile) scan = da_scan_file_open(work->job->scan, error);
    if (!scan)
        return FALSE;
    guint said_dpi = 0;
    work->master = da_scan_file_master(scan, work->job->frame, &said_dpi, error);
    if (!work->master || !da_image_probe(work->master, &work->info, error))
        return FALSE;
    gsize size;
    const void *data = g_bytes_get_data(work->master, &size);
    work->digest = da_digest_bytes(data, size);
    work->name = da_side_name(work->job, &work->digest);
    work->dpi = work->info.dpi_x ? work->info.dpi_x : said_dpi;
    return TRUE;
}

/* --- inspection ----------------------------------------------------------------------------------------------------- */

static gboolean decode(Work *work, GError **error)
{
    clock_step(work, STEP_WRITE);
    if (!work->pix)
        work->pix = da_image_decode(work->master, error);
    clock_step(work, STEP_DECODE);
    return work->pix != NULL;
}

static gboolean inspect(Work *work, DaRecognizer *inspector, GError **error)
{
    DaInspection inspection;
    guint dpi = work->dpi ? work->dpi : DEFAULT_DPI;
    if (!decode(work, error) || !da_inspect_page(work->pix, dpi, inspector, &inspection, error))
        return FALSE;
    clock_step(work, STEP_MEASURE);
    work->ms[STEP_MEASURE] -= inspection.vote_ms;
    work->ms[STEP_VOTE] += inspection.vote_ms;
    inspection.info = work->info;
    work->inspection = da_inspection_to_json(&inspection);
    work->inspected = TRUE;
    return TRUE;
}

/* --- image ---------------------------------------------------------------------------------------------------------- */

/* What is read later are these pixels, before they become a JPEG, also when a killed run goes on: else its text would differ. */
static gboolean lay_upright(Work *work, GError **error)
{
    if (work->access)
        return TRUE;
    work->upright = work->lay.upright;
    work->access = decode(work, error) ? da_upright_apply(work->pix, &work->upright, error) : NULL;
    pixDestroy(&work->pix);
    clock_step(work, STEP_LAY);
    return work->access != NULL;
}

/* What every reader shows upright as it is: a PNG with alpha or 16 bits would look otherwise here and there. */
static gboolean serves_as_access(const Work *work)
{
    gboolean untouched = !work->upright.turned && !work->upright.rotated && !work->upright.cropped;
    gboolean plain = work->info.format == DA_IMAGE_JPEG ||
                     (work->info.channels <= 3 && work->info.bits_per_sample <= 8);
    return untouched && plain && work->info.format == work->job->format &&
           work->info.exif_orientation <= 1 && work->info.dpi_x;
}

static GBytes *make_access(Work *work, GError **error)
{
    if (!lay_upright(work, error))
        return NULL;
    if (serves_as_access(work))
        return g_bytes_ref(work->master);
    guint dpi = work->dpi ? work->dpi : work->job->assumed_dpi;
    pixSetResolution(work->access, (int)dpi, (int)dpi);
    return work->job->format == DA_IMAGE_PNG
               ? da_image_encode_png(work->access, error)
               : da_image_encode_jpeg(work->access, work->job->quality, error);
}

static gboolean write_thumbnail(Work *work, GError **error)
{
    int longer = MAX(pixGetWidth(work->access), pixGetHeight(work->access));
    /* Each px of a thumbnail is the mean of 36 px and more, of which every n-th in both directions will do. */
    int step = MAX(1, longer / (THUMBNAIL_MEAN * THUMBNAIL_PX));
    float scale = (float)THUMBNAIL_PX * (float)step / (float)longer;
    g_autoptr(Pix) few = pixScaleByIntSampling(work->access, step);
    g_autoptr(Pix) colour = few ? pixConvertTo32(few) : NULL;
    g_autoptr(Pix) small =
        colour ? pixScaleAreaMap(colour, MIN(scale, 1.0f), MIN(scale, 1.0f)) : NULL;
    g_autoptr(GBytes) jpeg = small ? da_image_encode_jpeg(small, THUMBNAIL_QUALITY, error) : NULL;
    g_autofree char *path = state_path(work, work->name, ".thumb.jpg");
    if (!small)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot make a thumbnail");
    return jpeg && write_bytes(path, jpeg, error);
}

static json_t *describe_image(Work *work, GBytes *access, const char *master_path,
                              const char *access_path)
{
    DaDigest digest = da_digest_bytes(g_bytes_get_data(access, NULL), g_bytes_get_size(access));
    guint dpi = work->dpi ? work->dpi : work->job->assumed_dpi;
    return json_pack("{s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:b, s:b}", "master",
                     file_json(master_path, work->digest.hex, g_bytes_get_size(work->master)),
                     "access", file_json(access_path, digest.hex, g_bytes_get_size(access)),
                     "width_px", pixGetWidth(work->access), "height_px", pixGetHeight(work->access),
                     "master_width_px", (int)work->info.width_px, "master_height_px",
                     (int)work->info.height_px, "dpi", (int)dpi, "no_dpi", (int)!work->dpi,
                     "resampled", (int)work->upright.rotated);
}

static json_t *make_image(Work *work, GError **error)
{
    g_autoptr(GBytes) access = make_access(work, error);
    clock_step(work, STEP_ENCODE);
    if (!access)
        return NULL;
    g_autofree char *suffix = g_strconcat(".master.", da_image_extension(work->info.format), NULL);
    g_autofree char *master_path = state_path(work, work->digest.hex, suffix);
    g_autofree char *access_suffix =
        g_strconcat(".access.", da_image_extension(work->job->format), NULL);
    g_autofree char *access_path = access == work->master
                                       ? g_strdup(master_path)
                                       : state_path(work, work->name, access_suffix);
    if (!write_bytes(master_path, work->master, error) ||
        (access != work->master && !write_bytes(access_path, access, error)) ||
        !write_thumbnail(work, error))
        return NULL;
    work->imaged = TRUE;
    return describe_image(work, access, master_path, access_path);
}

static DaDigest inspection_key(const Work *work, const DaRecognizer *inspector)
{
    g_autofree char *dpi = g_strdup_printf("%u", work->dpi);
    return da_digest_key(INSPECTION_STEP, work->digest.hex, dpi,
                         inspector ? da_recognizer_name(inspector) : "form", NULL);
}

static DaDigest image_key(const Work *work)
{
    g_autofree char *lay = da_side_lay_text(&work->lay);
    g_autofree char *encoding = work->job->format == DA_IMAGE_PNG
                                    ? g_strdup("png")
                                    : g_strdup_printf("%u", work->job->quality);
    g_autofree char *settings =
        g_strdup_printf("%s %u %u", encoding, work->job->assumed_dpi, work->dpi);
    return da_digest_key(IMAGE_STEP, work->digest.hex, lay, settings, NULL);
}

static gboolean image_is_whole(const Work *work, const json_t *image)
{
    return file_is_whole(work->job, json_object_get(image, "master")) &&
           file_is_whole(work->job, json_object_get(image, "access"));
}

/* A side that is corrected for the first time was inspected before. */
static json_t *load_inspected(const Work *work, const char *path, const DaDigest *key)
{
    g_autofree char *plain = state_path(work, work->digest.hex, ".side.json");
    g_autoptr(json_t) kept = work->job->redo ? NULL : load_kept(path);
    if (work->job->redo || fits(kept, "inspection_key", key))
        return g_steal_pointer(&kept);
    g_autoptr(json_t) uncorrected = load_kept(plain);
    return fits(uncorrected, "inspection_key", key)
               ? json_pack("{s:O, s:O}", "inspection_key",
                           json_object_get(uncorrected, "inspection_key"), "inspection",
                           json_object_get(uncorrected, "inspection"))
               : g_steal_pointer(&kept);
}

/* Inspection and image lie in one file, each under its own key. */
static json_t *image_of(Work *work, DaRecognizer *inspector, GError **error)
{
    g_autofree char *path = state_path(work, work->name, ".side.json");
    DaDigest inspected = inspection_key(work, inspector);
    g_autoptr(json_t) kept = load_inspected(work, path, &inspected);
    if (fits(kept, "inspection_key", &inspected))
        work->inspection = json_incref(json_object_get(kept, "inspection"));
    else if (!inspect(work, inspector, error))
        return NULL;
    da_side_lay(work->job, work->inspection, work->dpi, &work->lay);
    DaDigest key = image_key(work);
    gboolean whole = fits(kept, "key", &key) && image_is_whole(work, kept);
    g_autoptr(json_t) image = whole ? json_copy(kept) : make_image(work, error);
    if (!image || (whole && !work->inspected))
        return g_steal_pointer(&image);
    json_object_set_new(image, "key", json_string(key.hex));
    json_object_set_new(image, "inspection_key", json_string(inspected.hex));
    json_object_set(image, "inspection", work->inspection);
    json_object_set_new(image, "lay", da_side_lay_json(&work->lay));
    da_fault_point("side.image");
    return write_json(path, image, error) ? g_steal_pointer(&image) : NULL;
}

/* --- text ----------------------------------------------------------------------------------------------------------- */

static DaPageText *recognize(Work *work, const json_t *image, DaRecognizer *recognizer,
                             GError **error)
{
    guint width = (guint)json_integer_value(json_object_get(image, "width_px"));
    guint height = (guint)json_integer_value(json_object_get(image, "height_px"));
    if (work->lay.blank || !strcmp(da_recognizer_name(recognizer), "none"))
        return da_page_text_new(width, height, "none");
    if (!lay_upright(work, error))
        return NULL;
    work->read = TRUE;
    clock_step(work, STEP_WRITE);
    DaPageText *text = da_recognizer_read(
        recognizer, work->access, (guint)json_integer_value(json_object_get(image, "dpi")), error);
    clock_step(work, STEP_READ);
    return text;
}

/* The text hangs on how the page was laid upright, not on the quality of the access image. */
static DaDigest text_key(const Work *work, const json_t *image, const DaRecognizer *recognizer)
{
    g_autofree char *lay = da_side_lay_text(&work->lay);
    g_autofree char *more = g_strdup_printf("%d %d", work->lay.blank,
                                            (int)json_integer_value(json_object_get(image, "dpi")));
    return da_digest_key(TEXT_STEP, work->digest.hex, lay, more, da_recognizer_name(recognizer),
                         NULL);
}

static json_t *text_of(Work *work, const json_t *image, DaRecognizer *recognizer, GError **error)
{
    DaDigest key = text_key(work, image, recognizer);
    g_autofree char *path = state_path(work, work->name, ".text.json");
    g_autoptr(json_t) known = work->job->redo ? NULL : load_kept(path);
    if (fits(known, "key", &key))
        return g_steal_pointer(&known);
    g_autoptr(DaPageText) text = recognize(work, image, recognizer, error);
    if (!text)
        return NULL;
    double confidence = da_page_text_confidence(text);
    g_autoptr(json_t) object =
        json_pack("{s:s, s:s, s:o, s:o}", "key", key.hex, "engine", text->engine, "confidence",
                  isfinite(confidence) ? json_real(confidence) : json_null(), "text",
                  da_page_text_to_json(text));
    da_fault_point("side.text");
    return write_json(path, object, error) ? g_steal_pointer(&object) : NULL;
}

static json_t *steps_json(Work *work)
{
    json_t *object = json_object();
    clock_step(work, STEP_WRITE);
    for (guint i = 0; i < STEPS; i++)
        json_object_set_new(object, step_names[i], json_real(work->ms[i]));
    return object;
}

char *da_side_work(const DaSideJob *job, DaRecognizer *inspector, DaRecognizer *recognizer,
                   GError **error)
{
    g_auto(Work) work = {.job = job, .begun = clock()};
    g_autofree char *name = g_path_get_basename(job->scan);
    da_fault_point_of("side.begin", name);
    if (!take_master(&work, error))
        return NULL;
    if (!work.dpi && !job->assumed_dpi) {
        da_error_set(error, DA_ERROR_INPUT,
                     "the scan does not say its resolution; scan it again with the resolution set");
        return NULL;
    }
    g_autoptr(json_t) image = image_of(&work, inspector, error);
    g_autoptr(json_t) text = image ? text_of(&work, image, recognizer, error) : NULL;
    if (!text)
        return NULL;
    json_object_set(image, "engine", json_object_get(text, "engine"));
    json_object_set(image, "confidence", json_object_get(text, "confidence"));
    json_object_set_new(image, "name", json_string(work.name));
    json_object_set_new(image, "crop_refused", json_boolean(work.lay.crop_refused));
    json_object_set_new(image, "ms", steps_json(&work));
    json_object_set_new(image, "inspected", json_boolean(work.inspected));
    json_object_set_new(image, "imaged", json_boolean(work.imaged));
    json_object_set_new(image, "read", json_boolean(work.read));
    da_fault_point("side.done");
    return json_dumps(image, JSON_COMPACT);
}
