#include "scanside.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define RESULT_MAX_BYTES ((gsize)64 << 20)

void da_side_free(DaSide *side)
{
    if (!side)
        return;
    if (!side->placed)
        da_page_free(side->page);
    g_free(side->text);
    g_free(side->thumbnail);
    json_decref(side->inspection);
    json_decref(side->lay);
    json_decref(side->ms);
    g_free(side);
}

static void read_file(DaPageFile *file, const json_t *object, const char *state)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    file->path = g_build_filename(state, name, NULL);
    file->extension = g_strdup(strrchr(name, '.') + 1);
    file->sha256 = g_strdup(json_string_value(json_object_get(object, "sha256")));
    file->size_bytes = (guint64)json_integer_value(json_object_get(object, "bytes"));
}

static guint unsigned_of(const json_t *object, const char *name)
{
    return (guint)json_integer_value(json_object_get(object, name));
}

static double number_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* The file's time is the best that is known of when the scan was made. */
static char *capture_time(const char *scan)
{
    struct stat about;
    if (stat(scan, &about))
        return NULL;
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(about.st_mtime);
    return time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

static void read_page(DaPage *page, const json_t *answer, const DaSideJob *job)
{
    const json_t *inspection = json_object_get(answer, "inspection");
    const json_t *lay = json_object_get(answer, "lay");
    page->blank = json_is_true(json_object_get(lay, "blank"));
    page->turn_cw_deg = (int)json_integer_value(json_object_get(lay, "turn_cw_deg"));
    page->turn_confidence = job->turn ? NAN : number_of(inspection, "turn_confidence");
    page->skew_cw_deg = number_of(lay, "skew_cw_deg");
    page->resampled = json_is_true(json_object_get(answer, "resampled"));
    const json_t *crop = json_object_get(lay, "crop");
    page->cropped = json_is_object(crop);
    page->crop_x_px = unsigned_of(crop, "x_px");
    page->crop_y_px = unsigned_of(crop, "y_px");
    page->width_px = unsigned_of(answer, "width_px");
    page->height_px = unsigned_of(answer, "height_px");
    page->master_width_px = unsigned_of(answer, "master_width_px");
    page->master_height_px = unsigned_of(answer, "master_height_px");
    page->dpi = unsigned_of(answer, "dpi");
    page->captured = capture_time(job->scan);
    const char *engine = json_string_value(json_object_get(answer, "engine"));
    if (engine && strcmp(engine, "none"))
        page->ocr_engine = g_strdup(engine);
    page->ocr_confidence = number_of(answer, "confidence");
}

DaSide *da_side_from_answer(const char *answer, const DaSideJob *job, GError **error)
{
    g_autoptr(json_t) object = json_loads(answer, 0, NULL);
    const json_t *master = json_object_get(object, "master"),
                 *access = json_object_get(object, "access");
    if (!json_is_string(json_object_get(master, "name")) ||
        !json_is_string(json_object_get(access, "name")) ||
        !json_is_string(json_object_get(object, "name"))) {
        da_error_set(error, DA_ERROR_SYSTEM, "the worker's answer cannot be read");
        return NULL;
    }
    g_autoptr(DaSide) side = g_new0(DaSide, 1);
    side->page = da_page_new();
    read_file(&side->page->file[DA_FILE_MASTER], master, job->state);
    read_file(&side->page->file[DA_FILE_ACCESS], access, job->state);
    read_page(side->page, object, job);
    const char *name = json_string_value(json_object_get(object, "name"));
    side->text = g_strdup_printf("%s/%s.text.json", job->state, name);
    side->thumbnail = g_strdup_printf("%s/%s.thumb.jpg", job->state, name);
    side->inspection = json_incref(json_object_get(object, "inspection"));
    side->ms = json_incref(json_object_get(object, "ms"));
    side->lay = json_incref(json_object_get(object, "lay"));
    side->crop_refused = json_is_true(json_object_get(object, "crop_refused"));
    side->inspected = json_is_true(json_object_get(object, "inspected"));
    side->imaged = json_is_true(json_object_get(object, "imaged"));
    side->read = json_is_true(json_object_get(object, "read"));
    side->no_dpi = json_is_true(json_object_get(object, "no_dpi"));
    return g_steal_pointer(&side);
}

DaPageText *da_side_load_text(const DaSide *side, GError **error)
{
    g_autoptr(GBytes) bytes = da_file_read(side->text, RESULT_MAX_BYTES, error);
    if (!bytes)
        return NULL;
    gsize size;
    const char *data = g_bytes_get_data(bytes, &size);
    g_autoptr(json_t) object = json_loadb(data, size, 0, NULL);
    return da_page_text_from_json(json_object_get(object, "text"), error);
}

gboolean da_side_write_alto(DaSide *side, GError **error)
{
    DaPage *page = side->page;
    g_autoptr(DaPageText) text = da_side_load_text(side, error);
    g_autofree char *image =
        g_strconcat(page->stem, ".", page->file[DA_FILE_ACCESS].extension, NULL);
    g_autoptr(GBytes) alto = text ? da_page_text_to_alto(text, image, error) : NULL;
    if (!alto)
        return FALSE;
    gsize size;
    const void *data = g_bytes_get_data(alto, &size);
    DaDigest digest = da_digest_bytes(data, size);
    DaPageFile *file = &page->file[DA_FILE_OCR];
    /* The stem is part of the name: the same side may stand twice in a dossier, under two names. */
    g_autofree char *name =
        g_strdup_printf("%s.%s.alto.xml", page->file[DA_FILE_MASTER].sha256, page->stem);
    g_autofree char *folder = g_path_get_dirname(side->text);
    file->path = g_build_filename(folder, name, NULL);
    file->extension = g_strdup("xml");
    file->sha256 = g_strdup(digest.hex);
    file->size_bytes = size;
    return da_file_write(file->path, data, size, error);
}
