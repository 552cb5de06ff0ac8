#include "describe_parts.h"

#include <math.h>
#include <string.h>

/* Below it a date is shown and not compared; the rule's parameter `confidence` says otherwise. */
#define STANDARD_CONFIDENCE 0.6

const DaField da_conflict_fields[DA_CONFLICT_FIELDS] = {DA_FIELD_BIRTH, DA_FIELD_WORK_START,
                                                        DA_FIELD_PARTY_DATE, DA_FIELD_RETIREMENT};

static void conflict_free(gpointer data)
{
    DaConflict *conflict = data;
    g_free(conflict->listed);
    g_ptr_array_unref(conflict->rows);
    g_free(conflict);
}

const char *da_claim_standing_name(DaClaimStanding standing)
{
    static const char *const names[] = {"agrees", "differs", "conflicts", "unread"};
    return names[standing];
}

/* --- what is believed --------------------------------------------------------------------------------------------------- */

static DaDate date_of(const DaDossier *dossier, DaField field)
{
    DaDate date = {0};
    const char *text = da_dossier_get(dossier, field);
    if (text)
        da_date_parse(text, &date, NULL);
    return date;
}

static gboolean is_believed(const DaClaim *claim, const DaBelief *belief, DaDate birth,
                            DaDate listed)
{
    gint year = claim->date.year;
    if (claim->doubtful || !year || (belief->from && year < (gint)belief->from) ||
        (belief->to && year > (gint)belief->to))
        return FALSE;
    if (birth.year && claim->field != DA_FIELD_BIRTH &&
        ((belief->min_age && year - birth.year < (gint)belief->min_age) ||
         (belief->max_age && year - birth.year > (gint)belief->max_age)))
        return FALSE;
    return !belief->near_years || !listed.year ||
           ABS(year - listed.year) <= (gint)belief->near_years;
}

/* --- how dates stand to each other ------------------------------------------------------------------------------------------ */

/* The year that most rows say; of equals the listed one, else the first. */
static guint common_year(const DaConflict *conflict, guint listed)
{
    guint best = 0, best_n = 0;
    for (guint i = 0; i < conflict->rows->len; i++) {
        const DaConflictRow *row = conflict->rows->pdata[i];
        guint year = row->claim->date.year, n = 0;
        if (row->standing == DA_CLAIM_UNREAD)
            continue;
        for (guint k = 0; k < conflict->rows->len; k++) {
            const DaConflictRow *other = conflict->rows->pdata[k];
            n += other->standing != DA_CLAIM_UNREAD && other->claim->date.year == year;
        }
        if (n > best_n || (n == best_n && year == listed)) {
            best = year;
            best_n = n;
        }
    }
    return best;
}

static gboolean is_even(const DaConflict *conflict, guint year, guint listed)
{
    guint same = 0, others = 0;
    for (guint i = 0; i < conflict->rows->len; i++) {
        const DaConflictRow *row = conflict->rows->pdata[i];
        if (row->standing == DA_CLAIM_UNREAD)
            continue;
        same += row->claim->date.year == year;
        others += row->claim->date.year != year;
    }
    return same <= others && year != listed;
}

/* Rows that disagree with each other in month or day, inside one year. */
static gboolean differs_from_any(const DaConflict *conflict, const DaConflictRow *row)
{
    for (guint i = 0; i < conflict->rows->len; i++) {
        const DaConflictRow *other = conflict->rows->pdata[i];
        if (other != row && other->standing != DA_CLAIM_UNREAD &&
            other->claim->date.year == row->claim->date.year &&
            da_date_compare(other->claim->date, row->claim->date))
            return TRUE;
    }
    return FALSE;
}

static gint badness(DaClaimStanding standing)
{
    static const gint order[] = {1, 2, 3, 0};
    return order[standing];
}

static void judge(DaConflict *conflict, DaDate listed)
{
    guint year = common_year(conflict, listed.year);
    gboolean even = is_even(conflict, year, listed.year);
    gboolean any_other = FALSE;
    for (guint i = 0; i < conflict->rows->len; i++) {
        const DaConflictRow *row = conflict->rows->pdata[i];
        any_other |= row->standing != DA_CLAIM_UNREAD && row->claim->date.year != year;
    }
    for (guint i = 0; i < conflict->rows->len; i++) {
        DaConflictRow *row = conflict->rows->pdata[i];
        if (row->standing == DA_CLAIM_UNREAD)
            continue;
        if (row->claim->date.year != year || (any_other && even))
            row->standing = DA_CLAIM_CONFLICTS;
        else
            row->standing = differs_from_any(conflict, row) ? DA_CLAIM_DIFFERS : DA_CLAIM_AGREES;
        if (badness(row->standing) > badness(conflict->standing))
            conflict->standing = row->standing;
    }
}

/* --- the table ------------------------------------------------------------------------------------------------------------------ */

static const DaMaterial *material_of(const DaDossier *dossier, const char *stem)
{
    for (guint m = 0; m < dossier->materials->len; m++) {
        const DaMaterial *material = dossier->materials->pdata[m];
        for (guint p = 0; p < material->pages->len; p++)
            if (!g_strcmp0(((const DaPage *)material->pages->pdata[p])->stem, stem))
                return material;
    }
    return NULL;
}

static double wanted_confidence(const DaProfile *profile)
{
    const DaRule *rule = da_profile_rule(profile, "date-conflict");
    double wanted = STANDARD_CONFIDENCE;
    return rule && da_rule_number(rule, "confidence", &wanted, NULL) ? wanted : STANDARD_CONFIDENCE;
}

GPtrArray *da_conflicts_find(const DaDossier *dossier, const DaProfile *profile)
{
    GPtrArray *conflicts = g_ptr_array_new_with_free_func(conflict_free);
    DaDate birth = date_of(dossier, DA_FIELD_BIRTH);
    double confidence = wanted_confidence(profile);
    for (guint f = 0; f < DA_CONFLICT_FIELDS; f++) {
        DaField field = da_conflict_fields[f];
        DaDate listed = date_of(dossier, field);
        DaConflict *conflict = g_new0(DaConflict, 1);
        conflict->field = field;
        conflict->standing = DA_CLAIM_UNREAD;
        conflict->listed = g_strdup(da_dossier_get(dossier, field));
        conflict->rows = g_ptr_array_new_with_free_func(g_free);
        for (guint i = 0; i < dossier->claims->len; i++) {
            const DaClaim *claim = dossier->claims->pdata[i];
            if (claim->field != field)
                continue;
            DaConflictRow *row = g_new0(DaConflictRow, 1);
            gboolean read = is_believed(claim, &profile->forms->belief[field], birth, listed) &&
                            !(claim->confidence < confidence);
            *row = (DaConflictRow){.claim = claim,
                                   .material = material_of(dossier, claim->stem),
                                   .standing = read ? DA_CLAIM_AGREES : DA_CLAIM_UNREAD};
            g_ptr_array_add(conflict->rows, row);
        }
        if (conflict->rows->len == 0) {
            conflict_free(conflict);
            continue;
        }
        judge(conflict, listed);
        g_ptr_array_add(conflicts, conflict);
    }
    return conflicts;
}
