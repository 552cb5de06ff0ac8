/*
 * Inside of tables: rows as they grow under the limits, and the two kinds of file.
 */
#pragma once

#include <dangan/handle/xml.h>
#include <dangan/table.h>
#include <libxml/xmlreader.h>

/* A cell of a spreadsheet holds no more characters. Source: ECMA-376 and the limits of Excel. */
#define DA_TABLE_MAX_CELL 32767

typedef struct {
    DaTable *table;
    gsize bytes; /* text of all cells */
    gsize cells; /* cells with their gaps */
} DaTableRows;

/* Puts `text` at row and column (0-based), filling gaps with empty rows and cells. DA_ERROR_INPUT for text that is not plain and for a
 * cell given twice, DA_ERROR_LIMIT; both name the cell. */
gboolean da_table_put(DaTableRows *rows, guint row, guint column, const char *text, GError **error);

/* "C7" of 0-based row and column. The caller owns it. */
char *da_table_cell_name(guint row, guint column);

/* Reads the whole file into rows; sets the encoding. */
gboolean da_table_read_csv(DaTableRows *rows, GBytes *bytes, GError **error);
gboolean da_table_read_xlsx(DaTableRows *rows, GBytes *bytes, GError **error);

/* --- xlsx ------------------------------------------------------------------------------------------------------------ */

/* A part of the zip by its name (case does not matter). NULL without an error when there is none. */
GBytes *da_table_zip_part(GBytes *zip, const char *name, gsize max_bytes, GError **error);

/* How a number format shows a date. */
typedef enum { DA_SHOWS_NUMBER, DA_SHOWS_YEAR, DA_SHOWS_MONTH, DA_SHOWS_DAY } DaShows;

/* What the cells of a sheet refer to. */
typedef struct {
    GPtrArray *strings; /* char *: shared strings */
    GArray *shows;      /* DaShows by cell format */
    gboolean from_1904; /* days count from 1904-01-01 */
} DaTableBook;

/* How a format code shows a number: "yyyy-mm-dd" a day, "yyyy年m月" a month. */
DaShows da_table_format_shows(const char *code);
/* Text that people see for the number `raw` of a cell. The caller owns it. */
char *da_table_number_text(const char *raw, DaShows shows, gboolean from_1904);

gboolean da_table_read_sheet(DaTableRows *rows, const DaTableBook *book, GBytes *part,
                             GError **error);

/* --- streams of XML ---------------------------------------------------------------------------------------------------- */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlTextReader, xmlFreeTextReader)

typedef struct {
    xmlTextReader *reader;
    const char *part; /* for messages */
    char *fault;      /* of the parser */
} DaTableXml;

/* Opens a part without network, DTD or entities. */
void da_table_xml_open(DaTableXml *xml, GBytes *part, const char *name);
void da_table_xml_close(DaTableXml *xml);
/* The next node. FALSE at the end, and with `error` on any fault; a document type is one. */
gboolean da_table_xml_next(DaTableXml *xml, GError **error);
gboolean da_table_xml_is_start(const DaTableXml *xml, const char *name);
gboolean da_table_xml_is_end(const DaTableXml *xml, const char *name);
/* Reads on to the end of the open string element (`si` or `is`), its text runs joined, phonetic ones left out, escapes resolved. NULL
 * with the error. The caller owns it. */
char *da_table_xml_string(DaTableXml *xml, const char *element, GError **error);
