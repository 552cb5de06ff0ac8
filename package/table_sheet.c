#include "table_parts.h"

#include <dangan/error.h>
#include <string.h>

#define SHEET_PART "sheet"

/* One cell while it is read. */
typedef struct {
    guint row, column;
    char *type; /* "s", "inlineStr", "n" …; NULL = number */
    guint format;
    char *text; /* NULL = nothing in it */
} Cell;

static void cell_clear(Cell *cell)
{
    g_clear_pointer(&cell->type, g_free);
    g_clear_pointer(&cell->text, g_free);
}

static char *attribute(const DaTableXml *xml, const char *name)
{
    g_autoptr(DaXmlChar) value = xmlTextReaderGetAttribute(xml->reader, BAD_CAST name);
    return g_strdup((const char *)value);
}

/* 0-based row and column of "C7". FALSE for anything else; huge ones stay huge and fail at the limits. */
static gboolean parse_reference(const char *text, guint *row, guint *column)
{
    guint64 letters = 0, digits = 0;
    const char *p = text;
    for (; g_ascii_isupper(*p) && p - text < 4; p++)
        letters = letters * 26 + (guint64)(*p - 'A') + 1;
    const char *number = p;
    for (; g_ascii_isdigit(*p) && p - number < 9; p++)
        digits = digits * 10 + (guint64)(*p - '0');
    if (!letters || !digits || *p)
        return FALSE;
    *row = (guint)digits - 1;
    *column = (guint)letters - 1;
    return TRUE;
}

/* Row and column from `r`, else the ones that follow the last. */
static gboolean read_place(const DaTableXml *xml, guint row, guint *next_column, Cell *cell,
                           GError **error)
{
    g_autofree char *reference = attribute(xml, "r");
    cell->row = row;
    cell->column = *next_column;
    if (reference && (!parse_reference(reference, &cell->row, &cell->column) || cell->row != row))
        return da_error_set(error, DA_ERROR_INPUT, "row %u: '%.20s' is no cell of it", row + 1,
                            reference);
    *next_column = cell->column + 1;
    return TRUE;
}

