/* Source: RFC 4180, with what spreadsheets of China write: GB18030, semicolons and tabs, lone line feeds or returns. */
#include "table_parts.h"

#include <dangan/error.h>
#include <string.h>

#define MARK "\xef\xbb\xbf"

static gboolean refuse_nul(const char *data, gsize size, GError **error)
{
    const char *nul = memchr(data, 0, size);
    if (!nul)
        return TRUE;
    if (size >= 2 && (!memcmp(data, "\xff\xfe", 2) || !memcmp(data, "\xfe\xff", 2)))
        return da_error_set(error, DA_ERROR_INPUT, "it is UTF-16; save it as csv in UTF-8");
    return da_error_set(error, DA_ERROR_INPUT,
                        "byte %" G_GSIZE_FORMAT " is zero: it is no csv; save it as xlsx or csv",
                        (gsize)(nul - data) + 1);
}

/* Row in which `end` lies: line ends before it, counted as people see them. */
static guint line_of(const char *data, const char *end)
{
    guint line = 1;
    for (const char *p = data; p < end; p++)
        line += *p == '\n';
    return line;
}

/* The text in UTF-8 without mark. GB18030 is asked for only when it is no UTF-8: short texts may be both. */
static char *decode(DaTable *table, const char *data, gsize size, GError **error)
{
    const char *end = NULL;
    if (size >= 3 && !memcmp(data, MARK, 3)) {
        data += 3;
        size -= 3;
    }
    if (g_utf8_validate_len(data, size, &end)) {
        table->encoding = g_strdup("UTF-8");
        return g_strndup(data, size);
    }
    table->encoding = g_strdup("GB18030");
    gsize read = 0;
    g_autoptr(GError) failure = NULL;
    g_autofree char *text =
        g_convert(data, (gssize)size, "UTF-8", "GB18030", &read, NULL, &failure);
    /* A character cut off at the end is no failure to g_convert. */
    if (text && read == size)
        return g_steal_pointer(&text);
    da_error_set(error, DA_ERROR_INPUT,
                 "it is neither UTF-8 (line %u) nor GB18030 (line %u); save it as csv in UTF-8",
                 line_of(data, end), line_of(data, data + MIN(read, size)));
    return NULL;
}

/* The separator that the first line with any has most of, outside quotes; a title row often has none. */
static char separator_of(const char *text)
{
    guint commas = 0, semicolons = 0, tabs = 0;
    gboolean quoted = FALSE;
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        commas += *p == ',';
        semicolons += *p == ';';
        tabs += *p == '\t';
        if ((*p == '\n' || *p == '\r') && commas + semicolons + tabs > 0)
            break;
    }
    if (tabs > commas && tabs > semicolons)
        return '\t';
    return semicolons > commas ? ';' : ',';
}

typedef struct {
    const char *at;
    char separator;
    guint row, column;
    GString *cell;
} Parser;

/* From the opening quote to behind the closing one; a doubled quote is one. */
static gboolean read_quoted(Parser *parser, GError **error)
{
    for (parser->at++; *parser->at; parser->at++) {
        if (*parser->at == '"' && parser->at[1] != '"') {
            parser->at++;
            return TRUE;
        }
        if (*parser->at == '"')
            parser->at++;
        g_string_append_c(parser->cell, *parser->at);
    }
    return da_error_set(error, DA_ERROR_INPUT, "row %u, column %u: a quote is never closed",
                        parser->row + 1, parser->column + 1);
}

static gboolean at_end_of_cell(const Parser *parser)
{
    char c = *parser->at;
    return c == '\0' || c == '\r' || c == '\n' || c == parser->separator;
}

static gboolean read_cell(Parser *parser, GError **error)
{
    g_string_truncate(parser->cell, 0);
    if (*parser->at == '"' && !read_quoted(parser, error))
        return FALSE;
    /* Text behind a closing quote is taken as it is, as spreadsheets do. */
    while (!at_end_of_cell(parser))
        g_string_append_c(parser->cell, *parser->at++);
    return TRUE;
}

/* Steps over what ends a cell: the separator, or CR, LF or both. */
static void step_over_end(Parser *parser)
{
    if (*parser->at == parser->separator) {
        parser->at++;
        parser->column++;
        return;
    }
    if (*parser->at == '\r' && parser->at[1] == '\n')
        parser->at++;
    if (*parser->at)
        parser->at++;
    parser->row++;
    parser->column = 0;
}

/* Commas without anything between stand at the end of rows that a spreadsheet thought wider. */
static gboolean keep_cell(DaTableRows *rows, const Parser *parser, GError **error)
{
    return parser->cell->len == 0 ||
           da_table_put(rows, parser->row, parser->column, parser->cell->str, error);
}

static void add_empty_rows(DaTable *table, guint wanted)
{
    while (table->rows->len < MIN(wanted, DA_TABLE_MAX_ROWS))
        g_ptr_array_add(table->rows, g_ptr_array_new_with_free_func(g_free));
}

gboolean da_table_read_csv(DaTableRows *rows, GBytes *bytes, GError **error)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    if (!refuse_nul(data, size, error))
        return FALSE;
    g_autofree char *text = decode(rows->table, data, size, error);
    if (!text)
        return FALSE;
    g_autoptr(GString) cell = g_string_new(NULL);
    Parser parser = {.at = text, .separator = separator_of(text), .cell = cell};
    while (*parser.at) {
        if (!read_cell(&parser, error) || !keep_cell(rows, &parser, error))
            return FALSE;
        step_over_end(&parser);
    }
    add_empty_rows(rows->table, parser.row);
    return TRUE;
}
