#include "list.h"
#include "table_parts.h"

#include <dangan/error.h>
#include <string.h>

/* --- findings ------------------------------------------------------------------------------------------------------------ */

/* A finding about the file, or about a row (0-based) of it. */
static DaFinding *add(const DaList *list, const char *check, gint row, const char *message,
                      const char *message_zh)
{
    const DaRule *rule = da_profile_rule(list->profile, check);
    if (!rule)
        return NULL;
    DaFinding *finding = da_rule_finding(rule, list->subject);
    finding->file = g_strdup(list->table->name);
    finding->row = (guint)(row + 1);
    da_finding_set(&finding->message, "%s", message);
    da_finding_set(&finding->message_zh, "%s", message_zh);
    g_ptr_array_add(list->findings, finding);
    return finding;
}

DaFinding *da_list_add(const DaList *list, const char *check, guint row, guint column,
                       const char *found, const char *message, const char *message_zh)
{
    const DaColumn *wanted = list->form->columns->pdata[column];
    g_autofree char *cell = list->places[column] < 0
                                ? g_strdup("—")
                                : da_table_cell_name(row, (guint)list->places[column]);
    g_autofree char *text = g_strdup_printf("cell %s (%s): %s", cell, wanted->header, message);
    g_autofree char *text_zh =
        g_strdup_printf("单元格 %s（%s）：%s", cell, wanted->header, message_zh);
    DaFinding *finding = add(list, check, (gint)row, text, text_zh);
    if (finding && found)
        da_finding_set(&finding->found, "%s", found);
    return finding;
}

/* --- cells ------------------------------------------------------------------------------------------------------------------ */

static gboolean is_blank(gunichar c)
{
    return g_unichar_isspace(c) || c == 0xFEFF || c == 0x200B;
}

