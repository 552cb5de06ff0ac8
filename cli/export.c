#include "cli.h"

#include <dangan/archive.h>
#include <dangan/carrier.h>
#include <dangan/container.h>
#include <dangan/error.h>
#include <dangan/exchange.h>
#include <dangan/file.h>
#include <dangan/ocfl.h>
#include <dangan/package.h>
#include <dangan/pdf.h>
#include <dangan/retrieve.h>
#include <dangan/staging.h>
#include <stdio.h>
#include <string.h>

#define VERB "export"
#define SEE "see dangan export --help"

typedef struct {
    char *form, *out, *archive, *profile, *profile_dir;
    int version;
    gboolean folder, blanks, replace, json;
} Options;

/* One package in hand: folders of its versions, oldest first; the last one is what is exported. */
typedef struct {
    const Options *options;
    DaStaging *aside;   /* where what is no folder yet is put together; NULL = nothing had to be */
    GPtrArray *folders; /* char * */
    DaDossier *dossier;
    DaProfile *profile;
    char *path; /* what is written */
    json_t *summary;
    guint findings;
} Export;

static void options_clear(Options *options)
{
    g_free(options->form);
    g_free(options->out);
    g_free(options->archive);
    g_free(options->profile);
    g_free(options->profile_dir);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static void export_clear(Export *export)
{
    g_clear_pointer(&export->aside, da_staging_free);
    g_clear_pointer(&export->folders, g_ptr_array_unref);
    g_clear_pointer(&export->dossier, da_dossier_free);
    g_clear_pointer(&export->profile, da_profile_free);
    g_clear_pointer(&export->path, g_free);
    g_clear_pointer(&export->summary, json_decref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Export, export_clear)

static void tell(Export *export, const char *name, guint64 value)
{
    json_object_set_new(export->summary, name, json_integer((json_int_t)value));
}

/* --- the forms -------------------------------------------------------------------------------------------------------- */

/* A file goes into a folder that is there already, under its usual name. */
static char *place_in(const char *out, const char *name, const char *suffix)
{
    g_autofree char *file = g_strconcat(name, suffix, NULL);
    return g_build_filename(out, file, NULL);
}

/* PATH ending in .zip is the zip; else it is the folder that receives zip or folder under the name that the form gives them. */
static char *exchange_place(const Export *export, gboolean *folder, GError **error)
{
    const char *out = export->options->out;
    *folder = export->options->folder;
    if (!*folder && g_str_has_suffix(out, ".zip") && !g_file_test(out, G_FILE_TEST_IS_DIR))
        return g_strdup(out);
    g_autofree char *name = da_exchange_name(export->dossier, error);
    if (!name || !da_dir_make(out, error))
        return NULL;
    return place_in(out, name, *folder ? "" : ".zip");
}

static void keep_findings(Export *export, const GPtrArray *findings)
{
    json_t *list = json_array();
    for (guint i = 0; i < findings->len; i++) {
        json_array_append_new(list, da_finding_to_json(findings->pdata[i]));
        if (!export->options->json) {
            g_autofree char *line = da_finding_line(findings->pdata[i], da_cli_chinese());
            fprintf(stderr, "%s\n", line);
        }
    }
    export->findings = findings->len;
    json_object_set_new(export->summary, "findings", list);
}

static gboolean as_gbt33870(Export *export, GError **error)
{
    gboolean folder = FALSE;
    export->path = exchange_place(export, &folder, error);
    if (!export->path)
        return FALSE;
    DaExchangeOptions options = {.profile = export->profile,
                                 .folder = folder,
                                 .blanks =
                                     export->options->blanks || export->profile->exchange_blanks,
                                 .replace = export->options->replace};
    g_auto(DaExchangeWritten) written = {0};
    if (!da_exchange_write(export->dossier, export->path, &options, &written, error))
        return FALSE;
    tell(export, "pages", written.pages);
    tell(export, "blanks_left_out", written.blanks_left_out);
    tell(export, "not_jpeg", written.not_jpeg);
    keep_findings(export, written.findings);
    return TRUE;
}

static gboolean as_ocfl(Export *export, GError **error)
{
    g_autoptr(GPtrArray) dossiers = g_ptr_array_new_with_free_func((GDestroyNotify)da_dossier_free);
    g_autoptr(GArray) versions = g_array_new(FALSE, FALSE, sizeof(DaOcflVersion));
    DaOcflWritten written;
    for (guint i = 0; i < export->folders->len; i++) {
        DaDossier *dossier = da_package_read(export->folders->pdata[i], error);
        if (!dossier)
            return FALSE;
        g_ptr_array_add(dossiers, dossier);
        DaOcflVersion version = {.package = export->folders->pdata[i],
                                 .created = dossier->created,
                                 .message = "information package as delivered"};
        g_array_append_val(versions, version);
    }
    export->path = g_strdup(export->options->out);
    if (!da_ocfl_write(export->dossier->id, (const DaOcflVersion *)(gpointer)versions->data,
                       versions->len, export->path, export->options->replace, &written, error))
        return FALSE;
    tell(export, "versions", versions->len);
    tell(export, "files", written.files);
    tell(export, "stored", written.stored);
    tell(export, "bytes", written.bytes);
    return TRUE;
}

static gboolean as_pdf(Export *export, GError **error)
{
    const char *out = export->options->out;
    DaPdfWritten written;
    export->path = g_file_test(out, G_FILE_TEST_IS_DIR) ? place_in(out, export->dossier->id, ".pdf")
                                                        : g_strdup(out);
    if (!da_pdf_write(export->dossier, export->profile, export->path, export->options->replace,
                      &written, error))
        return FALSE;
    tell(export, "pages", written.pages);
    tell(export, "without_text", written.without_text);
    tell(export, "encoded", written.encoded);
    return TRUE;
}

static gboolean as_carrier2012(Export *export, GError **error)
{
    DaCarrierWritten written;
    export->path = g_strdup(export->options->out);
    if (!da_carrier_write(export->dossier, export->path, export->options->replace, &written, error))
        return FALSE;
    tell(export, "files", written.files);
    tell(export, "bytes", written.bytes);
    return TRUE;
}

/* Copies: what leaves the house may be changed there, and links would change the archive with it. */
static gboolean as_package(Export *export, GError **error)
{
    const char *out = export->options->out;
    const char *folder = export->folders->pdata[export->folders->len - 1];
    export->path = g_file_test(out, G_FILE_TEST_IS_DIR) ? place_in(out, export->dossier->id, "")
                                                        : g_strdup(out);
    g_autoptr(DaStaging) staging = da_staging_new(export->path, error);
    return staging && da_tree_copy(folder, da_staging_path(staging), error) &&
           da_staging_commit(staging, export->options->replace, error);
}

static const struct {
    const char *name;
    gboolean (*write)(Export *export, GError **error);
} forms[] = {{"gbt33870", as_gbt33870},
             {"ocfl", as_ocfl},
             {"pdf", as_pdf},
             {"carrier2012", as_carrier2012},
             {"package", as_package}};

/* --- where the package comes from --------------------------------------------------------------------------------------------- */

static gboolean begin_aside(Export *export, GError **error)
{
    g_autofree char *plain = g_canonicalize_filename(export->options->out, NULL);
    g_autofree char *path = g_strconcat(plain, ".package", NULL);
    export->aside = da_staging_new(path, error);
    return export->aside != NULL;
}

/* All versions for OCFL, which keeps them; else the one that is asked for. */
static gboolean take_from_archive(Export *export, const char *id, GError **error)
{
    const Options *options = export->options;
    g_autoptr(DaArchive) archive = da_archive_open(options->archive, error);
    g_autoptr(PGconn) db = archive ? da_archive_connect(archive, error) : NULL;
    guint head = db ? da_retrieve_head(db, id, error) : 0;
    if (!head || !begin_aside(export, error))
        return FALSE;
    guint last = options->version ? (guint)options->version : head;
    guint first = g_str_equal(options->form, "ocfl") ? 1 : last;
    if (last > head)
        return da_error_set(error, DA_ERROR_NOT_FOUND, "dossier '%s' has no version %u", id, last);
    for (guint version = first; version <= last; version++) {
        g_autofree char *name = g_strdup_printf("v%u", version);
        char *folder = g_build_filename(da_staging_path(export->aside), name, id, NULL);
        g_ptr_array_add(export->folders, folder);
        if (!da_retrieve(archive, db, id, version, folder, error))
            return FALSE;
    }
    tell(export, "version", last);
    return TRUE;
}

static gboolean take_tar(Export *export, const char *path, GError **error)
{
    DaContainerLimits limits = DA_CONTAINER_LIMITS;
    if (!begin_aside(export, error))
        return FALSE;
    const char *folder = da_staging_path(export->aside);
    g_autoptr(DaContainer) container = da_container_unpack(path, folder, &limits, error);
    if (!container)
        return FALSE;
    const DaContainerFault *fault = container->faults->len ? container->faults->pdata[0] : NULL;
    if (!container->whole)
        return da_error_set(error, DA_ERROR_INPUT, "cannot read package '%s': %s", path,
                            fault ? da_container_fault_text(fault->kind) : "it is damaged");
    g_autoptr(GPtrArray) names = da_dir_list(folder, error);
    if (!names)
        return FALSE;
    if (names->len != 1)
        return da_error_set(error, DA_ERROR_INPUT,
                            "cannot read package '%s': it does not hold exactly one folder", path);
    g_ptr_array_add(export->folders, g_build_filename(folder, names->pdata[0], NULL));
    return TRUE;
}

static gboolean take_package(Export *export, const char *what, GError **error)
{
    if (export->options->archive)
        return take_from_archive(export, what, error);
    if (export->options->version)
        return da_error_set(error, DA_ERROR_USAGE, "--version needs --archive; " SEE);
    if (!g_file_test(what, G_FILE_TEST_EXISTS))
        return da_error_set(
            error, DA_ERROR_NOT_FOUND,
            "there is no package '%s'; a dossier of an archive needs --archive; " SEE, what);
    if (da_container_format(what) == DA_CONTAINER_TAR)
        return take_tar(export, what, error);
    g_ptr_array_add(export->folders, g_strdup(what));
    return TRUE;
}

static gboolean open_package(Export *export, GError **error)
{
    const char *folder = export->folders->pdata[export->folders->len - 1];
    export->dossier = da_package_read(folder, error);
    if (!export->dossier)
        return FALSE;
    const char *profile = export->options->profile ? export->options->profile : "soe-retiree";
    export->profile = da_profile_load(profile, export->options->profile_dir, error);
    return export->profile != NULL;
}

/* --- the verb ----------------------------------------------------------------------------------------------------------------- */

static void print_done(const Export *export)
{
    if (export->options->json) {
        da_cli_print_json(json_incref(export->summary), FALSE);
        return;
    }
    g_autofree char *shown = g_filename_display_name(export->path);
    printf(da_cli_chinese() ? "已导出: %s\n" : "exported: %s\n", shown);
}

static gboolean run(const Options *options, const char *what, int *status, GError **error)
{
    guint form = 0;
    while (form < G_N_ELEMENTS(forms) && g_strcmp0(forms[form].name, options->form))
        form++;
    if (form == G_N_ELEMENTS(forms))
        return da_error_set(error, DA_ERROR_USAGE,
                            "--as '%s' is none of gbt33870, ocfl, pdf, carrier2012, package; " SEE,
                            options->form);
    g_auto(Export) export = {.options = options,
                             .folders = g_ptr_array_new_with_free_func(g_free),
                             .summary = json_object()};
    json_object_set_new(export.summary, "form", json_string(options->form));
    if (!take_package(&export, what, error) || !open_package(&export, error) ||
        !forms[form].write(&export, error))
        return FALSE;
    g_autofree char *shown = g_filename_display_name(export.path);
    json_object_set_new(export.summary, "id", json_string(export.dossier->id));
    json_object_set_new(export.summary, "path", json_string(shown));
    print_done(&export);
    *status = export.findings ? 1 : 0;
    return TRUE;
}

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"as", 0, 0, G_OPTION_ARG_STRING, &options->form,
         "gbt33870 (exchange zip or folder), ocfl (OCFL 1.1 object), pdf (searchable PDF/A), "
         "carrier2012 (carrier layout) or package (as it was delivered) / 输出形式",
         "FORM"},
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &options->out,
         "where it goes; gbt33870: a .zip, or the folder for it / 输出位置", "PATH"},
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "take the dossier of this id from an archive / 从档案库取卷", "DIR"},
        {"version", 0, 0, G_OPTION_ARG_INT, &options->version,
         "version of the dossier (default: the newest) / 版本", "N"},
        {"folder", 0, 0, G_OPTION_ARG_NONE, &options->folder,
         "gbt33870: a folder instead of a zip / 输出文件夹而非 zip", NULL},
        {"blanks", 0, 0, G_OPTION_ARG_NONE, &options->blanks,
         "gbt33870: blank sides too (default: as the profile says) / 含空白面", NULL},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &options->profile,
         "class schemes and names (default: soe-retiree) / 分类方案所在规范", "NAME"},
        {"profile-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->profile_dir,
         "folder of profiles / 规范所在文件夹", "DIR"},
        {"replace", 0, 0, G_OPTION_ARG_NONE, &options->replace,
         "replace what is there / 覆盖已有输出", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print a summary as JSON / 输出 JSON",
         NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "PACKAGE|ID",
        "Writes one dossier in another form. PACKAGE is a package folder or tar; an ID is looked "
        "up in --archive. Images keep their bytes.\n把一卷档案导出为其他形式: "
        "GB/T 33870 交换包、OCFL 对象、可检索 PDF、2012 年移交载体、档案包原样。图像逐字节不变。\n\nExit "
        "status: 0 "
        "done, 1 done, but the dossier lacks what the form wants, 2 wrong use or input, 4 the "
        "machine failed.",
        "dangan export packages/1f0c… --as gbt33870 --out 交付/\n  dangan export packages/1f0c… "
        "--as pdf "
        "--out 卷.pdf\n  dangan export 1f0c… --archive /srv/archive --as ocfl --out 1f0c…-ocfl",
        error);
}

int da_cli_export(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    int status = 0;
    if (!parse(&argc, &argv, &options, &error))
        return da_cli_fail(VERB, error);
    if (argc != 2 || !options.form || !options.out || options.version < 0)
        da_error_set(&error, DA_ERROR_USAGE, "%s; " SEE,
                     argc != 2       ? "name one package or one dossier id"
                     : !options.form ? "say with --as which form is wanted"
                     : !options.out  ? "say with --out where it goes"
                                     : "--version is out of range");
    else if (run(&options, argv[1], &status, &error))
        return status;
    return da_cli_fail(VERB, error);
}
