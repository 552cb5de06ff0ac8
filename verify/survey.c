/*
 * The survey: each file of a package is read once, in a worker process, which hashes it and decodes what is an image. A job is the
 * index of an entry, which the child knows from its parent; the answer is a small JSON object.
 */
#include "structure.h"
#include "subject.h"
#include "twins.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/schema.h>
#include <dangan/text.h>
#include <dangan/worker.h>
#include <math.h>
#include <string.h>

#define DEFAULT_SECONDS 120
#define DEFAULT_MEMORY_MIB 3072
/* A form says what it is at its top. */
#define HEAD_LINES 6

typedef struct {
    DaSubject *subject;
    DaTwins *twins;
    DaProgress *progress;
    GArray *order; /* Place, in the order of the jobs */
    guint next;
} Survey;

/* Numbers of a measure under the names they have in an answer. */
static const struct {
    const char *key;
    gsize offset;
} numbers[] = {
    {"skew", G_STRUCT_OFFSET(DaMeasure, skew_cw_deg)},
    {"skew_confidence", G_STRUCT_OFFSET(DaMeasure, skew_confidence)},
    {"line_ratio", G_STRUCT_OFFSET(DaMeasure, line_ratio)},
    {"ink", G_STRUCT_OFFSET(DaMeasure, ink_share)},
    {"show_through", G_STRUCT_OFFSET(DaMeasure, show_through)},
    {"mean", G_STRUCT_OFFSET(DaMeasure, mean_grey)},
    {"contrast", G_STRUCT_OFFSET(DaMeasure, contrast)},
    {"blur", G_STRUCT_OFFSET(DaMeasure, blur_px)},
    {"red", G_STRUCT_OFFSET(DaMeasure, red_share)},
    {"enlarged", G_STRUCT_OFFSET(DaMeasure, enlarged)},
};

/* --- in the child ----------------------------------------------------------------------------------------------------- */

static void set_text(json_t *answer, const char *key, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    json_object_set_new(answer, key, json_string(valid));
}

/* JSON has no NAN: an unknown number is left out. */
static void put_number(json_t *object, const char *key, double value)
{
    if (isfinite(value))
        json_object_set_new(object, key, json_real(value));
}

static void examine_quality(json_t *answer, Pix *pix, guint dpi)
{
    DaMeasure measure;
    if (!da_measure_page(pix, dpi >= 100 && dpi <= 1200 ? dpi : 0, &measure, NULL))
        return;
    DaQuality quality = da_quality_measure(pix);
    json_t *object =
        json_pack("{s:b,s:i,s:i,s:i,s:[iii]}", "blank", measure.blank, "bed", (int)measure.bed_grey,
                  "streak", quality.streak_x_px, "border", (int)quality.border_px, "paper",
                  quality.paper[0], quality.paper[1], quality.paper[2]);
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        put_number(object, numbers[i].key, G_STRUCT_MEMBER(double, &measure, numbers[i].offset));
    for (DaSideOfScan side = 0; side < DA_SCAN_SIDES; side++)
        if (measure.content_cut[side])
            json_object_set_new(object, da_side_of_scan_name(side), json_true());
    g_autofree char *fingerprint = da_fingerprint_to_text(&measure.fingerprint);
    if (fingerprint)
        set_text(object, "fingerprint", fingerprint);
    json_object_set_new(answer, "measure", object);
}

static void examine_image(const DaSubject *subject, json_t *answer, GBytes *bytes)
{
    g_autoptr(GError) fault = NULL;
    DaImageInfo info = {0};
    if (da_image_probe(bytes, &info, &fault)) {
        json_t *image = json_pack(
            "{s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i}", "format", (int)info.format, "width",
            (int)info.width_px, "height", (int)info.height_px, "dpi_x", (int)info.dpi_x, "dpi_y",
            (int)info.dpi_y, "bits", (int)info.bits_per_sample, "channels", (int)info.channels,
            "frames", (int)info.frames, "exif", (int)info.exif_orientation);
        json_object_set_new(answer, "image", image);
        g_autoptr(Pix) pix = da_image_decode(bytes, &fault);
        if (pix && subject->screening)
            examine_quality(answer, pix, info.dpi_x);
    }
    if (fault)
        set_text(answer, "image_fault", fault->message);
    g_autoptr(DaWalk) walk = da_walk_image(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    json_object_set_new(answer, "walk", da_structure_to_json(walk));
}

static void validate_standards(json_t *answer, xmlDoc *doc)
{
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) problem = NULL;
    /* What cannot be validated is not valid. */
    if (!da_schema_validate(DA_SCHEMA_STANDARDS, doc, faults, &problem))
        g_ptr_array_add(faults, g_strdup(problem->message));
    json_t *list = json_array();
    for (guint i = 0; i < faults->len; i++) {
        g_autofree char *valid = g_utf8_make_valid(faults->pdata[i], -1);
        json_array_append_new(list, json_string(valid));
    }
    json_object_set_new(answer, "schema_faults", list);
}

