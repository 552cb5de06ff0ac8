#include "custody_parts.h"
#include "turn.h"

#include <dangan/custody.h>
#include <dangan/db.h>
#include <dangan/dossier.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/record.h>
#include <string.h>

#define PART_MAX 8u
#define NOTE_MAX_CHARACTERS 500

/* --- places ---------------------------------------------------------------------------------------------------------- */

/* "0A3" → "A3"; NULL when it is no part. */
static char *part_of(const char *text)
{
    const char *from = text;
    while (*from == '0' && from[1])
        from++;
    gsize length = strlen(from);
    gboolean good = length >= 1 && length <= PART_MAX;
    for (gsize i = 0; i < length; i++)
        good = good && g_ascii_isalnum(from[i]);
    return good ? g_ascii_strup(from, -1) : NULL;
}

char *da_custody_place_parse(const char *text, GError **error)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autofree char *plain = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL_COMPOSE);
    g_auto(GStrv) parts = g_strsplit(g_strstrip(plain), "-", -1);
    g_autoptr(GString) place = g_string_new(NULL);
    guint n = g_strv_length(parts);
    for (guint i = 0; n == DA_CUSTODY_LEVELS && i < n; i++) {
        g_autofree char *part = part_of(g_strstrip(parts[i]));
        if (!part)
            n = 0;
        else
            g_string_append_printf(place, "%s%s", i ? "-" : "", part);
    }
    if (n == DA_CUSTODY_LEVELS)
        return g_strdup(place->str);
    da_error_set(error, DA_ERROR_USAGE,
                 "'%s' is no place: wanted are room, zone, row, section, shelf and box "
                 "(库房-区-列-节-层-盒), e.g. 2-B-3-1-4-17",
                 valid);
    return NULL;
}

/* --- making records -------------------------------------------------------------------------------------------------- */

/* Takes the body. */
static guint64 append(DaArchive *archive, PGconn *db, const char *kind, const char *dossier,
                      const char *district, const char *by, json_t *body, GError **error)
{
    g_autoptr(json_t) owned = body;
    const DaRecordDraft draft = {
        .kind = kind, .operator_name = by, .district = district, .dossier = dossier, .body = owned};
    if (!owned) {
        da_error_set(error, DA_ERROR_USAGE, "what is to be kept is not in UTF-8");
        return 0;
    }
    return da_record_commit(archive, db, &draft, error);
}

char *da_custody_district(PGconn *db, const char *dossier, GError **error)
{
    g_autoptr(PGresult) rows = NULL;
    if (g_uuid_string_is_valid(dossier)) {
        rows = da_db_query(db, error, "SELECT district FROM dossier WHERE id = $1", dossier, NULL);
        if (!rows)
            return NULL;
    }
    if (rows && PQntuples(rows))
        return g_strdup(da_db_text(rows, 0, "district"));
    da_error_set(error, DA_ERROR_NOT_FOUND, "the archive has no dossier '%s'", dossier);
    return NULL;
}

/* As one step with deposits and others that change the dossier. Takes the body. */
static guint64 change(DaArchive *archive, PGconn *db, const char *kind, const char *dossier,
                      const char *by, json_t *body, GError **error)
{
    g_auto(DaTurn) turn = {0};
    g_autofree char *district =
        da_turn_take(&turn, db, dossier, error) ? da_custody_district(db, dossier, error) : NULL;
    if (district)
        return append(archive, db, kind, dossier, district, by, body, error);
    json_decref(body);
    return 0;
}

gboolean da_custody_check_note(const char *what, const char *text, gboolean needed, GError **error)
{
    if (!text || !*text)
        return !needed || da_error_set(error, DA_ERROR_USAGE, "say %s", what);
    if (!g_utf8_validate(text, -1, NULL) || g_utf8_strlen(text, -1) > NOTE_MAX_CHARACTERS)
        return da_error_set(error, DA_ERROR_USAGE, "%s has more than %d characters or is not UTF-8",
                            what, NOTE_MAX_CHARACTERS);
    return TRUE;
}

guint64 da_custody_locate(DaArchive *archive, PGconn *db, const char *dossier, const char *place,
                          const char *by, GError **error)
{
    g_autofree char *usual = da_custody_place_parse(place, error);
    return usual ? change(archive, db, "location", dossier, by, json_pack("{s:s}", "place", usual),
                          error)
                 : 0;
}

guint64 da_custody_hold(DaArchive *archive, PGconn *db, const char *dossier, const char *reason,
                        const char *by, GError **error)
{
    return da_custody_check_note("the reason", reason, TRUE, error)
               ? change(archive, db, "hold", dossier, by, json_pack("{s:s}", "reason", reason),
                        error)
               : 0;
}

