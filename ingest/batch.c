#include <dangan/batch.h>

#include "batch_match.h"
#include "batch_names.h"
#include "correction.h"
#include "remark.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <stdlib.h>
#include <string.h>

const DaSetting da_batch_settings[] = {
    {"enterprise", DA_SETTING_TEXT, NULL, 0, 0, NULL, NULL, "name of the enterprise (移交单位)"},
    {"enterprise-code", DA_SETTING_TEXT, NULL, 0, 0, NULL, NULL, "its 统一社会信用代码"},
    {"enterprise-parent", DA_SETTING_TEXT, NULL, 0, 0, NULL, NULL, "its parent (主管企业)"},
    {"district", DA_SETTING_TEXT, NULL, 0, 0, NULL, NULL, "receiving district (行政区划代码)"},
    {"profile", DA_SETTING_TEXT, "soe-retiree", 0, 0, NULL, NULL, "digitization specification"},
    {"operator", DA_SETTING_TEXT, NULL, 0, 0, NULL, NULL, "who digitizes"},
    {"scanner", DA_SETTING_TEXT, NULL, 0, 0, NULL, NULL, "make and model of the scanner"},
    {"scheme", DA_SETTING_TEXT, NULL, 0, 0, NULL, NULL,
     "class scheme; the profile's first if not set"},
    {"separators", DA_SETTING_CHOICE, "auto", 0, 0, "auto|always|never", NULL,
     "where separator sheets are looked for; auto: in scans beside the folders and in folders "
     "without a catalogue"},
    {NULL},
};

static void part_clear(gpointer part)
{
    g_free(((DaBatchPart *)part)->name);
}

GArray *da_batch_parts_new(void)
{
    GArray *parts = g_array_new(FALSE, TRUE, sizeof(DaBatchPart));
    g_array_set_clear_func(parts, part_clear);
    return parts;
}

static void dossier_free(gpointer data)
{
    DaBatchDossier *dossier = data;
    g_free(dossier->name);
    g_free(dossier->path);
    g_clear_pointer(&dossier->materials, g_ptr_array_unref);
    g_clear_pointer(&dossier->parts, g_array_unref);
    g_ptr_array_unref(dossier->scans);
    g_ptr_array_unref(dossier->findings);
    g_clear_pointer(&dossier->corrections, g_ptr_array_unref);
    g_free(dossier);
}

void da_batch_free(DaBatch *batch)
{
    if (!batch)
        return;
    g_free(batch->path);
    g_ptr_array_unref(batch->dossiers);
    g_ptr_array_unref(batch->stacks);
    g_ptr_array_unref(batch->findings);
    g_clear_pointer(&batch->handover, da_handover_free);
    g_clear_pointer(&batch->config, da_config_free);
    g_free(batch);
}

/* --- one folder ------------------------------------------------------------------------------------------------------ */

typedef struct {
    DaBatch *batch;
    const DaProfile *profile;
    char *root; /* real path */
} Reading;

static void remark(const Reading *reading, DaBatchDossier *dossier, const char *rule,
                   DaSeverity severity, const char *file, const char *message,
                   const char *message_zh)
{
    g_autofree char *subject = da_name_text(dossier->name);
    DaFinding *finding =
        da_remark_new(reading->profile, rule, severity, subject, message, message_zh);
    finding->file = file ? da_name_text(file) : NULL;
    g_ptr_array_add(dossier->findings, finding);
}

/* What lies in a dossier's folder and is not read: never silently, and no worse than it is. */
static void remark_entry(const Reading *reading, DaBatchDossier *dossier, const char *name,
                         DaEntryKind kind)
{
    if (kind == DA_ENTRY_OUTSIDE)
        remark(reading, dossier, "PKG-002", DA_SEVERITY_FATAL, name,
               "the link leads out of the batch and is not followed", "链接指向批次之外，不予读取");
    else if (kind == DA_ENTRY_SPECIAL)
        remark(reading, dossier, "PKG-011", DA_SEVERITY_FATAL, name,
               "it is neither a file nor a folder", "既非文件也非文件夹");
    else {
        remark(reading, dossier, "PKG-005", DA_SEVERITY_INFO, name,
               kind == DA_ENTRY_FOLDER ? "a folder inside a dossier is not read"
                                       : "it is no scan and is left out",
               kind == DA_ENTRY_FOLDER ? "案卷内的子文件夹不读取" : "不是扫描图像，略过");
        DaFinding *finding = dossier->findings->pdata[dossier->findings->len - 1];
        finding->severity = kind == DA_ENTRY_RUBBISH ? DA_SEVERITY_INFO : DA_SEVERITY_WARNING;
        g_clear_pointer(&finding->mend, g_free);
        g_clear_pointer(&finding->mend_zh, g_free);
    }
}

