/* The structure of image files. What cannot be decoded has been told by image-decodes, bytes behind the end are image-end's. */
#include "check.h"

#include <dangan/error.h>

static DaSeverity severity_of(DaWalkKind kind)
{
    static const DaSeverity severities[] = {
        [DA_WALK_INFO] = DA_SEVERITY_INFO,
        [DA_WALK_WARNING] = DA_SEVERITY_WARNING,
        [DA_WALK_ERROR] = DA_SEVERITY_ERROR,
    };
    return severities[da_walk_kind_severity(kind)];
}

static gboolean visit_structure(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                                const DaEntry *entry, gconstpointer data, GError **error)
{
    DaSeverity least = *(const DaSeverity *)data;
    const DaFileFacts *facts = &entry->facts;
    if (!facts->walk || facts->fault || facts->image_fault)
        return TRUE;
    for (guint i = 0; i < facts->walk->faults->len; i++) {
        const DaWalkFault *fault = facts->walk->faults->pdata[i];
        DaSeverity severity = severity_of(fault->kind);
        if (fault->kind == DA_WALK_TRAILING || severity < least)
            continue;
        DaFinding *finding = da_check_add_page(run, page, entry, da_walk_kind_text(fault->kind),
                                               da_walk_kind_text_zh(fault->kind));
        finding->severity = MIN(finding->severity, severity);
        if (da_walk_kind_source(fault->kind))
            da_finding_set(&finding->clause, "%s", da_walk_kind_source(fault->kind));
        da_finding_set(&finding->found, "%s, at byte %" G_GUINT64_FORMAT, fault->found,
                       fault->offset);
    }
    return TRUE;
}

gboolean da_check_image_structure(DaCheckRun *run, GError **error)
{
    const char *name = da_rule_text(run->rule, "least");
    DaSeverity least = DA_SEVERITY_WARNING;
    if (name && !da_severity_by_name(name, &least))
        return da_error_set(error, DA_ERROR_INPUT,
                            "rule %s: parameter 'least' is '%s', not a severity", run->rule->id,
                            name);
    return da_check_each_image(run, visit_structure, &least, error);
}
