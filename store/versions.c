#include <dangan/db.h>
#include <dangan/dossier.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/object.h>
#include <dangan/retrieve.h>
#include <dangan/versions.h>
#include <string.h>

#define TIME(value) "to_char(" value " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

static json_t *text_of(const PGresult *rows, int row, const char *column)
{
    const char *text = da_db_text(rows, row, column);
    return text ? json_string(text) : json_null();
}

static json_t *number_of(const PGresult *rows, int row, const char *column)
{
    return da_db_text(rows, row, column) ? json_integer((json_int_t)da_db_integer(rows, row, column))
                                         : json_null();
}

/* --- list ------------------------------------------------------------------------------------------------------------ */

static json_t *version_json(const PGresult *rows, int row)
{
    static const char *const texts[] = {"deposited_at", "package_digest", "created", "profile",
                                        "why"};
    static const char *const numbers[] = {"version", "pages", "pages_content", "files", "bytes",
                                          "record"};
    json_t *version = json_object();
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        json_object_set_new(version, numbers[i], number_of(rows, row, numbers[i]));
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        json_object_set_new(version, texts[i], text_of(rows, row, texts[i]));
    json_object_set_new(version, "current", json_boolean(da_db_boolean(rows, row, "current")));
    return version;
}

json_t *da_versions_list(PGconn *db, const char *dossier_id, GError **error)
{
    if (da_retrieve_head(db, dossier_id, error) == 0)
        return NULL;
    g_autoptr(PGresult) rows = da_db_query(
        db, error,
        "SELECT v.version, " TIME("v.deposited_at") " AS deposited_at, v.package_digest, v.created,"
        " v.profile, v.files, v.bytes, v.version = d.version AS current, p.pages, p.pages_content,"
        " r.kind AS why, v.record"
        " FROM dossier_version v JOIN dossier d ON d.id = v.dossier"
        " LEFT JOIN record r ON r.number = v.record"
        " CROSS JOIN LATERAL (SELECT count(*) AS pages, count(*) FILTER (WHERE NOT blank) AS"
        " pages_content FROM page WHERE page.dossier = v.dossier AND page.version = v.version) AS p"
        " WHERE v.dossier = $1 ORDER BY v.version",
        dossier_id, NULL);
    if (!rows)
        return NULL;
    json_t *list = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(list, version_json(rows, i));
    return list;
}

/* --- the person ------------------------------------------------------------------------------------------------------ */

typedef struct {
    DaArchive *archive;
    PGconn *db;
    const char *dossier;
    char *number[2]; /* of the versions */
} Pair;

static void pair_clear(Pair *pair)
{
    g_free(pair->number[0]);
    g_free(pair->number[1]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pair, pair_clear)

static DaDossier *read_dossier(const Pair *pair, DaObjectStore *store, const char *version,
                               GError **error)
{
    g_autoptr(PGresult) rows = da_db_query(
        pair->db, error,
        "SELECT descriptive FROM dossier_version WHERE dossier = $1 AND version = $2",
        pair->dossier, version, NULL);
    if (!rows)
        return NULL;
    if (PQntuples(rows) == 0) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "dossier '%s' has no version %s", pair->dossier,
                     version);
        return NULL;
    }
    g_autoptr(GBytes) xml = da_object_read(store, da_db_text(rows, 0, "descriptive"), error);
    return xml ? da_dossier_from_xml(xml, error) : NULL;
}

static json_t *compare_persons(const Pair *pair, GError **error)
{
    g_autoptr(DaObjectStore) store = da_object_store_open(da_archive_dir(pair->archive), error);
    g_autoptr(DaDossier) first = store ? read_dossier(pair, store, pair->number[0], error) : NULL;
    g_autoptr(DaDossier) second = first ? read_dossier(pair, store, pair->number[1], error) : NULL;
    if (!second)
        return NULL;
    json_t *changes = json_array();
    for (DaField field = 0; field < DA_FIELD_N; field++) {
        const char *before = da_dossier_get(first, field), *after = da_dossier_get(second, field);
        if (g_strcmp0(before, after) != 0)
            json_array_append_new(changes,
                                  json_pack("{s:s, s:s, s:s?, s:s?}", "field", da_field_name(field),
                                            "label_zh", da_field_label_zh(field), "first", before,
                                            "second", after));
    }
    return changes;
}

