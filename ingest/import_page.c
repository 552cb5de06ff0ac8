#include "import_parts.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/image.h>
#include <dangan/measure.h>
#include <dangan/recognize.h>
#include <math.h>
#include <string.h>

/* Raised when recognition of the same image would give another text. */
#define TEXT_STEP "import-text-2"
#define THUMBNAIL_PX 220
#define THUMBNAIL_QUALITY 70
#define DEFAULT_DPI 300u
#define TEXT_MAX_BYTES ((gsize)64 << 20)

typedef struct {
    const DaImport *run;
    DaRecognizer *recognizer;
} Desk;

/* One image with what is known of it. */
typedef struct {
    GBytes *bytes;
    DaImageInfo info;
    Pix *pix;
    DaDigest digest;
} Image;

typedef struct {
    const Desk *desk;
    const char *master_path, *access_path,
        *state_dir; /* from the job; `access_path` NULL = there is none */
    Image master, access;
    guint dpi;
    DaMeasure measure;
} Work;

static void image_clear(Image *image)
{
    g_clear_pointer(&image->bytes, g_bytes_unref);
    pixDestroy(&image->pix);
}

static void work_clear(Work *work)
{
    image_clear(&work->master);
    image_clear(&work->access);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

/* --- jobs ------------------------------------------------------------------------------------------------------------------ */

/* Children are older than the deliveries that are opened for them, so a job says everything. */
char *da_import_page_job(const DaImport *run, guint delivery, guint index)
{
    const DaImportDelivery *from = run->deliveries->pdata[delivery];
    const DaPage *page = from->pages->pdata[index];
    g_autoptr(json_t) job =
        json_pack("{s:i, s:i, s:s, s:s?, s:s}", "delivery", (int)delivery, "page", (int)index,
                  "master", page->file[DA_FILE_MASTER].path, "access",
                  page->file[DA_FILE_ACCESS].path, "state", from->state_dir);
    return job ? json_dumps(job, JSON_COMPACT) : NULL;
}

gboolean da_import_page_of(const char *job, guint *delivery, guint *index)
{
    g_autoptr(json_t) object = json_loads(job, 0, NULL);
    *delivery = (guint)json_integer_value(json_object_get(object, "delivery"));
    *index = (guint)json_integer_value(json_object_get(object, "page"));
    return object != NULL;
}

gpointer da_import_page_enter(gpointer run, GError **error)
{
    Desk *desk = g_new0(Desk, 1);
    desk->run = run;
    desk->recognizer = da_recognizer_new(desk->run->options->ocr, error);
    if (desk->recognizer)
        return desk;
    g_free(desk);
    return NULL;
}

/* --- images ---------------------------------------------------------------------------------------------------------------- */

static gboolean open_image(Image *image, const char *path, GError **error)
{
    image->bytes = da_file_read(path, DA_IMAGE_MAX_BYTES, error);
    if (!image->bytes || !da_image_probe(image->bytes, &image->info, error))
        return FALSE;
    if (image->info.frames > 1)
        return da_error_set(error, DA_ERROR_INPUT,
                            "the file holds %u pages; each page is a file of its own",
                            image->info.frames);
    gsize size = 0;
    const void *data = g_bytes_get_data(image->bytes, &size);
    image->digest = da_digest_bytes(data, size);
    image->pix = da_image_decode(image->bytes, error);
    return image->pix != NULL;
}

static guint known_dpi(const Work *work)
{
    guint assumed = work->desk->run->profile->assumed_dpi;
    return work->dpi ? work->dpi : assumed ? assumed : DEFAULT_DPI;
}

/* What every reader shows upright as it is stays as it is. */
static gboolean is_readable(const Image *image)
{
    return image->info.format == DA_IMAGE_JPEG && image->info.exif_orientation <= 1;
}

static gboolean encode_access(Work *work, const Image *from, GError **error)
{
    const DaProfile *profile = work->desk->run->profile;
    work->access.pix = pixClone(from->pix);
    pixSetResolution(work->access.pix, (int)known_dpi(work), (int)known_dpi(work));
    work->access.bytes =
        profile->access_lossless
            ? da_image_encode_png(work->access.pix, error)
            : da_image_encode_jpeg(work->access.pix, profile->access_quality, error);
    if (!work->access.bytes || !da_image_probe(work->access.bytes, &work->access.info, error))
        return FALSE;
    work->access.digest = da_digest_bytes(g_bytes_get_data(work->access.bytes, NULL),
                                          g_bytes_get_size(work->access.bytes));
    return TRUE;
}

static gboolean open_access(Work *work, GError **error)
{
    const char *path = work->access_path;
    Image given = {0};
    gboolean opened = !path || open_image(&given, path, error);
    if (!opened) {
        g_prefix_error(error, "optimised image: ");
        image_clear(&given);
        return FALSE;
    }
    const Image *from = path ? &given : &work->master;
    work->dpi = from->info.dpi_x ? from->info.dpi_x : work->master.info.dpi_x;
    gboolean made = TRUE;
    if (is_readable(from))
        work->access = (Image){.bytes = g_bytes_ref(from->bytes),
                               .info = from->info,
                               .pix = pixClone(from->pix),
                               .digest = from->digest};
    else
        made = encode_access(work, from, error);
    image_clear(&given);
    return made;
}

static char *kept_path(const Work *work, const char *digest, const char *suffix)
{
    g_autofree char *name = g_strconcat(digest, suffix, NULL);
    return g_build_filename(work->state_dir, name, NULL);
}

static gboolean write_bytes(const char *path, GBytes *bytes, GError **error)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    return da_file_write(path, data, size, error);
}

