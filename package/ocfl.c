#include <dangan/bag.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dangan/handle/json.h>
#include <dangan/ocfl.h>
#include <dangan/staging.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>

#define DECLARATION "0=ocfl_object_1.1"
#define INVENTORY "inventory.json"
#define SIDECAR "inventory.json.sha512"
#define CHUNK_BYTES (256u << 10)
#define DEPTH_MAX 16

typedef struct {
    const char *root;    /* under construction */
    GHashTable *content; /* SHA-512 → path below the root */
    json_t *manifest;    /* {sha512: [path below the root]} */
    json_t *fixity;      /* {sha256: [path below the root]} */
    json_t *versions;    /* {"v1": {…}} */
    DaOcflWritten *written;
} Object;

/* One version while its files are taken in. */
typedef struct {
    Object *object;
    const char *package;
    guint number;
    GHashTable *listed; /* path → SHA-256 by the manifests of the package */
    json_t *state;      /* {sha512: [path in the package]} */
    guint files;
} Version;

/* --- digests ------------------------------------------------------------------------------------------------------------- */

typedef struct {
    char sha512[2 * EVP_MAX_MD_SIZE + 1], sha256[2 * EVP_MAX_MD_SIZE + 1];
} Digests;

static void finish_digest(EVP_MD_CTX *context, char *hex)
{
    guchar sum[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_DigestFinal_ex(context, sum, &length);
    for (unsigned i = 0; i < length; i++)
        g_snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    EVP_MD_CTX_free(context);
}

/* Both digests in one reading. */
static gboolean digest_file(const char *path, Digests *digests, guint64 *size, GError **error)
{
    da_autofd int fd = da_file_open(path, size, error);
    if (fd < 0)
        return FALSE;
    EVP_MD_CTX *long_one = EVP_MD_CTX_new(), *short_one = EVP_MD_CTX_new();
    EVP_DigestInit_ex(long_one, EVP_sha512(), NULL);
    EVP_DigestInit_ex(short_one, EVP_sha256(), NULL);
    g_autofree char *chunk = g_malloc(CHUNK_BYTES);
    gssize got;
    while ((got = read(fd, chunk, CHUNK_BYTES)) != 0) {
        if (got < 0 && errno != EINTR)
            break;
        EVP_DigestUpdate(long_one, chunk, (size_t)MAX(got, 0));
        EVP_DigestUpdate(short_one, chunk, (size_t)MAX(got, 0));
    }
    int number = errno;
    finish_digest(long_one, digests->sha512);
    finish_digest(short_one, digests->sha256);
    return got == 0 || da_error_set_errno(error, number, "cannot read '%s'", path);
}

static void append_path(json_t *block, const char *digest, const char *path)
{
    json_t *paths = json_object_get(block, digest);
    if (!paths) {
        paths = json_array();
        json_object_set_new(block, digest, paths);
    }
    json_array_append_new(paths, json_string(path));
}

/* --- files of a version ---------------------------------------------------------------------------------------------------- */

static gboolean add_listed(Version *version, const char *manifest, GError **error)
{
    g_autoptr(GPtrArray) entries = da_bag_read_manifest(version->package, manifest, error);
    for (guint i = 0; entries && i < entries->len; i++) {
        const DaBagEntry *entry = entries->pdata[i];
        g_hash_table_insert(version->listed, g_strdup(entry->path), g_strdup(entry->sha256));
    }
    return entries != NULL;
}

static gboolean store_content(Object *object, const char *from, const char *content,
                              const Digests *digests, guint64 size, GError **error)
{
    g_autofree char *place = g_build_filename(object->root, content, NULL);
    g_autofree char *folder = g_path_get_dirname(place);
    Digests copied;
    guint64 copied_size = 0;
    if (!da_dir_make(folder, error) || !da_file_copy(from, place, error) ||
        !digest_file(place, &copied, &copied_size, error))
        return FALSE;
    if (strcmp(copied.sha512, digests->sha512))
        return da_error_set(error, DA_ERROR_INPUT, "'%s' changed while it was copied", from);
    g_hash_table_insert(object->content, g_strdup(digests->sha512), g_strdup(content));
    append_path(object->manifest, digests->sha512, content);
    append_path(object->fixity, digests->sha256, content);
    object->written->stored++;
    object->written->bytes += size;
    return TRUE;
}

static gboolean take_file(Version *version, const char *path, const char *place, GError **error)
{
    Object *object = version->object;
    Digests digests;
    guint64 size = 0;
    const char *listed = g_hash_table_lookup(version->listed, path);
    if (!digest_file(place, &digests, &size, error))
        return FALSE;
    if (listed ? strcmp(listed, digests.sha256) != 0 : g_str_has_prefix(path, "data/"))
        return da_error_set(
            error, DA_ERROR_INPUT, "file '%s' %s; check it with dangan verify", path,
            listed ? "has changed since the package was made" : "is not listed in the manifest");
    g_hash_table_remove(version->listed, path);
    append_path(version->state, digests.sha512, path);
    version->files++;
    if (g_hash_table_contains(object->content, digests.sha512))
        return TRUE;
    g_autofree char *content = g_strdup_printf("v%u/content/%s", version->number, path);
    return store_content(object, place, content, &digests, size, error);
}

static gboolean take_folder(Version *version, const char *above, guint depth, GError **error)
{
    g_autofree char *folder = g_build_filename(version->package, above, NULL);
    g_autoptr(GPtrArray) names = da_dir_list(folder, error);
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *path =
            *above ? g_strconcat(above, "/", names->pdata[i], NULL) : g_strdup(names->pdata[i]);
        g_autofree char *place = g_build_filename(version->package, path, NULL);
        struct stat found;
        if (lstat(place, &found) != 0)
            return da_error_set_errno(error, errno, "cannot look at '%s'", place);
        if (!da_path_is_safe(path) || depth > DEPTH_MAX ||
            (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)))
            return da_error_set(error, DA_ERROR_INPUT, "'%s' is no file of a package", path);
        if (S_ISDIR(found.st_mode) ? !take_folder(version, path, depth + 1, error)
                                   : !take_file(version, path, place, error))
            return FALSE;
    }
    return names != NULL;
}