static void read_catalogue(const Reading *reading, DaBatchDossier *dossier, const char *path)
{
    g_autofree char *subject = da_name_text(dossier->name);
    g_autoptr(GError) fault = NULL;
    if (path)
        dossier->materials = da_catalogue_read(path, reading->profile,
                                               da_config_text(reading->batch->config, "scheme"),
                                               subject, dossier->findings, &fault);
    if (dossier->materials)
        return;
    const char *form = reading->profile->catalogue->file;
    g_autofree char *missing = g_strdup_printf(
        "the folder has no catalogue; make '%s.xlsx' or '%s.csv' in it", form, form);
    g_autofree char *missing_zh =
        g_strdup_printf("案卷没有目录：请编制 %s.xlsx 或 %s.csv", form, form);
    remark(reading, dossier, "CAT-007", DA_SEVERITY_ERROR, path ? strrchr(path, '/') + 1 : NULL,
           fault ? fault->message : missing, fault ? fault->message : missing_zh);
    if (!path)
        dossier->no_catalogue = dossier->findings->pdata[dossier->findings->len - 1];
}

static void look_at_names(const Reading *reading, DaBatchDossier *dossier)
{
    guint named = 0, sides = 0;
    const char *odd = NULL; /* the first that is not named so */
    for (guint i = 0; i < dossier->scans->len; i++) {
        g_autofree char *class_code = NULL;
        guint sequence, side;
        if (da_correction_is_replacement(dossier, dossier->scans->pdata[i]))
            continue;
        sides++;
        if (da_scan_name_parse(dossier->scans->pdata[i], &class_code, &sequence, &side))
            named++;
        else if (!odd)
            odd = strrchr(dossier->scans->pdata[i], '/') + 1;
    }
    dossier->named = named > 0 && named == sides;
    if (named == 0 || dossier->named)
        return;
    g_autofree char *why =
        g_strdup_printf("%u of %u scans are named 类号-序号-页号 (as 9-1-2-003), "
                        "this one is not; name all or none",
                        named, sides);
    g_autofree char *why_zh = g_strdup_printf(
        "%u 个图像中 %u 个按“类号-序号-页号”（如 9-1-2-003）命名，此图像不是；请统一", sides,
        named);
    remark(reading, dossier, "IMG-010", DA_SEVERITY_ERROR, odd, why, why_zh);
}

static DaBatchDossier *add_dossier(DaBatch *batch, const char *name)
{
    DaBatchDossier *dossier = g_new0(DaBatchDossier, 1);
    g_ptr_array_add(batch->dossiers, dossier);
    dossier->name = g_strdup(name);
    dossier->path = g_build_filename(batch->path, name, NULL);
    dossier->scans = g_ptr_array_new_with_free_func(g_free);
    dossier->findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    return dossier;
}

DaBatchDossier *da_batch_add(DaBatch *batch, const char *name, const DaProfile *profile)
{
    const Reading reading = {.batch = batch, .profile = profile};
    DaBatchDossier *dossier = add_dossier(batch, name);
    read_catalogue(&reading, dossier, NULL);
    return dossier;
}

static gboolean read_folder(const Reading *reading, const char *name, GError **error)
{
    DaBatchDossier *dossier = add_dossier(reading->batch, name);
    g_autoptr(GPtrArray) names = da_dir_list(dossier->path, error);
    if (!names)
        return FALSE;
    g_autoptr(GError) fault = NULL;
    g_autofree char *catalogue = da_list_find(dossier->path, reading->profile->catalogue, &fault);
    if (fault)
        remark(reading, dossier, "CAT-007", DA_SEVERITY_ERROR, NULL, fault->message,
               fault->message);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(dossier->path, names->pdata[i], NULL);
        DaEntryKind kind = da_entry_kind(reading->root, path);
        if (kind == DA_ENTRY_SCAN)
            g_ptr_array_add(dossier->scans, g_steal_pointer(&path));
        else if (kind == DA_ENTRY_OTHER && da_is_corrections(names->pdata[i]))
            continue;
        else if (g_strcmp0(path, catalogue) || kind == DA_ENTRY_OUTSIDE || kind == DA_ENTRY_SPECIAL)
            remark_entry(reading, dossier, names->pdata[i], kind);
    }
    if (!fault)
        read_catalogue(reading, dossier, catalogue);
    return TRUE;
}

