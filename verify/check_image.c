/* Masters and access images, from what the workers found. Decoders accept broken files, so that each fact is asked for by itself. */
#include "check.h"
#include "structure.h"

#include <dangan/error.h>
#include <string.h>

gboolean da_check_each_image(DaCheckRun *run, DaImageVisit visit, gconstpointer data,
                             GError **error)
{
    if (!da_check_needs_dossier(run, error))
        return FALSE;
    const GPtrArray *materials = run->subject->dossier->materials;
    for (guint m = 0; m < materials->len; m++) {
        const GPtrArray *pages = ((const DaMaterial *)materials->pdata[m])->pages;
        for (guint p = 0; p < pages->len; p++)
            for (DaFileKind kind = DA_FILE_MASTER; kind <= DA_FILE_ACCESS; kind++) {
                const DaEntry *entry = da_subject_page_file(run->subject, pages->pdata[p], kind);
                if (entry && !visit(run, pages->pdata[p], kind, entry, data, error))
                    return FALSE;
            }
    }
    return TRUE;
}

/* The header could be read; where not, image-decodes has said so and the other rules have nothing to measure. */
static gboolean has_header(const DaEntry *entry)
{
    return entry->facts.image.width_px > 0;
}

/* How a name is written is the business of the rules on names: .JPG holds a JPEG. */
static gboolean extension_fits(const char *path, DaImageFormat format)
{
    const char *dot = strrchr(path, '.');
    const char *extension = dot ? dot + 1 : "";
    return !g_ascii_strcasecmp(extension, da_image_extension(format)) ||
           (format == DA_IMAGE_JPEG && !g_ascii_strcasecmp(extension, "jpeg")) ||
           (format == DA_IMAGE_TIFF && !g_ascii_strcasecmp(extension, "tiff"));
}

static gboolean visit_decodes(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                              const DaEntry *entry, gconstpointer data, GError **error)
{
    const DaFileFacts *facts = &entry->facts;
    const char *fault = facts->fault ? facts->fault : facts->image_fault;
    if (da_check_is_told(run, entry->path))
        return TRUE; /* not the bytes that were packed */
    if (fault) {
        DaFinding *finding = da_check_add_page(
            run, page, entry, "the image cannot be decoded completely", "图像无法完整解码");
        g_autofree char *where = da_structure_of(facts->walk);
        da_finding_set(&finding->found, "%s%s%s", fault, where ? "; " : "", where ? where : "");
    } else if (!extension_fits(entry->path, facts->image.format)) {
        DaFinding *finding = da_check_add_page(
            run, page, entry, "the content is not what the file name says", "文件内容与扩展名不符");
        da_finding_set(&finding->found, "%s", da_image_mime(facts->image.format));
    }
    return TRUE;
}

gboolean da_check_image_decodes(DaCheckRun *run, GError **error)
{
    return da_check_each_image(run, visit_decodes, NULL, error);
}

typedef struct {
    char **kind[2]; /* by DA_FILE_MASTER, DA_FILE_ACCESS */
} FormatRule;

static gboolean visit_format(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                             const DaEntry *entry, gconstpointer data, GError **error)
{
    const FormatRule *rule = data;
    if (!has_header(entry))
        return TRUE;
    const DaImageInfo *image = &entry->facts.image;
    if (!g_strv_contains((const char *const *)rule->kind[kind],
                         da_image_extension(image->format))) {
        DaFinding *finding = da_check_add_page(run, page, entry, "the image format is not allowed",
                                               "图像格式不允许");
        da_finding_set(&finding->found, "%s", da_image_mime(image->format));
    }
    if (image->frames > 1) {
        DaFinding *finding = da_check_add_page(
            run, page, entry, "more than one page in an image file", "一个图像文件含多页");
        da_finding_set(&finding->found, "%u", image->frames);
        da_finding_set(&finding->wanted, "1");
    }
    return TRUE;
}

gboolean da_check_image_format(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) master = da_check_words(run, "master", error);
    g_auto(GStrv) access = master ? da_check_words(run, "access", error) : NULL;
    const FormatRule rule = {{master, access}};
    return access && da_check_each_image(run, visit_format, &rule, error);
}

/* The header of an image taken out of a PDF or multi-page TIFF is silent or wrong, since the container held the resolution;
 * and a profile that assumes a resolution takes silent scans, with a warning. */
static gboolean visit_resolution(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                                 const DaEntry *entry, gconstpointer data, GError **error)
{
    gint64 minimum = *(const gint64 *)data;
    const DaImageInfo *image = &entry->facts.image;
    gboolean silent = !image->dpi_x && !image->dpi_y;
    if (!has_header(entry) || (kind == DA_FILE_MASTER && page->container_sha256) ||
        (image->dpi_x >= minimum && image->dpi_x == image->dpi_y))
        return TRUE;
    DaFinding *finding =
        silent ? da_check_add_page(run, page, entry, "the image does not state its resolution",
                                   "图像未标明分辨率")
               : da_check_add_page(run, page, entry, "the resolution is too low or not square",
                                   "分辨率过低或两向不等");
    da_finding_set(&finding->found, "%u × %u dpi", image->dpi_x, image->dpi_y);
    da_finding_set(&finding->wanted, "≥ %" G_GINT64_FORMAT " dpi", minimum);
    if (silent && kind == DA_FILE_MASTER && run->subject->profile->assumed_dpi)
        finding->severity = DA_SEVERITY_WARNING;
    return TRUE;
}