static void examine_xml(const DaSubject *subject, json_t *answer, GBytes *bytes, gboolean standard)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    g_autoptr(GError) fault = NULL;
    g_autoptr(xmlDoc) doc = da_xml_parse(data, size, "XML", &fault);
    if (!doc)
        set_text(answer, "xml_fault", fault->message);
    else if (standard && subject->standards)
        validate_standards(answer, doc);
}

static void put_words(json_t *answer, const char *key, const char *text, guint lines)
{
    g_autoptr(GString) plain = g_string_new(NULL);
    for (const char *p = text; *p && lines && plain->len < DA_SUBJECT_MAX_TEXT;
         p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        lines -= c == '\n';
        if (!g_unichar_isspace(c))
            g_string_append_unichar(plain, c);
    }
    set_text(answer, key, plain->str);
}

static void put_text_of(json_t *answer, const DaPageText *text)
{
    g_autofree char *plain = da_page_text_plain(text);
    put_words(answer, "text", plain, G_MAXUINT);
    put_words(answer, "head", plain, HEAD_LINES);
    put_number(answer, "text_confidence", da_page_text_confidence(text));
    if (text->engine)
        set_text(answer, "text_engine", text->engine);
}

static void examine_alto(const DaSubject *subject, json_t *answer, GBytes *bytes)
{
    examine_xml(subject, answer, bytes, TRUE);
    if (json_object_get(answer, "xml_fault"))
        return;
    g_autoptr(GError) fault = NULL;
    g_autoptr(DaPageText) text = da_page_text_from_alto(bytes, &fault);
    if (!text) {
        set_text(answer, "xml_fault", fault->message);
        return;
    }
    put_text_of(answer, text);
    json_object_set_new(answer, "alto_width", json_integer(text->width_px));
    json_object_set_new(answer, "alto_height", json_integer(text->height_px));
}

static guint wanted_hashes(const DaSubject *subject)
{
    guint hashes = da_bag_hashes(subject->bag) | 1u << DA_HASH_SHA256;
    for (guint i = 0; i < subject->documents->len; i++)
        hashes |= da_mets_hashes(((const DaMetsDocument *)subject->documents->pdata[i])->mets);
    return hashes;
}

static void put_hashes(json_t *answer, char *hex[DA_HASH_N])
{
    for (DaHash hash = 0; hash < DA_HASH_N; hash++) {
        if (hex[hash])
            set_text(answer, da_hash_name(hash), hex[hash]);
        g_free(hex[hash]);
    }
}

static void hash_bytes(const DaSubject *subject, GBytes *bytes, json_t *answer)
{
    char *hex[DA_HASH_N];
    da_hash_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), wanted_hashes(subject),
                  hex);
    put_hashes(answer, hex);
}

static gboolean hash_file(const DaSubject *subject, const char *path, json_t *answer,
                          GError **error)
{
    char *hex[DA_HASH_N];
    if (!da_hash_file(path, wanted_hashes(subject), hex, error))
        return FALSE;
    put_hashes(answer, hex);
    return TRUE;
}

/* Only what a decoder or parser needs is read into memory; the rest is hashed in pieces. */
static gboolean examine_content(const DaSubject *subject, const DaEntry *entry, const char *full,
                                json_t *answer, GError **error)
{
    DaFileKind kind = da_subject_kind(subject, entry->path, NULL);
    gboolean is_xml = g_str_has_suffix(entry->path, ".xml");
    gboolean is_image = kind == DA_FILE_MASTER || kind == DA_FILE_ACCESS;
    if (!is_image && !is_xml)
        return hash_file(subject, full, answer, error);
    g_autoptr(GBytes) bytes =
        da_file_read(full, is_image ? DA_IMAGE_MAX_BYTES : DA_XML_MAX_BYTES, error);
    if (!bytes)
        return FALSE;
    hash_bytes(subject, bytes, answer);
    if (is_image)
        examine_image(subject, answer, bytes);
    else if (kind == DA_FILE_OCR)
        examine_alto(subject, answer, bytes);
    else if (!g_str_has_suffix(entry->path, "/METS.xml"))
        examine_xml(subject, answer, bytes, strstr(entry->path, "/metadata/preservation/") != NULL);
    return TRUE;
}

