#include "cursor.h"
#include "fsck_parts.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <string.h>

#define TAG_MANIFEST "tagmanifest-sha256.txt"

typedef struct {
    DaFsck *fsck;
    const PGresult *rows;
    int row;
    const char *subject;
    const json_t *state; /* digest → paths */
} Version;

static const char *cell(const Version *version, const char *column)
{
    return da_db_text(version->rows, version->row, column);
}

static void differs(const Version *version, const char *what)
{
    da_fsck_tell(version->fsck, DA_FSCK_MANIFEST_DIFFERS, version->subject, FALSE,
                 "its row and its manifest have another %s", what);
}

static gboolean names_path(const json_t *paths, const char *path)
{
    size_t i;
    const json_t *value;
    json_array_foreach(paths, i, value) if (!g_strcmp0(json_string_value(value), path)) return TRUE;
    return FALSE;
}

static gint64 count_files(const json_t *state)
{
    gint64 files = 0;
    const char *sha256;
    json_t *paths;
    json_object_foreach((json_t *)state, sha256, paths) files += (gint64)json_array_size(paths);
    return files;
}

static void compare(const Version *version, const json_t *inventory, const char *head)
{
    const json_t *ours = json_object_get(inventory, "dangan");
    const char *package = cell(version, "package_digest");
    g_autofree char *urn = g_strdup_printf("urn:uuid:%s", cell(version, "dossier"));
    g_autofree char *profile =
        g_strdup_printf("%s %s", json_string_value(json_object_get(ours, "profile")),
                        json_string_value(json_object_get(ours, "profileVersion")));
    const struct {
        const char *what, *row, *manifest;
    } pairs[] = {
        {"id", urn, json_string_value(json_object_get(inventory, "id"))},
        {"version", head, json_string_value(json_object_get(inventory, "head"))},
        {"package digest", package, json_string_value(json_object_get(ours, "packageDigest"))},
        {"profile", cell(version, "profile"), profile},
    };
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++)
        if (g_strcmp0(pairs[i].row, pairs[i].manifest) != 0)
            differs(version, pairs[i].what);
    if (count_files(version->state) != da_db_integer(version->rows, version->row, "files"))
        differs(version, "number of files");
    if (!names_path(json_object_get(version->state, package), TAG_MANIFEST))
        differs(version, "tag manifest");
}

gboolean da_fsck_look_up(DaFsck *fsck, const char *subject, const json_t *state, const char *known,
                         GError **error)
{
    g_autoptr(GString) list = g_string_new("{");
    const char *sha256;
    json_t *paths;
    json_object_foreach((json_t *)state, sha256, paths) if (da_digest_is_valid(sha256))
        g_string_append_printf(list, "%s%s", list->len > 1 ? "," : "", sha256);
    g_string_append_c(list, '}');
    g_autofree char *question =
        g_strdup_printf("SELECT sha256 FROM unnest($1::text[]) AS named (sha256)"
                        " WHERE NOT EXISTS (SELECT FROM %s o WHERE o.sha256 = named.sha256)",
                        known);
    g_autoptr(PGresult) unknown = da_db_query(fsck->db, error, question, list->str, NULL);
    for (int i = 0; unknown && i < PQntuples(unknown); i++)
        da_fsck_tell(fsck, DA_FSCK_FILE_WITHOUT_ROW, subject, FALSE,
                     "its manifest names object %s, which the database does not know",
                     da_db_text(unknown, i, "sha256"));
    return unknown != NULL;
}

static gboolean check_inventory(Version *version, GBytes *bytes, GError **error)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    g_autoptr(json_t) inventory = json_loadb(data, size, 0, NULL);
    g_autofree char *head = g_strdup_printf("v%s", cell(version, "version"));
    version->state =
        json_object_get(json_object_get(json_object_get(inventory, "versions"), head), "state");
    if (!json_is_object(version->state)) {
        da_fsck_tell(version->fsck, DA_FSCK_MANIFEST_DAMAGED, version->subject, FALSE,
                     "object %s is no manifest of it", cell(version, "manifest"));
        return TRUE;
    }
    compare(version, inventory, head);
    return da_fsck_look_up(version->fsck, version->subject, version->state, "object", error);
}

/* A missing manifest is told where rows meet objects. */
static gboolean check_version(Version *version, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GBytes) bytes =
        da_object_read(version->fsck->store, cell(version, "manifest"), &problem);
    version->fsck->result->versions++;
    if (bytes)
        return check_inventory(version, bytes, error);
    if (g_error_matches(problem, DA_ERROR, DA_ERROR_NOT_FOUND))
        return TRUE;
    if (!g_error_matches(problem, DA_ERROR, DA_ERROR_DISK)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    da_fsck_tell(version->fsck, DA_FSCK_MANIFEST_DAMAGED, version->subject, FALSE, "%s",
                 problem->message);
    return TRUE;
}

gboolean da_fsck_manifests(DaFsck *fsck, GError **error)
{
    g_autoptr(DaCursor) cursor =
        da_cursor_open(fsck->db,
                       "SELECT dossier, version, package_digest, manifest, profile, files"
                       " FROM dossier_version ORDER BY dossier, version",
                       error);
    Version version = {.fsck = fsck};
    do {
        if (!cursor || !da_fsck_goes_on(fsck, error) ||
            !da_cursor_next(cursor, &version.rows, &version.row, error))
            return FALSE;
        if (!version.rows)
            return TRUE;
        g_autofree char *subject = g_strdup_printf(
            "dossier %s version %s", cell(&version, "dossier"), cell(&version, "version"));
        version.subject = subject;
        if (!check_version(&version, error))
            return FALSE;
    } while (TRUE);
}
