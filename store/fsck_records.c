#include "cursor.h"
#include "fsck_parts.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/record.h>
#include <string.h>

typedef struct {
    DaFsck *fsck;
    guint64 number; /* of the last row */
    char *sha256;   /* of the last row */
    char *archive;  /* of the first record */
} Chain;

static void chain_clear(Chain *chain)
{
    g_free(chain->sha256);
    g_free(chain->archive);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Chain, chain_clear)

/* Each column of the row beside what the record says. */
static const char *difference(const DaRecord *record, const PGresult *rows, int row)
{
    const struct {
        const char *column, *said;
    } pairs[] = {
        {"former", *record->former ? record->former : NULL},
        {"archive", record->archive},
        {"kind", record->kind},
        {"at", record->at},
        {"operator", record->operator_name},
        {"district", record->district},
        {"dossier", record->dossier},
    };
    if ((guint64)da_db_integer(rows, row, "number") != record->number)
        return "number";
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++)
        if (g_strcmp0(da_db_text(rows, row, pairs[i].column), pairs[i].said) != 0)
            return pairs[i].column;
    return NULL;
}

/* A missing object is told where rows meet objects. */
static gboolean check_record(Chain *chain, const PGresult *rows, int row, const char *subject,
                             GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GBytes) text =
        da_object_read(chain->fsck->store, da_db_text(rows, row, "sha256"), &problem);
    g_autoptr(DaRecord) record = text ? da_record_parse(text, NULL, &problem) : NULL;
    if (g_error_matches(problem, DA_ERROR, DA_ERROR_NOT_FOUND))
        return TRUE;
    if (!record && problem->code != DA_ERROR_DISK && problem->code != DA_ERROR_INPUT) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    if (!record) {
        da_fsck_tell(chain->fsck, DA_FSCK_RECORD_DAMAGED, subject, FALSE, "%s", problem->message);
        return TRUE;
    }
    const char *column = difference(record, rows, row);
    if (column)
        da_fsck_tell(chain->fsck, DA_FSCK_RECORD_DIFFERS, subject, FALSE,
                     "its row has another %s than the signed record", column);
    return TRUE;
}

static void check_link(Chain *chain, guint64 number, const PGresult *rows, int row,
                       const char *subject)
{
    const char *former = da_db_text(rows, row, "former");
    if (number != chain->number + 1)
        da_fsck_tell(chain->fsck, DA_FSCK_CHAIN_BROKEN, subject, FALSE,
                     "it follows record %" G_GUINT64_FORMAT ", so that %" G_GUINT64_FORMAT
                     " are missing between them",
                     chain->number, number - chain->number - 1);
    else if (g_strcmp0(former, chain->sha256) != 0)
        da_fsck_tell(chain->fsck, DA_FSCK_CHAIN_BROKEN, subject, FALSE,
                     "it names %s as its former record, and that is %s", former ? former : "none",
                     chain->sha256 ? chain->sha256 : "none");
    else if (chain->archive && g_strcmp0(chain->archive, da_db_text(rows, row, "archive")) != 0)
        da_fsck_tell(chain->fsck, DA_FSCK_CHAIN_BROKEN, subject, FALSE,
                     "it is a record of another archive");
}

static gboolean check_row(Chain *chain, const PGresult *rows, int row, GError **error)
{
    guint64 number = (guint64)da_db_integer(rows, row, "number");
    g_autofree char *subject = g_strdup_printf("record %" G_GUINT64_FORMAT, number);
    check_link(chain, number, rows, row, subject);
    chain->number = number;
    g_free(chain->sha256);
    chain->sha256 = g_strdup(da_db_text(rows, row, "sha256"));
    if (!chain->archive)
        chain->archive = g_strdup(da_db_text(rows, row, "archive"));
    chain->fsck->result->records++;
    return check_record(chain, rows, row, subject, error);
}

gboolean da_fsck_records(DaFsck *fsck, GError **error)
{
    g_auto(Chain) chain = {.fsck = fsck};
    g_autoptr(DaCursor) cursor = da_cursor_open(
        fsck->db,
        "SELECT number, sha256, former, archive, kind, operator, district, dossier,"
        " to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS at"
        " FROM record ORDER BY number",
        error);
    const PGresult *rows = NULL;
    int row = 0;
    do {
        if (!cursor || !da_fsck_goes_on(fsck, error) ||
            !da_cursor_next(cursor, &rows, &row, error) ||
            (rows && !check_row(&chain, rows, row, error)))
            return FALSE;
    } while (rows);
    fsck->head = chain.number;
    return TRUE;
}
