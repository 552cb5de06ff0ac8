#include "delivery.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/package.h>
#include <errno.h>
#include <string.h>

/* Packages are large and /tmp is often memory. */
#define WORK_PARENT "/var/tmp"

void da_delivery_free(DaDelivery *delivery)
{
    if (!delivery)
        return;
    if (delivery->work)
        da_tree_remove(delivery->work, NULL);
    g_free(delivery->folder);
    g_free(delivery->name);
    g_free(delivery->work);
    g_free(delivery->digest);
    da_container_free(delivery->container);
    da_exchange_free(delivery->exchange);
    g_free(delivery);
}

gboolean da_delivery_is_archive_name(const char *name)
{
    static const char *const endings[] = {".tar", ".zip", ".rar", ".7z", ".tgz", ".gz", ".xz"};
    g_autofree char *lower = g_ascii_strdown(name, -1);
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(lower, endings[i]))
            return TRUE;
    return FALSE;
}

static gboolean make_work(DaDelivery *delivery, GError **error)
{
    const char *parent = g_getenv("TMPDIR");
    g_autofree char *work =
        g_build_filename(parent && *parent ? parent : WORK_PARENT, "dangan-XXXXXX", NULL);
    if (!g_mkdtemp(work))
        return da_error_set_errno(error, errno, "cannot make a folder to unpack in ('%s')", work);
    delivery->work = g_steal_pointer(&work);
    return TRUE;
}

static gboolean take_digest(DaDelivery *delivery, const char *path, GError **error)
{
    DaDigest digest;
    if (!da_digest_file(path, &digest, NULL, error))
        return FALSE;
    delivery->digest = g_strdup(digest.hex);
    return TRUE;
}

/* "<ID>.tar" → "<ID>" */
static char *stem_of(const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    char *dot = strrchr(name, '.');
    if (dot && dot != name)
        *dot = '\0';
    return g_steal_pointer(&name);
}

static void lacks(DaDelivery *delivery, const char *lack, const char *lack_zh)
{
    delivery->lack = lack;
    delivery->lack_zh = lack_zh;
}

/* The package is what was packed, or lies one level deeper: both `tar cf ID.tar ID` and `tar cf ID.tar -C ID .` are usual. */
static gboolean find_package(DaDelivery *delivery, GError **error)
{
    if (da_package_is(delivery->work)) {
        delivery->folder = g_strdup(delivery->work);
        return TRUE;
    }
    g_autoptr(GPtrArray) names = da_dir_list(delivery->work, error);
    if (!names)
        return FALSE;
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *below = g_build_filename(delivery->work, names->pdata[i], NULL);
        if (!da_package_is(below))
            continue;
        if (delivery->folder) {
            g_clear_pointer(&delivery->folder, g_free);
            lacks(delivery, "the archive holds more than one package", "压缩包内有多个档案包");
            return TRUE;
        }
        delivery->folder = g_steal_pointer(&below);
        g_free(delivery->name);
        delivery->name = g_strdup(names->pdata[i]);
    }
    if (!delivery->folder)
        lacks(delivery, "the archive holds no package", "压缩包内没有档案包");
    return TRUE;
}

static gboolean open_archive(DaDelivery *delivery, const char *path, GError **error)
{
    if (!make_work(delivery, error) || !take_digest(delivery, path, error))
        return FALSE;
    delivery->container = da_container_unpack(path, delivery->work, &DA_CONTAINER_LIMITS, error);
    return delivery->container && (!delivery->container->whole || find_package(delivery, error));
}

/* The reader names in findings what it cannot take; what it unpacked or found is verified as far as it goes. */
static gboolean open_exchange(DaDelivery *delivery, const char *path, const DaProfile *profile,
                              GError **error)
{
    if (delivery->is_file && !take_digest(delivery, path, error))
        return FALSE;
    if (!make_work(delivery, error))
        return FALSE;
    delivery->exchange = da_exchange_read(path, delivery->work, profile, NULL, error);
    if (delivery->exchange && (delivery->exchange->dossier || !delivery->is_file))
        delivery->folder =
            delivery->is_file ? g_strdup(delivery->work) : g_canonicalize_filename(path, NULL);
    return delivery->exchange != NULL;
}

DaDelivery *da_delivery_open(const char *path, const DaProfile *profile, GError **error)
{
    g_autoptr(DaDelivery) delivery = g_new0(DaDelivery, 1);
    delivery->is_file = g_file_test(path, G_FILE_TEST_IS_REGULAR);
    g_autofree char *whole = g_canonicalize_filename(path, NULL);
    delivery->name = delivery->is_file ? stem_of(whole) : g_path_get_basename(whole);
    gboolean opened = TRUE;
    if (profile->judges == DA_JUDGED_EXCHANGE)
        opened = open_exchange(delivery, path, profile, error);
    else if (delivery->is_file)
        opened = open_archive(delivery, path, error);
    else
        delivery->folder = g_steal_pointer(&whole);
    return opened ? g_steal_pointer(&delivery) : NULL;
}
