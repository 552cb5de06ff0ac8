#include "exchange_parts.h"
#include "package_parts.h"
#include "xmlout.h"
#include "zip_write.h"

#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/staging.h>
#include <string.h>

typedef struct {
    const DaDossier *dossier;
    const DaExchangeOptions *options;
    DaExchangeWritten *written;
    const char *name;   /* 姓名 and 公民身份号码 */
    const char *folder; /* of that name, under construction */
} Writing;

void da_exchange_written_clear(DaExchangeWritten *written)
{
    g_clear_pointer(&written->findings, g_ptr_array_unref);
}

char *da_exchange_name(const DaDossier *dossier, GError **error)
{
    const char *person = da_dossier_get(dossier, DA_FIELD_NAME);
    const char *number = da_dossier_get(dossier, DA_FIELD_ID_NUMBER);
    g_autofree char *name = person && number ? g_strconcat(person, number, NULL) : NULL;
    if (name && da_path_is_safe(name) && !strchr(name, '/') && name[0] != '.')
        return g_steal_pointer(&name);
    da_error_set(error, DA_ERROR_INPUT,
                 "cannot write dossier '%s' as GB/T 33870: its name is 姓名 and 公民身份号码, and "
                 "%s",
                 dossier->id ? dossier->id : "(no id)",
                 !person   ? "the name is missing"
                 : !number ? "the ID number is missing"
                           : "they hold what a file name cannot");
    return NULL;
}

/* --- which pages --------------------------------------------------------------------------------------------------------- */

static gboolean has_content(const DaMaterial *material)
{
    for (guint i = 0; i < material->pages->len; i++)
        if (!((const DaPage *)material->pages->pdata[i])->blank)
            return TRUE;
    return FALSE;
}

/* A material of blank sides alone keeps them: an entry without an image is none. */
static gboolean is_written(const Writing *writing, const DaMaterial *material, const DaPage *page)
{
    return !page->blank || writing->options->blanks || !has_content(material);
}

static guint count_written(const Writing *writing, const DaMaterial *material)
{
    guint n = 0;
    for (guint i = 0; i < material->pages->len; i++)
        n += is_written(writing, material, material->pages->pdata[i]);
    return n;
}

static char *image_name(const DaMaterial *material, const DaPage *page, guint number,
                        DaFileKind kind)
{
    g_autofree char *stem = da_page_stem(material->class_code, material->sequence, number);
    return g_strconcat(stem, ".", page->file[kind].extension, NULL);
}

/* --- the XML --------------------------------------------------------------------------------------------------------------- */

/* Digits alone, as far as the date is known. */
static char *date_text(DaDate date)
{
    char *text = da_date_format(date), *to = text;
    for (const char *from = text; *from; from++)
        if (*from != '-')
            *to++ = *from;
    *to = '\0';
    return text;
}

static void put(DaXmlOut *out, DaForm form, const char *text)
{
    da_xmlout_element(out, da_form_name(form), text ? text : "");
}

static void put_person(DaXmlOut *out, const DaDossier *dossier)
{
    DaDate birth = {0};
    da_date_parse(da_dossier_get(dossier, DA_FIELD_BIRTH), &birth, NULL);
    g_autofree char *born = date_text(birth);
    da_xmlout_open(out, da_form_name(DA_FORM_PERSON));
    put(out, DA_FORM_NAME, da_dossier_get(dossier, DA_FIELD_NAME));
    put(out, DA_FORM_SEX, da_dossier_get(dossier, DA_FIELD_SEX));
    put(out, DA_FORM_ETHNICITY, da_dossier_get(dossier, DA_FIELD_ETHNICITY));
    put(out, DA_FORM_BIRTH, born);
    put(out, DA_FORM_ID_NUMBER, da_dossier_get(dossier, DA_FIELD_ID_NUMBER));
    da_xmlout_close(out);
}

static void put_images(DaXmlOut *out, const Writing *writing, const DaMaterial *material,
                       DaForm form, DaFileKind kind)
{
    guint number = 0;
    for (guint i = 0; i < material->pages->len; i++) {
        const DaPage *page = material->pages->pdata[i];
        if (!is_written(writing, material, page))
            continue;
        number++;
        if (!page->file[kind].extension)
            continue;
        g_autofree char *name = image_name(material, page, number, kind);
        put(out, form, name);
    }
}

