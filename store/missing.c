#include <dangan/missing.h>

#include <dangan/db.h>
#include <dangan/error.h>

#define COLUMNS 6u

static const struct {
    const char *column, *english, *chinese;
} columns[COLUMNS] = {
    {"district", "district", "区划"},
    {"id", "dossier", "案卷标识"},
    {"archival_number", "archival number", "档号"},
    {"name", "name", "姓名"},
    {"employer", "employer", "所属单位"},
    {"material", "missing material", "欠缺材料"},
};

static GPtrArray *head(gboolean chinese)
{
    GPtrArray *row = g_ptr_array_new_with_free_func(g_free);
    for (guint c = 0; c < COLUMNS; c++)
        g_ptr_array_add(row, g_strdup(chinese ? columns[c].chinese : columns[c].english));
    return row;
}

static GPtrArray *row_of(const PGresult *found, int i)
{
    GPtrArray *row = g_ptr_array_new_with_free_func(g_free);
    for (guint c = 0; c < COLUMNS; c++) {
        const char *text = da_db_text(found, i, columns[c].column);
        g_ptr_array_add(row, g_strdup(text ? text : ""));
    }
    return row;
}

GPtrArray *da_missing_rows(PGconn *db, const DaProfile *profile, const char *district,
                           gboolean chinese, GError **error)
{
    const DaRule *rule = da_profile_rule(profile, "expected-materials");
    if (!rule) {
        da_error_set(error, DA_ERROR_USAGE,
                     "profile '%s' does not say which materials are expected", profile->name);
        return NULL;
    }
    g_autoptr(PGresult) found = da_db_query(
        db, error,
        "SELECT d.district, d.id, d.archival_number, d.name, d.employer, f.body->>'wanted' AS"
        " material FROM finding f JOIN dossier d ON d.id = f.dossier AND d.version = f.version"
        " WHERE f.rule = $1 AND ($2::text IS NULL OR d.district = $2)"
        " ORDER BY d.district, d.employer, d.name, d.id, f.number",
        rule->id, district ? district : DA_DB_NULL, NULL);
    if (!found)
        return NULL;
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    g_ptr_array_add(rows, head(chinese));
    for (int i = 0; i < PQntuples(found); i++)
        g_ptr_array_add(rows, row_of(found, i));
    return rows;
}
