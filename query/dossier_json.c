#include "dossier_json.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <string.h>

void da_dossier_row_clear(DaDossierRow *row)
{
    g_free(row->id);
    g_free(row->district);
    g_free(row->version);
    g_free(row->deposited);
    g_free(row->descriptive_sha256);
}

gboolean da_dossier_row_load(PGconn *db, const char *id, DaDossierRow *row, GError **error)
{
    g_autoptr(PGresult) found = NULL;
    if (g_uuid_string_is_valid(id)) {
        found = da_db_query(
            db, error,
            "SELECT d.id, d.district, d.version, v.descriptive, to_char(v.deposited_at AT TIME "
            "ZONE 'UTC', "
            "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS deposited FROM dossier d JOIN dossier_version v "
            "ON v.dossier = d.id AND v.version = d.version WHERE d.id = $1::uuid",
            id, NULL);
        if (found == NULL)
            return FALSE;
    }
    if (found == NULL || PQntuples(found) == 0)
        return da_error_set(error, DA_ERROR_NOT_FOUND, "there is no such dossier");
    row->id = g_strdup(da_db_text(found, 0, "id"));
    row->district = g_strdup(da_db_text(found, 0, "district"));
    row->version = g_strdup(da_db_text(found, 0, "version"));
    row->deposited = g_strdup(da_db_text(found, 0, "deposited"));
    row->descriptive_sha256 = g_strdup(da_db_text(found, 0, "descriptive"));
    return TRUE;
}

/* --- rows as JSON -------------------------------------------------------------------------------------------------- */

static void set_text(json_t *object, const PGresult *rows, int row, const char *column)
{
    const char *text = da_db_text(rows, row, column);
    json_object_set_new(object, column, text == NULL ? json_null() : json_string(text));
}

static void set_number(json_t *object, const PGresult *rows, int row, const char *column)
{
    json_object_set_new(object, column,
                        da_db_text(rows, row, column) == NULL
                            ? json_null()
                            : json_integer(da_db_integer(rows, row, column)));
}

static json_t *page_json(const PGresult *rows, int row)
{
    static const char *const numbers[] = {
        "side", "dpi", "width_px", "height_px", "master_width_px", "master_height_px"};
    json_t *page = json_object();
    set_text(page, rows, row, "page");
    set_text(page, rows, row, "stem");
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        set_number(page, rows, row, numbers[i]);
    set_text(page, rows, row, "master_type");
    set_number(page, rows, row, "master_bytes");
    json_object_set_new(page, "blank", json_boolean(da_db_boolean(rows, row, "blank")));
    json_object_set_new(page, "text", json_boolean(da_db_boolean(rows, row, "has_text")));
    json_object_set_new(page, "access", json_boolean(da_db_boolean(rows, row, "has_access")));
    return page;
}

static json_t *material_json(const PGresult *rows, int row)
{
    static const char *const numbers[] = {"number", "sequence", "copies", "pages_claimed"};
    static const char *const texts[] = {"class_code", "title", "formed", "note"};
    json_t *material = json_object();
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        set_number(material, rows, row, numbers[i]);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        set_text(material, rows, row, texts[i]);
    json_object_set_new(material, "pages", json_array());
    return material;
}

/* number of a material → its JSON (borrowed) */
static gboolean add_pages(PGconn *db, const DaDossierRow *dossier, GHashTable *materials,
                          GError **error)
{
    g_autoptr(PGresult) rows = da_db_query(
        db, error,
        "SELECT id AS page, material, stem, side, blank, dpi, width_px, height_px, "
        "master_width_px, master_height_px, master_type, master_bytes, "
        "ocr_sha256 IS NOT NULL AS has_text, access_sha256 IS NOT NULL AS has_access "
        "FROM page WHERE dossier = $1::uuid AND version = $2::integer ORDER BY position",
        dossier->id, dossier->version, NULL);
    if (rows == NULL)
        return FALSE;
    for (int i = 0; i < PQntuples(rows); i++) {
        json_t *material = g_hash_table_lookup(
            materials, GINT_TO_POINTER((int)da_db_integer(rows, i, "material")));
        if (material != NULL)
            json_array_append_new(json_object_get(material, "pages"), page_json(rows, i));
    }
    return TRUE;
}

