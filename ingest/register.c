#include "register.h"

#include <dangan/error.h>
#include <dangan/table.h>
#include <string.h>

struct DaIds {
    char *path;
    GPtrArray *rows; /* DaIdRow * */
};

enum { COLUMN_FOLDER, COLUMN_ID, COLUMN_CREATED, COLUMN_INPUT, COLUMNS };
static const char *const header[COLUMNS] = {"folder", "id", "created", "input"};

static void id_row_free(gpointer data)
{
    DaIdRow *row = data;
    g_free(row->folder);
    g_free(row->id);
    g_free(row->created);
    g_free(row->input);
    g_free(row);
}

void da_ids_free(DaIds *ids)
{
    if (!ids)
        return;
    g_free(ids->path);
    g_ptr_array_unref(ids->rows);
    g_free(ids);
}

static gboolean read_rows(DaIds *ids, GError **error)
{
    g_autoptr(DaTable) table = da_table_read(ids->path, error);
    if (!table)
        return FALSE;
    for (guint i = 1; i < table->rows->len; i++) {
        DaIdRow *row = g_new0(DaIdRow, 1);
        row->folder = g_strdup(da_table_cell(table, i, COLUMN_FOLDER));
        row->id = g_strdup(da_table_cell(table, i, COLUMN_ID));
        row->created = g_strdup(da_table_cell(table, i, COLUMN_CREATED));
        row->input = g_strdup(da_table_cell(table, i, COLUMN_INPUT));
        g_ptr_array_add(ids->rows, row);
        if (!g_uuid_string_is_valid(row->id) || !*row->folder)
            return da_error_set(
                error, DA_ERROR_INPUT,
                "'%s' row %u has no folder or no package id; restore the file, or move it away "
                "to begin with new ids",
                ids->path, i + 1);
    }
    return TRUE;
}

DaIds *da_ids_load(const char *out, GError **error)
{
    g_autoptr(DaIds) ids = g_new0(DaIds, 1);
    ids->path = g_build_filename(out, "packages.csv", NULL);
    ids->rows = g_ptr_array_new_with_free_func(id_row_free);
    if (g_file_test(ids->path, G_FILE_TEST_EXISTS) && !read_rows(ids, error))
        return NULL;
    return g_steal_pointer(&ids);
}

static char *now(void)
{
    g_autoptr(GDateTime) time = g_date_time_new_now_utc();
    return g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
}

/* A csv holds UTF-8, and what begins like a formula would come back changed. */
static char *folder_cell(const char *folder)
{
    if (!g_utf8_validate(folder, -1, NULL) || strchr(folder, '%'))
        return g_uri_escape_string(folder, NULL, FALSE);
    return g_strconcat(strchr("=+-@", folder[0]) ? "./" : "", folder, NULL);
}

DaIdRow *da_ids_get(DaIds *ids, const char *folder)
{
    g_autofree char *text = folder_cell(folder);
    for (guint i = 0; i < ids->rows->len; i++) {
        DaIdRow *row = g_ptr_array_index(ids->rows, i);
        if (!strcmp(row->folder, text))
            return row;
    }
    DaIdRow *row = g_new0(DaIdRow, 1);
    row->folder = g_steal_pointer(&text);
    row->id = g_uuid_string_random();
    row->created = now();
    row->input = g_strdup("");
    g_ptr_array_add(ids->rows, row);
    return row;
}

void da_ids_begin(DaIdRow *row, const char *key)
{
    if (!strcmp(row->input, key))
        return;
    if (*row->input) {
        g_free(row->created);
        row->created = now();
    }
    g_free(row->input);
    row->input = g_strdup(key);
}

static GPtrArray *cells_new(void)
{
    return g_ptr_array_new_with_free_func(g_free);
}

gboolean da_ids_save(const DaIds *ids, GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    GPtrArray *cells = cells_new();
    for (guint i = 0; i < COLUMNS; i++)
        g_ptr_array_add(cells, g_strdup(header[i]));
    g_ptr_array_add(rows, cells);
    for (guint i = 0; i < ids->rows->len; i++) {
        const DaIdRow *row = g_ptr_array_index(ids->rows, i);
        cells = cells_new();
        g_ptr_array_add(cells, g_strdup(row->folder));
        g_ptr_array_add(cells, g_strdup(row->id));
        g_ptr_array_add(cells, g_strdup(row->created));
        g_ptr_array_add(cells, g_strdup(row->input));
        g_ptr_array_add(rows, cells);
    }
    return da_table_write_csv(ids->path, rows, error);
}
