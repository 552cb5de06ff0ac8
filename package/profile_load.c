#include "profile_class.h"
#include "profile_forms.h"
#include "profile_include.h"
#include "profile_list.h"
#include "profile_nature.h"
#include "xmlin.h"

#include <dangan/datadir.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/profile.h>
#include <dangan/schema.h>
#include <string.h>

#define PROFILE_MAX_BYTES ((gsize)4 << 20)
#define PROFILE_SUFFIX ".xml"

/* --- from XML: the document has been validated ------------------------------------------------------------------------ */

static GPtrArray *read_aliases(const xmlNode *node)
{
    GPtrArray *aliases = g_ptr_array_new_with_free_func(g_free);
    for (const xmlNode *child = da_xmlin_first(node); child; child = da_xmlin_next(child))
        g_ptr_array_add(aliases, da_xmlin_text(child));
    return aliases;
}

static DaClass *read_class(const xmlNode *node)
{
    DaClass *class = g_new0(DaClass, 1);
    g_autofree char *holds = da_xmlin_attribute(node, "holds");
    class->code = da_xmlin_attribute(node, "code");
    class->printed = da_xmlin_attribute(node, "printed");
    class->name = da_xmlin_attribute(node, "name");
    class->holds = !holds || da_xmlin_flag(node, "holds");
    class->aliases = read_aliases(node);
    return class;
}

static DaScheme *read_scheme(const xmlNode *node)
{
    DaScheme *scheme = g_new0(DaScheme, 1);
    scheme->name = da_xmlin_attribute(node, "name");
    scheme->title = da_xmlin_attribute(node, "title");
    scheme->classes = g_ptr_array_new_with_free_func(da_profile_class_free);
    for (const xmlNode *child = da_xmlin_first(node); child; child = da_xmlin_next(child))
        g_ptr_array_add(scheme->classes, read_class(child));
    return scheme;
}

static DaColumn *read_column(const xmlNode *node)
{
    DaColumn *column = g_new0(DaColumn, 1);
    column->header = da_xmlin_attribute(node, "header");
    column->field = da_xmlin_attribute(node, "field");
    column->required = da_xmlin_flag(node, "required");
    column->aliases = read_aliases(node);
    return column;
}

static DaListForm *read_form(const xmlNode *node)
{
    DaListForm *form = g_new0(DaListForm, 1);
    form->file = da_xmlin_attribute(node, "file");
    form->title = da_xmlin_attribute(node, "title");
    form->columns = g_ptr_array_new_with_free_func(da_profile_column_free);
    for (const xmlNode *child = da_xmlin_first(node); child; child = da_xmlin_next(child))
        g_ptr_array_add(form->columns, read_column(child));
    return form;
}

