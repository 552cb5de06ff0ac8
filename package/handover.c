#include "list.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handover.h>
#include <dangan/identity.h>
#include <string.h>

#define MAX_PAGES 100000u

static void row_free(gpointer data)
{
    DaHandoverRow *row = data;
    for (DaField field = 0; field < DA_FIELD_N; field++)
        da_value_clear(&row->field[field]);
    g_free(row);
}

void da_handover_free(DaHandover *handover)
{
    if (!handover)
        return;
    g_free(handover->file);
    g_ptr_array_unref(handover->rows);
    g_free(handover);
}

/* --- one cell -------------------------------------------------------------------------------------------------------------- */

static void want(DaFinding *finding, const char *wanted)
{
    if (finding)
        da_finding_set(&finding->wanted, "%s", wanted);
}

/* A number of the old form is carried on as the number of 18 characters that it stands for. */
static char *read_id_number(const DaList *list, guint r, guint column, const char *text,
                            DaOrigin *origin)
{
    char *number = da_id_number_normalize(text);
    if (da_id_number_check(number) == DA_IDENTITY_OLD_FORM) {
        char *upgraded = da_id_number_upgrade(number);
        if (upgraded) {
            want(da_list_add(list, "id-number-old-form", r, column, text,
                             "an ID number of the old form", "旧 15 位身份证号码"),
                 upgraded);
            *origin = DA_ORIGIN_DERIVED;
            g_free(number);
            return upgraded;
        }
    }
    g_autofree char *fault = da_id_number_fault_text(number);
    if (fault)
        want(da_list_add(list, "id-number", r, column, text, "the ID number is wrong",
                         "公民身份号码有误"),
             fault);
    return number;
}

static void look_at_date(const DaList *list, guint r, guint column, const char *text)
{
    DaDate date;
    g_autoptr(GError) fault = NULL;
    if (!da_date_parse(text, &date, &fault))
        want(da_list_add(list, "list-format", r, column, text, "the date cannot be read",
                         "日期格式有误"),
             "YYYYMMDD");
}

static void read_pages(const DaList *list, guint r, guint column, const char *text,
                       DaHandoverRow *row)
{
    row->pages = da_list_number(text, MAX_PAGES);
    if (!row->pages)
        want(da_list_add(list, "list-format", r, column, text, "页数 is no positive number",
                         "页数不是正整数"),
             "≥ 1");
}

static void read_field(const DaList *list, guint r, guint column, const char *text,
                       DaHandoverRow *row)
{
    const DaColumn *wanted = list->form->columns->pdata[column];
    DaField field = da_field_by_name(wanted->field);
    DaOrigin origin = DA_ORIGIN_LIST;
    g_autofree char *number = NULL;
    g_autofree char *source = g_strdup_printf("row %u", r + 1);
    if (!strcmp(wanted->field, "pages"))
        read_pages(list, r, column, text, row);
    if (field == DA_FIELD_N)
        return;
    if (field == DA_FIELD_ID_NUMBER)
        number = read_id_number(list, r, column, text, &origin);
    else if (da_field_is_date(field))
        look_at_date(list, r, column, text);
    da_value_set(&row->field[field], field, number ? number : text, origin, source);
}

/* --- one row ------------------------------------------------------------------------------------------------------------------ */

static gint column_of_field(const DaList *list, DaField field)
{
    for (guint i = 0; i < list->form->columns->len; i++) {
        const DaColumn *column = list->form->columns->pdata[i];
        if (!strcmp(column->field, da_field_name(field)) && list->places[i] >= 0)
            return (gint)i;
    }
    return -1;
}

static void contradicts(const DaList *list, const char *check, guint r, DaField field,
                        const char *found, const char *wanted, const char *message,
                        const char *message_zh)
{
    gint column = column_of_field(list, field);
    if (column >= 0)
        want(da_list_add(list, check, r, (guint)column, found, message, message_zh), wanted);
}

