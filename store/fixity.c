#include <dangan/fixity.h>

#include "fixity_read.h"
#include "object_event.h"
#include "repair.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <string.h>

#define PIECE_OBJECTS 1000   /* asked of the database, and told to it, at once */
#define QUEUED_MIN 500       /* the readers never wait for the database */
#define CHECKED "coalesce(checked_at, '-infinity')"

/* One run. */
typedef struct {
    DaArchive *archive;
    PGconn *db;
    const DaFixityOptions *options;
    DaFixityResult *result;
    DaReaders *readers;
    char *begun;        /* of the round, as the database writes it */
    char *after, *after_sha256; /* the last object that was asked for */
    gboolean asked_all;
    guint in_flight;
    guint64 queued_bytes;
    gint64 end_us;      /* of the budget; 0 = none */
    GString *checked;   /* digests that the database has to be told, as an array of PostgreSQL */
    guint n_checked;
} Run;

static void damage_free(DaFixityDamage *damage)
{
    g_free(damage->sha256);
    g_free(damage->detail);
    g_free(damage->found_at);
    g_free(damage->where);
    g_free(damage);
}

void da_fixity_result_clear(DaFixityResult *result)
{
    g_clear_pointer(&result->damages, g_ptr_array_unref);
}

static void run_clear(Run *run)
{
    g_clear_pointer(&run->readers, da_readers_free);
    g_free(run->begun);
    g_free(run->after);
    g_free(run->after_sha256);
    g_string_free(run->checked, TRUE);
    da_db_run(run->db, NULL, "SELECT pg_advisory_unlock(hashtext('dangan fixity'))", NULL);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

/* --- the round ------------------------------------------------------------------------------------------------------- */

static gboolean take_turn(PGconn *db, GError **error)
{
    g_autoptr(PGresult) taken = da_db_query(
        db, error, "SELECT pg_try_advisory_lock(hashtext('dangan fixity')) AS taken", NULL);
    if (!taken)
        return FALSE;
    return da_db_boolean(taken, 0, "taken") ||
           da_error_set(error, DA_ERROR_CONFLICT, "another fixity run is under way");
}

/* Goes on with the newest round when it has not ended, else begins one. */
static gboolean begin_round(Run *run, GError **error)
{
    g_autoptr(PGresult) round = da_db_query(
        run->db, error,
        "WITH newest AS (SELECT * FROM fixity_round ORDER BY number DESC LIMIT 1),"
        " fresh AS (INSERT INTO fixity_round (begun_at) SELECT clock_timestamp()"
        " WHERE $1 OR NOT EXISTS (SELECT FROM newest WHERE ended_at IS NULL)"
        " RETURNING number, begun_at)"
        " SELECT number, begun_at FROM fresh UNION ALL SELECT number, begun_at FROM newest"
        " ORDER BY number DESC LIMIT 1",
        run->options->anew ? "t" : "f", NULL);
    if (!round)
        return FALSE;
    run->result->round = (guint)da_db_integer(round, 0, "number");
    run->begun = g_strdup(da_db_text(round, 0, "begun_at"));
    return TRUE;
}

static gboolean count_remaining(Run *run, GError **error)
{
    g_autoptr(PGresult) left =
        da_db_query(run->db, error,
                    "SELECT count(*) AS left FROM object WHERE " CHECKED " < $1::timestamptz",
                    run->begun, NULL);
    if (left)
        run->result->remaining = (guint64)da_db_integer(left, 0, "left");
    return left != NULL;
}

static gboolean end_round(Run *run, GError **error)
{
    g_autofree char *number = g_strdup_printf("%u", run->result->round);
    return run->result->remaining > 0 ||
           da_db_run(run->db, error, "UPDATE fixity_round SET ended_at = now() WHERE number = $1",
                     number, NULL);
}

/* --- what is to be read ---------------------------------------------------------------------------------------------- */

static void queue(Run *run, const PGresult *rows, int row, gboolean known)
{
    DaReading *reading = g_new0(DaReading, 1);
    g_strlcpy(reading->sha256, da_db_text(rows, row, "sha256"), sizeof reading->sha256);
    reading->bytes = (guint64)da_db_integer(rows, row, "bytes");
    reading->known = known;
    run->queued_bytes += known ? 0 : reading->bytes; /* they must not use up the budget night after night */
    run->in_flight++;
    da_readers_add(run->readers, reading);
}

static gboolean queue_known(Run *run, GError **error)
{
    g_autoptr(PGresult) rows =
        da_db_query(run->db, error,
                    "SELECT sha256, bytes FROM object_damage JOIN object USING (sha256)"
                    " ORDER BY sha256",
                    NULL);
    for (int i = 0; rows && i < PQntuples(rows); i++)
        queue(run, rows, i, TRUE);
    return rows != NULL;
}

static gboolean is_spent(const Run *run)
{
    const DaFixityOptions *options = run->options;
    return (options->budget_bytes && run->queued_bytes >= options->budget_bytes) ||
           (run->end_us && g_get_monotonic_time() >= run->end_us);
}

static gboolean queue_more(Run *run, GError **error)
{
    g_autofree char *n = g_strdup_printf("%d", PIECE_OBJECTS);
    g_autoptr(PGresult) rows = da_db_query(
        run->db, error,
        "SELECT sha256, bytes, " CHECKED " AS checked FROM object WHERE (" CHECKED ", sha256) >"
        " ($1::timestamptz, $2) AND " CHECKED " < $3::timestamptz"
        " AND NOT EXISTS (SELECT FROM object_damage d WHERE d.sha256 = object.sha256)"
        " ORDER BY " CHECKED ", object.sha256 LIMIT $4",
        run->after, run->after_sha256, run->begun, n, NULL);
    if (!rows)
        return FALSE;
    int taken = 0;
    for (; taken < PQntuples(rows) && !is_spent(run); taken++)
        queue(run, rows, taken, FALSE);
    run->asked_all = taken < PIECE_OBJECTS;
    if (run->asked_all)
        return TRUE;
    g_free(run->after);
    g_free(run->after_sha256);
    run->after = g_strdup(da_db_text(rows, taken - 1, "checked"));
    run->after_sha256 = g_strdup(da_db_text(rows, taken - 1, "sha256"));
    return TRUE;
}

/* --- what was seen --------------------------------------------------------------------------------------------------- */

static gboolean tell_checked(Run *run, GError **error)
{
    if (run->n_checked == 0)
        return TRUE;
    g_string_append_c(run->checked, '}');
    gboolean told = da_db_run(run->db, error,
                              "UPDATE object SET checked_at = clock_timestamp()"
                              " WHERE sha256 = ANY ($1::text[])",
                              run->checked->str, NULL);
    g_string_assign(run->checked, "{");
    run->n_checked = 0;
    da_fault_point("fixity.told");
    return told;
}

static gboolean count_checked(Run *run, const DaReading *reading, GError **error)
{
    if (run->n_checked++ > 0)
        g_string_append_c(run->checked, ',');
    g_string_append(run->checked, reading->sha256);
    run->result->checked++;
    run->result->bytes += reading->bytes;
    da_progress_add(run->options->progress, 1);
    return run->n_checked < PIECE_OBJECTS || tell_checked(run, error);
}

static char *describe(const DaReading *reading)
{
    if (reading->outcome == DA_READ_MISSING)
        return reading->reason == ENOENT ? g_strdup("the file is not there")
                                         : g_strdup("something else lies in its place");
    if (reading->reason)
        return g_strdup_printf("it cannot be read: %s", g_strerror(reading->reason));
    if (reading->bytes == 0)
        return g_strdup("the file is empty");
    return g_strdup_printf("its digest is now %s", reading->found.hex);
}

static gboolean take_damage(Run *run, const DaReading *reading, GError **error)
{
    const char *dir = da_archive_dir(run->archive);
    g_autofree char *detail = describe(reading);
    gboolean missing = reading->outcome == DA_READ_MISSING;
    g_autofree char *found_at =
        da_object_damage_keep(run->db, reading->sha256, missing, detail, error);
    DaRepair outcome;
    if (!found_at || !da_repair(dir, run->options->second_copy, reading->sha256, &outcome, error))
        return FALSE;
    DaFixityDamage *damage = g_new0(DaFixityDamage, 1);
    damage->sha256 = g_strdup(reading->sha256);
    damage->missing = missing;
    damage->repaired = outcome == DA_REPAIR_DONE;
    damage->detail = g_strdup_printf("%s; %s", detail, da_repair_text(outcome, FALSE));
    damage->found_at = g_steal_pointer(&found_at);
    g_ptr_array_add(run->result->damages, damage);
    run->result->unrepaired += !damage->repaired;
    da_progress_line(run->options->progress, "object %s: %s", damage->sha256, damage->detail);
    return !damage->repaired ||
           da_object_damage_settle(run->db, reading->sha256, "repaired", error);
}

static gboolean take(Run *run, const DaReading *reading, GError **error)
{
    switch (reading->outcome) {
    case DA_READ_LEFT_OUT:
        return TRUE;
    case DA_READ_FAILED:
        return da_error_set_errno(error, reading->reason, "cannot read object '%s'",
                                  reading->sha256);
    case DA_READ_WHOLE:
        run->result->whole_again += reading->known;
        return count_checked(run, reading, error) &&
               (!reading->known ||
                da_object_damage_settle(run->db, reading->sha256, "whole", error));
    default:
        return count_checked(run, reading, error) && take_damage(run, reading, error);
    }
}

/* --- where damages are ----------------------------------------------------------------------------------------------- */

static char *digests_of(const GPtrArray *damages)
{
    GString *list = g_string_new("{");
    for (guint i = 0; i < damages->len; i++)
        g_string_append_printf(list, "%s%s", i ? "," : "",
                               ((const DaFixityDamage *)damages->pdata[i])->sha256);
    return g_string_free(g_string_append_c(list, '}'), FALSE);
}

static void set_where(const GPtrArray *damages, const PGresult *rows, int row)
{
    for (guint i = 0; i < damages->len; i++) {
        DaFixityDamage *damage = damages->pdata[i];
        if (!damage->where && g_str_equal(damage->sha256, da_db_text(rows, row, "sha256")))
            damage->where = g_strdup(da_db_text(rows, row, "place"));
    }
}

/* One look through the pages for all damages: they have no index by digest, and damage is rare. */
static gboolean find_places(PGconn *db, const GPtrArray *damages, GError **error)
{
    if (damages->len == 0)
        return TRUE;
    g_autofree char *list = digests_of(damages);
    g_autoptr(PGresult) rows = da_db_query(
        db, error,
        "SELECT sha256, format('dossier %s version %s, %s', dossier, version, what) AS place FROM ("
        "SELECT f.sha256, p.dossier, p.version, format('page %s (%s)', p.stem, f.kind) AS what"
        " FROM page p, LATERAL (VALUES (p.master_sha256, 'master'), (p.access_sha256, 'access'),"
        " (p.ocr_sha256, 'ocr')) AS f (sha256, kind) WHERE f.sha256 = ANY ($1::text[])"
        " UNION ALL SELECT f.sha256, v.dossier, v.version, f.kind FROM dossier_version v,"
        " LATERAL (VALUES (v.manifest, 'its manifest'), (v.descriptive, 'dossier.xml'),"
        " (v.package_digest, 'tagmanifest-sha256.txt')) AS f (sha256, kind)"
        " WHERE f.sha256 = ANY ($1::text[])) AS found ORDER BY dossier, version, what",
        list, NULL);
    for (int i = 0; rows && i < PQntuples(rows); i++)
        set_where(damages, rows, i);
    return rows != NULL;
}

/* --- the run --------------------------------------------------------------------------------------------------------- */

static gboolean is_stopped(Run *run)
{
    const volatile sig_atomic_t *stop = run->options->stop;
    run->result->stopped |= stop && *stop;
    return run->result->stopped;
}

static gboolean go_through(Run *run, GError **error)
{
    for (;;) {
        if (is_stopped(run) || is_spent(run)) {
            run->asked_all = TRUE;
            /* What a budget of bytes has let in is read to its end. */
            if (run->result->stopped || (run->end_us && g_get_monotonic_time() >= run->end_us))
                da_readers_call_off(run->readers);
        }
        if (!run->asked_all && run->in_flight < QUEUED_MIN && !queue_more(run, error))
            return FALSE;
        if (run->in_flight == 0)
            return TRUE;
        g_autofree DaReading *reading = da_readers_next(run->readers);
        run->in_flight--;
        if (!take(run, reading, error))
            return FALSE;
    }
}

static gboolean begin(Run *run, GError **error)
{
    g_autofree char *objects = g_build_filename(da_archive_dir(run->archive), "objects", NULL);
    guint jobs = run->options->jobs ? run->options->jobs : g_get_num_processors();
    if (!begin_round(run, error) || !count_remaining(run, error))
        return FALSE;
    da_progress_total(run->options->progress, run->result->remaining);
    run->readers = da_readers_new(objects, jobs, error);
    return run->readers && queue_known(run, error);
}

gboolean da_fixity_run(DaArchive *archive, PGconn *db, const DaFixityOptions *options,
                       DaFixityResult *result, GError **error)
{
    *result = (DaFixityResult){
        .damages = g_ptr_array_new_with_free_func((GDestroyNotify)damage_free)};
    if (!take_turn(db, error))
        return FALSE;
    g_auto(Run) run = {.archive = archive,
                       .db = db,
                       .options = options,
                       .result = result,
                       .after = g_strdup("-infinity"),
                       .after_sha256 = g_strdup(""),
                       .checked = g_string_new("{")};
    if (options->budget_s)
        run.end_us = g_get_monotonic_time() + options->budget_s * G_USEC_PER_SEC;
    gboolean done = begin(&run, error) && go_through(&run, error);
    /* What was read before a failure was read. */
    return tell_checked(&run, done ? error : NULL) && done && count_remaining(&run, error) &&
           end_round(&run, error) && find_places(db, result->damages, error);
}