static void read_rule_part(DaRule *rule, const xmlNode *node)
{
    const struct {
        const char *name;
        char **member;
    } texts[] = {
        {"title", &rule->title},   {"title-zh", &rule->title_zh}, {"clause", &rule->clause},
        {"source", &rule->source}, {"mend", &rule->mend},         {"mend-zh", &rule->mend_zh},
    };
    if (da_xmlin_is(node, "parameter")) {
        g_hash_table_insert(rule->parameters, da_xmlin_attribute(node, "name"),
                            da_xmlin_text(node));
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        if (da_xmlin_is(node, texts[i].name))
            *texts[i].member = da_xmlin_text(node);
}

static char *attribute_or(const xmlNode *node, const char *name, const char *otherwise)
{
    char *text = da_xmlin_attribute(node, name);
    return text ? text : g_strdup(otherwise);
}

static DaRule *read_rule(const xmlNode *node, const char *profile)
{
    DaRule *rule = g_new0(DaRule, 1);
    g_autofree char *severity = da_xmlin_attribute(node, "severity");
    rule->id = da_xmlin_attribute(node, "id");
    rule->check = da_xmlin_attribute(node, "check");
    rule->mode = attribute_or(node, "mode", "automatic");
    rule->scope = attribute_or(node, "scope", "package");
    rule->item = da_xmlin_attribute(node, "item");
    rule->profile = g_strdup(profile);
    rule->parameters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    da_severity_by_name(severity, &rule->severity);
    for (const xmlNode *child = da_xmlin_first(node); child; child = da_xmlin_next(child))
        read_rule_part(rule, child);
    return rule;
}

/* Profiles of before scanning say nothing of it; the standards are those of profile.xsd. */
static void read_scan_settings(DaProfile *profile, const xmlNode *images)
{
    g_autofree char *format = da_xmlin_attribute(images, "scan-format");
    profile->scan_lossless = format && !strcmp(format, "tiff");
    profile->scan_quality = (guint)da_xmlin_number(images, "scan-quality");
    profile->scan_dpi = (guint)da_xmlin_number(images, "scan-dpi");
    if (!profile->scan_quality)
        profile->scan_quality = 92;
    if (!profile->scan_dpi)
        profile->scan_dpi = 300;
}

static void read_part(DaProfile *profile, const xmlNode *node)
{
    const xmlNode *first = da_xmlin_first(node);
    if (da_xmlin_is(node, "title"))
        profile->title = da_xmlin_text(node);
    else if (da_xmlin_is(node, "title-zh"))
        profile->title_zh = da_xmlin_text(node);
    else if (da_xmlin_is(node, "handover"))
        profile->handover = read_form(node);
    else if (da_xmlin_is(node, "catalogue"))
        profile->catalogue = read_form(node);
    else if (da_xmlin_is(node, "schemes"))
        for (; first; first = da_xmlin_next(first))
            g_ptr_array_add(profile->schemes, read_scheme(first));
    else if (da_xmlin_is(node, "lists"))
        for (; first; first = da_xmlin_next(first))
            g_ptr_array_add(profile->lists, da_profile_list_read(first));
    else if (da_xmlin_is(node, "natures"))
        for (; first; first = da_xmlin_next(first))
            g_ptr_array_add(profile->natures, da_profile_nature_read(first));
    else if (da_xmlin_is(node, "rules"))
        for (; first; first = da_xmlin_next(first))
            g_ptr_array_add(profile->rules, read_rule(first, profile->name));
    if (da_xmlin_is(node, "forms"))
        da_profile_forms_read(profile->forms, node);
    if (da_xmlin_is(node, "images")) {
        g_autofree char *format = da_xmlin_attribute(node, "access-format");
        profile->access_lossless = !g_strcmp0(format, "png");
        profile->access_quality = (guint)da_xmlin_number(node, "access-quality");
        profile->assumed_dpi = (guint)da_xmlin_number(node, "assumed-dpi");
        g_autofree char *blanks = da_xmlin_attribute(node, "exchange-blanks");
        profile->exchange_blanks = !g_strcmp0(blanks, "keep");
        read_scan_settings(profile, node);
    }
}

static DaJudged read_judged(const xmlNode *root)
{
    static const char *const names[] = {"package", "bag", "information-package", "exchange"};
    g_autofree char *judges = da_xmlin_attribute(root, "judges");
    for (guint i = 0; judges && i < G_N_ELEMENTS(names); i++)
        if (!strcmp(judges, names[i]))
            return (DaJudged)i;
    return DA_JUDGED_PACKAGE;
}

static DaProfile *read_profile(const xmlNode *root, GBytes *xml)
{
    DaProfile *profile = g_new0(DaProfile, 1);
    profile->judges = read_judged(root);
    profile->lists = g_ptr_array_new_with_free_func(da_profile_list_free);
    profile->natures = g_ptr_array_new_with_free_func(da_profile_nature_free);
    profile->schemes = g_ptr_array_new_with_free_func(da_profile_scheme_free);
    profile->rules = g_ptr_array_new_with_free_func(da_profile_rule_free);
    profile->forms = da_profile_forms_new();
    profile->xml = g_bytes_ref(xml);
    profile->name = da_xmlin_attribute(root, "name");
    profile->version = da_xmlin_attribute(root, "version");
    for (const xmlNode *node = da_xmlin_first(root); node; node = da_xmlin_next(node))
        read_part(profile, node);
    return profile;
}

/* --- what a schema cannot say ------------------------------------------------------------------------------------------ */

static gboolean look_at_form_of(GHashTable *seen, const DaScheme *scheme, DaClass *class,
                                const char *text, GError **error)
{
    char *folded = da_class_fold(text);
    const DaClass *other = g_hash_table_lookup(seen, folded);
    g_hash_table_insert(seen, folded, class);
    return !other || other == class ||
           da_error_set(error, DA_ERROR_INPUT, "scheme '%s': '%s' means both class %s and class %s",
                        scheme->name, text, other->code, class->code);
}

static gboolean look_at_scheme(const DaScheme *scheme, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < scheme->classes->len; i++) {
        DaClass *class = scheme->classes->pdata[i];
        if (!look_at_form_of(seen, scheme, class, class->code, error) ||
            !look_at_form_of(seen, scheme, class, class->printed, error))
            return FALSE;
        for (guint k = 0; k < class->aliases->len; k++)
            if (!look_at_form_of(seen, scheme, class, class->aliases->pdata[k], error))
                return FALSE;
    }
    return TRUE;
}

