/*
 * Screening of images, from what the workers measured. A measure is a suspicion: what it cannot tell is unknown and says nothing.
 * Source: DA/T 31-2017 §10; where the text has no number the profile has one.
 */
#include "check.h"

#include <dangan/error.h>
#include <math.h>
#include <string.h>

typedef struct {
    const DaPage *page;
    const DaEntry *master, *access; /* NULL = there is none */
} Sides;

typedef void (*SidesVisit)(DaCheckRun *run, const Sides *sides, gconstpointer data);

static gboolean each_page(DaCheckRun *run, SidesVisit visit, gconstpointer data, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    const GPtrArray *materials = run->subject->dossier->materials;
    for (guint m = 0; m < materials->len; m++) {
        const GPtrArray *pages = ((const DaMaterial *)materials->pdata[m])->pages;
        for (guint p = 0; p < pages->len; p++) {
            const DaPage *page = pages->pdata[p];
            const Sides sides = {page, da_subject_page_file(run->subject, page, DA_FILE_MASTER),
                                 da_subject_page_file(run->subject, page, DA_FILE_ACCESS)};
            visit(run, &sides, data);
        }
    }
    return TRUE;
}

static gboolean is_measured(const DaEntry *entry)
{
    return entry && entry->facts.measured;
}

/* Written or printed on, as far as catalogue and measure agree. */
static gboolean has_content(const Sides *sides)
{
    return is_measured(sides->access) && !sides->access->facts.measure.blank && !sides->page->blank;
}

static guint dpi_of(const DaEntry *entry)
{
    return entry->facts.image.dpi_x ? entry->facts.image.dpi_x : 300;
}

static DaFinding *add(DaCheckRun *run, const Sides *sides, const char *message,
                      const char *message_zh)
{
    return da_check_add_page(run, sides->page, sides->access, message, message_zh);
}

/* --- skew and turn --------------------------------------------------------------------------------------------------- */

typedef struct {
    double most, warn;
} Limits;

static void visit_skew(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    const Limits *limits = data;
    if (!has_content(sides) || isnan(sides->access->facts.measure.skew_cw_deg))
        return;
    double skew = sides->access->facts.measure.skew_cw_deg;
    if (fabs(skew) <= limits->warn)
        return;
    DaFinding *finding = add(run, sides, "the page lies askew", "页面偏斜");
    if (fabs(skew) <= limits->most)
        finding->severity = MIN(finding->severity, DA_SEVERITY_WARNING);
    da_finding_set(&finding->found, "%+.2f°", skew);
    da_finding_set(&finding->wanted, "≤ %.2f°", limits->most);
}

gboolean da_check_skew(DaCheckRun *run, GError **error)
{
    Limits limits;
    return da_rule_number(run->rule, "max-deg", &limits.most, error) &&
           da_rule_number(run->rule, "warn-deg", &limits.warn, error) &&
           each_page(run, visit_skew, &limits, error);
}

typedef struct {
    double least_ratio;
    const char *engine; /* whose doubts are believed; NULL = nobody's */
    double least_confidence;
} Reading;

/* Upside down, lines lie as they should; an engine that reads any page in its right place reads little of this one, and doubts it. */
static gboolean is_hardly_read(const DaFileFacts *text, const Reading *reading)
{
    return reading->engine && text->text_engine &&
           g_str_has_prefix(text->text_engine, reading->engine) &&
           text->text_confidence < reading->least_confidence; /* NAN: nothing was read */
}

static void visit_upright(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    const Reading *reading = data;
    if (!has_content(sides) || isnan(sides->access->facts.measure.skew_cw_deg))
        return;
    double ratio = sides->access->facts.measure.line_ratio;
    const DaEntry *text = da_subject_page_file(run->subject, sides->page, DA_FILE_OCR);
    if (ratio < reading->least_ratio) {
        DaFinding *finding =
            add(run, sides, "lines of text run from top to bottom: the page may lie on its side",
                "文字行为纵向，页面可能横置");
        da_finding_set(&finding->found, "%.2f", ratio);
        da_finding_set(&finding->wanted, "≥ %.2f", reading->least_ratio);
    } else if (text && is_hardly_read(&text->facts, reading)) {
        DaFinding *finding =
            add(run, sides, "the text could hardly be recognized: the page may stand on its head",
                "文字几乎无法识别，页面可能上下颠倒");
        da_finding_set(&finding->found, "%.2f", text->facts.text_confidence);
        da_finding_set(&finding->wanted, "≥ %.2f", reading->least_confidence);
    }
}