/* --- materials ------------------------------------------------------------------------------------------------------- */

static json_t *list_of(json_t *object, const char *name)
{
    json_t *list = json_object_get(object, name);
    if (!list) {
        list = json_array();
        json_object_set_new(object, name, list);
    }
    return list;
}

/* What stands on both sides and differs. `columns` are of the catalogue. */
static json_t *changed_fields(const PGresult *rows, int row)
{
    static const char *const columns[] = {"title", "formed", "copies", "pages_claimed", "note"};
    json_t *fields = json_array();
    for (guint i = 0; i < G_N_ELEMENTS(columns); i++) {
        g_autofree char *before = g_strconcat("first_", columns[i], NULL);
        g_autofree char *after = g_strconcat("second_", columns[i], NULL);
        if (g_strcmp0(da_db_text(rows, row, before), da_db_text(rows, row, after)) != 0)
            json_array_append_new(fields, json_string(columns[i]));
    }
    return fields;
}

static void add_material(json_t *materials, const PGresult *rows, int row)
{
    gboolean before = da_db_boolean(rows, row, "in_first");
    gboolean after = da_db_boolean(rows, row, "in_second");
    json_t *fields = changed_fields(rows, row);
    json_t *material =
        json_pack("{s:o, s:o, s:o}", "class", text_of(rows, row, "class_code"), "sequence",
                  number_of(rows, row, "sequence"), "title",
                  text_of(rows, row, after ? "second_title" : "first_title"));
    gboolean changed = before && after && json_array_size(fields) > 0;
    if (changed)
        json_object_set(material, "fields", fields);
    if (!before || !after || changed)
        json_array_append(list_of(materials, !before  ? "added"
                                             : !after ? "removed"
                                                      : "changed"),
                          material);
    json_decref(material);
    json_decref(fields);
}

static json_t *compare_materials(const Pair *pair, GError **error)
{
    g_autoptr(PGresult) rows = da_db_query(
        pair->db, error,
        "SELECT class_code, sequence, a.number IS NOT NULL AS in_first, b.number IS NOT NULL AS"
        " in_second, a.title AS first_title, b.title AS second_title, a.formed AS first_formed,"
        " b.formed AS second_formed, a.copies AS first_copies, b.copies AS second_copies,"
        " a.pages_claimed AS first_pages_claimed, b.pages_claimed AS second_pages_claimed,"
        " a.note AS first_note, b.note AS second_note"
        " FROM (SELECT * FROM material WHERE dossier = $1 AND version = $2) AS a"
        " FULL JOIN (SELECT * FROM material WHERE dossier = $1 AND version = $3) AS b"
        " USING (class_code, sequence) ORDER BY coalesce(b.number, a.number), b.number IS NULL",
        pair->dossier, pair->number[0], pair->number[1], NULL);
    if (!rows)
        return NULL;
    json_t *materials = json_pack("{s:[], s:[], s:[]}", "added", "removed", "changed");
    for (int i = 0; i < PQntuples(rows); i++)
        add_material(materials, rows, i);
    return materials;
}

/* --- pages ----------------------------------------------------------------------------------------------------------- */