static char *trimmed(const char *text)
{
    const char *end = text + strlen(text);
    while (*text && is_blank(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    while (end > text && is_blank(g_utf8_get_char(g_utf8_prev_char(end))))
        end = g_utf8_prev_char(end);
    return g_strndup(text, (gsize)(end - text));
}

static const char *raw_cell(const DaList *list, guint row, guint column)
{
    gint place = list->places[column];
    return place < 0 ? "" : da_table_cell(list->table, row, (guint)place);
}

char *da_list_text(const DaList *list, guint row, guint column)
{
    const char *raw = raw_cell(list, row, column);
    char *text = trimmed(raw);
    if (*text && strcmp(raw, text))
        da_list_add(list, "list-blanks", row, column, raw, "blanks around the text", "首尾有空格");
    return text;
}

gboolean da_list_row_is_empty(const DaList *list, guint row)
{
    for (guint column = 0; column < list->form->columns->len; column++) {
        g_autofree char *text = trimmed(raw_cell(list, row, column));
        if (*text)
            return FALSE;
    }
    return TRUE;
}

guint da_list_number(const char *text, guint max)
{
    g_autofree char *normal = g_utf8_normalize(text, -1, G_NORMALIZE_NFKC);
    guint64 value = 0;
    if (!normal || !g_ascii_string_to_unsigned(normal, 10, 1, max, &value, NULL))
        return 0;
    return (guint)value;
}

/* --- headers ------------------------------------------------------------------------------------------------------------------ */

/* Without blanks and what stands in brackets behind: "出生日期（YYYYMMDD）" is 出生日期. */
static char *fold_header(const char *text)
{
    g_autofree char *normal = g_utf8_normalize(text, -1, G_NORMALIZE_NFKC);
    GString *folded = g_string_new(NULL);
    for (const char *p = normal ? normal : ""; *p && *p != '('; p = g_utf8_next_char(p))
        if (!is_blank(g_utf8_get_char(p)))
            g_string_append_unichar(folded, g_utf8_get_char(p));
    return g_string_free(folded, FALSE);
}

static gboolean header_is(const char *folded, const char *wanted)
{
    g_autofree char *other = fold_header(wanted);
    return !strcmp(folded, other);
}

static gboolean column_is(const DaColumn *column, const char *folded)
{
    if (header_is(folded, column->header))
        return TRUE;
    for (guint i = 0; i < column->aliases->len; i++)
        if (header_is(folded, column->aliases->pdata[i]))
            return TRUE;
    return FALSE;
}

/* Index of the form's column with this header; -1 = none. */
static gint column_of(const DaListForm *form, const char *header)
{
    g_autofree char *folded = fold_header(header);
    for (guint i = 0; *folded && i < form->columns->len; i++)
        if (column_is(form->columns->pdata[i], folded))
            return (gint)i;
    return -1;
}

/* Fills `places` from a row; returns how many columns it has. `twice` receives the form's column that stands there a second
 * time, -1 = none. */
static guint place_columns(const DaList *list, guint row, gint *places, gint *twice)
{
    guint found = 0;
    *twice = -1;
    for (guint i = 0; i < list->form->columns->len; i++)
        places[i] = -1;
    if (row >= list->table->rows->len)
        return 0;
    const GPtrArray *cells = list->table->rows->pdata[row];
    for (guint c = 0; c < cells->len; c++) {
        gint column = column_of(list->form, cells->pdata[c]);
        if (column < 0)
            continue;
        if (places[column] >= 0) {
            *twice = column;
            continue;
        }
        places[column] = (gint)c;
        found++;
    }
    return found;
}

/* The row that has most columns; 0 columns when no row has any. */
static guint best_row(const DaList *list, guint *columns)
{
    guint best = 0;
    gint twice;
    *columns = 0;
    for (guint row = 0; row < MIN(list->table->rows->len, DA_LIST_HEADER_ROWS); row++) {
        guint found = place_columns(list, row, list->places, &twice);
        if (found > *columns) {
            *columns = found;
            best = row;
        }
    }
    return best;
}

static gboolean find_header(DaList *list, GError **error)
{
    guint columns = 0;
    gint twice;
    list->header_row = best_row(list, &columns);
    place_columns(list, list->header_row, list->places, &twice);
    for (guint i = 0; i < list->form->columns->len; i++) {
        const DaColumn *column = list->form->columns->pdata[i];
        if (!column->required || list->places[i] >= 0)
            continue;
        if (columns == 0)
            return da_error_set(error, DA_ERROR_INPUT,
                                "cannot read '%s': none of its first %u rows is the header row; "
                                "wanted are columns '%s' …",
                                list->table->name, DA_LIST_HEADER_ROWS, column->header);
        return da_error_set(error, DA_ERROR_INPUT, "cannot read '%s': row %u has no column '%s'",
                            list->table->name, list->header_row + 1, column->header);
    }
    if (twice < 0)
        return TRUE;
    const DaColumn *column = list->form->columns->pdata[twice];
    return da_error_set(error, DA_ERROR_INPUT, "cannot read '%s': row %u has column '%s' twice",
                        list->table->name, list->header_row + 1, column->header);
}

/* --- what is not as it should be, but can be read ------------------------------------------------------------------------------ */

static gboolean has_title(const DaList *list)
{
    for (guint row = 0; row < list->header_row; row++) {
        const GPtrArray *cells = list->table->rows->pdata[row];
        for (guint c = 0; c < cells->len; c++) {
            g_autofree char *folded = fold_header(cells->pdata[c]);
            if (header_is(folded, list->form->title))
                return TRUE;
        }
    }
    return FALSE;
}

static void look_at_title(const DaList *list)
{
    if (!list->form->title || has_title(list))
        return;
    DaFinding *finding =
        add(list, "list-header", 0, "the title row is missing or differs", "缺少标题行或标题不符");
    if (!finding)
        return;
    da_finding_set(&finding->found, "%s", da_table_cell(list->table, 0, 0));
    da_finding_set(&finding->wanted, "%s", list->form->title);
}

static void look_at_columns(const DaList *list)
{
    gint last = -1;
    gboolean in_order = TRUE;
    for (guint i = 0; i < list->form->columns->len; i++) {
        const DaColumn *column = list->form->columns->pdata[i];
        if (list->places[i] < 0) {
            DaFinding *finding =
                add(list, "list-header", (gint)list->header_row, "a column is missing", "缺少列");
            if (finding)
                da_finding_set(&finding->wanted, "%s", column->header);
            continue;
        }
        in_order = in_order && list->places[i] > last;
        last = list->places[i];
    }
    if (!in_order)
        add(list, "list-header", (gint)list->header_row,
            "the columns are not in the order of the profile", "各列顺序与规定不符");
}

/* --- opening --------------------------------------------------------------------------------------------------------------------- */

gboolean da_list_open(DaList *list, const char *path, const DaProfile *profile,
                      const DaListForm *form, gboolean exact, const char *subject,
                      GPtrArray *findings, GError **error)
{
    *list = (DaList){.profile = profile, .form = form, .subject = subject, .findings = findings};
    list->table = da_table_read(path, error);
    if (!list->table)
        return FALSE;
    list->places = g_new(gint, form->columns->len);
    if (!find_header(list, error)) {
        da_list_close(list);
        return FALSE;
    }
    if (exact) {
        look_at_title(list);
        look_at_columns(list);
    }
    return TRUE;
}

void da_list_close(DaList *list)
{
    g_clear_pointer(&list->table, da_table_free);
    g_clear_pointer(&list->places, g_free);
}