gboolean da_check_upright(DaCheckRun *run, GError **error)
{
    Reading reading = {.engine = da_rule_text(run->rule, "text-engine")};
    return da_rule_number(run->rule, "min-line-ratio", &reading.least_ratio, error) &&
           (!reading.engine ||
            da_rule_number(run->rule, "min-text-confidence", &reading.least_confidence, error)) &&
           each_page(run, visit_upright, &reading, error);
}

/* --- border, blur, exposure ------------------------------------------------------------------------------------------- */

static void visit_border(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    double most_mm = *(const double *)data;
    if (!is_measured(sides->access))
        return;
    double mm = sides->access->facts.quality.border_px * 25.4 / dpi_of(sides->access);
    if (mm <= most_mm)
        return;
    DaFinding *finding = add(run, sides, "a dark border was left", "残留黑边");
    da_finding_set(&finding->found, "%.1f mm", mm);
    da_finding_set(&finding->wanted, "≤ %.1f mm", most_mm);
}

gboolean da_check_dark_border(DaCheckRun *run, GError **error)
{
    double most_mm = 0;
    return da_rule_number(run->rule, "max-mm", &most_mm, error) &&
           each_page(run, visit_border, &most_mm, error);
}

static void visit_blur(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    double most_mm = *(const double *)data;
    if (!has_content(sides) || isnan(sides->access->facts.measure.blur_px))
        return;
    double mm = sides->access->facts.measure.blur_px * 25.4 / dpi_of(sides->access);
    if (mm <= most_mm)
        return;
    DaFinding *finding = add(run, sides, "the page is not sharp", "图像模糊");
    da_finding_set(&finding->found, "%.2f mm", mm);
    da_finding_set(&finding->wanted, "≤ %.2f mm", most_mm);
}

gboolean da_check_blur(DaCheckRun *run, GError **error)
{
    double most_mm = 0;
    return da_rule_number(run->rule, "max-edge-mm", &most_mm, error) &&
           each_page(run, visit_blur, &most_mm, error);
}

typedef struct {
    double darkest, lightest, contrast;
} Exposure;

static void visit_exposure(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    const Exposure *limits = data;
    if (!is_measured(sides->access))
        return;
    const DaMeasure *measure = &sides->access->facts.measure;
    DaFinding *finding = NULL;
    /* Nothing is found on a page that is dark all over; a blank side is light and flat by right. */
    if (measure->mean_grey < limits->darkest)
        finding = add(run, sides, "the page is too dark", "图像过暗");
    else if (!has_content(sides))
        return;
    else if (measure->mean_grey > limits->lightest)
        finding = add(run, sides, "the page is too light", "图像过亮");
    else if (measure->contrast < limits->contrast)
        finding = add(run, sides, "the page has little contrast", "图像反差过低");
    if (!finding)
        return;
    da_finding_set(&finding->found, "%.0f ± %.1f", measure->mean_grey, measure->contrast);
    da_finding_set(&finding->wanted, "%.0f–%.0f, ± %.0f", limits->darkest, limits->lightest,
                   limits->contrast);
}

gboolean da_check_exposure(DaCheckRun *run, GError **error)
{
    Exposure limits;
    return da_rule_number(run->rule, "min-mean", &limits.darkest, error) &&
           da_rule_number(run->rule, "max-mean", &limits.lightest, error) &&
           da_rule_number(run->rule, "min-contrast", &limits.contrast, error) &&
           each_page(run, visit_exposure, &limits, error);
}

/* --- content ------------------------------------------------------------------------------------------------------------ */

static void visit_blank(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    if (!is_measured(sides->access) || sides->access->facts.measure.blank == sides->page->blank)
        return;
    DaFinding *finding =
        sides->page->blank
            ? add(run, sides, "a side that is called blank seems to have content",
                  "标为空白的面似有内容")
            : add(run, sides, "a side that counts as content seems blank", "计入页数的面似为空白");
    da_finding_set(&finding->found, "%.3f %%", sides->access->facts.measure.ink_share * 100);
}

gboolean da_check_blank_page(DaCheckRun *run, GError **error)
{
    return each_page(run, visit_blank, NULL, error);
}

