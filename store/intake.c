#include "intake_parts.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/retrieve.h>
#include <string.h>

/* --- batches --------------------------------------------------------------------------------------------------------- */

#define BATCHES                                                                                    \
    "SELECT b.id, b.district, b.enterprise, b.enterprise_code, b.list_errors, b.arrival,"          \
    " to_char(b.arrived_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS arrived_at,"   \
    " count(*) AS packages, sum(p.pages) AS pages, sum(p.files) AS files, sum(p.bytes) AS bytes,"  \
    " count(*) FILTER (WHERE p.state = 'received') AS waiting,"                                    \
    " count(*) FILTER (WHERE p.state = 'accepted') AS accepted,"                                   \
    " count(*) FILTER (WHERE p.state = 'accepted' AND p.decision IS NULL) AS accepting,"           \
    " count(*) FILTER (WHERE p.state = 'returned') AS returned, max(p.decision) AS decision"       \
    " FROM batch b JOIN batch_package p ON p.batch = b.id"

void da_intake_free(DaIntake *batch)
{
    if (!batch)
        return;
    g_free(batch->id);
    g_free(batch->district);
    g_free(batch->enterprise);
    g_free(batch->enterprise_code);
    g_free(batch->arrived_at);
    g_free(batch);
}

static const char *state_of(const DaIntake *batch, gint64 accepting)
{
    if (accepting)
        return "accepting";
    if (batch->waiting)
        return "received";
    return batch->accepted ? "accepted" : "returned";
}

static DaIntake *batch_of(const PGresult *rows, int row)
{
    DaIntake *batch = g_new0(DaIntake, 1);
    batch->id = g_strdup(da_db_text(rows, row, "id"));
    batch->district = g_strdup(da_db_text(rows, row, "district"));
    batch->enterprise = g_strdup(da_db_text(rows, row, "enterprise"));
    batch->enterprise_code = g_strdup(da_db_text(rows, row, "enterprise_code"));
    batch->arrived_at = g_strdup(da_db_text(rows, row, "arrived_at"));
    batch->arrival = (guint64)da_db_integer(rows, row, "arrival");
    batch->decision = (guint64)da_db_integer(rows, row, "decision");
    batch->list_errors = (guint)da_db_integer(rows, row, "list_errors");
    batch->packages = (guint)da_db_integer(rows, row, "packages");
    batch->waiting = (guint)da_db_integer(rows, row, "waiting");
    batch->accepted = (guint)da_db_integer(rows, row, "accepted");
    batch->returned = (guint)da_db_integer(rows, row, "returned");
    batch->pages = (guint64)da_db_integer(rows, row, "pages");
    batch->files = (guint64)da_db_integer(rows, row, "files");
    batch->bytes = (guint64)da_db_integer(rows, row, "bytes");
    batch->state = state_of(batch, da_db_integer(rows, row, "accepting"));
    return batch;
}

DaIntake *da_intake_find(PGconn *db, const char *id, GError **error)
{
    g_autofree char *shown = g_utf8_make_valid(id, -1);
    g_autoptr(PGresult) rows =
        da_db_query(db, error, BATCHES " WHERE b.id = $1 GROUP BY b.id", shown, NULL);
    if (!rows)
        return NULL;
    if (PQntuples(rows))
        return batch_of(rows, 0);
    da_error_set(error, DA_ERROR_NOT_FOUND,
                 "the archive has no batch '%s'; dangan batches lists those it has", shown);
    return NULL;
}

GPtrArray *da_intake_list(PGconn *db, GError **error)
{
    g_autoptr(PGresult) rows =
        da_db_query(db, error, BATCHES " GROUP BY b.id ORDER BY b.arrival", NULL);
    if (!rows)
        return NULL;
    GPtrArray *batches = g_ptr_array_new_with_free_func((GDestroyNotify)da_intake_free);
    for (int row = 0; row < PQntuples(rows); row++)
        g_ptr_array_add(batches, batch_of(rows, row));
    return batches;
}

/* --- packages -------------------------------------------------------------------------------------------------------- */

void da_intake_package_free(DaIntakePackage *package)
{
    if (!package)
        return;
    char *const texts[] = {package->package, package->digest, package->listing,
                           package->archival_number, package->dossier};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(package);
}

static DaIntakePackage *package_of(const PGresult *rows, int row)
{
    DaIntakePackage *package = g_new0(DaIntakePackage, 1);
    package->number = (guint)da_db_integer(rows, row, "number");
    package->package = g_strdup(da_db_text(rows, row, "package"));
    package->digest = g_strdup(da_db_text(rows, row, "package_digest"));
    package->listing = g_strdup(da_db_text(rows, row, "listing"));
    package->archival_number = g_strdup(da_db_text(rows, row, "archival_number"));
    package->pages = (guint)da_db_integer(rows, row, "pages");
    package->files = (guint64)da_db_integer(rows, row, "files");
    package->bytes = (guint64)da_db_integer(rows, row, "bytes");
    package->dossier = g_strdup(da_db_text(rows, row, "dossier"));
    package->version = (guint)da_db_integer(rows, row, "version");
    return package;
}

