#include "repair.h"

#include "object/posix.h"

#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static char *place_of(const char *dir, const char *sha256)
{
    DaObjectPlace place = da_object_posix_place(sha256);
    return g_build_filename(dir, "objects", place.path, NULL);
}

/* The bytes of the copy, when they are what they should be. */
static GBytes *read_copy(const char *copy, const char *sha256, DaRepair *outcome)
{
    g_autofree char *path = place_of(copy, sha256);
    g_autoptr(GError) problem = NULL;
    g_autoptr(GBytes) bytes = da_file_read(path, DA_OBJECT_MAX_BYTES, &problem);
    gboolean missing = g_error_matches(problem, DA_ERROR, DA_ERROR_NOT_FOUND);
    *outcome = missing ? DA_REPAIR_COPY_MISSING : DA_REPAIR_COPY_DAMAGED;
    if (!bytes)
        return NULL;
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    return g_str_equal(da_digest_bytes(data, size).hex, sha256) ? g_steal_pointer(&bytes) : NULL;
}

/* Under a name that is free. */
static gboolean put_aside(const char *dir, const char *sha256, GError **error)
{
    g_autofree char *from = place_of(dir, sha256);
    g_autofree char *folder = g_build_filename(dir, "damaged", NULL);
    if (!da_dir_make(folder, error))
        return FALSE;
    for (guint n = 1;; n++) {
        g_autofree char *name = g_strdup_printf("%s.%u", sha256, n);
        g_autofree char *to = g_build_filename(folder, name, NULL);
        if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
            return da_dir_sync(folder, error);
        if (errno != EEXIST)
            return errno == ENOENT || da_error_set_errno(error, errno, "cannot move '%s' aside", from);
    }
}

static gboolean put_back(const char *dir, GBytes *bytes, const char *sha256, GError **error)
{
    g_autoptr(DaObjectStore) store = da_object_store_open(dir, error);
    g_autoptr(DaObjectStage) stage = store ? da_object_stage_begin(store, error) : NULL;
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    return stage && da_object_stage_bytes(stage, data, size, sha256, error) &&
           da_object_stage_commit(stage, NULL, NULL, error);
}

gboolean da_repair(const char *dir, const char *copy, const char *sha256, DaRepair *outcome,
                   GError **error)
{
    *outcome = DA_REPAIR_NO_COPY;
    g_autoptr(GBytes) bytes = copy ? read_copy(copy, sha256, outcome) : NULL;
    if (!bytes)
        return TRUE;
    if (!put_aside(dir, sha256, error))
        return FALSE;
    da_fault_point("repair.aside");
    *outcome = DA_REPAIR_DONE;
    return put_back(dir, bytes, sha256, error);
}

const char *da_repair_text(DaRepair outcome, gboolean chinese)
{
    static const struct {
        const char *english, *chinese;
    } texts[] = {
        [DA_REPAIR_DONE] = {"repaired from the second copy", "已由第二副本修复"},
        [DA_REPAIR_NO_COPY] = {"no second copy is configured", "未配置第二副本"},
        [DA_REPAIR_COPY_MISSING] = {"the second copy has not got it", "第二副本中没有"},
        [DA_REPAIR_COPY_DAMAGED] = {"the second copy is damaged as well", "第二副本同样损坏"},
    };
    return chinese ? texts[outcome].chinese : texts[outcome].english;
}
