#include "redo.h"

#include "remark.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <string.h>

#define KEPT_MAX_BYTES ((gsize)64 << 20)

typedef struct {
    const DaRunDossier *dossier;
    char *scan;  /* name; NULL = the whole dossier */
    guint frame; /* 0 = every page of the scan */
} Target;

struct DaRedo {
    GArray *targets;
};

static void target_clear(gpointer data)
{
    g_free(((Target *)data)->scan);
}

void da_redo_free(DaRedo *redo)
{
    if (!redo)
        return;
    g_array_unref(redo->targets);
    g_free(redo);
}

static const DaRunDossier *dossier_named(const DaRun *run, const char *name)
{
    for (guint i = 0; i < run->dossiers->len; i++) {
        const DaRunDossier *dossier = g_ptr_array_index(run->dossiers, i);
        g_autofree char *folder = da_name_text(dossier->source->name);
        if (!strcmp(folder, name) || !strcmp(dossier->id->id, name))
            return dossier;
    }
    return NULL;
}

static gboolean has_scan(const DaRunDossier *dossier, const char *name)
{
    for (guint i = 0; i < dossier->scans->len; i++) {
        g_autofree char *base =
            g_path_get_basename(g_array_index(dossier->scans, DaRunScan, i).path);
        g_autofree char *shown = da_name_text(base);
        if (!strcmp(shown, name))
            return TRUE;
    }
    return FALSE;
}

/* "scan0003.jpg" or "adf.tif#3" */
static gboolean take_scan(Target *target, const char *text)
{
    const char *mark = strrchr(text, '#');
    guint64 frame = 0;
    if (mark && !has_scan(target->dossier, text) &&
        g_ascii_string_to_unsigned(mark + 1, 10, 1, G_MAXUINT16, &frame, NULL))
        target->scan = g_strndup(text, (gsize)(mark - text));
    else
        target->scan = g_strdup(text);
    target->frame = (guint)frame;
    return has_scan(target->dossier, target->scan);
}

/* A stem is known from what the report said of the package. */
static gboolean take_stem(Target *target, const char *stem)
{
    g_autofree char *path = g_build_filename(target->dossier->state_dir, "package.json", NULL);
    g_autoptr(GBytes) bytes = da_file_read(path, KEPT_MAX_BYTES, NULL);
    gsize size = 0;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    json_t *kept = data ? json_loadb(data, size, 0, NULL) : NULL;
    const json_t *pages = json_object_get(json_object_get(kept, "entry"), "pages");
    for (size_t i = 0; i < json_array_size(pages) && !target->scan; i++) {
        const json_t *page = json_array_get(pages, i);
        if (g_strcmp0(json_string_value(json_object_get(page, "stem")), stem))
            continue;
        target->scan = g_strdup(json_string_value(json_object_get(page, "scan")));
        target->frame = (guint)json_integer_value(json_object_get(page, "frame"));
    }
    json_decref(kept);
    return target->scan != NULL;
}

static gboolean take(const DaRun *run, const char *text, Target *target)
{
    const char *slash = strchr(text, '/'), *colon = strrchr(text, ':');
    const char *cut = slash ? slash : colon;
    g_autofree char *folder = cut ? g_strndup(text, (gsize)(cut - text)) : g_strdup(text);
    target->dossier = dossier_named(run, folder);
    if (!target->dossier)
        return FALSE;
    if (!cut || !cut[1])
        return TRUE;
    return slash ? take_scan(target, slash + 1) : take_stem(target, colon + 1);
}

static gboolean add(DaRedo *redo, const DaRun *run, const char *text, GError **error)
{
    Target target = {0};
    if (take(run, text, &target)) {
        g_array_append_val(redo->targets, target);
        return TRUE;
    }
    g_free(target.scan);
    g_autofree char *shown = da_remark_masked(text);
    return da_error_set(error, DA_ERROR_USAGE,
                        "--redo: the batch has no page '%s'; name FOLDER, FOLDER/scan.jpg, "
                        "FOLDER/scan.tif#3 or FOLDER:9-1-2-003",
                        shown);
}

DaRedo *da_redo_new(const char *const *pages, const DaRun *run, GError **error)
{
    DaRedo *redo = g_new0(DaRedo, 1);
    redo->targets = g_array_new(FALSE, TRUE, sizeof(Target));
    g_array_set_clear_func(redo->targets, target_clear);
    for (; pages && *pages; pages++) {
        g_auto(GStrv) names = g_strsplit(*pages, ",", -1);
        for (guint i = 0; names[i]; i++) {
            if (*g_strstrip(names[i]) && !add(redo, run, names[i], error)) {
                da_redo_free(redo);
                return NULL;
            }
        }
    }
    return redo;
}

gboolean da_redo_any(const DaRedo *redo, const DaRunDossier *dossier)
{
    for (guint i = 0; redo && i < redo->targets->len; i++)
        if (g_array_index(redo->targets, Target, i).dossier == dossier)
            return TRUE;
    return FALSE;
}

gboolean da_redo_wants(const DaRedo *redo, const DaRunDossier *dossier, const DaRunSide *side)
{
    for (guint i = 0; redo && i < redo->targets->len; i++) {
        const Target *target = &g_array_index(redo->targets, Target, i);
        if (target->dossier != dossier)
            continue;
        if (!target->scan)
            return TRUE;
        g_autofree char *base =
            g_path_get_basename(g_array_index(dossier->scans, DaRunScan, side->scan).path);
        g_autofree char *name = da_name_text(base);
        if (!strcmp(name, target->scan) && (!target->frame || target->frame == side->frame))
            return TRUE;
    }
    return FALSE;
}
