#include "plain.h"
#include "table_parts.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <string.h>

#define MAX_CELLS ((gsize)4 << 20)

/* --- rows under limits ------------------------------------------------------------------------------------------------- */

char *da_table_cell_name(guint row, guint column)
{
    g_autoptr(GString) name = g_string_new(NULL);
    for (guint left = column + 1; left > 0; left = (left - 1) / 26)
        g_string_prepend_c(name, (char)('A' + (left - 1) % 26));
    g_string_append_printf(name, "%u", row + 1);
    return g_string_free(g_steal_pointer(&name), FALSE);
}

static gboolean refuse(guint row, guint column, DaErrorCode code, const char *reason,
                       GError **error)
{
    g_autofree char *name = da_table_cell_name(row, column);
    return da_error_set(error, code, "cell %s (row %u): %s", name, row + 1, reason);
}

static gboolean look_at_place(guint row, guint column, GError **error)
{
    if (row >= DA_TABLE_MAX_ROWS)
        return refuse(row, column, DA_ERROR_LIMIT,
                      "more than " G_STRINGIFY(DA_TABLE_MAX_ROWS) " rows", error);
    if (column >= DA_TABLE_MAX_COLUMNS)
        return refuse(row, column, DA_ERROR_LIMIT,
                      "more than " G_STRINGIFY(DA_TABLE_MAX_COLUMNS) " columns", error);
    return TRUE;
}

static gboolean look_at_text(const DaTableRows *rows, guint row, guint column, const char *text,
                             GError **error)
{
    g_autofree char *fault = da_plain_fault(text);
    if (fault)
        return refuse(row, column, DA_ERROR_INPUT, fault, error);
    if (g_utf8_strlen(text, -1) > DA_TABLE_MAX_CELL)
        return refuse(row, column, DA_ERROR_LIMIT,
                      "more than " G_STRINGIFY(DA_TABLE_MAX_CELL) " characters", error);
    if (rows->bytes + strlen(text) > DA_TABLE_MAX_BYTES)
        return refuse(row, column, DA_ERROR_LIMIT, "the table holds too much text", error);
    return TRUE;
}

static GPtrArray *row_at(DaTableRows *rows, guint row)
{
    GPtrArray *all = rows->table->rows;
    while (all->len <= row)
        g_ptr_array_add(all, g_ptr_array_new_with_free_func(g_free));
    return all->pdata[row];
}

gboolean da_table_put(DaTableRows *rows, guint row, guint column, const char *text, GError **error)
{
    if (!look_at_place(row, column, error) || !look_at_text(rows, row, column, text, error))
        return FALSE;
    GPtrArray *cells = row_at(rows, row);
    if (cells->len > column && *(const char *)cells->pdata[column])
        return refuse(row, column, DA_ERROR_INPUT, "the cell is given twice", error);
    if (cells->len <= column)
        rows->cells += column + 1 - cells->len;
    if (rows->cells > MAX_CELLS)
        return refuse(row, column, DA_ERROR_LIMIT, "the table has too many cells", error);
    while (cells->len <= column)
        g_ptr_array_add(cells, g_strdup(""));
    g_free(cells->pdata[column]);
    cells->pdata[column] = g_strdup(text);
    rows->bytes += strlen(text);
    return TRUE;
}

/* --- reading ------------------------------------------------------------------------------------------------------------ */

static gboolean starts_with(const void *data, gsize size, const char *magic, gsize length)
{
    return size >= length && !memcmp(data, magic, length);
}

/* Compound files hold old Excel tables, and new ones under a password (MS-OFFCRYPTO §1.3.2). */
static gboolean refuse_compound(const void *data, gsize size, GError **error)
{
    static const char encrypted[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
    if (memmem(data, size, encrypted, sizeof encrypted))
        return da_error_set(error, DA_ERROR_INPUT,
                            "it is protected by a password; remove the password and save it again");
    return da_error_set(error, DA_ERROR_INPUT, "old Excel format; save it as xlsx");
}

static gboolean read_bytes(DaTableRows *rows, GBytes *bytes, GError **error)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    if (size == 0)
        return da_error_set(error, DA_ERROR_INPUT, "it is empty");
    if (starts_with(data, size, "PK\3\4", 4) || starts_with(data, size, "PK\5\6", 4))
        return da_table_read_xlsx(rows, bytes, error);
    if (starts_with(data, size, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8))
        return refuse_compound(data, size, error);
    if (starts_with(data, size, "%PDF", 4) || starts_with(data, size, "\xff\xd8\xff", 3) ||
        starts_with(data, size, "\x89PNG", 4))
        return da_error_set(error, DA_ERROR_INPUT, "it is no table; xlsx or csv is wanted");
    return da_table_read_csv(rows, bytes, error);
}

static void row_free(gpointer row)
{
    g_ptr_array_unref(row);
}

DaTable *da_table_read(const char *path, GError **error)
{
    g_autofree char *base = g_path_get_basename(path);
    g_autoptr(DaTable) table = g_new0(DaTable, 1);
    table->name = da_name_text(base);
    table->rows = g_ptr_array_new_with_free_func(row_free);
    g_autoptr(GBytes) bytes = da_file_read(path, DA_TABLE_MAX_BYTES, error);
    DaTableRows rows = {.table = table};
    if (!bytes || !read_bytes(&rows, bytes, error)) {
        g_prefix_error(error, "cannot read table '%s': ", table->name);
        return NULL;
    }
    return g_steal_pointer(&table);
}

void da_table_free(DaTable *table)
{
    if (!table)
        return;
    g_free(table->name);
    g_free(table->encoding);
    g_ptr_array_unref(table->rows);
    g_free(table);
}

const char *da_table_cell(const DaTable *table, guint row, guint column)
{
    if (row >= table->rows->len)
        return "";
    const GPtrArray *cells = table->rows->pdata[row];
    return column < cells->len ? cells->pdata[column] : "";
}

/* --- writing ------------------------------------------------------------------------------------------------------------ */

/* A spreadsheet takes a cell that begins so for a formula; an apostrophe makes it text. */
static gboolean is_formula(const char *text)
{
    return *text && strchr("=+-@\t\r", *text);
}

static void append_cell(GString *csv, const char *text)
{
    if (!is_formula(text) && !strpbrk(text, ",;\t\"\r\n") && *text != ' ') {
        g_string_append(csv, text);
        return;
    }
    g_string_append(csv, is_formula(text) ? "\"'" : "\"");
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            g_string_append_c(csv, '"');
        g_string_append_c(csv, *p);
    }
    g_string_append_c(csv, '"');
}

gboolean da_table_write_csv(const char *path, const GPtrArray *rows, GError **error)
{
    g_autoptr(GString) csv = g_string_new("\xef\xbb\xbf");
    for (guint i = 0; i < rows->len; i++) {
        const GPtrArray *cells = rows->pdata[i];
        for (guint k = 0; k < cells->len; k++) {
            if (k > 0)
                g_string_append_c(csv, ',');
            append_cell(csv, cells->pdata[k] ? cells->pdata[k] : "");
        }
        g_string_append(csv, "\r\n");
    }
    return da_file_write(path, csv->str, csv->len, error);
}
