/* Scans beside what they should be: sizes of paper and file, and the access image beside its master. */
#include "check.h"

#include <dangan/error.h>
#include <math.h>
#include <string.h>

typedef void (*FileVisit)(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                          const DaEntry *entry, gconstpointer data);

/* Images whose header could be read. */
static gboolean each_file(DaCheckRun *run, FileVisit visit, gconstpointer data, GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    const GPtrArray *materials = run->subject->dossier->materials;
    for (guint m = 0; m < materials->len; m++) {
        const GPtrArray *pages = ((const DaMaterial *)materials->pdata[m])->pages;
        for (guint p = 0; p < pages->len; p++)
            for (DaFileKind kind = DA_FILE_MASTER; kind <= DA_FILE_ACCESS; kind++) {
                const DaEntry *entry = da_subject_page_file(run->subject, pages->pdata[p], kind);
                if (entry && entry->facts.image.width_px && !da_check_is_told(run, entry->path))
                    visit(run, pages->pdata[p], kind, entry, data);
            }
    }
    return TRUE;
}

/* --- paper -------------------------------------------------------------------------------------------------------------- */

typedef struct {
    GArray *sizes; /* of Size */
    double least_mm, most_mm, tolerance;
} Papers;

typedef struct {
    double w_mm, h_mm;
} Size;

static gboolean read_papers(const DaCheckRun *run, Papers *papers, GError **error)
{
    g_auto(GStrv) words = da_check_words(run, "papers", error);
    for (guint i = 0; words && words[i]; i++) {
        Size size = {0};
        const char *equals = strchr(words[i], '=');
        if (!equals || sscanf(equals + 1, "%lfx%lf", &size.w_mm, &size.h_mm) != 2 ||
            size.w_mm <= 0 || size.h_mm <= 0)
            return da_error_set(error, DA_ERROR_INPUT, "rule %s: '%s' is no paper like A4=210x297",
                                run->rule->id, words[i]);
        g_array_append_val(papers->sizes, size);
    }
    return words && da_rule_number(run->rule, "tolerance", &papers->tolerance, error) &&
           da_rule_number(run->rule, "min-mm", &papers->least_mm, error) &&
           da_rule_number(run->rule, "max-mm", &papers->most_mm, error);
}

/* Slips, receipts and photographs have any size; sheets have that of a known paper, less what was cut or worn, or half or twice of it. So
 * only what no sheet can be is certain, and what comes near to a paper of twice or half the size tells of a wrong resolution. */
static gboolean is_paper(const Papers *papers, double w_mm, double h_mm)
{
    for (guint i = 0; i < papers->sizes->len; i++) {
        Size size = g_array_index(papers->sizes, Size, i);
        if (fabs(MIN(w_mm, h_mm) - MIN(size.w_mm, size.h_mm)) <=
                papers->tolerance * MIN(size.w_mm, size.h_mm) &&
            fabs(MAX(w_mm, h_mm) - MAX(size.w_mm, size.h_mm)) <=
                papers->tolerance * MAX(size.w_mm, size.h_mm))
            return TRUE;
    }
    return FALSE;
}

static void visit_paper(DaCheckRun *run, const DaPage *page, DaFileKind kind, const DaEntry *entry,
                        gconstpointer data)
{
    const Papers *papers = data;
    const DaImageInfo *image = &entry->facts.image;
    if (kind != DA_FILE_ACCESS || !image->dpi_x || !image->dpi_y)
        return;
    double w_mm = image->width_px * 25.4 / image->dpi_x,
           h_mm = image->height_px * 25.4 / image->dpi_y;
    gboolean possible = MIN(w_mm, h_mm) >= papers->least_mm && MAX(w_mm, h_mm) <= papers->most_mm;
    if (possible && (is_paper(papers, w_mm, h_mm) || !(is_paper(papers, w_mm * 2, h_mm * 2) ||
                                                       is_paper(papers, w_mm * 1.5, h_mm * 1.5))))
        return;
    DaFinding *finding = da_check_add_page(
        run, page, entry, "size and resolution make no sheet of paper: the resolution may be wrong",
        "按分辨率换算的纸张尺寸不合理，分辨率可能不实");
    da_finding_set(&finding->found, "%.0f × %.0f mm", w_mm, h_mm);
}

gboolean da_check_paper_size(DaCheckRun *run, GError **error)
{
    g_autoptr(GArray) sizes = g_array_new(FALSE, FALSE, sizeof(Size));
    Papers papers = {.sizes = sizes};
    return read_papers(run, &papers, error) && each_file(run, visit_paper, &papers, error);
}

/* --- bytes ---------------------------------------------------------------------------------------------------------------- */

typedef struct {
    double least, most;
} Density;

