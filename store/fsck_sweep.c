#include "cursor.h"
#include "fsck_parts.h"
#include "object_event.h"
#include "object/posix.h"
#include "turn.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean da_fsck_note_leftover(DaFsck *fsck, const char *sha256, GError **error)
{
    return da_db_run(fsck->notes, error, "INSERT INTO leftover VALUES ($1)", sha256, NULL);
}

/* In the history first: killed between the two, it was noted and is removed the next time. */
static gboolean remove_one(DaFsck *fsck, const char *sha256, GError **error)
{
    DaObjectPlace place = da_object_posix_place(sha256);
    const char *dir = da_archive_dir(fsck->archive);
    g_autofree char *path = g_build_filename(dir, "objects", place.path, NULL);
    g_autofree char *folder = g_build_filename(dir, "objects", place.folder, NULL);
    struct stat found;
    if (lstat(path, &found) != 0)
        return errno == ENOENT || da_error_set_errno(error, errno, "cannot look at '%s'", path);
    g_autofree char *detail =
        g_strdup_printf("%" G_GUINT64_FORMAT " bytes", (guint64)found.st_size);
    if (!da_object_event(fsck->notes, sha256, "swept", detail, error))
        return FALSE;
    da_fault_point("sweep.noted");
    if (unlink(path) != 0)
        return da_error_set_errno(error, errno, "cannot remove '%s'", path);
    fsck->result->swept++;
    fsck->result->swept_bytes += (guint64)found.st_size;
    return da_dir_sync(folder, error);
}

/* Whoever deposits meanwhile may have taken a leftover for his own: nobody brings objects now, and rows are looked at again. */
gboolean da_fsck_sweep(DaFsck *fsck, GError **error)
{
    g_auto(DaTurn) turn = {NULL};
    if (!da_turn_own_objects(&turn, fsck->notes, error))
        return FALSE;
    g_autoptr(PGresult) rows = da_db_query(
        fsck->notes, error,
        "SELECT sha256 FROM leftover l WHERE NOT EXISTS (SELECT FROM held_object o WHERE o.sha256 ="
        " l.sha256) ORDER BY sha256",
        NULL);
    for (int i = 0; rows && i < PQntuples(rows); i++)
        if (!remove_one(fsck, da_db_text(rows, i, "sha256"), error))
            return FALSE;
    fsck->result->mended += rows ? fsck->result->swept : 0;
    return rows != NULL;
}
