#include <dangan/db.h>
#include <dangan/fixity.h>

#define TIME(value) "to_char(" value " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

void da_fixity_due_clear(DaFixityDue *due)
{
    g_clear_pointer(&due->oldest, g_free);
    g_clear_pointer(&due->round_begun, g_free);
}

static gboolean count_objects(PGconn *db, const char *days, DaFixityDue *due, GError **error)
{
    g_autoptr(PGresult) rows = da_db_query(
        db, error,
        "SELECT count(*) AS objects, count(*) FILTER (WHERE checked_at IS NULL) AS never,"
        " count(*) FILTER (WHERE checked_at < now() - make_interval(days => $1)) AS overdue,"
        " " TIME("min(checked_at)") " AS oldest, (SELECT count(*) FROM object_damage) AS damaged FROM object",
        days, NULL);
    if (!rows)
        return FALSE;
    due->objects = (guint64)da_db_integer(rows, 0, "objects");
    due->never = (guint64)da_db_integer(rows, 0, "never");
    due->overdue = (guint64)da_db_integer(rows, 0, "overdue");
    due->damaged = (guint64)da_db_integer(rows, 0, "damaged");
    due->oldest = g_strdup(da_db_text(rows, 0, "oldest"));
    return TRUE;
}

/* The deposit computed it; the file is an object under that digest. */
static gboolean count_versions(PGconn *db, const char *days, DaFixityDue *due, GError **error)
{
    g_autoptr(PGresult) rows =
        da_db_query(db, error,
                    "SELECT count(*) AS versions, count(*) FILTER (WHERE greatest(v.deposited_at,"
                    " o.checked_at) < now() - make_interval(days => $1)) AS overdue"
                    " FROM dossier_version v LEFT JOIN object o ON o.sha256 = v.package_digest",
                    days, NULL);
    if (!rows)
        return FALSE;
    due->versions = (guint64)da_db_integer(rows, 0, "versions");
    due->versions_overdue = (guint64)da_db_integer(rows, 0, "overdue");
    return TRUE;
}

static gboolean find_round(PGconn *db, DaFixityDue *due, GError **error)
{
    g_autoptr(PGresult) rows = da_db_query(
        db, error,
        "SELECT number, " TIME("begun_at") " AS begun, (SELECT count(*) FROM object WHERE"
        " coalesce(checked_at, '-infinity') < begun_at) AS left FROM (SELECT * FROM fixity_round"
        " ORDER BY number DESC LIMIT 1) AS newest WHERE ended_at IS NULL",
        NULL);
    if (!rows)
        return FALSE;
    if (PQntuples(rows) == 0)
        return TRUE;
    due->round = (guint)da_db_integer(rows, 0, "number");
    due->round_begun = g_strdup(da_db_text(rows, 0, "begun"));
    due->round_remaining = (guint64)da_db_integer(rows, 0, "left");
    return TRUE;
}

gboolean da_fixity_due(PGconn *db, guint days, DaFixityDue *due, GError **error)
{
    *due = (DaFixityDue){0};
    g_autofree char *number = g_strdup_printf("%u", days);
    return count_objects(db, number, due, error) && count_versions(db, number, due, error) &&
           find_round(db, due, error);
}