/* By the pixel, so that a slip and an A3 sheet are judged alike. */
static void visit_bytes(DaCheckRun *run, const DaPage *page, DaFileKind kind, const DaEntry *entry,
                        gconstpointer data)
{
    const Density *density = data;
    const DaImageInfo *image = &entry->facts.image;
    if (image->format != DA_IMAGE_JPEG || page->blank)
        return;
    double bits = entry->size_bytes * 8.0 / ((double)image->width_px * image->height_px);
    if (bits >= density->least && bits <= density->most)
        return;
    DaFinding *finding =
        bits < density->least
            ? da_check_add_page(run, page, entry, "the file is very small for its pixels",
                                "文件过小，可能压缩过度")
            : da_check_add_page(run, page, entry, "the file is very large for its pixels",
                                "文件过大");
    da_finding_set(&finding->found, "%" G_GUINT64_FORMAT " bytes, %.2f bit/px", entry->size_bytes,
                   bits);
    da_finding_set(&finding->wanted, "%.2f–%.2f bit/px", density->least, density->most);
}

gboolean da_check_file_size(DaCheckRun *run, GError **error)
{
    Density density;
    return da_rule_number(run->rule, "min-bits-per-px", &density.least, error) &&
           da_rule_number(run->rule, "max-bits-per-px", &density.most, error) &&
           each_file(run, visit_bytes, &density, error);
}

static void visit_orientation(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                              const DaEntry *entry, gconstpointer data)
{
    if (kind != DA_FILE_ACCESS || entry->facts.image.exif_orientation <= 1)
        return;
    DaFinding *finding =
        da_check_add_page(run, page, entry, "the page is upright only by a note in its header",
                          "图像方向依赖 EXIF 标记，像素未转正");
    da_finding_set(&finding->found, "%u", entry->facts.image.exif_orientation);
    da_finding_set(&finding->wanted, "1");
}

gboolean da_check_exif_orientation(DaCheckRun *run, GError **error)
{
    return each_file(run, visit_orientation, NULL, error);
}

/* --- the access image and its master ----------------------------------------------------------------------------------------- */

typedef struct {
    double least, most, likeness;
} Shares;

/* 1 where one of them was not measured or has nothing to be like. */
static double likeness_of(const DaEntry *master, const DaEntry *access)
{
    const DaFingerprint *one = &master->facts.measure.fingerprint;
    const DaFingerprint *other = &access->facts.measure.fingerprint;
    gboolean known = master->facts.measured && access->facts.measured && one->known && other->known;
    return known ? da_fingerprint_likeness(one, other) : 1;
}

static void compare_with_master(DaCheckRun *run, const DaPage *page, const DaEntry *master,
                                const DaEntry *access, const Shares *shares)
{
    const DaImageInfo *before = &master->facts.image, *after = &access->facts.image;
    double share =
        (double)after->width_px * after->height_px / ((double)before->width_px * before->height_px);
    DaFinding *finding = NULL;
    double likeness = likeness_of(master, access);
    /* In a container the resolution stands outside the master. */
    if (!page->container_sha256 && before->dpi_x && after->dpi_x > before->dpi_x) {
        finding = da_check_add_page(run, page, access,
                                    "the access image claims more resolution than its original",
                                    "优化图像分辨率高于原始图像");
        da_finding_set(&finding->found, "%u dpi", after->dpi_x);
        da_finding_set(&finding->wanted, "≤ %u dpi", before->dpi_x);
    } else if (likeness < shares->likeness) {
        finding =
            da_check_add_page(run, page, access, "the access image does not look like its original",
                              "优化图像与原始图像不像同一页");
        da_finding_set(&finding->found, "%.2f", likeness);
        da_finding_set(&finding->wanted, "≥ %.2f", shares->likeness);
    } else if (share > shares->most || share < shares->least) {
        finding = share > shares->most
                      ? da_check_add_page(run, page, access,
                                          "the access image is larger than its original",
                                          "优化图像大于原始图像")
                      : da_check_add_page(run, page, access,
                                          "the access image is a small part of its original",
                                          "优化图像只是原始图像的一小部分");
        da_finding_set(&finding->found, "%.0f %%", share * 100);
        da_finding_set(&finding->wanted, "%.0f–%.0f %%", shares->least * 100, shares->most * 100);
    }
}

static void visit_pair(DaCheckRun *run, const DaPage *page, DaFileKind kind, const DaEntry *entry,
                       gconstpointer data)
{
    const DaEntry *master = da_subject_page_file(run->subject, page, DA_FILE_MASTER);
    if (kind == DA_FILE_ACCESS && master && master->facts.image.width_px)
        compare_with_master(run, page, master, entry, data);
}

gboolean da_check_access_of_master(DaCheckRun *run, GError **error)
{
    Shares shares;
    return da_rule_number(run->rule, "min-share", &shares.least, error) &&
           da_rule_number(run->rule, "max-share", &shares.most, error) &&
           da_rule_number(run->rule, "min-likeness", &shares.likeness, error) &&
           each_file(run, visit_pair, &shares, error);
}
