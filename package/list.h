/*
 * A list of a profile (handover list or catalogue) as a table whose header row has been found: cells by column of the profile, and
 * findings that name file, row and cell.
 */
#pragma once

#include <dangan/profile.h>
#include <dangan/table.h>

/* A title and some notes may stand above the headers. */
#define DA_LIST_HEADER_ROWS 20u

typedef struct {
    const DaProfile *profile;
    const DaListForm *form;
    const char *subject; /* of findings */
    GPtrArray *findings;
    DaTable *table;
    guint header_row; /* 0-based */
    gint *places;     /* column of the table by column of the form; -1 = not there */
} DaList;

/* Reads the file and finds the header row: the one among the first that has most columns of the form. DA_ERROR_INPUT names file, row
 * and the required column that is missing. `exact`: title, order and optional columns are looked at too (rule list-header). */
gboolean da_list_open(DaList *list, const char *path, const DaProfile *profile,
                      const DaListForm *form, gboolean exact, const char *subject,
                      GPtrArray *findings, GError **error);
void da_list_close(DaList *list);

/* TRUE when no column of the form has text in this row. */
gboolean da_list_row_is_empty(const DaList *list, guint row);
/* Text of a cell without blanks around it (rule list-blanks tells of them); "" where the column is missing. The caller owns it. */
char *da_list_text(const DaList *list, guint row, guint column);
/* A whole number from 1 to `max` in half- or full-width digits; 0 for anything else. */
guint da_list_number(const char *text, guint max);

/* A finding by the rule of `check` about a cell. NULL when the profile has no such rule. Borrowed. `found` NULL = none. */
DaFinding *da_list_add(const DaList *list, const char *check, guint row, guint column,
                       const char *found, const char *message, const char *message_zh);
