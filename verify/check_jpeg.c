/* How a JPEG is coded: its process, and the quality that its tables stand for. */
#include "check.h"

#include <dangan/error.h>

typedef struct {
    gint64 minimum;
    char **processes;
} Coding;

/* By n of SOFn. Source: ITU-T T.81 table B.1. */
static const char *process_name(guint process)
{
    static const char *const names[16] = {
        [0] = "baseline",   [1] = "extended",    [2] = "progressive", [3] = "lossless",
        [9] = "arithmetic", [10] = "arithmetic", [11] = "lossless",
    };
    return process < G_N_ELEMENTS(names) && names[process] ? names[process] : "hierarchical";
}

static gboolean visit_coding(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                             const DaEntry *entry, gconstpointer data, GError **error)
{
    const Coding *coding = data;
    const DaWalk *walk = entry->facts.walk;
    if (!walk || walk->format != DA_IMAGE_JPEG || !walk->scans)
        return TRUE;
    const char *process = process_name(walk->process);
    if (!g_strv_contains((const char *const *)coding->processes, process)) {
        DaFinding *finding =
            da_check_add_page(run, page, entry, "the coding process of the JPEG is not allowed",
                              "JPEG 编码方式不允许");
        g_autofree char *wanted = g_strjoinv(", ", coding->processes);
        da_finding_set(&finding->found, "%s (SOF%u)", process, walk->process);
        da_finding_set(&finding->wanted, "%s", wanted);
    }
    if (!walk->quality.quality || walk->quality.quality >= coding->minimum)
        return TRUE;
    DaFinding *finding =
        da_check_add_page(run, page, entry, "the JPEG is compressed too much", "JPEG 压缩过度");
    da_finding_set(&finding->found, "%s%u, sampling %s%s", walk->quality.standard ? "" : "≈ ",
                   walk->quality.quality, walk->sampling,
                   walk->quality.standard ? "" : ", non-standard tables");
    da_finding_set(&finding->wanted, "≥ %" G_GINT64_FORMAT, coding->minimum);
    return TRUE;
}

gboolean da_check_jpeg_coding(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) processes = da_check_words(run, "processes", error);
    Coding coding = {.processes = processes};
    return processes && da_rule_integer(run->rule, "minimum", &coding.minimum, error) &&
           da_check_each_image(run, visit_coding, &coding, error);
}