static gboolean nothing_is_missing(const Version *version, GError **error)
{
    GHashTableIter iterator;
    gpointer path;
    g_hash_table_iter_init(&iterator, version->listed);
    return !g_hash_table_iter_next(&iterator, &path, NULL) ||
           da_error_set(error, DA_ERROR_INPUT, "file '%s' is missing; check it with dangan verify",
                        (const char *)path);
}

static gboolean take_version(Object *object, const DaOcflVersion *given, guint number,
                             GError **error)
{
    g_autoptr(GHashTable) listed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(json_t) state = json_object();
    Version version = {.object = object,
                       .package = given->package,
                       .number = number,
                       .listed = listed,
                       .state = state};
    if (!add_listed(&version, "manifest-sha256.txt", error) ||
        !add_listed(&version, "tagmanifest-sha256.txt", error) ||
        !take_folder(&version, "", 0, error) || !nothing_is_missing(&version, error)) {
        g_prefix_error(error, "cannot write version %u as OCFL: ", number);
        return FALSE;
    }
    g_autofree char *name = g_strdup_printf("v%u", number);
    object->written->files = version.files;
    json_object_set_new(object->versions, name,
                        json_pack("{s:s, s:s, s:{s:s, s:s}, s:O}", "created", given->created,
                                  "message", given->message, "user", "name", "dangan", "address",
                                  "urn:dangan:software", "state", state));
    return TRUE;
}

/* --- inventory ---------------------------------------------------------------------------------------------------------------- */

static gboolean write_text(const char *folder, const char *name, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return da_dir_make(folder, error) && da_file_write(path, text, strlen(text), error);
}

static gboolean write_inventory(const Object *object, const char *id, guint head,
                                const char *folder, GError **error)
{
    g_autofree char *urn = g_strdup_printf("urn:uuid:%s", id);
    g_autofree char *name = g_strdup_printf("v%u", head);
    g_autoptr(json_t) inventory =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:O, s:O, s:{s:O}}", "id", urn, "type",
                  "https://ocfl.io/1.1/spec/#inventory", "digestAlgorithm", "sha512", "head", name,
                  "contentDirectory", "content", "manifest", object->manifest, "versions",
                  object->versions, "fixity", "sha256", object->fixity);
    g_autofree char *text = json_dumps(inventory, JSON_INDENT(1) | JSON_SORT_KEYS);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA512, text, -1);
    g_autofree char *sidecar = g_strdup_printf("%s " INVENTORY "\n", digest);
    return write_text(folder, INVENTORY, text, error) &&
           write_text(folder, SIDECAR, sidecar, error);
}

/* The inventory of the newest version stands at the root as well. */
static gboolean write_object(Object *object, const char *id, const DaOcflVersion *versions, guint n,
                             GError **error)
{
    for (guint i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("v%u", i + 1);
        g_autofree char *folder = g_build_filename(object->root, name, NULL);
        if (!take_version(object, &versions[i], i + 1, error) ||
            !write_inventory(object, id, i + 1, folder, error))
            return FALSE;
    }
    return write_inventory(object, id, n, object->root, error) &&
           write_text(object->root, DECLARATION, "ocfl_object_1.1\n", error);
}

gboolean da_ocfl_write(const char *id, const DaOcflVersion *versions, guint n, const char *path,
                       gboolean replace, DaOcflWritten *written, GError **error)
{
    g_return_val_if_fail(n > 0, FALSE);
    *written = (DaOcflWritten){0};
    g_autofree char *shown = g_filename_display_name(path);
    if (!replace && g_file_test(path, G_FILE_TEST_EXISTS))
        return da_error_set(error, DA_ERROR_CONFLICT, "cannot make '%s': it exists already", shown);
    g_autoptr(DaStaging) staging = da_staging_new(path, error);
    if (!staging)
        return FALSE;
    g_autoptr(GHashTable) content = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(json_t) manifest = json_object(), fixity = json_object(), list = json_object();
    Object object = {.root = da_staging_path(staging),
                     .content = content,
                     .manifest = manifest,
                     .fixity = fixity,
                     .versions = list,
                     .written = written};
    if (!write_object(&object, id, versions, n, error))
        return FALSE;
    da_fault_point("ocfl.staged");
    return da_staging_commit(staging, replace, error);
}