static gboolean look_at_form(const char *what, const DaListForm *form, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < form->columns->len; i++) {
        const DaColumn *column = form->columns->pdata[i];
        if (!g_hash_table_add(seen, column->field))
            return da_error_set(error, DA_ERROR_INPUT, "%s: two columns for field '%s'", what,
                                column->field);
    }
    return TRUE;
}

/* Parts may come from includes, so that their absence shows only here. */
static gboolean has_parts(const DaProfile *profile, GError **error)
{
    const char *missing = !profile->schemes->len     ? "schemes"
                          : !profile->handover       ? "handover"
                          : !profile->catalogue      ? "catalogue"
                          : !profile->access_quality ? "images"
                                                     : NULL;
    return !missing || da_error_set(error, DA_ERROR_INPUT,
                                    "it neither has nor includes the part '%s'", missing);
}

static gboolean look_at_profile(const DaProfile *profile, GError **error)
{
    if (!has_parts(profile, error))
        return FALSE;
    for (guint i = 0; i < profile->lists->len; i++)
        if (!da_profile_list_look_at(profile->lists->pdata[i], error))
            return FALSE;
    for (guint i = 0; i < profile->schemes->len; i++)
        if (!look_at_scheme(profile->schemes->pdata[i], error))
            return FALSE;
    return look_at_form("handover", profile->handover, error) &&
           look_at_form("catalogue", profile->catalogue, error) &&
           da_profile_forms_look_at(profile, error) && da_profile_nature_look_at(profile, error);
}

/* --- finding the file -------------------------------------------------------------------------------------------------- */

