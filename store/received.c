#include "received.h"

#include <dangan/bigram.h>
#include <dangan/db.h>
#include <dangan/identity.h>
#include <string.h>

#define ID_LENGTH 18

char *da_received_number(const char *text)
{
    g_autofree char *normal = text ? da_id_number_normalize(text) : NULL;
    if (!normal || !*normal)
        return NULL;
    char *upgraded = da_id_number_upgrade(normal);
    return upgraded ? upgraded : g_steal_pointer(&normal);
}

static char *number_of(const DaDossier *dossier)
{
    return da_received_number(da_dossier_get(dossier, DA_FIELD_ID_NUMBER));
}

char *da_received_turn(const DaDossier *dossier)
{
    g_autofree char *number = number_of(dossier);
    return number ? g_strdup_printf("person %s", number) : NULL;
}

/* The form of before 1999, without century and check character: a dossier may have been kept under it. Source: GB 11643-1989. */
static char *old_form(const char *number)
{
    return strlen(number) == ID_LENGTH ? g_strdup_printf("%.6s%.9s", number, number + 8) : NULL;
}

static DaFinding *finding_of(const DaRule *rule, const DaDossier *dossier, const char *kept)
{
    DaFinding *finding = da_rule_finding(rule, dossier->id);
    da_finding_set(&finding->message,
                   "the person has a dossier in the archive already: '%s', made of another package",
                   kept);
    da_finding_set(&finding->message_zh, "该人员已有入库案卷“%s”，由另一档案包形成", kept);
    return finding;
}

gboolean da_received_find(PGconn *db, const DaProfile *profile, const DaDossier *dossier,
                          DaFinding **finding, GError **error)
{
    const DaRule *rule = da_profile_rule(profile, "person-received");
    g_autofree char *number = rule ? number_of(dossier) : NULL;
    g_autofree char *key = number ? da_person_key(number) : NULL;
    *finding = NULL;
    if (!key)
        return TRUE;
    g_autofree char *old = old_form(number);
    g_autofree char *old_key = old ? da_person_key(old) : NULL;
    g_autoptr(PGresult) kept =
        da_db_query(db, error,
                    "SELECT dossier FROM person_key WHERE kind = 'id' AND key IN ($1, $2)"
                    " AND dossier <> $3::uuid ORDER BY dossier LIMIT 1",
                    key, old_key ? old_key : key, dossier->id, NULL);
    if (!kept)
        return FALSE;
    if (PQntuples(kept))
        *finding = finding_of(rule, dossier, da_db_text(kept, 0, "dossier"));
    return TRUE;
}
