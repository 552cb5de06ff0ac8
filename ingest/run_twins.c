/* One side that lies in two places: the same file, or two scans of it that differ a little. */
#include "remark.h"
#include "run.h"

#include <dangan/file.h>
#include <dangan/fingerprint.h>
#include <string.h>

/* --- scanned twice, in one dossier -------------------------------------------------------------------------------------- */

typedef struct {
    const DaRunSide *side;
    DaFingerprint fingerprint;
} Print;

static double least_likeness(const DaRun *run)
{
    const DaRule *rule = da_profile_rule(run->profile, "duplicate-pages");
    double least = 0;
    return rule && da_rule_number(rule, "min-likeness", &least, NULL) ? least : DA_FINGERPRINT_SAME;
}

static const char *master_of(const DaRunSide *side)
{
    return side->side->page->file[DA_FILE_MASTER].sha256;
}

/* The side that was scanned before and is most like it; the same file is told of all dossiers together. */
static const Print *most_like(const GArray *prints, const Print *print, double *likeness)
{
    const Print *best = NULL;
    for (guint i = 0; i < prints->len; i++) {
        const Print *other = &g_array_index(prints, Print, i);
        double like = da_fingerprint_likeness(&other->fingerprint, &print->fingerprint);
        if (!g_strcmp0(master_of(other->side), master_of(print->side)) || like < *likeness)
            continue;
        best = other;
        *likeness = like;
    }
    return best;
}

static void report_rescan(const DaRun *run, DaRunDossier *dossier, const DaRunSide *side,
                          const DaRunSide *other, double likeness)
{
    const char *stem = other->side->page->stem;
    g_autofree char *name = stem ? g_strdup(stem) : da_run_side_file(dossier, other);
    DaFinding *finding =
        da_run_report_side(run, dossier, side, "duplicate-pages", DA_SEVERITY_WARNING);
    da_finding_set(&finding->message, "the page looks like another scan of '%s'", name);
    da_finding_set(&finding->message_zh, "与“%s”似为同一面的重复扫描", name);
    da_finding_set(&finding->found, "%s: %.2f", name, likeness);
    finding->other = g_steal_pointer(&name);
    finding->screened = TRUE;
}

void da_run_report_rescans(const DaRun *run, DaRunDossier *dossier)
{
    g_autoptr(GArray) prints = g_array_new(FALSE, FALSE, sizeof(Print));
    double least = least_likeness(run);
    for (guint i = 0; i < dossier->sides->len; i++) {
        Print print = {.side = &g_array_index(dossier->sides, DaRunSide, i)};
        const DaSide *side = print.side->side;
        if (!side || side->page->blank ||
            !da_fingerprint_from_text(
                json_string_value(json_object_get(side->inspection, "fingerprint")),
                &print.fingerprint))
            continue;
        double likeness = least;
        const Print *other = most_like(prints, &print, &likeness);
        if (other)
            report_rescan(run, dossier, print.side, other->side, likeness);
        g_array_append_val(prints, print);
    }
}

/* --- the same file, in all dossiers ------------------------------------------------------------------------------------- */

typedef struct {
    const json_t *dossier, *page;
} Place;

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static char *file_of(const json_t *page)
{
    return g_strdup_printf("%s#%d", text_of(page, "scan"),
                           (int)json_integer_value(json_object_get(page, "frame")));
}

static char *name_of(const json_t *page)
{
    const char *stem = text_of(page, "stem");
    return stem ? g_strdup(stem) : file_of(page);
}

static void report_twin(const DaRun *run, DaRunDossier *dossier, const json_t *page,
                        const Place *first)
{
    g_autofree char *file = file_of(first->page);
    g_autofree char *other = g_strdup_printf("%s/%s", text_of(first->dossier, "folder"), file);
    g_autofree char *why =
        g_strdup_printf("the same scan lies in '%s' as well; one of them is out of place", other);
    g_autofree char *why_zh = g_strdup_printf("与“%s”是同一扫描件，其中之一放错位置", other);
    g_autofree char *subject = da_name_text(dossier->source->name);
    DaFinding *finding =
        da_remark_new(run->profile, "ING-002", DA_SEVERITY_WARNING, subject, why, why_zh);
    finding->page = g_strdup(text_of(page, "stem"));
    if (!finding->page)
        finding->file = file_of(page);
    if (first->dossier == dossier->entry)
        finding->other = name_of(first->page);
    g_ptr_array_add(dossier->source->findings, finding);
}

void da_run_report_twins(const DaRun *run)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    for (guint i = 0; i < run->dossiers->len; i++) {
        DaRunDossier *dossier = g_ptr_array_index(run->dossiers, i);
        size_t p;
        json_t *page;
        json_array_foreach(json_object_get(dossier->entry, "pages"), p, page)
        {
            const char *sha256 = text_of(page, "master_sha256");
            if (!sha256 || json_is_true(json_object_get(page, "blank")))
                continue;
            const Place place = {dossier->entry, page}, *first = g_hash_table_lookup(seen, sha256);
            if (first)
                report_twin(run, dossier, page, first);
            else
                g_hash_table_insert(seen, (gpointer)sha256, g_memdup2(&place, sizeof place));
        }
    }
}