static void put_entry(DaXmlOut *out, const Writing *writing, const DaMaterial *material)
{
    g_autofree char *class = da_form_class(material->class_code);
    g_autofree char *formed = date_text(material->formed);
    da_xmlout_open(out, da_form_name(DA_FORM_ENTRY));
    put(out, DA_FORM_CLASS, class);
    da_xmlout_elementf(out, da_form_name(DA_FORM_SEQUENCE), "%u", material->sequence);
    put(out, DA_FORM_TITLE, material->title);
    put(out, DA_FORM_FORMED, formed);
    da_xmlout_elementf(out, da_form_name(DA_FORM_PAGES), "%u", count_written(writing, material));
    put(out, DA_FORM_NOTE, material->note);
    put_images(out, writing, material, DA_FORM_ORIGINAL, DA_FILE_MASTER);
    put_images(out, writing, material, DA_FORM_OPTIMISED, DA_FILE_ACCESS);
    da_xmlout_close(out);
}

static gboolean write_xml(const Writing *writing, GError **error)
{
    g_autoptr(DaXmlOut) out = da_xmlout_new();
    da_xmlout_open(out, da_form_name(DA_FORM_ROOT));
    da_xmlout_attribute(out, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    da_xmlout_attribute(out, "xmlns:xsd", "http://www.w3.org/2001/XMLSchema");
    put_person(out, writing->dossier);
    da_xmlout_open(out, da_form_name(DA_FORM_CATALOGUE));
    for (guint i = 0; i < writing->dossier->materials->len; i++)
        put_entry(out, writing, writing->dossier->materials->pdata[i]);
    da_xmlout_close(out);
    g_autoptr(GBytes) xml = da_xmlout_finish(out);
    g_autofree char *file = g_strconcat(writing->name, ".xml", NULL);
    g_autofree char *path = g_build_filename(writing->folder, file, NULL);
    gsize size = 0;
    const void *data = g_bytes_get_data(xml, &size);
    return da_file_write(path, data, size, error);
}

/* --- images ---------------------------------------------------------------------------------------------------------------- */

static char *images_folder(const Writing *writing, DaForm form)
{
    return g_build_filename(writing->folder, DA_FORM_IMAGES, da_form_name(form), NULL);
}

/* A zip is packed from links; a folder leaves the house, so that its files must not be those of the package. */
static gboolean place_file(const Writing *writing, const DaPage *page, DaFileKind kind,
                           const char *place, GError **error)
{
    const DaPageFile *file = &page->file[kind];
    DaDigest digest;
    gboolean placed = writing->options->folder ? da_file_copy(file->path, place, error)
                                               : da_file_link_or_copy(file->path, place, error);
    if (!placed || !da_digest_file(place, &digest, NULL, error)) {
        g_prefix_error(error, "cannot export %s of page '%s': ", da_file_kind_name(kind),
                       page->stem);
        return FALSE;
    }
    return !g_strcmp0(digest.hex, file->sha256) ||
           da_error_set(error, DA_ERROR_INPUT,
                        "cannot export %s of page '%s': the file has changed since it was recorded "
                        "(digest %s, recorded %s); check the package with dangan verify",
                        da_file_kind_name(kind), page->stem, digest.hex,
                        file->sha256 ? file->sha256 : "none");
}

static gboolean place_page(const Writing *writing, const DaMaterial *material, const DaPage *page,
                           guint number, GError **error)
{
    static const struct {
        DaForm form;
        DaFileKind kind;
    } sets[] = {{DA_FORM_ORIGINAL, DA_FILE_MASTER}, {DA_FORM_OPTIMISED, DA_FILE_ACCESS}};
    if (!page->file[DA_FILE_MASTER].extension)
        return da_error_set(error, DA_ERROR_INPUT,
                            "cannot export page '%s': the package has no master of it", page->stem);
    writing->written->not_jpeg += strcmp(page->file[DA_FILE_MASTER].extension, "jpg") != 0;
    for (guint i = 0; i < G_N_ELEMENTS(sets); i++) {
        if (!page->file[sets[i].kind].extension)
            continue;
        g_autofree char *folder = images_folder(writing, sets[i].form);
        g_autofree char *name = image_name(material, page, number, sets[i].kind);
        g_autofree char *place = g_build_filename(folder, name, NULL);
        if (!place_file(writing, page, sets[i].kind, place, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean place_material(const Writing *writing, const DaMaterial *material, GError **error)
{
    guint number = 0;
    for (guint i = 0; i < material->pages->len; i++) {
        const DaPage *page = material->pages->pdata[i];
        if (!is_written(writing, material, page))
            writing->written->blanks_left_out++;
        else if (!place_page(writing, material, page, ++number, error))
            return FALSE;
    }
    writing->written->pages += number;
    return TRUE;
}

static gboolean place_images(const Writing *writing, GError **error)
{
    g_autofree char *originals = images_folder(writing, DA_FORM_ORIGINAL);
    g_autofree char *optimised = images_folder(writing, DA_FORM_OPTIMISED);
    if (!da_dir_make(originals, error) || !da_dir_make(optimised, error))
        return FALSE;
    for (guint i = 0; i < writing->dossier->materials->len; i++)
        if (!place_material(writing, writing->dossier->materials->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* --- reading back ---------------------------------------------------------------------------------------------------------- */

/* Rules on the form itself; the others speak of what the dossier does not have. */
static gboolean is_of_the_form(const DaFinding *finding)
{
    static const char *const rules[] = {"XML-001", "XML-002", "XML-004", "PKG-001", "PKG-002",
                                        "PKG-003", "PKG-004", "PKG-005", "IMG-010", "IMG-011"};
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++)
        if (!strcmp(finding->rule, rules[i]))
            return TRUE;
    return FALSE;
}

static gboolean is_same_material(const Writing *writing, const DaMaterial *wrote,
                                 const DaMaterial *read)
{
    return !g_strcmp0(wrote->class_code, read->class_code) && wrote->sequence == read->sequence &&
           !g_strcmp0(wrote->title, read->title) &&
           !memcmp(&wrote->formed, &read->formed, sizeof wrote->formed) &&
           count_written(writing, wrote) == read->pages->len;
}

static gboolean is_same_dossier(const Writing *writing, const DaDossier *read)
{
    const GPtrArray *wrote = writing->dossier->materials;
    if (!read || read->materials->len != wrote->len)
        return FALSE;
    for (guint i = 0; i < wrote->len; i++)
        if (!is_same_material(writing, wrote->pdata[i], read->materials->pdata[i]))
            return FALSE;
    return TRUE;
}

static gboolean read_back(const Writing *writing, GError **error)
{
    const DaProfile *profile = writing->options->profile;
    const char *scheme =
        da_profile_scheme(profile, writing->dossier->scheme) ? writing->dossier->scheme : NULL;
    g_autoptr(DaExchange) exchange =
        da_exchange_read_as(writing->name, writing->folder, NULL, profile, scheme, error);
    if (!exchange)
        return FALSE;
    for (guint i = 0; i < exchange->findings->len; i++) {
        const DaFinding *finding = exchange->findings->pdata[i];
        if (is_of_the_form(finding))
            return da_error_set(error, DA_ERROR_SYSTEM,
                                "the exchange of dossier '%s' does not read back: %s %s",
                                writing->dossier->id, finding->rule, finding->message);
    }
    if (exchange->usable && !is_same_dossier(writing, exchange->dossier))
        return da_error_set(error, DA_ERROR_SYSTEM,
                            "the exchange of dossier '%s' reads back as another catalogue",
                            writing->dossier->id);
    g_ptr_array_extend_and_steal(writing->written->findings, g_ptr_array_ref(exchange->findings));
    return TRUE;
}

static gboolean make_folder(Writing *writing, GError **error)
{
    return place_images(writing, error) && write_xml(writing, error) && read_back(writing, error);
}

static gboolean write_as_folder(Writing *writing, const char *path, GError **error)
{
    g_autoptr(DaStaging) staging = da_staging_new(path, error);
    if (!staging)
        return FALSE;
    writing->folder = da_staging_path(staging);
    if (!make_folder(writing, error))
        return FALSE;
    da_fault_point("exchange.staged");
    return da_staging_commit(staging, writing->options->replace, error);
}

/* The tree that is packed lies beside the zip and goes again. */
static gboolean write_as_zip(Writing *writing, const char *path, GError **error)
{
    g_autofree char *tree = g_strconcat(path, ".tree", NULL);
    g_autoptr(DaStaging) staging = da_staging_new(tree, error);
    if (!staging)
        return FALSE;
    g_autofree char *folder = g_build_filename(da_staging_path(staging), writing->name, NULL);
    writing->folder = folder;
    if (!da_dir_make(folder, error) || !make_folder(writing, error))
        return FALSE;
    da_fault_point("exchange.staged");
    return da_zip_write(da_staging_path(staging), path, writing->dossier->created,
                        writing->options->replace, error);
}

gboolean da_exchange_write(const DaDossier *dossier, const char *path,
                           const DaExchangeOptions *options, DaExchangeWritten *written,
                           GError **error)
{
    *written = (DaExchangeWritten){
        .findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free)};
    g_autofree char *name = da_exchange_name(dossier, error);
    g_autofree char *shown = g_filename_display_name(path);
    Writing writing = {.dossier = dossier, .options = options, .written = written, .name = name};
    if (!name)
        return FALSE;
    if (!options->replace && g_file_test(path, G_FILE_TEST_EXISTS))
        return da_error_set(error, DA_ERROR_CONFLICT, "cannot make '%s': it exists already", shown);
    return options->folder ? write_as_folder(&writing, path, error)
                           : write_as_zip(&writing, path, error);
}
