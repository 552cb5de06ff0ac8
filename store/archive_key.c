#include "archive_key.h"

#include <dangan/staging.h>

#define FOLDER "keys"
#define NAME "archive.key"

gboolean da_archive_key_make(const DaArchive *archive, GError **error)
{
    g_autofree char *folder = g_build_filename(da_archive_dir(archive), FOLDER, NULL);
    const char *algorithm = da_config_text(da_archive_config(archive), "signature");
    if (g_file_test(folder, G_FILE_TEST_IS_DIR))
        return TRUE;
    g_autoptr(DaStaging) staging = da_staging_new(folder, error);
    if (!staging)
        return FALSE;
    g_autofree char *path = g_build_filename(da_staging_path(staging), NAME, NULL);
    return da_sign_key_make(path, da_sign_algorithm_by_name(algorithm), error) &&
           da_staging_commit(staging, FALSE, error);
}

DaSignKey *da_archive_key_load(const DaArchive *archive, GError **error)
{
    g_autofree char *path = g_build_filename(da_archive_dir(archive), FOLDER, NAME, NULL);
    DaSignKey *key = da_sign_key_load(path, error);
    if (!key)
        g_prefix_error(error, "the archive's key, which signs its records, cannot be used; bring "
                              "it back from the backup: ");
    return key;
}