static void visit_streak(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    if (!is_measured(sides->master) || sides->master->facts.quality.streak_x_px < 0)
        return;
    DaFinding *finding = da_check_add_page(run, sides->page, sides->master,
                                           "a line runs over the whole height: dirt in the scanner",
                                           "图像有贯通的条纹，扫描仪可能有脏污");
    da_finding_set(&finding->found, "x = %d px", sides->master->facts.quality.streak_x_px);
}

gboolean da_check_scan_streak(DaCheckRun *run, GError **error)
{
    return each_page(run, visit_streak, NULL, error);
}

typedef struct {
    double seal, kept;
} Cleaning;

/* §10.4: what belongs to the sheet stays. Shares are of the sheet, so that a crop does not change them. */
static void visit_cleaning(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    const Cleaning *limits = data;
    if (!is_measured(sides->master) || !is_measured(sides->access) || sides->page->blank)
        return;
    const DaMeasure *before = &sides->master->facts.measure, *after = &sides->access->facts.measure;
    DaFinding *finding = NULL;
    if (before->red_share > limits->seal && after->red_share < before->red_share * limits->kept) {
        finding = add(run, sides,
                      "red that the original has is missing: a seal may have been cleaned away",
                      "优化后红色减少，印章可能被去除");
        da_finding_set(&finding->found, "%.3f %%", after->red_share * 100);
        da_finding_set(&finding->wanted, "%.3f %%", before->red_share * 100);
    } else if (before->ink_share > limits->seal &&
               after->ink_share < before->ink_share * limits->kept) {
        finding = add(run, sides, "writing that the original has is missing", "优化后字迹减少");
        da_finding_set(&finding->found, "%.2f %%", after->ink_share * 100);
        da_finding_set(&finding->wanted, "%.2f %%", before->ink_share * 100);
    }
}

gboolean da_check_cleaning(DaCheckRun *run, GError **error)
{
    Cleaning limits;
    return da_rule_number(run->rule, "min-share", &limits.seal, error) &&
           da_rule_number(run->rule, "min-kept", &limits.kept, error) &&
           each_page(run, visit_cleaning, &limits, error);
}

static void visit_show_through(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    double most = *(const double *)data;
    if (!is_measured(sides->access) || sides->access->facts.measure.show_through <= most)
        return;
    DaFinding *finding = add(run, sides, "the other side shows through", "背面透字");
    da_finding_set(&finding->found, "%.1f %%", sides->access->facts.measure.show_through * 100);
    da_finding_set(&finding->wanted, "≤ %.1f %%", most * 100);
}

gboolean da_check_show_through(DaCheckRun *run, GError **error)
{
    double most = 0;
    return da_rule_number(run->rule, "max-share", &most, error) &&
           each_page(run, visit_show_through, &most, error);
}

static void visit_upsampled(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    double most = *(const double *)data;
    if (!is_measured(sides->master) || isnan(sides->master->facts.measure.enlarged) ||
        sides->master->facts.measure.enlarged <= most)
        return;
    DaFinding *finding =
        da_check_add_page(run, sides->page, sides->master,
                          "the original has less detail than its resolution: it may be enlarged",
                          "原始图像细节不足，可能经放大");
    da_finding_set(&finding->found, "× %.2f", sides->master->facts.measure.enlarged);
    da_finding_set(&finding->wanted, "≤ %.2f", most);
}

gboolean da_check_upsampled(DaCheckRun *run, GError **error)
{
    double most = 0;
    return da_rule_number(run->rule, "max-factor", &most, error) &&
           each_page(run, visit_upsampled, &most, error);
}

static void visit_cut(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    static const char *const labels[DA_SCAN_SIDES] = {"左", "上", "右", "下"};
    if (!has_content(sides))
        return;
    for (DaSideOfScan side = 0; side < DA_SCAN_SIDES; side++) {
        if (!sides->access->facts.measure.content_cut[side])
            continue;
        DaFinding *finding = add(run, sides, "text runs out of the image", "文字被图像边缘切断");
        da_finding_set(&finding->found, "%s %s", da_side_of_scan_name(side), labels[side]);
        return;
    }
}

gboolean da_check_content_at_edge(DaCheckRun *run, GError **error)
{
    return each_page(run, visit_cut, NULL, error);
}

/* --- the set as a whole --------------------------------------------------------------------------------------------------- */

typedef struct {
    GPtrArray *seen; /* Sides *: pages so far */
    double likeness;
} Twins;

/* Equal bytes are certain (`likeness` 2), a likeness is a suspicion. */
#define EQUAL 2.0