/* A copy of its own: what lies in the delivery is other people's. */
static json_t *keep_image(const Work *work, const Image *image, const char *kind, GError **error)
{
    const char *extension = da_image_extension(image->info.format);
    g_autofree char *suffix = g_strconcat(".", kind, ".", extension, NULL);
    g_autofree char *path = kept_path(work, image->digest.hex, suffix);
    if (!write_bytes(path, image->bytes, error))
        return NULL;
    return json_pack("{s:s, s:s, s:s, s:I}", "path", path, "extension", extension, "sha256",
                     image->digest.hex, "bytes", (json_int_t)g_bytes_get_size(image->bytes));
}

static char *write_thumbnail(const Work *work, GError **error)
{
    Pix *page = work->access.pix;
    float scale = (float)THUMBNAIL_PX / (float)MAX(pixGetWidth(page), pixGetHeight(page));
    g_autoptr(Pix) colour = pixConvertTo32(page);
    g_autoptr(Pix) small =
        colour ? pixScaleAreaMap(colour, MIN(scale, 1.0f), MIN(scale, 1.0f)) : NULL;
    g_autoptr(GBytes) jpeg = small ? da_image_encode_jpeg(small, THUMBNAIL_QUALITY, error) : NULL;
    g_autofree char *path = kept_path(work, work->access.digest.hex, ".thumb.jpg");
    if (!small)
        da_error_set(error, DA_ERROR_SYSTEM, "cannot make a thumbnail");
    return jpeg && write_bytes(path, jpeg, error) ? g_path_get_basename(path) : NULL;
}

static Pix *measurable(Pix *pix)
{
    return pixGetDepth(pix) == 8 || pixGetDepth(pix) == 32 ? pixClone(pix) : pixConvertTo8(pix, 0);
}

/* --- text ------------------------------------------------------------------------------------------------------------------ */

static DaPageText *kept_text(const char *path)
{
    g_autoptr(GBytes) bytes = da_file_read(path, TEXT_MAX_BYTES, NULL);
    gsize size = 0;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    g_autoptr(json_t) object = data ? json_loadb(data, size, 0, NULL) : NULL;
    return object ? da_page_text_from_json(object, NULL) : NULL;
}

static DaPageText *recognize(const Work *work, Pix *pix, GError **error)
{
    DaRecognizer *recognizer = work->desk->recognizer;
    if (work->measure.blank || !strcmp(da_recognizer_name(recognizer), "none"))
        return da_page_text_new((guint)pixGetWidth(pix), (guint)pixGetHeight(pix), "none");
    return da_recognizer_read(recognizer, pix, known_dpi(work), error);
}

/* Recognition is what takes time: a killed run finds its text again. */
static json_t *text_facts(const Work *work, Pix *pix, GError **error)
{
    g_autofree char *dpi = g_strdup_printf("%u", known_dpi(work));
    DaDigest key = da_digest_key(TEXT_STEP, work->access.digest.hex, dpi,
                                 da_recognizer_name(work->desk->recognizer), NULL);
    g_autofree char *path = kept_path(work, key.hex, ".text.json");
    g_autoptr(DaPageText) text = kept_text(path);
    if (!text) {
        text = recognize(work, pix, error);
        g_autoptr(json_t) object = text ? da_page_text_to_json(text) : NULL;
        g_autofree char *dump = object ? json_dumps(object, JSON_COMPACT) : NULL;
        if (!dump || !da_file_write(path, dump, strlen(dump), error))
            return NULL;
    }
    double confidence = da_page_text_confidence(text);
    return json_pack("{s:s, s:s, s:o}", "path", path, "engine", text->engine, "confidence",
                     isfinite(confidence) ? json_real(confidence) : json_null());
}