static void add_page(json_t *pages, const PGresult *rows, int row)
{
    static const char *const kinds[] = {"master", "access", "ocr"};
    gboolean before = da_db_boolean(rows, row, "in_first");
    gboolean after = da_db_boolean(rows, row, "in_second");
    const char *stem = da_db_text(rows, row, "stem");
    json_t *files = json_array();
    for (guint i = 0; before && after && i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *first = g_strconcat("first_", kinds[i], NULL);
        g_autofree char *second = g_strconcat("second_", kinds[i], NULL);
        if (g_strcmp0(da_db_text(rows, row, first), da_db_text(rows, row, second)) != 0)
            json_array_append_new(files, json_string(kinds[i]));
    }
    if (!before || !after)
        json_array_append_new(
            list_of(pages, before ? "removed" : "added"),
            json_pack("{s:s, s:o}", "stem", stem, "master",
                      text_of(rows, row, before ? "first_master" : "second_master")));
    else if (json_array_size(files) > 0)
        json_array_append_new(list_of(pages, "changed"),
                              json_pack("{s:s, s:O}", "stem", stem, "files", files));
    else
        json_object_set_new(
            pages, "same",
            json_integer(json_integer_value(json_object_get(pages, "same")) + 1));
    json_decref(files);
}

/* A page that was removed and one that was added with the same master are one that has moved. */
static void find_moves(json_t *pages)
{
    json_t *removed = json_object_get(pages, "removed"), *added = json_object_get(pages, "added");
    for (size_t r = json_array_size(removed); r-- > 0;)
        for (size_t a = 0; a < json_array_size(added); a++) {
            json_t *before = json_array_get(removed, r), *after = json_array_get(added, a);
            json_t *master = json_object_get(before, "master");
            if (!json_is_string(master) || !json_equal(master, json_object_get(after, "master")))
                continue;
            json_array_insert_new(list_of(pages, "moved"), 0,
                                  json_pack("{s:O, s:O, s:O}", "first",
                                            json_object_get(before, "stem"), "second",
                                            json_object_get(after, "stem"), "master", master));
            json_array_remove(removed, r);
            json_array_remove(added, a);
            break;
        }
}

static json_t *compare_pages(const Pair *pair, GError **error)
{
    g_autoptr(PGresult) rows = da_db_query(
        pair->db, error,
        "SELECT stem, a.id IS NOT NULL AS in_first, b.id IS NOT NULL AS in_second,"
        " a.master_sha256 AS first_master, b.master_sha256 AS second_master,"
        " a.access_sha256 AS first_access, b.access_sha256 AS second_access,"
        " a.ocr_sha256 AS first_ocr, b.ocr_sha256 AS second_ocr"
        " FROM (SELECT * FROM page WHERE dossier = $1 AND version = $2) AS a"
        " FULL JOIN (SELECT * FROM page WHERE dossier = $1 AND version = $3) AS b USING (stem)"
        " ORDER BY coalesce(b.position, a.position), b.id IS NULL",
        pair->dossier, pair->number[0], pair->number[1], NULL);
    if (!rows)
        return NULL;
    json_t *pages = json_pack("{s:[], s:[], s:[], s:[], s:i}", "added", "removed", "changed",
                              "moved", "same", 0);
    for (int i = 0; i < PQntuples(rows); i++)
        add_page(pages, rows, i);
    find_moves(pages);
    return pages;
}

json_t *da_versions_compare(DaArchive *archive, PGconn *db, const char *dossier_id, guint first,
                            guint second, GError **error)
{
    g_auto(Pair) pair = {.archive = archive,
                         .db = db,
                         .dossier = dossier_id,
                         .number = {g_strdup_printf("%u", first), g_strdup_printf("%u", second)}};
    if (da_retrieve_head(db, dossier_id, error) == 0)
        return NULL;
    g_autoptr(json_t) person = compare_persons(&pair, error);
    g_autoptr(json_t) materials = person ? compare_materials(&pair, error) : NULL;
    g_autoptr(json_t) pages = materials ? compare_pages(&pair, error) : NULL;
    if (!pages)
        return NULL;
    return json_pack("{s:s, s:i, s:i, s:O, s:O, s:O}", "dossier", dossier_id, "first", (int)first,
                     "second", (int)second, "person", person, "materials", materials, "pages",
                     pages);
}
