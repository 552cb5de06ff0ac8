#include "deposit_parts.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* A package has five levels. */
#define DEPTH_MAX 16

typedef struct {
    const char *package;
    GHashTable *listed; /* path → DaBagEntry *, borrowed from `files` */
    GPtrArray *files;
    guint found; /* of those listed */
} Walk;

static gint compare_paths(gconstpointer a, gconstpointer b)
{
    const DaBagEntry *left = *(DaBagEntry *const *)a, *right = *(DaBagEntry *const *)b;
    return strcmp(left->path, right->path);
}

static gboolean add_listed(Walk *walk, const char *name, GError **error)
{
    g_autoptr(GPtrArray) entries = da_bag_read_manifest(walk->package, name, error);
    if (!entries)
        return FALSE;
    for (guint i = 0; i < entries->len; i++) {
        DaBagEntry *entry = entries->pdata[i];
        g_hash_table_insert(walk->listed, entry->path, entry);
    }
    g_ptr_array_extend_and_steal(walk->files, g_steal_pointer(&entries));
    return TRUE;
}

static DaBagEntry *add_file(Walk *walk, const char *path, const char *sha256)
{
    DaBagEntry *entry = g_new0(DaBagEntry, 1);
    entry->path = g_strdup(path);
    entry->sha256 = g_strdup(sha256);
    g_ptr_array_add(walk->files, entry);
    g_hash_table_insert(walk->listed, entry->path, entry);
    return entry;
}

static gboolean is_no_part(const Walk *walk, const char *path, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    return da_error_set(
        error, DA_ERROR_INPUT,
        "'%s' stands in no manifest, or is no regular file; if the package was verified, it has "
        "changed since",
        shown);
}

/* Tag files need not be listed (RFC 8493 §2.2.1); payload that is not came after verification. */
static gboolean visit_file(Walk *walk, const char *path, const char *place, guint64 size_bytes,
                           GError **error)
{
    DaBagEntry *entry = g_hash_table_lookup(walk->listed, path);
    DaDigest digest;
    walk->found += entry != NULL;
    if (!entry) {
        if (g_str_has_prefix(path, "data/") || !g_utf8_validate(path, -1, NULL))
            return is_no_part(walk, path, error);
        if (!da_digest_file(place, &digest, NULL, error))
            return FALSE;
        entry = add_file(walk, path, digest.hex);
        walk->found++;
    }
    entry->size_bytes = size_bytes;
    return TRUE;
}

static gboolean visit(Walk *walk, const char *path, guint depth, GError **error)
{
    g_autofree char *place = g_build_filename(walk->package, path, NULL);
    struct stat found;
    if (lstat(place, &found) != 0)
        return da_error_set_errno(error, errno, "cannot look at '%s'", place);
    if (S_ISREG(found.st_mode))
        return visit_file(walk, path, place, (guint64)found.st_size, error);
    if (!S_ISDIR(found.st_mode) || depth >= DEPTH_MAX)
        return is_no_part(walk, path, error);
    g_autoptr(GPtrArray) names = da_dir_list(place, error);
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *below =
            *path ? g_build_filename(path, names->pdata[i], NULL) : g_strdup(names->pdata[i]);
        if (!visit(walk, below, depth + 1, error))
            return FALSE;
    }
    return names != NULL;
}

GPtrArray *da_deposit_files(const char *package, const char *digest, GError **error)
{
    g_autoptr(GHashTable) listed = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func((GDestroyNotify)da_bag_entry_free);
    Walk walk = {.package = package, .listed = listed, .files = files};
    if (!add_listed(&walk, "manifest-sha256.txt", error) ||
        !add_listed(&walk, "tagmanifest-sha256.txt", error))
        return NULL;
    add_file(&walk, "tagmanifest-sha256.txt", digest);
    if (!visit(&walk, "", 0, error))
        return NULL;
    if (walk.found != files->len) {
        da_error_set(
            error, DA_ERROR_INPUT,
            "%u files that its manifests list are not there; copy the package again from where it "
            "was made",
            files->len - walk.found);
        return NULL;
    }
    g_ptr_array_sort(files, compare_paths);
    return g_steal_pointer(&files);
}

guint64 da_deposit_bytes(const GPtrArray *files)
{
    guint64 bytes = 0;
    for (guint i = 0; i < files->len; i++)
        bytes += ((const DaBagEntry *)files->pdata[i])->size_bytes;
    return bytes;
}

static void clear_file(gpointer file)
{
    g_free(((DaObjectFile *)file)->path);
}

gboolean da_deposit_stage_files(const DaDepositing *depositing, DaObjectStage *stage,
                                GError **error)
{
    g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(DaObjectFile));
    g_array_set_clear_func(files, clear_file);
    for (guint i = 0; i < depositing->files->len; i++) {
        const DaBagEntry *entry = depositing->files->pdata[i];
        DaObjectFile file = {g_build_filename(depositing->package, entry->path, NULL),
                             entry->sha256};
        g_array_append_val(files, file);
    }
    return da_object_stage_files(stage, (const DaObjectFile *)(gpointer)files->data, files->len,
                                 error);
}

/* {digest: [paths]}, as OCFL wants it. Source: OCFL 1.1 §3.5.3.1. */
static json_t *state_of(const GPtrArray *files)
{
    json_t *state = json_object();
    for (guint i = 0; i < files->len; i++) {
        const DaBagEntry *entry = files->pdata[i];
        json_t *paths = json_object_get(state, entry->sha256);
        if (!paths) {
            paths = json_array();
            json_object_set_new(state, entry->sha256, paths);
        }
        json_array_append_new(paths, json_string(entry->path));
    }
    return state;
}

GBytes *da_deposit_manifest(const DaDepositing *depositing)
{
    const DaDossier *dossier = depositing->dossier;
    g_autofree char *urn = g_strdup_printf("urn:uuid:%s", dossier->id);
    g_autofree char *head = g_strdup_printf("v%u", depositing->version);
    json_t *inventory =
        json_pack("{s:s, s:s, s:s, s:s, s:{s:{s:s, s:o}}, s:{s:s, s:s, s:s, s:s}}", "id", urn,
                  "type", "https://ocfl.io/1.1/spec/#inventory", "digestAlgorithm", "sha256",
                  "head", head, "versions", head, "created", dossier->created, "state",
                  state_of(depositing->files), "dangan", "packageDigest",
                  depositing->digest, "district", depositing->district, "profile",
                  depositing->profile->name, "profileVersion", depositing->profile->version);
    char *text = json_dumps(inventory, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(inventory);
    return g_bytes_new_take(text, strlen(text));
}
