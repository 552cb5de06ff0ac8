/*
 * Custody: where the paper of a dossier lies, how long it is kept, what forbids to destroy it or to send it away, and what became of its
 * person.
 *
 * Each is a record of the archive (dangan/record.h), made in a transaction of its own: nothing is overwritten, a wrong one is put right by a
 * further one, and `reindex` brings all of it back. Dates are as far as known: 2026, 2026-03, 2026-03-02.
 */
#pragma once

#include <dangan/archive.h>
#include <jansson.h>

/* Levels of a place: 库房 room, 区 zone, 列 row, 节 section, 层 shelf, 盒 box. */
#define DA_CUSTODY_LEVELS 6u

/* "2-B-3-1-4-17" in its usual form: six parts of letters and digits, full-width ones made half-width, capitals, no leading zeros. NULL with
 * DA_ERROR_USAGE when it is none. The caller owns it. */
char *da_custody_place_parse(const char *text, GError **error);

/* All of these make one record and give its number; 0 with error. DA_ERROR_NOT_FOUND when there is no such dossier. `by` NULL = the system's user
 * name. */
guint64 da_custody_locate(DaArchive *archive, PGconn *db, const char *dossier, const char *place, const char *by, GError **error);
guint64 da_custody_hold(DaArchive *archive, PGconn *db, const char *dossier, const char *reason, const char *by, GError **error);
/* Releases all holds that stand. DA_ERROR_CONFLICT when none does. */
guint64 da_custody_release(DaArchive *archive, PGconn *db, const char *dossier, const char *reason, const char *by, GError **error);
/* "died", "moved", or "corrected": what was said before was wrong. `date` and `note` may be NULL. */
guint64 da_custody_life(DaArchive *archive, PGconn *db, const char *dossier, const char *event, const char *date, const char *note,
                        const char *by, GError **error);

#define DA_CUSTODY_PERMANENT "permanent"

/* How long it is kept (保管期限): until the end of a year, month or day, or DA_CUSTODY_PERMANENT. Without such a decision a dossier is kept for
 * good. `basis` says by which list or decision. Source: DA/T 13-2022 (永久, 30年, 10年). */
guint64 da_custody_retain(DaArchive *archive, PGconn *db, const char *dossier, const char *until, const char *basis, const char *by,
                          GError **error);

/* {"dossier", "district", "place", "retention": {"until", "basis", "record"} or null, "under_way": {"slip", "to"} or null,
 *  "holds": [{"record", "reason", "at", "by"}], "life": {"event", "date", "note", "at"} or null, "records": [{"record", "kind", "at", "by"}]}:
 * holds that stand, the last that was told, and all there is. The caller owns it. */
json_t *da_custody_of(PGconn *db, const char *dossier, GError **error);