static void add_twin(DaCheckRun *run, const Sides *sides, const Sides *twin, double likeness)
{
    gboolean same = likeness >= EQUAL;
    DaFinding *finding =
        same ? add(run, sides, "the page is the same file as another", "与另一页为同一文件")
             : add(run, sides, "the page looks like another scan of the same side",
                   "与另一页似为同一面的重复扫描");
    if (same)
        da_finding_set(&finding->found, "%s", twin->page->stem);
    else
        da_finding_set(&finding->found, "%s: %.2f", twin->page->stem, likeness);
    finding->screened = !same;
}

static double compare_sides(const DaEntry *one, const DaEntry *other)
{
    if (!strcmp(one->facts.sha256, other->facts.sha256))
        return EQUAL;
    if (!one->facts.measured || !other->facts.measured)
        return 0;
    return da_fingerprint_likeness(&one->facts.measure.fingerprint,
                                   &other->facts.measure.fingerprint);
}

static void visit_duplicate(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    const Twins *twins = data;
    if (!sides->master || !sides->master->facts.sha256 || sides->page->blank)
        return;
    for (guint i = 0; i < twins->seen->len; i++) {
        const Sides *twin = twins->seen->pdata[i];
        double likeness = compare_sides(twin->master, sides->master);
        if (likeness < twins->likeness)
            continue;
        add_twin(run, sides, twin, likeness);
        return;
    }
    g_ptr_array_add(twins->seen, g_memdup2(sides, sizeof *sides));
}

gboolean da_check_duplicate_pages(DaCheckRun *run, GError **error)
{
    g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
    Twins twins = {.seen = seen};
    return da_rule_number(run->rule, "min-likeness", &twins.likeness, error) &&
           each_page(run, visit_duplicate, &twins, error);
}

typedef struct {
    guint sum[3], n;
} Paper;

static void add_paper(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    Paper *paper = (Paper *)data;
    if (!is_measured(sides->access) || sides->access->facts.image.channels != 3)
        return;
    for (int c = 0; c < 3; c++)
        paper->sum[c] += sides->access->facts.quality.paper[c];
    paper->n++;
}

typedef struct {
    const Paper *paper;
    double most;
} Drift;

/* How much redder or bluer than the others, whatever the brightness. */
static void visit_drift(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    const Drift *drift = data;
    if (!is_measured(sides->access) || sides->access->facts.image.channels != 3)
        return;
    const guint8 *paper = sides->access->facts.quality.paper;
    double cast = (double)paper[0] - paper[2];
    double usual = ((double)drift->paper->sum[0] - drift->paper->sum[2]) / drift->paper->n;
    if (fabs(cast - usual) <= drift->most)
        return;
    DaFinding *finding = add(run, sides, "the colour of the paper differs from the other pages",
                             "纸色与其他页相差较大");
    da_finding_set(&finding->found, "%+.0f", cast);
    da_finding_set(&finding->wanted, "%+.0f ± %.0f", usual, drift->most);
}

gboolean da_check_colour_drift(DaCheckRun *run, GError **error)
{
    Paper paper = {0};
    Drift drift = {.paper = &paper};
    return da_rule_number(run->rule, "max-difference", &drift.most, error) &&
           each_page(run, add_paper, &paper, error) &&
           (paper.n < 3 || each_page(run, visit_drift, &drift, error));
}

static void count_grey(DaCheckRun *run, const Sides *sides, gconstpointer data)
{
    guint *counts = (guint *)data;
    if (!sides->master || !sides->master->facts.image.width_px || sides->page->blank)
        return;
    counts[0]++;
    counts[1] += sides->master->facts.image.channels == 1;
}

/* Seals and red heads cannot be seen in grey; one grey page among coloured ones was somebody's choice. */
gboolean da_check_grey_scans(DaCheckRun *run, GError **error)
{
    guint counts[2] = {0};
    gint64 least = 0;
    if (!da_rule_integer(run->rule, "min-pages", &least, error) ||
        !each_page(run, count_grey, counts, error))
        return FALSE;
    if (counts[0] < least || counts[1] < counts[0])
        return TRUE;
    DaFinding *finding =
        da_check_add(run, NULL, "all pages were scanned without colour: red seals cannot be told",
                     "全卷均非彩色扫描，无法分辨红色印章");
    da_finding_set(&finding->found, "%u / %u", counts[1], counts[0]);
    return TRUE;
}