/* The path of a named profile in `folder`, when there is such a file. */
static char *in_folder(const char *folder, const char *name)
{
    if (!folder || strchr(name, G_DIR_SEPARATOR))
        return NULL;
    g_autofree char *file = g_strconcat(name, PROFILE_SUFFIX, NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    return g_file_test(path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer(&path) : NULL;
}

static void add_names(GPtrArray *names, const char *folder)
{
    g_autoptr(GPtrArray) files = folder ? da_dir_list(folder, NULL) : NULL;
    for (guint i = 0; files && i < files->len; i++) {
        const char *file = files->pdata[i];
        if (!g_str_has_suffix(file, PROFILE_SUFFIX))
            continue;
        g_autofree char *name = g_strndup(file, strlen(file) - strlen(PROFILE_SUFFIX));
        if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
            g_ptr_array_add(names, g_filename_display_name(name));
    }
}

static void set_not_found(const char *name, const char *profile_dir, const char *shipped,
                          GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *shown = g_filename_display_name(name);
    add_names(names, profile_dir);
    add_names(names, shipped);
    g_ptr_array_add(names, NULL);
    g_autofree char *list = g_strjoinv(", ", (char **)names->pdata);
    da_error_set(
        error, DA_ERROR_NOT_FOUND,
        "cannot find profile '%s': there is no profile and no file of this name; there are: %s",
        shown, *list ? list : "none");
}

static char *find(const char *name, const char *profile_dir, GError **error)
{
    g_autofree char *shipped = da_datadir_path("profiles", NULL);
    char *path = in_folder(profile_dir, name);
    if (!path)
        path = in_folder(shipped, name);
    if (!path && g_file_test(name, G_FILE_TEST_IS_REGULAR))
        path = g_strdup(name);
    if (!path)
        set_not_found(name, profile_dir, shipped, error);
    return path;
}

/* --- loading --------------------------------------------------------------------------------------------------------- */

static gboolean validate(xmlDoc *doc, GError **error)
{
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
    if (!da_schema_validate(DA_SCHEMA_PROFILE, doc, faults, error))
        return FALSE;
    return !faults->len ||
           da_error_set(error, DA_ERROR_INPUT, "%s", (const char *)faults->pdata[0]);
}

static xmlDoc *read_file(const char *path, GBytes **xml, GError **error)
{
    g_autoptr(GBytes) bytes = da_file_read(path, PROFILE_MAX_BYTES, error);
    if (!bytes)
        return NULL;
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    g_autoptr(xmlDoc) doc = da_xml_parse(data, size, "profile", error);
    if (!doc || !validate(doc, error))
        return NULL;
    if (xml)
        *xml = g_steal_pointer(&bytes);
    return g_steal_pointer(&doc);
}

/* A profile that another one includes: by its name alone, beside the other one or where profiles are. */
static xmlDoc *find_included(const char *name, const char *from, gpointer data, char **path,
                             GError **error)
{
    g_autofree char *beside = g_path_get_dirname(from);
    g_autofree char *shipped = da_datadir_path("profiles", NULL);
    const char *const folders[] = {beside, data, shipped};
    for (guint i = 0; i < G_N_ELEMENTS(folders) && !*path; i++)
        *path = in_folder(folders[i], name);
    if (!*path) {
        set_not_found(name, data, shipped, error);
        return NULL;
    }
    return read_file(*path, NULL, error);
}

/* The document with its includes in place, as bytes. */
static GBytes *whole(xmlDoc *doc)
{
    xmlChar *text = NULL;
    int size = 0;
    xmlDocDumpMemoryEnc(doc, &text, &size, "UTF-8");
    return g_bytes_new_with_free_func(text, (gsize)size, xmlFree, text);
}

static DaProfile *load(const char *path, const char *profile_dir, GError **error)
{
    g_autoptr(GBytes) xml = NULL;
    g_autoptr(xmlDoc) doc = read_file(path, &xml, error);
    gboolean changed = FALSE;
    if (!doc ||
        !da_profile_include(doc, path, find_included, (gpointer)profile_dir, &changed, error))
        return NULL;
    if (changed) {
        if (!validate(doc, error))
            return NULL;
        g_bytes_unref(xml);
        xml = whole(doc);
    }
    g_autoptr(DaProfile) profile = read_profile(xmlDocGetRootElement(doc), xml);
    return look_at_profile(profile, error) ? g_steal_pointer(&profile) : NULL;
}

DaProfile *da_profile_load(const char *name_or_path, const char *profile_dir, GError **error)
{
    g_autofree char *path = find(name_or_path, profile_dir, error);
    if (!path)
        return NULL;
    DaProfile *profile = load(path, profile_dir, error);
    if (!profile) {
        g_autofree char *shown = g_filename_display_name(path);
        g_prefix_error(error, "cannot use profile '%s': ", shown);
    }
    return profile;
}
