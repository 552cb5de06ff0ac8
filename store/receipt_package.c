/* A package against what a receipt says of it: down to the file that was changed. */
#include "deposit_parts.h"

#include <dangan/bag.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/receipt.h>
#include <dangan/signed_page.h>
#include <string.h>

#define TAG_MANIFEST "tagmanifest-sha256.txt"
/* Of one package; more are counted. */
#define PROBLEMS_MAX 100u

typedef struct {
    const char *path; /* of the package */
    char *name;       /* for people */
    GPtrArray *problems;
    guint told, more;
} Holding;

static void tell(Holding *holding, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void tell(Holding *holding, const char *format, ...)
{
    if (holding->told++ >= PROBLEMS_MAX) {
        holding->more++;
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *words = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(holding->problems, g_strdup_printf("package '%s': %s", holding->name, words));
}

/* The row of a receipt or verdict where a member has this text; borrowed. */
static const json_t *find_row(const json_t *document, const char *member, const char *text)
{
    const json_t *body = json_object_get(document, "body");
    const json_t *packages = json_object_get(body ? body : document, "packages");
    for (gsize i = 0; text && i < json_array_size(packages); i++) {
        const json_t *row = json_array_get(packages, i);
        if (!strcmp(da_signed_page_text(row, member), text))
            return row;
    }
    return NULL;
}

/* The one folder below data/ is called by the package's id. The caller owns it; NULL = it cannot be told. */
static char *claimed_id(const char *path)
{
    g_autofree char *data = g_build_filename(path, "data", NULL);
    g_autoptr(GPtrArray) names = da_dir_list(data, NULL);
    return names && names->len == 1 ? g_strdup(names->pdata[0]) : NULL;
}

guint da_receipt_names(const json_t *document, const char *package)
{
    g_autofree char *digest = da_bag_digest(package, NULL);
    g_autofree char *id = claimed_id(package);
    return find_row(document, "digest", digest) ? 2 : find_row(document, "package", id) ? 1 : 0;
}

static void compare_digest(Holding *holding, const json_t *document)
{
    g_autoptr(GError) unreadable = NULL;
    g_autofree char *digest = da_bag_digest(holding->path, &unreadable);
    g_autofree char *id = claimed_id(holding->path);
    if (digest && find_row(document, "digest", digest))
        return;
    const json_t *row = find_row(document, "package", id);
    if (!row)
        tell(holding, "the receipt does not name it");
    else if (!digest)
        tell(holding, "file '" TAG_MANIFEST "' cannot be read: %s", unreadable->message);
    else
        tell(holding,
             "file '" TAG_MANIFEST "' was altered: its digest, which is the package's, is %s; the "
             "receipt says %s",
             digest, da_signed_page_text(row, "digest"));
}

static gboolean compare_file(Holding *holding, const DaBagEntry *entry, GError **error)
{
    g_autofree char *place = g_build_filename(holding->path, entry->path, NULL);
    g_autoptr(GError) problem = NULL;
    DaDigest digest;
    if (da_digest_file(place, &digest, NULL, &problem)) {
        if (strcmp(digest.hex, entry->sha256) != 0)
            tell(holding, "file '%s' was altered: digest %s, its manifest says %s", entry->path,
                 digest.hex, entry->sha256);
        return TRUE;
    }
    if (da_error_exit_status(problem) == 4 &&
        !g_error_matches(problem, DA_ERROR, DA_ERROR_SYSTEM)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    tell(holding, "file '%s' is missing or cannot be read", entry->path);
    return TRUE;
}

static gboolean compare_files(Holding *holding, const char *manifest, GError **error)
{
    g_autoptr(GError) unreadable = NULL;
    g_autoptr(GPtrArray) entries = da_bag_read_manifest(holding->path, manifest, &unreadable);
    if (!entries) {
        tell(holding, "file '%s' cannot be read: %s", manifest, unreadable->message);
        return TRUE;
    }
    for (guint i = 0; i < entries->len; i++)
        if (!compare_file(holding, entries->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* What came in addition, once all that is listed fits. */
static void look_for_surplus(Holding *holding)
{
    g_autoptr(GError) surplus = NULL;
    g_autofree char *digest = da_bag_digest(holding->path, NULL);
    g_autoptr(GPtrArray) files = digest ? da_deposit_files(holding->path, digest, &surplus) : NULL;
    if (!files && surplus)
        tell(holding, "%s", surplus->message);
}

gboolean da_receipt_check_package(const json_t *document, const char *package, GPtrArray *problems,
                                  GError **error)
{
    Holding holding = {
        .path = package, .name = g_filename_display_basename(package), .problems = problems};
    compare_digest(&holding, document);
    gboolean done = compare_files(&holding, TAG_MANIFEST, error) &&
                    compare_files(&holding, "manifest-sha256.txt", error);
    if (done && !holding.told)
        look_for_surplus(&holding);
    if (holding.more)
        g_ptr_array_add(problems,
                        g_strdup_printf("package '%s': %u more", holding.name, holding.more));
    g_free(holding.name);
    return done;
}
