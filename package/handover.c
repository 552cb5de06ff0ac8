#include "list.h"

#include <dangan/digest.h>
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
    g_free(row->package_id);
    g_free(row->digest);
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

/* Files or bytes of a package; a spreadsheet may show them in groups of three. */
static guint64 read_count(const DaList *list, guint r, guint column, const char *text)
{
    g_autofree char *plain = g_utf8_normalize(text, -1, G_NORMALIZE_NFKC);
    g_auto(GStrv) groups = g_strsplit_set(plain ? plain : text, ", ", -1);
    g_autofree char *digits = g_strjoinv("", groups);
    guint64 count = 0;
    if (!g_ascii_string_to_unsigned(digits, 10, 1, G_MAXINT64, &count, NULL))
        want(da_list_add(list, "list-format", r, column, text, "the number cannot be read",
                         "数字格式有误"),
             "≥ 1");
    return count;
}

static char *read_digest(const DaList *list, guint r, guint column, const char *text)
{
    g_autofree char *digest = g_ascii_strdown(text, -1);
    if (da_digest_is_valid(digest))
        return g_steal_pointer(&digest);
    want(da_list_add(list, "list-format", r, column, text, "the digest cannot be read",
                     "摘要格式有误"),
         "SHA-256: 0-9 a-f, 64");
    return NULL;
}

/* What a list says of the package itself. FALSE = the column is none of those. */
static gboolean read_package(const DaList *list, guint r, guint column, const char *text,
                             DaHandoverRow *row)
{
    const char *field = ((const DaColumn *)list->form->columns->pdata[column])->field;
    if (!strcmp(field, "package"))
        row->package_id = g_strdup(text);
    else if (!strcmp(field, "files"))
        row->files = read_count(list, r, column, text);
    else if (!strcmp(field, "bytes"))
        row->bytes = read_count(list, r, column, text);
    else if (!strcmp(field, "digest"))
        row->digest = read_digest(list, r, column, text);
    else
        return FALSE;
    return TRUE;
}

static void read_field(const DaList *list, guint r, guint column, const char *text,
                       DaHandoverRow *row)
{
    const DaColumn *wanted = list->form->columns->pdata[column];
    DaField field = da_field_by_name(wanted->field);
    DaOrigin origin = DA_ORIGIN_LIST;
    g_autofree char *number = NULL;
    g_autofree char *source = g_strdup_printf("row %u", r + 1);
    if (read_package(list, r, column, text, row))
        return;
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

/* Column of the list with this field, -1 = none. */
static gint column_named(const DaList *list, const char *field)
{
    for (guint i = 0; i < list->form->columns->len; i++)
        if (!strcmp(((const DaColumn *)list->form->columns->pdata[i])->field, field) &&
            list->places[i] >= 0)
            return (gint)i;
    return -1;
}

static void contradicts(const DaList *list, const char *check, guint r, DaField field,
                        const char *found, const char *wanted, const char *message,
                        const char *message_zh)
{
    gint column = column_named(list, da_field_name(field));
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

/* A list of persons has a row a person, one of packages a row a package. */
static void look_at_duplicate(const DaList *list, guint r, const DaHandoverRow *row,
                              GHashTable *seen)
{
    gboolean of_package = row->package_id != NULL;
    const char *key = of_package ? row->package_id : row->field[DA_FIELD_ID_NUMBER].text;
    gint column = column_named(list, of_package ? "package" : da_field_name(DA_FIELD_ID_NUMBER));
    if (!key || column < 0)
        return;
    guint first = GPOINTER_TO_UINT(g_hash_table_lookup(seen, key));
    if (!first) {
        g_hash_table_insert(seen, (gpointer)key, GUINT_TO_POINTER(row->row));
        return;
    }
    g_autofree char *message =
        g_strdup_printf("row %u has the same %s", first, of_package ? "package id" : "ID number");
    g_autofree char *message_zh =
        g_strdup_printf("与第 %u 行%s相同", first, of_package ? "包标识" : "公民身份号码");
    want(da_list_add(list, "list-duplicates", r, (guint)column, key, message, message_zh),
         of_package ? "one row a package" : "one row a person");
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

static DaHandover *read_list(const char *path, const DaProfile *profile, const DaListForm *form,
                             gboolean of_packages, GPtrArray *findings, GError **error)
{
    DaList list;
    if (!da_list_open(&list, path, profile, form, !of_packages, form->file, findings, error))
        return NULL;
    DaHandover *handover = g_new0(DaHandover, 1);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    handover->file = g_strdup(list.table->name);
    handover->rows = g_ptr_array_new_with_free_func(row_free);
    handover->of_packages = of_packages;
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

DaHandover *da_handover_read(const char *path, const DaProfile *profile, GPtrArray *findings,
                             GError **error)
{
    return read_list(path, profile, profile->handover, FALSE, findings, error);
}

/* --- the list of packages ------------------------------------------------------------------------------------------------------- */

static void add_column(DaListForm *form, const char *header, const char *field, gboolean required)
{
    DaColumn *column = g_new0(DaColumn, 1);
    column->header = g_strdup(header);
    column->field = g_strdup(field);
    column->required = required;
    column->aliases = g_ptr_array_new();
    g_ptr_array_add(form->columns, column);
}

/* The program's own form, the same for every profile: what ingest and import write. */
static const DaListForm *delivery_form(void)
{
    static DaListForm *form;
    if (!form) {
        form = g_new0(DaListForm, 1);
        form->file = g_strdup("delivery");
        form->columns = g_ptr_array_new();
        add_column(form, "id", "package", TRUE);
        add_column(form, "档号", da_field_name(DA_FIELD_ARCHIVAL_NUMBER), FALSE);
        add_column(form, "files", "files", FALSE);
        add_column(form, "bytes", "bytes", FALSE);
        add_column(form, "digest", "digest", TRUE);
    }
    return form;
}

static gboolean is_delivery_list(const char *path, GError **error)
{
    g_autoptr(DaTable) table = da_table_read(path, error);
    gboolean id = FALSE, digest = FALSE;
    const GPtrArray *head = table && table->rows->len ? table->rows->pdata[0] : NULL;
    for (guint i = 0; head && i < head->len; i++) {
        g_autofree char *cell = g_strstrip(g_strdup(head->pdata[i]));
        id = id || !g_ascii_strcasecmp(cell, "id");
        digest = digest || !g_ascii_strcasecmp(cell, "digest");
    }
    return id && digest;
}

DaHandover *da_handover_read_any(const char *path, const DaProfile *profile, GPtrArray *findings,
                                 GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (is_delivery_list(path, &problem))
        return read_list(path, profile, delivery_form(), TRUE, findings, error);
    if (!problem)
        return da_handover_read(path, profile, findings, error);
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

/* --- finding the file ------------------------------------------------------------------------------------------------------------ */

/* xls is found too, so that reading says what to do with it. */
static gboolean is_list(const char *bytes, const char *file)
{
    static const char *const extensions[] = {".xlsx", ".csv", ".xls"};
    g_autofree char *name = da_name_text(bytes);
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
            g_autofree char *one = da_name_text(found), *other = da_name_text(name);
            da_error_set(error, DA_ERROR_CONFLICT,
                         "'%s' holds both '%s' and '%s': remove the one that does not count", shown,
                         one, other);
            return NULL;
        }
        found = name;
    }
    return found ? g_build_filename(folder, found, NULL) : NULL;
}