gboolean da_check_image_resolution(DaCheckRun *run, GError **error)
{
    gint64 minimum = 0;
    return da_rule_integer(run->rule, "minimum", &minimum, error) &&
           da_check_each_image(run, visit_resolution, &minimum, error);
}

static char *colour_name(const DaImageInfo *image)
{
    if (image->channels == 1 && image->bits_per_sample == 1)
        return g_strdup("bitonal");
    if (image->channels == 1 || image->channels == 3)
        return g_strdup_printf("%s-%u", image->channels == 1 ? "grey" : "rgb",
                               image->bits_per_sample);
    return g_strdup_printf("%u-channels-%u", image->channels, image->bits_per_sample);
}

static gboolean visit_colour(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                             const DaEntry *entry, gconstpointer data, GError **error)
{
    const char *const *allowed = data;
    g_autofree char *colour = colour_name(&entry->facts.image);
    if (!has_header(entry) || g_strv_contains(allowed, colour))
        return TRUE;
    DaFinding *finding =
        da_check_add_page(run, page, entry, "the colour mode is not allowed", "色彩模式不允许");
    g_autofree char *wanted = g_strjoinv(", ", (char **)allowed);
    da_finding_set(&finding->found, "%s", colour);
    da_finding_set(&finding->wanted, "%s", wanted);
    return TRUE;
}

gboolean da_check_image_colour(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) allowed = da_check_words(run, "colours", error);
    return allowed && da_check_each_image(run, visit_colour, allowed, error);
}

static gboolean visit_size(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                           const DaEntry *entry, gconstpointer data, GError **error)
{
    const DaImageInfo *image = &entry->facts.image;
    guint width = kind == DA_FILE_MASTER ? page->master_width_px : page->width_px;
    guint height = kind == DA_FILE_MASTER ? page->master_height_px : page->height_px;
    /* EXIF 5 to 8 lay the image on its side: its size can be told either way. */
    gboolean sideways =
        image->exif_orientation >= 5 && image->width_px == height && image->height_px == width;
    if (!has_header(entry) || sideways || (image->width_px == width && image->height_px == height))
        return TRUE;
    da_check_tell(run, entry->path);
    DaFinding *finding =
        da_check_add_page(run, page, entry, "the size in dossier.xml is not the image's",
                          "dossier.xml 中的像素尺寸与图像不符");
    da_finding_set(&finding->found, "%u × %u px", image->width_px, image->height_px);
    da_finding_set(&finding->wanted, "%u × %u px", width, height);
    return TRUE;
}

gboolean da_check_image_size(DaCheckRun *run, GError **error)
{
    return da_check_each_image(run, visit_size, NULL, error);
}

static gboolean visit_end(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                          const DaEntry *entry, gconstpointer data, GError **error)
{
    const DaWalk *walk = entry->facts.walk;
    if (!walk || !walk->trailing_bytes)
        return TRUE;
    DaFinding *finding = da_check_add_page(run, page, entry, "bytes follow the end of the image",
                                           "图像结束标记之后还有数据");
    da_finding_set(&finding->found, "%" G_GUINT64_FORMAT " bytes", walk->trailing_bytes);
    da_finding_set(&finding->wanted, "0");
    return TRUE;
}

gboolean da_check_image_end(DaCheckRun *run, GError **error)
{
    return da_check_each_image(run, visit_end, NULL, error);
}

static gboolean visit_ocr(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                          const DaEntry *entry, gconstpointer data, GError **error)
{
    const DaEntry *alto =
        kind == DA_FILE_ACCESS ? da_subject_page_file(run->subject, page, DA_FILE_OCR) : NULL;
    const DaImageInfo *image = &entry->facts.image;
    if (!alto || !alto->facts.alto_width_px || !has_header(entry) ||
        da_check_is_told(run, entry->path) ||
        (alto->facts.alto_width_px == image->width_px &&
         alto->facts.alto_height_px == image->height_px))
        return TRUE;
    DaFinding *finding =
        da_check_add_page(run, page, alto, "the OCR page has not the size of the access image",
                          "OCR 页面尺寸与优化图像不符");
    da_finding_set(&finding->found, "%u × %u px", alto->facts.alto_width_px,
                   alto->facts.alto_height_px);
    da_finding_set(&finding->wanted, "%u × %u px", image->width_px, image->height_px);
    return TRUE;
}

gboolean da_check_ocr_size(DaCheckRun *run, GError **error)
{
    return da_check_each_image(run, visit_ocr, NULL, error);
}