char *da_import_page_work(const char *text_of_job, gpointer entered, GError **error)
{
    const Desk *desk = entered;
    g_autoptr(json_t) said = json_loads(text_of_job, 0, NULL);
    g_auto(Work) work = {.desk = desk,
                         .master_path = json_string_value(json_object_get(said, "master")),
                         .access_path = json_string_value(json_object_get(said, "access")),
                         .state_dir = json_string_value(json_object_get(said, "state"))};
    if (!work.master_path || !open_image(&work.master, work.master_path, error)) {
        g_prefix_error(error, "original image: ");
        return NULL;
    }
    if (!open_access(&work, error))
        return NULL;
    g_autoptr(Pix) pix = measurable(work.access.pix);
    if (!da_measure_page(pix, known_dpi(&work), &work.measure, error))
        return NULL;
    g_autoptr(json_t) master = keep_image(&work, &work.master, "master", error);
    g_autoptr(json_t) access = master ? keep_image(&work, &work.access, "access", error) : NULL;
    g_autofree char *thumbnail = access ? write_thumbnail(&work, error) : NULL;
    g_autoptr(json_t) text = thumbnail ? text_facts(&work, pix, error) : NULL;
    if (!text)
        return NULL;
    g_autoptr(json_t) facts = json_pack(
        "{s:O, s:O, s:O, s:s, s:i, s:i, s:i, s:i, s:i, s:b, s:b}", "master", master, "access",
        access, "text", text, "thumbnail", thumbnail, "width_px", pixGetWidth(work.access.pix),
        "height_px", pixGetHeight(work.access.pix), "master_width_px",
        (int)work.master.info.width_px, "master_height_px", (int)work.master.info.height_px, "dpi",
        (int)known_dpi(&work), "no_dpi", !work.dpi, "blank", (int)work.measure.blank);
    return json_dumps(facts, JSON_COMPACT);
}

/* --- in the parent ---------------------------------------------------------------------------------------------------------- */

static void take_file(DaPageFile *file, const json_t *facts)
{
    g_free(file->path);
    g_free(file->extension);
    g_free(file->sha256);
    file->path = g_strdup(json_string_value(json_object_get(facts, "path")));
    file->extension = g_strdup(json_string_value(json_object_get(facts, "extension")));
    file->sha256 = g_strdup(json_string_value(json_object_get(facts, "sha256")));
    file->size_bytes = (guint64)json_integer_value(json_object_get(facts, "bytes"));
}

static guint count_of(const json_t *facts, const char *name)
{
    return (guint)json_integer_value(json_object_get(facts, name));
}

/* ALTO names its image, and that has its name only now. */
static gboolean take_text(DaPage *page, const json_t *facts, GError **error)
{
    const char *path = json_string_value(json_object_get(facts, "path"));
    g_autoptr(DaPageText) text = kept_text(path);
    g_autofree char *image =
        g_strconcat(page->stem, ".", page->file[DA_FILE_ACCESS].extension, NULL);
    g_autoptr(GBytes) alto = text ? da_page_text_to_alto(text, image, error) : NULL;
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_strconcat(page->stem, ".alto.xml", NULL);
    if (!text)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot read '%s' again", path);
    DaPageFile *file = &page->file[DA_FILE_OCR];
    file->path = g_build_filename(folder, name, NULL);
    if (!alto || !write_bytes(file->path, alto, error))
        return FALSE;
    const json_t *confidence = json_object_get(facts, "confidence");
    file->extension = g_strdup("xml");
    file->size_bytes = g_bytes_get_size(alto);
    file->sha256 = g_strdup(da_digest_bytes(g_bytes_get_data(alto, NULL), file->size_bytes).hex);
    page->ocr_engine = g_strdup(text->engine);
    page->ocr_confidence = json_is_number(confidence) ? json_number_value(confidence) : NAN;
    return TRUE;
}

gboolean da_import_page_take(DaPage *page, const json_t *facts, GError **error)
{
    take_file(&page->file[DA_FILE_MASTER], json_object_get(facts, "master"));
    take_file(&page->file[DA_FILE_ACCESS], json_object_get(facts, "access"));
    page->width_px = count_of(facts, "width_px");
    page->height_px = count_of(facts, "height_px");
    page->master_width_px = count_of(facts, "master_width_px");
    page->master_height_px = count_of(facts, "master_height_px");
    page->dpi = count_of(facts, "dpi");
    return take_text(page, json_object_get(facts, "text"), error);
}
