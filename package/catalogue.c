#include "list.h"

#include <dangan/error.h>
#include <dangan/handover.h>
#include <string.h>

#define MAX_SEQUENCE 999u
#define MAX_COUNT 100000u

/* One catalogue while it is read. */
typedef struct {
    DaList list;
    const DaScheme *scheme;
    GHashTable *last; /* class code → last sequence */
} Catalogue;

/* Column of the form for a field; -1 = neither form nor file has it. */
static gint place_of(const Catalogue *catalogue, const char *field)
{
    const GPtrArray *columns = catalogue->list.form->columns;
    for (guint i = 0; i < columns->len; i++)
        if (!strcmp(((const DaColumn *)columns->pdata[i])->field, field) &&
            catalogue->list.places[i] >= 0)
            return (gint)i;
    return -1;
}

static char *text_of(const Catalogue *catalogue, guint r, const char *field)
{
    gint column = place_of(catalogue, field);
    return column < 0 ? g_strdup("") : da_list_text(&catalogue->list, r, (guint)column);
}

static void add(const Catalogue *catalogue, const char *check, guint r, const char *field,
                const char *found, const char *wanted, const char *message, const char *message_zh)
{
    gint column = place_of(catalogue, field);
    DaFinding *finding = column < 0 ? NULL
                                    : da_list_add(&catalogue->list, check, r, (guint)column,
                                                  *found ? found : NULL, message, message_zh);
    if (finding && wanted)
        da_finding_set(&finding->wanted, "%s", wanted);
}

/* --- class and sequence -------------------------------------------------------------------------------------------------------- */

static void read_class(const Catalogue *catalogue, guint r, DaMaterial *material)
{
    g_autofree char *text = text_of(catalogue, r, "class");
    const DaClass *class = da_scheme_class(catalogue->scheme, text);
    material->class_code = g_strdup(class ? class->code : "");
    if (!*text)
        add(catalogue, "class-in-scheme", r, "class", text, NULL, "the class is empty", "类号为空");
    else if (!class)
        add(catalogue, "class-in-scheme", r, "class", text, catalogue->scheme->title,
            "the class is not in the scheme", "类号不在分类方案中");
    else if (!class->holds)
        add(catalogue, "class-in-scheme", r, "class", text, NULL,
            "the class holds no materials itself", "此类号下不得直接放材料");
}

static void read_sequence(const Catalogue *catalogue, guint r, DaMaterial *material)
{
    g_autofree char *text = text_of(catalogue, r, "sequence");
    guint last = GPOINTER_TO_UINT(g_hash_table_lookup(catalogue->last, material->class_code));
    g_autofree char *wanted = g_strdup_printf("%u", last + 1);
    material->sequence = da_list_number(text, MAX_SEQUENCE);
    if (!material->sequence)
        add(catalogue, "sequence-without-gap", r, "sequence", text, wanted,
            "the sequence is no number from 1 to 999", "序号不是 1 至 999 的整数");
    else if (material->sequence != last + 1 && *material->class_code)
        add(catalogue, "sequence-without-gap", r, "sequence", text, wanted,
            "the sequence in the class has a gap or repeat", "类内序号不连续或重复");
    g_hash_table_replace(catalogue->last, g_strdup(material->class_code),
                         GUINT_TO_POINTER(material->sequence ? material->sequence : last + 1));
}

/* --- title, date, counts ---------------------------------------------------------------------------------------------------------- */

static gboolean is_placeholder(const Catalogue *catalogue, const char *title)
{
    const DaRule *rule = da_profile_rule(catalogue->list.profile, "title");
    const char *words = rule ? da_rule_text(rule, "placeholders") : NULL;
    if (!words)
        return FALSE;
    g_auto(GStrv) list = g_strsplit_set(words, " \t\r\n", -1);
    return g_strv_contains((const char *const *)list, title);
}

static void read_title(const Catalogue *catalogue, guint r, DaMaterial *material)
{
    char *text = text_of(catalogue, r, "title");
    material->title = text;
    if (!*text)
        add(catalogue, "title", r, "title", text, NULL, "the title is empty", "材料名称为空");
    else if (is_placeholder(catalogue, text))
        add(catalogue, "title", r, "title", text, NULL, "the title is a placeholder",
            "材料名称为占位文字");
}

/* The date in one cell, else in three. */
static char *date_text(const Catalogue *catalogue, guint r)
{
    char *text = text_of(catalogue, r, "formed");
    if (*text)
        return text;
    g_autofree char *year = text_of(catalogue, r, "year");
    g_autofree char *month = text_of(catalogue, r, "month");
    g_autofree char *day = text_of(catalogue, r, "day");
    if (!*year && !*month && !*day)
        return text;
    g_free(text);
    return g_strconcat(year, *month || *day ? "-" : "", month, *day ? "-" : "", day, NULL);
}

static void read_formed(const Catalogue *catalogue, guint r, DaMaterial *material)
{
    g_autofree char *text = date_text(catalogue, r);
    if (!da_date_parse(text, &material->formed, NULL))
        add(catalogue, "formed-date", r, place_of(catalogue, "formed") < 0 ? "year" : "formed",
            text, "YYYY, YYYYMM, YYYYMMDD", "the date cannot be read", "材料形成时间格式有误");
}

static void read_counts(const Catalogue *catalogue, guint r, DaMaterial *material)
{
    g_autofree char *copies = text_of(catalogue, r, "copies");
    g_autofree char *pages = text_of(catalogue, r, "pages");
    material->copies = da_list_number(copies, MAX_COUNT);
    material->pages_claimed = da_list_number(pages, MAX_COUNT);
    if (*copies && !material->copies)
        add(catalogue, "catalogue-count", r, "copies", copies, "≥ 1", "份数 is no positive number",
            "份数不是正整数");
    if (!material->pages_claimed)
        add(catalogue, "catalogue-count", r, "pages", pages, "≥ 1", "页数 is no positive number",
            "页数不是正整数");
}

/* --- the catalogue ------------------------------------------------------------------------------------------------------------------ */

static DaMaterial *read_material(const Catalogue *catalogue, guint r)
{
    DaMaterial *material = da_material_new();
    g_autofree char *note = text_of(catalogue, r, "note");
    material->row = r + 1;
    read_class(catalogue, r, material);
    read_sequence(catalogue, r, material);
    read_title(catalogue, r, material);
    read_formed(catalogue, r, material);
    read_counts(catalogue, r, material);
    if (*note)
        material->note = g_steal_pointer(&note);
    return material;
}

GPtrArray *da_catalogue_read(const char *path, const DaProfile *profile, const char *scheme,
                             const char *subject, GPtrArray *findings, GError **error)
{
    Catalogue catalogue = {.scheme = da_profile_scheme(profile, scheme)};
    if (!catalogue.scheme) {
        da_error_set(error, DA_ERROR_INPUT, "profile '%s' has no class scheme '%s'", profile->name,
                     scheme ? scheme : "");
        return NULL;
    }
    if (!da_list_open(&catalogue.list, path, profile, profile->catalogue, FALSE, subject, findings,
                      error))
        return NULL;
    GPtrArray *materials = g_ptr_array_new_with_free_func((GDestroyNotify)da_material_free);
    catalogue.last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint r = catalogue.list.header_row + 1; r < catalogue.list.table->rows->len; r++)
        if (!da_list_row_is_empty(&catalogue.list, r))
            g_ptr_array_add(materials, read_material(&catalogue, r));
    g_hash_table_unref(catalogue.last);
    da_list_close(&catalogue.list);
    return materials;
}