/* The text of the open `v` element. */
static char *value_text(DaTableXml *xml, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) failure = NULL;
    while (!da_table_xml_is_end(xml, "v") && da_table_xml_next(xml, &failure))
        if (xmlTextReaderHasValue(xml->reader))
            g_string_append(text, (const char *)xmlTextReaderConstValue(xml->reader));
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean read_content(DaTableXml *xml, Cell *cell, GError **error)
{
    g_autoptr(GError) failure = NULL;
    while (!failure && !da_table_xml_is_end(xml, "c") && da_table_xml_next(xml, &failure)) {
        char *text = NULL;
        if (da_table_xml_is_start(xml, "v"))
            text = value_text(xml, &failure);
        else if (da_table_xml_is_start(xml, "is"))
            text = da_table_xml_string(xml, "is", &failure);
        if (text) {
            g_free(cell->text);
            cell->text = text;
        }
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* --- what people see ------------------------------------------------------------------------------------------------------ */

static gboolean resolve_string(const DaTableBook *book, Cell *cell, GError **error)
{
    guint64 index = 0;
    if (!g_ascii_string_to_unsigned(cell->text, 10, 0, G_MAXUINT, &index, NULL) ||
        index >= book->strings->len) {
        g_autofree char *name = da_table_cell_name(cell->row, cell->column);
        return da_error_set(error, DA_ERROR_INPUT, "cell %s: there is no shared string '%.20s'",
                            name, cell->text);
    }
    g_free(cell->text);
    cell->text = g_strdup(book->strings->pdata[index]);
    return TRUE;
}

/* "1962-01-20T00:00:00" → "19620120". */
static char *iso_date_text(const char *text)
{
    if (strlen(text) < 10 || text[4] != '-' || text[7] != '-')
        return g_strdup(text);
    return g_strdup_printf("%.4s%.2s%.2s", text, text + 5, text + 8);
}

static gboolean resolve(const DaTableBook *book, Cell *cell, GError **error)
{
    const char *type = cell->type ? cell->type : "n";
    g_autofree char *raw = NULL;
    if (!strcmp(type, "s"))
        return resolve_string(book, cell, error);
    if (!strcmp(type, "inlineStr") || !strcmp(type, "str") || !strcmp(type, "e"))
        return TRUE;
    raw = g_strstrip(g_steal_pointer(&cell->text));
    if (!strcmp(type, "b"))
        cell->text = g_strdup(!strcmp(raw, "1") ? "TRUE" : "FALSE");
    else if (!strcmp(type, "d"))
        cell->text = iso_date_text(raw);
    else
        cell->text = da_table_number_text(raw,
                                          cell->format < book->shows->len
                                              ? g_array_index(book->shows, DaShows, cell->format)
                                              : DA_SHOWS_NUMBER,
                                          book->from_1904);
    return TRUE;
}

/* Cells that are only formatted count for nothing: people format whole columns. */
static gboolean keep_cell(DaTableRows *rows, const DaTableBook *book, Cell *cell, GError **error)
{
    if (!cell->text || !*cell->text)
        return TRUE;
    return resolve(book, cell, error) &&
           (!*cell->text || da_table_put(rows, cell->row, cell->column, cell->text, error));
}

static gboolean read_cell(DaTableXml *xml, DaTableRows *rows, const DaTableBook *book, guint row,
                          guint *next_column, GError **error)
{
    Cell cell = {.type = attribute(xml, "t")};
    g_autofree char *format = attribute(xml, "s");
    cell.format = format ? (guint)g_ascii_strtoull(format, NULL, 10) : 0;
    gboolean read = read_place(xml, row, next_column, &cell, error) &&
                    read_content(xml, &cell, error) && keep_cell(rows, book, &cell, error);
    cell_clear(&cell);
    return read;
}

/* --- rows ------------------------------------------------------------------------------------------------------------------- */

static gboolean read_row_number(const DaTableXml *xml, guint *row, GError **error)
{
    g_autofree char *number = attribute(xml, "r");
    guint64 value = 0;
    if (!number) {
        *row += 1;
        return TRUE;
    }
    if (!g_ascii_string_to_unsigned(number, 10, 1, 1u << 30, &value, NULL))
        return da_error_set(error, DA_ERROR_INPUT, "row %u: '%.20s' is no row number", *row,
                            number);
    *row = (guint)value;
    return TRUE;
}

static gboolean read_rows(DaTableXml *xml, DaTableRows *rows, const DaTableBook *book,
                          GError **error)
{
    g_autoptr(GError) failure = NULL;
    guint row = 0, next_column = 0; /* row is 1-based: 0 = none yet */
    while (!failure && da_table_xml_next(xml, &failure)) {
        if (da_table_xml_is_start(xml, "row")) {
            next_column = 0;
            read_row_number(xml, &row, &failure);
        } else if (da_table_xml_is_start(xml, "c") && row > 0) {
            read_cell(xml, rows, book, row - 1, &next_column, &failure);
        } else if (da_table_xml_is_end(xml, "sheetData")) {
            break;
        }
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* --- merged cells ----------------------------------------------------------------------------------------------------------- */

/* More is no table that somebody made. */
#define MAX_MERGED 65536u
#define MAX_FILLED (1u << 20)

typedef struct {
    guint column, first_row, last_row;
} Merged;

/* "A5:A9"; FALSE for cells merged over several columns (titles) and for what cannot be understood. */
static gboolean parse_merged(const char *text, Merged *merged)
{
    guint column = 0;
    g_auto(GStrv) ends = g_strsplit(text, ":", 2);
    return g_strv_length(ends) == 2 &&
           parse_reference(ends[0], &merged->first_row, &merged->column) &&
           parse_reference(ends[1], &merged->last_row, &column) && column == merged->column;
}

static gboolean read_merged(DaTableXml *xml, GArray *all, GError **error)
{
    g_autoptr(GError) failure = NULL;
    while (da_table_xml_next(xml, &failure)) {
        Merged merged;
        g_autofree char *place =
            da_table_xml_is_start(xml, "mergeCell") ? attribute(xml, "ref") : NULL;
        if (!place || !parse_merged(place, &merged))
            continue;
        if (all->len >= MAX_MERGED)
            return da_error_set(error, DA_ERROR_LIMIT, "it has more than %u merged cells",
                                MAX_MERGED);
        g_array_append_val(all, merged);
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean is_empty(const GPtrArray *cells)
{
    for (guint i = 0; i < cells->len; i++)
        if (*(const char *)cells->pdata[i])
            return FALSE;
    return TRUE;
}

/* One value printed beside several rows belongs to each of them (a class over its materials). Rows that hold nothing else, as the second
 * line of a header, stay empty. */
static gboolean fill_merged(DaTableRows *rows, const GArray *all, GError **error)
{
    const DaTable *table = rows->table;
    guint filled = 0;
    for (guint i = 0; i < all->len; i++) {
        const Merged *merged = &g_array_index(all, Merged, i);
        const char *text = da_table_cell(table, merged->first_row, merged->column);
        for (guint row = merged->first_row + 1;
             *text && row <= merged->last_row && row < table->rows->len; row++) {
            if (++filled > MAX_FILLED)
                return da_error_set(error, DA_ERROR_LIMIT, "its merged cells cover too many rows");
            if (is_empty(table->rows->pdata[row]) || *da_table_cell(table, row, merged->column))
                continue;
            if (!da_table_put(rows, row, merged->column, text, error))
                return FALSE;
        }
    }
    return TRUE;
}

gboolean da_table_read_sheet(DaTableRows *rows, const DaTableBook *book, GBytes *part,
                             GError **error)
{
    DaTableXml xml;
    da_table_xml_open(&xml, part, SHEET_PART);
    g_autoptr(GArray) merged = g_array_new(FALSE, FALSE, sizeof(Merged));
    gboolean read = read_rows(&xml, rows, book, error) && read_merged(&xml, merged, error) &&
                    fill_merged(rows, merged, error);
    da_table_xml_close(&xml);
    return read;
}
