#include <dangan/capacity.h>

#include <dangan/db.h>

/* The words for a death are those of PER-008. */
#define HELD                                                                                          \
    "SELECT d.district, count(*) AS dossiers, count(*) FILTER (WHERE coalesce(d.vital_status, '')"    \
    " NOT IN ('死亡', '已故', '去世')) AS living, sum(d.pages) AS pages, sum(v.bytes) AS bytes" \
    " FROM dossier d JOIN (SELECT dossier, sum(bytes_new) AS bytes FROM dossier_version"              \
    " GROUP BY dossier) v ON v.dossier = d.id GROUP BY d.district ORDER BY d.district"

static guint64 up(guint64 n, guint64 per)
{
    return n / per + (n % per > 0);
}

guint64 da_capacity_m2(guint64 volumes)
{
    return up(volumes * DA_CAPACITY_M2_PER_10000, 10000);
}

guint64 da_capacity_staff(guint64 retirees)
{
    return up(retirees, DA_CAPACITY_RETIREES_PER_STAFF);
}

static json_t *held_json(const char *district, const DaHeld *held)
{
    json_t *json =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "dossiers", (json_int_t)held->dossiers,
                  "living", (json_int_t)held->living, "pages", (json_int_t)held->pages, "bytes",
                  (json_int_t)held->bytes, "m2", (json_int_t)da_capacity_m2(held->dossiers),
                  "staff", (json_int_t)da_capacity_staff(held->living));
    if (district)
        json_object_set_new(json, "district", json_string(district));
    return json;
}

static DaHeld held_of(const PGresult *rows, int row)
{
    return (DaHeld){.dossiers = (guint64)da_db_integer(rows, row, "dossiers"),
                    .living = (guint64)da_db_integer(rows, row, "living"),
                    .pages = (guint64)da_db_integer(rows, row, "pages"),
                    .bytes = (guint64)da_db_integer(rows, row, "bytes")};
}

json_t *da_capacity(PGconn *db, GError **error)
{
    g_autoptr(PGresult) rows = da_db_query(db, error, HELD, NULL);
    if (!rows)
        return NULL;
    json_t *districts = json_array();
    DaHeld all = {0};
    for (int row = 0; row < PQntuples(rows); row++) {
        DaHeld held = held_of(rows, row);
        json_array_append_new(districts, held_json(da_db_text(rows, row, "district"), &held));
        all.dossiers += held.dossiers;
        all.living += held.living;
        all.pages += held.pages;
        all.bytes += held.bytes;
    }
    return json_pack("{s:o, s:o}", "districts", districts, "all", held_json(NULL, &all));
}