/* --- the batch ------------------------------------------------------------------------------------------------------- */

static gboolean is_output(const char *path)
{
    g_autofree char *state = g_build_filename(path, ".dangan", NULL);
    return g_file_test(state, G_FILE_TEST_IS_DIR);
}

static gboolean read_folders(const Reading *reading, GError **error)
{
    g_autoptr(GPtrArray) names = da_dir_list(reading->batch->path, error);
    for (guint i = 0; names && i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *path = g_build_filename(reading->batch->path, name, NULL);
        DaEntryKind kind = da_entry_kind(reading->root, path);
        if (kind == DA_ENTRY_OUTSIDE) {
            g_autofree char *shown = da_name_text(name);
            g_ptr_array_add(reading->batch->findings,
                            da_remark_new(reading->profile, "PKG-002", DA_SEVERITY_FATAL, shown,
                                          "the link leads out of the batch and is not followed",
                                          "链接指向批次之外，不予读取"));
        }
        if (kind == DA_ENTRY_SCAN)
            g_ptr_array_add(reading->batch->stacks, g_steal_pointer(&path));
        else if (kind == DA_ENTRY_FOLDER && !is_output(path) && !read_folder(reading, name, error))
            return FALSE;
    }
    return names != NULL;
}

static gboolean read_list(const Reading *reading, GError **error)
{
    DaBatch *batch = reading->batch;
    g_autoptr(GError) fault = NULL;
    g_autofree char *list = da_list_find(batch->path, reading->profile->handover, &fault);
    if (fault) {
        g_propagate_error(error, g_steal_pointer(&fault));
        return FALSE;
    }
    if (list)
        batch->handover = da_handover_read(list, reading->profile, batch->findings, error);
    return !list || batch->handover;
}

static gboolean read_batch(const Reading *reading, GError **error)
{
    DaBatch *batch = reading->batch;
    if (!read_list(reading, error) || !read_folders(reading, error))
        return FALSE;
    g_autofree char *shown = g_filename_display_name(batch->path);
    if (!batch->handover && batch->dossiers->len == 0 && batch->stacks->len == 0)
        return da_error_set(error, DA_ERROR_INPUT,
                            "'%s' is no batch: it holds neither a handover list (%s.xlsx or .csv) "
                            "nor a folder of scans",
                            shown, reading->profile->handover->file);
    return TRUE;
}

DaBatch *da_batch_read(const char *path, DaConfig *config, const DaProfile *profile, GError **error)
{
    g_autoptr(DaBatch) batch = g_new0(DaBatch, 1);
    batch->config = config;
    batch->path = g_canonicalize_filename(path, NULL);
    batch->dossiers = g_ptr_array_new_with_free_func(dossier_free);
    batch->stacks = g_ptr_array_new_with_free_func(g_free);
    batch->findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    g_autofree char *root = realpath(batch->path, NULL);
    g_autofree char *shown = g_filename_display_name(path);
    if (!root || !g_file_test(root, G_FILE_TEST_IS_DIR)) {
        da_error_set(error, root ? DA_ERROR_INPUT : DA_ERROR_NOT_FOUND,
                     "cannot read batch '%s': there is no such folder", shown);
        return NULL;
    }
    const Reading reading = {.batch = batch, .profile = profile, .root = root};
    return read_batch(&reading, error) ? g_steal_pointer(&batch) : NULL;
}

/* Corrections name dossiers, which a stack may have brought; names of scans count unless sheets gave them to materials. */
void da_batch_match(DaBatch *batch, const DaProfile *profile)
{
    const Reading reading = {.batch = batch, .profile = profile};
    da_corrections_read(batch, profile);
    for (guint i = 0; i < batch->dossiers->len; i++) {
        DaBatchDossier *dossier = g_ptr_array_index(batch->dossiers, i);
        if (!dossier->parts)
            look_at_names(&reading, dossier);
    }
    da_batch_match_rows(batch, profile);
}