static char *work(const char *job, gpointer entered, GError **error)
{
    const DaSubject *subject = ((const Survey *)entered)->subject;
    const DaEntry *entry = subject->entries->pdata[g_ascii_strtoull(job, NULL, 10)];
    g_autofree char *full = g_build_filename(subject->path, entry->path, NULL);
    g_autoptr(json_t) answer = json_object();
    if (!examine_content(subject, entry, full, answer, error))
        return NULL;
    return json_dumps(answer, JSON_COMPACT);
}

/* --- in the parent ---------------------------------------------------------------------------------------------------- */

typedef struct {
    guint index; /* of the entry */
    DaFileKind kind;
    char *stem; /* NULL = no file of a page */
} Place;

static void place_clear(gpointer data)
{
    g_free(((Place *)data)->stem);
}

/* What belongs to no page comes first; the files of a page together, its master last. */
static int by_page(const void *a, const void *b)
{
    const Place *one = a, *other = b;
    int order = g_strcmp0(one->stem, other->stem);
    return order ? order : (int)other->kind - (int)one->kind;
}

static GArray *order_of(const DaSubject *subject)
{
    GArray *order = g_array_new(FALSE, FALSE, sizeof(Place));
    g_array_set_clear_func(order, place_clear);
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        Place place = {.index = i};
        if (entry->kind != DA_ENTRY_FILE)
            continue;
        place.kind = da_subject_kind(subject, entry->path, &place.stem);
        g_array_append_val(order, place);
    }
    g_array_sort(order, by_page);
    return order;
}

static char *next_job(gpointer data)
{
    Survey *survey = data;
    while (survey->next < survey->order->len) {
        guint index = g_array_index(survey->order, Place, survey->next++).index;
        if (!da_twins_is_second(survey->twins, index))
            return g_strdup_printf("%u", index);
    }
    return NULL;
}

static guint get_uint(const json_t *object, const char *key)
{
    return (guint)json_integer_value(json_object_get(object, key));
}

static double get_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return value ? json_number_value(value) : NAN;
}

static void take_image(DaFileFacts *facts, const json_t *image)
{
    facts->image = (DaImageInfo){
        .format = (DaImageFormat)get_uint(image, "format"),
        .width_px = get_uint(image, "width"),
        .height_px = get_uint(image, "height"),
        .dpi_x = get_uint(image, "dpi_x"),
        .dpi_y = get_uint(image, "dpi_y"),
        .bits_per_sample = get_uint(image, "bits"),
        .channels = get_uint(image, "channels"),
        .frames = get_uint(image, "frames"),
        .exif_orientation = get_uint(image, "exif"),
    };
}

static void take_measure(DaFileFacts *facts, const json_t *object)
{
    facts->measured = object != NULL;
    facts->measure.blank = json_is_true(json_object_get(object, "blank"));
    facts->measure.bed_grey = get_uint(object, "bed");
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        G_STRUCT_MEMBER(double, &facts->measure, numbers[i].offset) =
            get_number(object, numbers[i].key);
    facts->quality.streak_x_px = (int)json_integer_value(json_object_get(object, "streak"));
    facts->quality.border_px = get_uint(object, "border");
    for (DaSideOfScan side = 0; side < DA_SCAN_SIDES; side++)
        facts->measure.content_cut[side] =
            json_is_true(json_object_get(object, da_side_of_scan_name(side)));
    const char *fingerprint = json_string_value(json_object_get(object, "fingerprint"));
    if (fingerprint)
        da_fingerprint_from_text(fingerprint, &facts->measure.fingerprint);
    for (gsize c = 0; c < G_N_ELEMENTS(facts->quality.paper); c++)
        facts->quality.paper[c] =
            (guint8)json_integer_value(json_array_get(json_object_get(object, "paper"), c));
}

