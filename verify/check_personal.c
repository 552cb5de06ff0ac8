/*
 * Personal data stands in dossier.xml and OCR alone, so that everything else of a package can be shown to who may not see the
 * person. Source: DESIGN "Package id".
 */
#include "check.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/schema.h>
#include <string.h>

/* One Han character is too common a thing to be recognized as a name. */
#define MIN_NAME_CHARACTERS 2

static gboolean names_person(const char *text, const char *needle, glong min_characters)
{
    return needle && g_utf8_strlen(needle, -1) >= min_characters && strstr(text, needle);
}

static void look(DaCheckRun *run, const DaDossier *dossier, const char *file, const char *text)
{
    if (names_person(text, da_dossier_get(dossier, DA_FIELD_ID_NUMBER), 15))
        da_check_add(run, file, "the ID number stands where it may not",
                     "身份号码出现在不应出现处");
    if (names_person(text, da_dossier_get(dossier, DA_FIELD_NAME), MIN_NAME_CHARACTERS))
        da_check_add(run, file, "the person's name stands where it may not",
                     "姓名出现在不应出现处");
}

/* The operator's own name is allowed in PREMIS and may contain the person's. */
static char *without_operator(const DaDossier *dossier, const char *text)
{
    if (!dossier->operator_name || !*dossier->operator_name)
        return g_strdup(text);
    g_auto(GStrv) parts = g_strsplit(text, dossier->operator_name, -1);
    return g_strjoinv(" ", parts);
}

/* XML may spell a name with character references; then only the parsed text shows it. */
static char *xml_plain(const char *data, gsize size)
{
    g_autoptr(xmlDoc) doc = da_xml_parse(data, size, "XML", NULL);
    if (!doc)
        return NULL;
    xmlChar *out = NULL;
    int length = 0;
    xmlDocDumpMemoryEnc(doc, &out, &length, "UTF-8");
    char *plain = out ? g_strndup((const char *)out, (gsize)length) : NULL;
    xmlFree(out);
    return plain;
}

/* The same for JSON and its \u escapes. */
static char *json_plain(const char *data, gsize size)
{
    json_t *value = json_loadb(data, size, 0, NULL);
    char *plain = value ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    return plain;
}

static void look_into(DaCheckRun *run, const DaDossier *dossier, const DaEntry *entry)
{
    g_autofree char *full = g_build_filename(run->subject->path, entry->path, NULL);
    g_autoptr(GBytes) bytes = da_file_read(full, DA_SUBJECT_MAX_XML_BYTES, NULL);
    if (!bytes && da_check_is_told(run, entry->path))
        return; /* that it cannot be read has been said */
    if (!bytes) {
        da_check_add(run, entry->shown, "the file cannot be searched for personal data",
                     "文件无法检查个人信息");
        return;
    }
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    g_autofree char *plain = g_str_has_suffix(entry->path, ".xml")    ? xml_plain(data, size)
                             : g_str_has_suffix(entry->path, ".json") ? json_plain(data, size)
                                                                      : NULL;
    if (!plain)
        plain = g_strndup(data, size);
    g_autofree char *text = without_operator(dossier, plain);
    look(run, dossier, entry->shown, text);
}

gboolean da_check_personal_data(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    g_autofree char *descriptive = g_strdup_printf("data/%s/metadata/descriptive/", subject->id);
    g_autofree char *representations = g_strdup_printf("data/%s/representations/", subject->id);
    look(run, subject->dossier, NULL, subject->name);
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        g_autofree char *name = g_path_get_basename(entry->shown);
        look(run, subject->dossier, "file name", name);
        if (entry->kind == DA_ENTRY_FILE && !g_str_has_prefix(entry->path, descriptive) &&
            !g_str_has_prefix(entry->path, representations))
            look_into(run, subject->dossier, entry);
    }
    return TRUE;
}