/* --- classes ------------------------------------------------------------------------------------------------------- */

static json_t *class_json(const DaScheme *scheme, const char *code)
{
    const DaClass *class = scheme == NULL ? NULL : da_scheme_class(scheme, code);
    return json_pack("{s:s,s:s,s:s?,s:[]}", "code", code, "printed",
                     class == NULL ? code : class->printed, "name",
                     class == NULL ? NULL : class->name, "materials");
}

/* Materials stand in catalogue order, those of one class together where its first one stands. */
static json_t *classes_json(const PGresult *rows, const DaScheme *scheme, GHashTable *materials)
{
    json_t *classes = json_array();
    g_autoptr(GHashTable) by_code = g_hash_table_new(g_str_hash, g_str_equal);
    for (int i = 0; i < PQntuples(rows); i++) {
        const char *code = da_db_text(rows, i, "class_code");
        json_t *class = g_hash_table_lookup(by_code, code);
        if (class == NULL) {
            class = class_json(scheme, code);
            json_array_append_new(classes, class);
            g_hash_table_insert(by_code, (char *)code, class);
        }
        json_t *material = material_json(rows, i);
        json_array_append_new(json_object_get(class, "materials"), material);
        g_hash_table_insert(materials, GINT_TO_POINTER((int)da_db_integer(rows, i, "number")),
                            material);
    }
    return classes;
}

static json_t *load_classes(PGconn *db, const DaDossierRow *row, const DaScheme *scheme,
                            GError **error)
{
    g_autoptr(PGresult) rows =
        da_db_query(db, error,
                    "SELECT number, class_code, sequence, title, formed, copies, pages_claimed, "
                    "note FROM material WHERE dossier = $1::uuid AND version = $2::integer "
                    "ORDER BY number",
                    row->id, row->version, NULL);
    if (rows == NULL)
        return NULL;
    g_autoptr(GHashTable) materials = g_hash_table_new(g_direct_hash, g_direct_equal);
    g_autoptr(json_t) classes = classes_json(rows, scheme, materials);
    return add_pages(db, row, materials, error) ? g_steal_pointer(&classes) : NULL;
}

/* --- the whole --------------------------------------------------------------------------------------------------------- */

static const char *origin_name(DaOrigin origin)
{
    static const char *const names[] = {
        [DA_ORIGIN_NONE] = "none",
        [DA_ORIGIN_LIST] = "list",
        [DA_ORIGIN_CATALOGUE] = "catalogue",
        [DA_ORIGIN_BATCH] = "batch",
        [DA_ORIGIN_OCR] = "ocr",
        [DA_ORIGIN_DERIVED] = "derived",
        [DA_ORIGIN_PERSON] = "person",
    };
    return (gsize)origin < G_N_ELEMENTS(names) ? names[origin] : names[DA_ORIGIN_NONE];
}

static json_t *fields_json(const DaDossier *dossier)
{
    json_t *fields = json_array();
    for (int i = 0; i < DA_FIELD_N; i++) {
        const DaValue *value = &dossier->field[i];
        if (value->text != NULL)
            json_array_append_new(fields, json_pack("{s:s,s:s,s:s,s:s?}", "field",
                                                    da_field_name((DaField)i), "value", value->text,
                                                    "origin", origin_name(value->origin), "source",
                                                    value->source));
    }
    return fields;
}

json_t *da_dossier_json(PGconn *db, const DaDossierRow *row, const DaDossier *dossier,
                        const DaProfile *profile, GError **error)
{
    const DaScheme *scheme = profile == NULL ? NULL : da_profile_scheme(profile, dossier->scheme);
    json_t *classes = load_classes(db, row, scheme, error);
    if (classes == NULL)
        return NULL;
    return json_pack("{s:s,s:i,s:s,s:s?,s:s?,s:b,s:o,s:o}", "dossier", row->id, "version",
                     atoi(row->version), "deposited", row->deposited, "district", row->district,
                     "profile", dossier->profile_name, "draft", dossier->draft, "fields",
                     fields_json(dossier), "classes", classes);
}