/* A number that is itself wrong says nothing about sex or birth. */
static void look_at_person(const DaList *list, guint r, const DaHandoverRow *row)
{
    const char *number = row->field[DA_FIELD_ID_NUMBER].text;
    const char *sex = row->field[DA_FIELD_SEX].text;
    const char *birth = row->field[DA_FIELD_BIRTH].text;
    DaDate date;
    if (!number || da_id_number_check(number) != DA_IDENTITY_OK)
        return;
    if (sex && strcmp(sex, da_id_number_sex(number)))
        contradicts(list, "sex-matches-id", r, DA_FIELD_SEX, sex, da_id_number_sex(number),
                    "sex is not what the ID number says", "性别与公民身份号码不符");
    if (birth && da_date_parse(birth, &date, NULL) &&
        da_date_compare(date, da_id_number_birth(number))) {
        g_autofree char *wanted = da_date_format(da_id_number_birth(number));
        contradicts(list, "birth-matches-id", r, DA_FIELD_BIRTH, birth, wanted,
                    "the birth date is not that of the ID number", "出生日期与公民身份号码不符");
    }
}

static void look_at_duplicate(const DaList *list, guint r, const DaHandoverRow *row,
                              GHashTable *seen)
{
    const char *number = row->field[DA_FIELD_ID_NUMBER].text;
    if (!number)
        return;
    guint first = GPOINTER_TO_UINT(g_hash_table_lookup(seen, number));
    if (!first) {
        g_hash_table_insert(seen, (gpointer)number, GUINT_TO_POINTER(row->row));
        return;
    }
    g_autofree char *message = g_strdup_printf("row %u has the same ID number", first);
    g_autofree char *message_zh = g_strdup_printf("与第 %u 行公民身份号码相同", first);
    contradicts(list, "list-duplicates", r, DA_FIELD_ID_NUMBER, number, "one row a person", message,
                message_zh);
}

static DaHandoverRow *read_row(const DaList *list, guint r)
{
    DaHandoverRow *row = g_new0(DaHandoverRow, 1);
    row->row = r + 1;
    for (guint column = 0; column < list->form->columns->len; column++) {
        const DaColumn *wanted = list->form->columns->pdata[column];
        g_autofree char *text = da_list_text(list, r, column);
        if (*text)
            read_field(list, r, column, text, row);
        else if (wanted->required)
            da_list_add(list, "list-required", r, column, NULL, "the cell is empty", "未填写");
    }
    look_at_person(list, r, row);
    return row;
}

/* --- the list ------------------------------------------------------------------------------------------------------------------ */

DaHandover *da_handover_read(const char *path, const DaProfile *profile, GPtrArray *findings,
                             GError **error)
{
    DaList list;
    const DaListForm *form = profile->handover;
    if (!da_list_open(&list, path, profile, form, TRUE, form->file, findings, error))
        return NULL;
    DaHandover *handover = g_new0(DaHandover, 1);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    handover->file = g_strdup(list.table->name);
    handover->rows = g_ptr_array_new_with_free_func(row_free);
    for (guint r = list.header_row + 1; r < list.table->rows->len; r++) {
        if (da_list_row_is_empty(&list, r))
            continue;
        DaHandoverRow *row = read_row(&list, r);
        g_ptr_array_add(handover->rows, row);
        look_at_duplicate(&list, r, row, seen);
    }
    da_list_close(&list);
    return handover;
}

/* --- finding the file ------------------------------------------------------------------------------------------------------------ */

/* xls is found too, so that reading says what to do with it. */
static gboolean is_list(const char *name, const char *file)
{
    static const char *const extensions[] = {".xlsx", ".csv", ".xls"};
    gsize length = strlen(file);
    if (strncmp(name, file, length))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(extensions); i++)
        if (!g_ascii_strcasecmp(name + length, extensions[i]))
            return TRUE;
    return FALSE;
}

char *da_list_find(const char *folder, const DaListForm *form, GError **error)
{
    g_autoptr(GPtrArray) names = da_dir_list(folder, error);
    const char *found = NULL;
    for (guint i = 0; names && i < names->len; i++) {
        const char *name = names->pdata[i];
        if (!is_list(name, form->file))
            continue;
        if (found) {
            g_autofree char *shown = g_filename_display_name(folder);
            da_error_set(error, DA_ERROR_CONFLICT,
                         "'%s' holds both '%s' and '%s': remove the one that does not count", shown,
                         found, name);
            return NULL;
        }
        found = name;
    }
    return found ? g_build_filename(folder, found, NULL) : NULL;
}
