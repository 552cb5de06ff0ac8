#include "cursor.h"
#include "fsck_parts.h"
#include "object_event.h"
#include "record_find.h"
#include "repair.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define YOUNG_US (24 * G_TIME_SPAN_HOUR)

/* Two streams in the order of digests. */
typedef struct {
    DaFsck *fsck;
    DaCursor *cursor;
    DaObjectList *list;
    const PGresult *rows; /* NULL = all rows were seen */
    int row;
    const DaObjectEntry *found; /* NULL = all files were seen */
} Merge;

static void merge_clear(Merge *merge)
{
    g_clear_pointer(&merge->cursor, da_cursor_free);
    g_clear_pointer(&merge->list, da_object_list_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Merge, merge_clear)

static gboolean next_row(Merge *merge, GError **error)
{
    return da_cursor_next(merge->cursor, &merge->rows, &merge->row, error);
}

/* Foreign things are told by the way. */
static gboolean next_found(Merge *merge, GError **error)
{
    g_autoptr(GError) problem = NULL;
    while ((merge->found = da_object_list_next(merge->list, &problem)) && !merge->found->sha256)
        da_fsck_tell(merge->fsck, DA_FSCK_FOREIGN, merge->found->where, FALSE,
                     "%s that is no object", merge->found->what);
    if (!problem)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

/* --- a row without its object, an object with its row ---------------------------------------------------------------- */

/* Of what waits no history is kept: whoever accepts it reads every byte. */
static gboolean note_damage(const Merge *merge, DaFsckKind kind, const char *sha256,
                            const char *detail, GError **error)
{
    g_autofree char *since =
        da_db_boolean(merge->rows, merge->row, "waiting")
            ? g_strdup("")
            : da_object_damage_keep(merge->fsck->notes, sha256, kind == DA_FSCK_OBJECT_MISSING,
                                    detail, error);
    return since != NULL;
}

static gboolean mend(const Merge *merge, DaFsckKind kind, const char *detail, GError **error)
{
    DaFsck *fsck = merge->fsck;
    const char *sha256 = da_db_text(merge->rows, merge->row, "sha256");
    DaRepair outcome = DA_REPAIR_NO_COPY;
    if (!note_damage(merge, kind, sha256, detail, error))
        return FALSE;
    if (!fsck->options->repair) {
        da_fsck_tell(fsck, kind, sha256, FALSE, "%s", detail);
        return TRUE;
    }
    if (!da_repair(da_archive_dir(fsck->archive), fsck->options->second_copy, sha256, &outcome,
                   error))
        return FALSE;
    gboolean mended = outcome == DA_REPAIR_DONE;
    da_fsck_tell(fsck, kind, sha256, mended, "%s; %s", detail, da_repair_text(outcome, FALSE));
    return !mended || da_db_boolean(merge->rows, merge->row, "waiting") ||
           da_object_damage_settle(fsck->notes, sha256, "repaired", error);
}

/* The digest says which of them is right: a row that lies is for reindex. */
static gboolean check_size(const Merge *merge, guint64 row, guint64 file, GError **error)
{
    DaFsck *fsck = merge->fsck;
    const char *sha256 = merge->found->sha256;
    g_autofree char *detail = g_strdup_printf(
        "it has %" G_GUINT64_FORMAT " bytes, its row says %" G_GUINT64_FORMAT, file, row);
    g_autoptr(GError) problem = NULL;
    g_autoptr(GBytes) whole = da_object_read(fsck->store, sha256, &problem);
    if (!whole)
        return mend(merge, DA_FSCK_OBJECT_SIZE, detail, error);
    da_fsck_tell(fsck, DA_FSCK_MANIFEST_DIFFERS, sha256, FALSE, "%s; its bytes are whole", detail);
    return TRUE;
}

static gboolean check_mode(DaFsck *fsck, const DaObjectEntry *found, GError **error)
{
    if (!found->writable)
        return TRUE;
    g_autofree char *path = g_build_filename(da_archive_dir(fsck->archive), found->where, NULL);
    if (fsck->options->repair && chmod(path, 0444) != 0)
        return da_error_set_errno(error, errno, "cannot make '%s' read-only", path);
    da_fsck_tell(fsck, DA_FSCK_OBJECT_MODE, found->sha256, fsck->options->repair,
                 "it can be written");
    return TRUE;
}

static gboolean check_pair(Merge *merge, GError **error)
{
    DaFsck *fsck = merge->fsck;
    guint64 wanted = (guint64)da_db_integer(merge->rows, merge->row, "bytes");
    guint64 size = merge->found->size_bytes;
    const char *standing = da_db_text(merge->rows, merge->row, "state");
    fsck->result->bytes += size;
    if (size != wanted)
        return check_size(merge, wanted, size, error);
    if (standing && !strcmp(standing, "damaged") &&
        !mend(merge, DA_FSCK_OBJECT_DAMAGED, "fixity found it damaged", error))
        return FALSE;
    return check_mode(fsck, merge->found, error);
}

/* --- an object without a row ----------------------------------------------------------------------------------------- */

/* Is it a record that the database should know? */
static gboolean is_lost_record(DaFsck *fsck, const DaObjectEntry *found)
{
    g_autoptr(DaRecord) record = da_record_find(fsck->store, found);
    if (!record || record->number <= fsck->head)
        return FALSE;
    gboolean next = record->number == fsck->head + 1;
    da_fsck_tell(fsck, next ? DA_FSCK_RECORD_UNFINISHED : DA_FSCK_RECORD_LOST, found->sha256, FALSE,
                 "it is record %" G_GUINT64_FORMAT
                 " (%s), the database ends with %" G_GUINT64_FORMAT,
                 record->number, record->kind, fsck->head);
    return TRUE;
}

static gboolean check_orphan(Merge *merge, GError **error)
{
    DaFsck *fsck = merge->fsck;
    const DaObjectEntry *found = merge->found;
    if (!fsck->options->any_age && g_get_real_time() - found->since_us < YOUNG_US) {
        fsck->result->young++;
        return TRUE;
    }
    if (is_lost_record(fsck, found))
        return TRUE;
    da_fsck_tell(fsck, DA_FSCK_LEFTOVER, found->sha256, FALSE,
                 "%" G_GUINT64_FORMAT " bytes, no row names it", found->size_bytes);
    return !fsck->options->sweep || da_fsck_note_leftover(fsck, found->sha256, error);
}

/* --- both ------------------------------------------------------------------------------------------------------------ */

static int compare(const Merge *merge)
{
    if (!merge->rows || !merge->found)
        return merge->rows ? -1 : 1;
    return strcmp(da_db_text(merge->rows, merge->row, "sha256"), merge->found->sha256);
}

static gboolean step(Merge *merge, GError **error)
{
    int order = compare(merge);
    gboolean going = order > 0    ? check_orphan(merge, error)
                     : order == 0 ? check_pair(merge, error)
                                  : mend(merge, DA_FSCK_OBJECT_MISSING,
                                         "a row names it, and it is not there", error);
    if (order <= 0) {
        merge->fsck->result->objects++;
        da_progress_add(merge->fsck->options->progress, 1);
    }
    return going && (order > 0 || next_row(merge, error)) &&
           (order < 0 || next_found(merge, error));
}

static gboolean set_total(DaFsck *fsck, GError **error)
{
    g_autoptr(PGresult) n =
        da_db_query(fsck->db, error, "SELECT count(*) AS n FROM held_object", NULL);
    if (n)
        da_progress_total(fsck->options->progress, (guint64)da_db_integer(n, 0, "n"));
    return n != NULL;
}

gboolean da_fsck_objects(DaFsck *fsck, GError **error)
{
    g_auto(Merge) merge = {.fsck = fsck};
    if (!set_total(fsck, error))
        return FALSE;
    merge.list = da_object_list_begin(fsck->store, NULL, error);
    merge.cursor = merge.list ? da_cursor_open(fsck->db,
                                               "SELECT sha256, bytes, waiting, state FROM"
                                               " held_object LEFT JOIN object_damage USING (sha256)"
                                               " ORDER BY sha256",
                                               error)
                              : NULL;
    if (!merge.cursor || !next_row(&merge, error) || !next_found(&merge, error))
        return FALSE;
    while (merge.rows || merge.found)
        if (!da_fsck_goes_on(fsck, error) || !step(&merge, error))
            return FALSE;
    return TRUE;
}
