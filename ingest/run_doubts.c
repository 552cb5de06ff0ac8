/* What a person should look at, although it keeps nothing from being packaged. */
#include "run.h"

#include <math.h>
#include <string.h>

/* Below it the two best turns were nearly alike. */
#define DOUBTFUL_TURN 0.1
/* Below it every third character is wrong or more: a table of dates read from it would mislead. */
#define DOUBTFUL_TEXT 0.6

typedef struct {
    const char *rule;
    DaSeverity severity;
    gboolean (*is_so)(const DaSide *side);
    const char *message, *message_zh;
} Doubt;

static gboolean has_no_dpi(const DaSide *side)
{
    return side->no_dpi;
}

static gboolean has_doubtful_turn(const DaSide *side)
{
    return !side->page->blank && side->page->turn_confidence < DOUBTFUL_TURN;
}

static gboolean has_doubtful_text(const DaSide *side)
{
    return !side->page->blank && side->page->ocr_confidence < DOUBTFUL_TEXT;
}

static gboolean says(const DaSide *side, const char *measure)
{
    return json_is_true(json_object_get(side->inspection, measure));
}

static gboolean is_blurred(const DaSide *side)
{
    return !side->page->blank && says(side, "blurred");
}

static gboolean has_content_cut(const DaSide *side)
{
    return !side->page->blank &&
           json_array_size(json_object_get(side->inspection, "content_cut")) > 0;
}

static gboolean has_wrong_exposure(const DaSide *side)
{
    const char *exposure = json_string_value(json_object_get(side->inspection, "exposure"));
    return !side->page->blank && exposure && strcmp(exposure, "normal");
}

static const Doubt doubts[] = {
    {"image-resolution", DA_SEVERITY_WARNING, has_no_dpi,
     "the scan does not say its resolution; the one of the profile was assumed",
     "扫描件没有分辨率信息，按规范配置的分辨率处理"},
    {"QLT-002", DA_SEVERITY_INFO, has_doubtful_turn,
     "it is not certain that the page stands upright; look at it", "页面方向不确定，请查看"},
    {"ING-001", DA_SEVERITY_INFO, has_doubtful_text,
     "much of the page could not be read with certainty; look at it, scan it again if it is the "
     "scan",
     "文字识别把握较低，请查看；如因扫描不清请重扫"},
    {"QLT-005", DA_SEVERITY_WARNING, is_blurred, "the scan is blurred; scan it again",
     "图像模糊，请重扫"},
    {"QLT-004", DA_SEVERITY_WARNING, has_content_cut,
     "text runs out of the scan; scan the whole sheet", "文字超出扫描范围，请重扫整页"},
    {"QLT-006", DA_SEVERITY_INFO, has_wrong_exposure,
     "the scan is too dark or too light; look whether it can be read",
     "图像过暗或过亮，请查看是否清楚"},
};

void da_run_report_doubts(const DaRun *run, DaRunDossier *dossier)
{
    if (dossier->doubted)
        return;
    dossier->doubted = TRUE;
    for (guint i = 0; i < dossier->sides->len; i++) {
        const DaRunSide *side = &g_array_index(dossier->sides, DaRunSide, i);
        for (guint d = 0; side->side && d < G_N_ELEMENTS(doubts); d++) {
            if (!doubts[d].is_so(side->side))
                continue;
            DaFinding *finding =
                da_run_report_side(run, dossier, side, doubts[d].rule, doubts[d].severity);
            da_finding_set(&finding->message, "%s", doubts[d].message);
            da_finding_set(&finding->message_zh, "%s", doubts[d].message_zh);
        }
    }
    da_run_report_rescans(run, dossier);
}