guint64 da_custody_release(DaArchive *archive, PGconn *db, const char *dossier, const char *reason,
                           const char *by, GError **error)
{
    g_autofree char *district = da_custody_district(db, dossier, error);
    if (!district || !da_custody_check_note("the reason", reason, TRUE, error))
        return 0;
    g_autoptr(PGresult) standing = da_db_query(
        db, error, "SELECT 1 FROM hold WHERE dossier = $1 AND released IS NULL", dossier, NULL);
    if (standing && !PQntuples(standing))
        da_error_set(error, DA_ERROR_CONFLICT, "no hold stands on dossier '%s'", dossier);
    return standing && PQntuples(standing) ? change(archive, db, "release", dossier, by,
                                                    json_pack("{s:s}", "reason", reason), error)
                                           : 0;
}

/* The usual form of a date; NULL = none was given. FALSE for what is no date. */
static gboolean usual_date(const char *text, char **date, GError **error)
{
    DaDate parsed;
    *date = NULL;
    if (!text)
        return TRUE;
    if (!da_date_parse(text, &parsed, error))
        return FALSE;
    *date = da_date_format(parsed);
    return TRUE;
}

guint64 da_custody_life(DaArchive *archive, PGconn *db, const char *dossier, const char *event,
                        const char *date, const char *note, const char *by, GError **error)
{
    static const char *const events[] = {"died", "moved", "corrected", NULL};
    g_autofree char *usual = NULL;
    if (!g_strv_contains(events, event)) {
        da_error_set(error, DA_ERROR_USAGE, "no event '%s': died, moved or corrected", event);
        return 0;
    }
    if (!usual_date(date, &usual, error) || !da_custody_check_note("the note", note, FALSE, error))
        return 0;
    return change(archive, db, "life", dossier, by,
                  json_pack("{s:s, s:s*, s:s*}", "event", event, "date", usual, "note", note),
                  error);
}

guint64 da_custody_retain(DaArchive *archive, PGconn *db, const char *dossier, const char *until,
                          const char *basis, const char *by, GError **error)
{
    g_autofree char *usual = NULL;
    gboolean permanent = until && !strcmp(until, DA_CUSTODY_PERMANENT);
    if (!until) {
        da_error_set(error, DA_ERROR_USAGE, "say until when it is kept, or '%s'",
                     DA_CUSTODY_PERMANENT);
        return 0;
    }
    if (!usual_date(permanent ? NULL : until, &usual, error) ||
        !da_custody_check_note("what it is based on", basis, TRUE, error))
        return 0;
    return change(archive, db, "retention", dossier, by,
                  json_pack("{s:s*, s:s}", "until", usual, "basis", basis), error);
}

/* --- what is known --------------------------------------------------------------------------------------------------- */

/* One JSON text, made by the server from rows that it has anyway. */
#define OF_DOSSIER                                                                                 \
    "SELECT json_build_object('dossier', d.id, 'district', d.district,"                            \
    " 'place', (SELECT place FROM location WHERE dossier = d.id),"                                 \
    " 'retention', (SELECT json_build_object('until', coalesce(t.until, 'permanent'), 'basis',"    \
    " t.basis, 'record', t.record) FROM retention t WHERE t.dossier = d.id),"                      \
    " 'under_way', (SELECT json_build_object('slip', s.slip, 'to', s.to_district) FROM transfer s" \
    " JOIN transfer_dossier t USING (slip) WHERE t.dossier = d.id AND s.receipt IS NULL"           \
    " AND s.withdrawn IS NULL),"                                                                   \
    " 'holds', (SELECT coalesce(json_agg(json_build_object('record', h.record, 'reason', "         \
    "h.reason,"                                                                                    \
    " 'at', r.at, 'by', r.operator) ORDER BY h.record), '[]') FROM hold h JOIN record r"           \
    " ON r.number = h.record WHERE h.dossier = d.id AND h.released IS NULL),"                      \
    " 'life', (SELECT json_build_object('event', l.event, 'date', l.date, 'note', l.note, 'at',"   \
    " r.at) FROM life_event l JOIN record r ON r.number = l.record WHERE l.dossier = d.id"         \
    " ORDER BY l.record DESC LIMIT 1),"                                                            \
    " 'records', (SELECT coalesce(json_agg(json_build_object('record', r.number, 'kind', r.kind,"  \
    " 'at', r.at, 'by', r.operator) ORDER BY r.number), '[]') FROM record r WHERE r.dossier ="     \
    " d.id OR r.number IN (SELECT unnest(ARRAY[s.slip, s.receipt, s.withdrawn]) FROM transfer s"   \
    " JOIN transfer_dossier t USING (slip) WHERE t.dossier = d.id))) AS custody FROM dossier d "   \
    "WHERE d.id = $1"

json_t *da_custody_of(PGconn *db, const char *dossier, GError **error)
{
    g_autofree char *district = da_custody_district(db, dossier, error);
    g_autoptr(PGresult) rows = district ? da_db_query(db, error, OF_DOSSIER, dossier, NULL) : NULL;
    return rows ? json_loads(da_db_text(rows, 0, "custody"), 0, NULL) : NULL;
}