GPtrArray *da_intake_packages(PGconn *db, const char *batch, DaIntakeStage stage, GError **error)
{
    g_autoptr(PGresult) rows =
        da_db_query(db, error,
                    "SELECT * FROM batch_package WHERE batch = $1 AND state = $2"
                    " AND (decision IS NOT NULL) = $3::boolean ORDER BY number",
                    batch, stage == DA_INTAKE_WAITING ? "received" : "accepted",
                    stage == DA_INTAKE_DECIDED ? "t" : "f", NULL);
    if (!rows)
        return NULL;
    GPtrArray *packages = g_ptr_array_new_with_free_func((GDestroyNotify)da_intake_package_free);
    for (int row = 0; row < PQntuples(rows); row++)
        g_ptr_array_add(packages, package_of(rows, row));
    return packages;
}

json_t *da_intake_counts(const GPtrArray *packages)
{
    guint64 files = 0, bytes = 0, pages = 0;
    for (guint i = 0; i < packages->len; i++) {
        const DaIntakePackage *package = packages->pdata[i];
        files += package->files;
        bytes += package->bytes;
        pages += package->pages;
    }
    return json_pack("{s:i, s:I, s:I, s:I}", "packages", (int)packages->len, "files",
                     (json_int_t)files, "bytes", (json_int_t)bytes, "pages", (json_int_t)pages);
}

json_t *da_intake_rows(const GPtrArray *packages)
{
    json_t *rows = json_array();
    for (guint i = 0; i < packages->len; i++) {
        const DaIntakePackage *package = packages->pdata[i];
        json_t *row =
            json_pack("{s:i, s:s, s:s, s:s, s:i, s:I, s:I}", "number", (int)package->number,
                      "package", package->package, "digest", package->digest, "listing",
                      package->listing, "pages", (int)package->pages, "files",
                      (json_int_t)package->files, "bytes", (json_int_t)package->bytes);
        if (package->archival_number)
            json_object_set_new(row, "archival_number", json_string(package->archival_number));
        if (package->dossier) {
            json_object_set_new(row, "dossier", json_string(package->dossier));
            json_object_set_new(row, "version", json_integer(package->version));
        }
        json_array_append_new(rows, row);
    }
    return rows;
}

gboolean da_intake_write(DaArchive *archive, PGconn *db, const char *id, const char *path,
                         GError **error)
{
    g_autoptr(DaIntake) batch = da_intake_find(db, id, error);
    g_autoptr(GPtrArray) packages =
        batch ? da_intake_packages(db, id, DA_INTAKE_WAITING, error) : NULL;
    if (!packages)
        return FALSE;
    if (!packages->len)
        return da_error_set(error, DA_ERROR_CONFLICT, "nothing of batch '%s' waits: it is %s", id,
                            batch->state);
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return da_error_set(error, DA_ERROR_CONFLICT, "'%s' exists; give a new folder", path);
    for (guint i = 0; i < packages->len; i++) {
        const DaIntakePackage *package = packages->pdata[i];
        g_autofree char *folder = g_build_filename(path, package->package, NULL);
        if (!da_retrieve_manifest(archive, package->listing, folder, error))
            return FALSE;
    }
    return TRUE;
}

/* --- at work --------------------------------------------------------------------------------------------------------- */

char *da_intake_turn(const char *batch)
{
    g_autofree char *name = g_utf8_make_valid(batch, -1);
    return g_strconcat("batch ", name, NULL);
}

void da_intake_tell(const DaIntakeWatch *watch, DaIntakeNewsKind kind, const char *package,
                    const char *words, const GPtrArray *findings)
{
    const DaIntakeNews news = {kind, package, words, findings};
    if (watch->tell)
        watch->tell(&news, watch->data);
}

gboolean da_intake_goes_on(const DaIntakeWatch *watch, guint done, guint all, GError **error)
{
    return !watch->stop || !*watch->stop ||
           da_error_set(error, DA_ERROR_CANCELLED,
                        "stopped after %u of %u packages; the same command goes on", done, all);
}

gboolean da_intake_is_machine(const GError *problem)
{
    return da_error_exit_status(problem) == 4 || g_error_matches(problem, DA_ERROR, DA_ERROR_USAGE);
}

gboolean da_intake_record(DaArchive *archive, PGconn *db, const char *kind, const DaIntake *batch,
                          json_t *body, guint64 *number, GError **error)
{
    const DaRecordDraft draft = {
        .kind = kind, .district = batch->district, .body = body, .prepared = batch};
    guint64 made = da_record_commit(archive, db, &draft, error);
    if (made)
        *number = made;
    return made != 0;
}