static void take_answer(DaFileFacts *facts, const json_t *answer)
{
    facts->sha256 = g_strdup(json_string_value(json_object_get(answer, "sha256")));
    for (DaHash hash = 0; hash < DA_HASH_N; hash++)
        if (hash != DA_HASH_SHA256)
            facts->digest[hash] =
                g_strdup(json_string_value(json_object_get(answer, da_hash_name(hash))));
    facts->image_fault = g_strdup(json_string_value(json_object_get(answer, "image_fault")));
    facts->walk = da_structure_from_json(json_object_get(answer, "walk"));
    facts->alto_width_px = get_uint(answer, "alto_width");
    facts->alto_height_px = get_uint(answer, "alto_height");
    if (!facts->xml_fault)
        facts->xml_fault = g_strdup(json_string_value(json_object_get(answer, "xml_fault")));
    take_image(facts, json_object_get(answer, "image"));
    take_measure(facts, json_object_get(answer, "measure"));
    facts->text = g_strdup(json_string_value(json_object_get(answer, "text")));
    facts->head = g_strdup(json_string_value(json_object_get(answer, "head")));
    facts->text_confidence = get_number(answer, "text_confidence");
    facts->text_engine = g_strdup(json_string_value(json_object_get(answer, "text_engine")));
    const json_t *faults = json_object_get(answer, "schema_faults");
    if (!faults)
        return;
    facts->schema_faults = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; i < json_array_size(faults); i++)
        g_ptr_array_add(facts->schema_faults,
                        g_strdup(json_string_value(json_array_get(faults, i))));
}

static void take_outcome(Survey *survey, guint index, const json_t *answer, const GError *job_error)
{
    DaEntry *entry = survey->subject->entries->pdata[index];
    DaFileKind kind = da_subject_kind(survey->subject, entry->path, NULL);
    entry->facts.is_image = kind == DA_FILE_MASTER || kind == DA_FILE_ACCESS;
    if (answer)
        take_answer(&entry->facts, answer);
    else
        entry->facts.fault = g_strdup(job_error ? job_error->message : "its worker ended");
}

static gboolean done(const char *job, DaWorkerOutcome outcome, const char *answer,
                     const GError *job_error, gpointer data, GError **error)
{
    Survey *survey = data;
    guint index = (guint)g_ascii_strtoull(job, NULL, 10), second = 0;
    if (outcome == DA_WORKER_FAILED && g_error_matches(job_error, DA_ERROR, DA_ERROR_DISK)) {
        g_propagate_error(error, g_error_copy(job_error));
        return FALSE;
    }
    g_autoptr(json_t) parsed = outcome == DA_WORKER_DONE ? json_loads(answer, 0, NULL) : NULL;
    take_outcome(survey, index, parsed, job_error);
    if (da_twins_second(survey->twins, index, &second))
        take_outcome(survey, second, parsed, job_error);
    const DaEntry *entry = survey->subject->entries->pdata[index];
    if (da_subject_kind(survey->subject, entry->path, NULL) == DA_FILE_MASTER)
        da_progress_add(survey->progress, 1);
    return TRUE;
}

/* Limits stand with the rule that decodes; a profile without that rule leaves the program's own. */
static gboolean read_limits(const DaProfile *profile, gint64 *seconds, gint64 *memory_mib,
                            GError **error)
{
    *seconds = DEFAULT_SECONDS;
    *memory_mib = DEFAULT_MEMORY_MIB;
    const DaRule *rule = da_profile_rule(profile, "image-decodes");
    return !rule || (da_rule_integer(rule, "seconds", seconds, error) &&
                     da_rule_integer(rule, "memory-mib", memory_mib, error));
}

gboolean da_subject_survey(DaSubject *subject, DaProgress *progress, GError **error)
{
    gint64 seconds, memory_mib;
    if (!read_limits(subject->profile, &seconds, &memory_mib, error))
        return FALSE;
    g_autoptr(DaTwins) twins = da_twins_new(subject);
    g_autoptr(GArray) order = order_of(subject);
    Survey survey = {.subject = subject, .twins = twins, .progress = progress, .order = order};
    DaWorkerPool pool = {
        .processes = MIN(g_get_num_processors(), DA_WORKERS_MAX),
        .memory_bytes = (guint64)memory_mib << 20,
        .seconds = (guint)seconds,
        .next = next_job,
        .work = work,
        .done = done,
        .data = &survey,
    };
    return da_workers_run(&pool, error);
}
