/*
 * Tables that people make: xlsx (first sheet) and csv (UTF-8 with or without mark, GB18030; comma, semicolon or tab).
 *
 * The reader is for lists of tens of thousands of rows and never trusts sizes: limits below. A csv that is valid UTF-8 is
 * UTF-8; else it must be valid GB18030. Cells are text as people see it: numbers without exponent, dates as YYYYMMDD (YYYYMM, YYYY
 * where the cell's format shows no more). A number cell of more than 15 digits, which a spreadsheet rounds, keeps its exponent
 * ("6.06129196201204E+17"), so that nobody takes it for an exact one. Formulas give the value that was last computed; one that was never
 * computed gives "". A cell merged downwards stands in each row that holds something else; hidden sheets are passed over, hidden rows are read. Control characters other than tab and line ends are refused.
 * Source: ECMA-376 part 1 §18 (SpreadsheetML), RFC 4180, GB 18030-2005.
 */
#pragma once

#include <glib.h>

#define DA_TABLE_MAX_BYTES ((gsize)64 << 20) /* of the file, and of each part inside an xlsx */
#define DA_TABLE_MAX_ROWS 200000u
#define DA_TABLE_MAX_COLUMNS 256u /* cells that are only formatted do not count */

typedef struct {
    char *name;       /* base name of the file, for messages */
    char *encoding;   /* "xlsx", "UTF-8", "GB18030" */
    GPtrArray *rows;  /* GPtrArray * of char *, one for each row of the file, empty rows included: index + 1 = row number; shorter rows end early */
} DaTable;

/* Reads `path`, by content rather than by name. DA_ERROR_INPUT names the file and, where it can, row and column. */
DaTable *da_table_read(const char *path, GError **error);
void da_table_free(DaTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaTable, da_table_free)

/* Text of a cell, 0-based; "" outside. Borrowed. */
const char *da_table_cell(const DaTable *table, guint row, guint column);

/* Writes rows (GPtrArray * of char *) as UTF-8 csv with mark (Excel reads it) and CRLF, durably. Cells that begin with
 * = + - @, tab or return get an
 * apostrophe before them against formula injection. */
gboolean da_table_write_csv(const char *path, const GPtrArray *rows, GError **error);
