/* Packages that wait to be accepted: rows against what their listings name. */
#include "cursor.h"
#include "fsck_parts.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/retrieve.h>

/* The listing is the only thing that says what the package consists of: without it nothing else would be missed. */
static gboolean check_package(DaFsck *fsck, const PGresult *rows, int row, GError **error)
{
    const char *listing = da_db_text(rows, row, "listing");
    g_autofree char *subject = g_strdup_printf(
        "package %s of batch %s", da_db_text(rows, row, "package"), da_db_text(rows, row, "batch"));
    g_autoptr(GError) problem = NULL;
    g_autoptr(json_t) state = da_retrieve_state(fsck->store, listing, &problem);
    if (state)
        return da_fsck_look_up(fsck, subject, state, "held_object", error);
    gboolean missing = g_error_matches(problem, DA_ERROR, DA_ERROR_NOT_FOUND);
    if (missing && da_db_boolean(rows, row, "known"))
        return TRUE; /* told where rows meet objects */
    if (!missing && !g_error_matches(problem, DA_ERROR, DA_ERROR_DISK)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    da_fsck_tell(fsck, missing ? DA_FSCK_OBJECT_MISSING : DA_FSCK_MANIFEST_DAMAGED, subject, FALSE,
                 "its listing %s: %s", listing, problem->message);
    return TRUE;
}

gboolean da_fsck_batches(DaFsck *fsck, GError **error)
{
    g_autoptr(DaCursor) cursor = da_cursor_open(
        fsck->db,
        "SELECT batch, package, listing, EXISTS (SELECT FROM batch_object o WHERE o.batch = p.batch"
        " AND o.number = p.number AND o.sha256 = p.listing) AS known FROM batch_package p"
        " WHERE state = 'received' ORDER BY batch, number",
        error);
    const PGresult *rows = NULL;
    int row = 0;
    do {
        if (!cursor || !da_fsck_goes_on(fsck, error) ||
            !da_cursor_next(cursor, &rows, &row, error) ||
            (rows && !check_package(fsck, rows, row, error)))
            return FALSE;
    } while (rows);
    return TRUE;
}
