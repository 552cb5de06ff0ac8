#include "report_crop.h"

#include "delivery.h"

#include <dangan/file.h>
#include <dangan/image.h>
#include <dangan/package.h>
#include <dangan/worker.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Widths on screen are half of these, so that print and dense screens stay sharp. */
#define PAGE_WIDTH_PX 380
#define CROP_WIDTH_PX 760
#define CROP_MARGIN_PX 60
#define CROP_QUALITY 72
#define CROP_SECONDS 30
#define CROP_MEMORY_BYTES ((guint64)3 << 30)
/* Archives that are unpacked once more for their pictures. */
#define MAX_OPENED 20
#define BOX_WIDTH_PX 4

/* One delivery whose pictures are made: where its files are, and which findings want one. */
typedef struct {
    const DaVerification *verification;
    const char *folder;         /* what is looked into */
    const DaExchange *exchange; /* NULL = a package */
    GPtrArray *wishes;          /* DaFinding *, borrowed */
    guint next;
    GHashTable *crops;
} Gallery;

/* The real place of a file, only if it is a regular file inside the package: a link would show the reader other people's files. */
static char *file_inside(const char *package, const char *relative)
{
    g_autofree char *full = g_build_filename(package, relative, NULL);
    char *root = realpath(package, NULL), *real = realpath(full, NULL);
    struct stat state;
    gboolean inside = root && real && g_str_has_prefix(real, root) && real[strlen(root)] == '/' &&
                      !lstat(real, &state) && S_ISREG(state.st_mode);
    char *found = inside ? g_strdup(real) : NULL;
    free(root);
    free(real);
    return found;
}

static const DaPage *page_of(const DaDossier *dossier, const char *stem)
{
    for (guint m = 0; dossier && m < dossier->materials->len; m++) {
        const GPtrArray *pages = ((const DaMaterial *)dossier->materials->pdata[m])->pages;
        for (guint p = 0; p < pages->len; p++)
            if (!strcmp(((const DaPage *)pages->pdata[p])->stem, stem))
                return pages->pdata[p];
    }
    return NULL;
}

/* What people read of a page of an exchange delivery, which lies where its maker put it. */
static char *exchange_image(const Gallery *gallery, const DaFinding *finding)
{
    const DaPage *page = page_of(gallery->exchange->dossier, finding->page);
    const char *path = page ? page->file[DA_FILE_ACCESS].path : NULL;
    if (page && !path && !finding->has_box) /* boxes are on the access image */
        path = page->file[DA_FILE_MASTER].path;
    gsize length = strlen(gallery->folder);
    return path && !strncmp(path, gallery->folder, length) && path[length] == '/'
               ? file_inside(gallery->folder, path + length + 1)
               : NULL;
}

static char *image_of(const Gallery *gallery, const DaFinding *finding)
{
    static const char *const extensions[] = {"jpg", "png", "tif"};
    const char *id = gallery->verification->id;
    if (gallery->exchange)
        return exchange_image(gallery, finding);
    for (guint i = 0; id && i < G_N_ELEMENTS(extensions); i++) {
        g_autofree char *path =
            da_package_page_file(id, DA_FILE_ACCESS, finding->page, extensions[i]);
        char *found = da_path_is_safe(path) ? file_inside(gallery->folder, path) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

/* The least pixels that still give the wanted width. */
static guint reduction(guint width_px)
{
    guint denominator = 8;
    while (denominator > 1 && width_px / denominator < PAGE_WIDTH_PX)
        denominator /= 2;
    return denominator;
}

static Pix *cut(Pix *pix, const DaFinding *finding)
{
    int left = MAX(finding->x_px - CROP_MARGIN_PX, 0), top = MAX(finding->y_px - CROP_MARGIN_PX, 0);
    g_autoptr(Box) around = boxCreate(left, top, finding->w_px + 2 * CROP_MARGIN_PX,
                                      finding->h_px + 2 * CROP_MARGIN_PX);
    g_autoptr(Box) box =
        boxCreate(finding->x_px - left, finding->y_px - top, finding->w_px, finding->h_px);
    g_autoptr(Pix) part = pixClipRectangle(pix, around, NULL);
    g_autoptr(Pix) colour = part ? pixConvertTo32(part) : NULL;
    if (colour && box)
        pixRenderBoxArb(colour, box, BOX_WIDTH_PX, 0xc0, 0x20, 0x20);
    return g_steal_pointer(&colour);
}

static Pix *picture(GBytes *bytes, const DaFinding *finding, GError **error)
{
    DaImageInfo info;
    if (!da_image_probe(bytes, &info, error))
        return NULL;
    g_autoptr(Pix) whole = finding->has_box
                               ? da_image_decode(bytes, error)
                               : da_image_decode_reduced(bytes, reduction(info.width_px), error);
    if (!whole)
        return NULL;
    g_autoptr(Pix) part = finding->has_box ? cut(whole, finding) : pixClone(whole);
    int wanted = finding->has_box ? CROP_WIDTH_PX : PAGE_WIDTH_PX;
    if (!part || pixGetWidth(part) <= wanted)
        return g_steal_pointer(&part);
    return pixScaleToSize(part, wanted, 0);
}

static const DaFinding *wish_of(const Gallery *gallery, const char *job)
{
    return gallery->wishes->pdata[g_ascii_strtoull(job, NULL, 10)];
}

static char *work(const char *job, gpointer entered, GError **error)
{
    const Gallery *gallery = entered;
    const DaFinding *finding = wish_of(gallery, job);
    g_autofree char *path = image_of(gallery, finding);
    g_autoptr(GBytes) bytes = path ? da_file_read(path, DA_IMAGE_MAX_BYTES, error) : NULL;
    g_autoptr(Pix) pix = bytes ? picture(bytes, finding, error) : NULL;
    g_autoptr(GBytes) jpeg = pix ? da_image_encode_jpeg(pix, CROP_QUALITY, error) : NULL;
    if (!jpeg)
        return g_strdup(""); /* no picture: the finding stands without it */
    return g_base64_encode(g_bytes_get_data(jpeg, NULL), g_bytes_get_size(jpeg));
}

static char *next_job(gpointer data)
{
    Gallery *gallery = data;
    return gallery->next < gallery->wishes->len ? g_strdup_printf("%u", gallery->next++) : NULL;
}

static gboolean done(const char *job, DaWorkerOutcome outcome, const char *answer,
                     const GError *job_error, gpointer data, GError **error)
{
    Gallery *gallery = data;
    if (outcome == DA_WORKER_DONE && *answer)
        g_hash_table_insert(gallery->crops, (gpointer)wish_of(gallery, job), g_strdup(answer));
    return TRUE;
}

static void make_pictures(Gallery *gallery)
{
    DaWorkerPool pool = {
        .processes = MIN(g_get_num_processors(), DA_WORKERS_MAX),
        .memory_bytes = CROP_MEMORY_BYTES,
        .seconds = CROP_SECONDS,
        .next = next_job,
        .work = work,
        .done = done,
        .data = gallery,
    };
    da_workers_run(&pool, NULL); /* a report without pictures is still a report */
}

/* --- which findings ---------------------------------------------------------------------------------------------------- */

/* How many findings of the same rule stand before this one. */
static guint place_in_group(const GPtrArray *findings, guint index)
{
    const DaFinding *finding = findings->pdata[index];
    guint place = 0;
    for (guint i = 0; i < index && place < DA_REPORT_ROWS_A_GROUP; i++)
        place += !strcmp(((const DaFinding *)findings->pdata[i])->rule, finding->rule);
    return place;
}

/* The first finding of each rule in each package has the first claim, then the others that the report writes out. */
static void choose(const GPtrArray *verifications, GPtrArray **wishes, gboolean first_of_rule)
{
    guint chosen = 0;
    for (guint i = 0; i < verifications->len; i++)
        chosen += wishes[i]->len;
    for (guint i = 0; i < verifications->len && chosen < DA_REPORT_MAX_CROPS; i++) {
        const GPtrArray *findings = ((const DaVerification *)verifications->pdata[i])->findings;
        for (guint k = 0; k < findings->len && chosen < DA_REPORT_MAX_CROPS; k++) {
            DaFinding *finding = findings->pdata[k];
            guint place = finding->page ? place_in_group(findings, k) : DA_REPORT_ROWS_A_GROUP;
            if (place >= DA_REPORT_ROWS_A_GROUP || first_of_rule != (place == 0))
                continue;
            g_ptr_array_add(wishes[i], finding);
            chosen++;
        }
    }
}

/* --- where the images are ------------------------------------------------------------------------------------------------ */

static gboolean is_plain_package(const DaVerification *verification, const DaProfile *profile)
{
    return profile->judges != DA_JUDGED_EXCHANGE &&
           g_file_test(verification->path, G_FILE_TEST_IS_DIR);
}

/* A tar, zip or exchange delivery is opened once more, since what was unpacked to be verified is gone. */
static void show_delivery(Gallery *gallery, const DaProfile *profile)
{
    g_autoptr(DaDelivery) delivery = da_delivery_open(gallery->verification->path, profile, NULL);
    if (!delivery || !delivery->folder)
        return;
    gallery->folder = delivery->folder;
    gallery->exchange = delivery->exchange;
    make_pictures(gallery);
}

GHashTable *da_report_crops(const GPtrArray *verifications, const DaProfile *profile)
{
    GHashTable *crops = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    guint opened = 0;
    for (guint i = 0; i < verifications->len; i++)
        g_ptr_array_add(all, g_ptr_array_new());
    choose(verifications, (GPtrArray **)all->pdata, TRUE);
    choose(verifications, (GPtrArray **)all->pdata, FALSE);
    for (guint i = 0; i < verifications->len; i++) {
        Gallery gallery = {.verification = verifications->pdata[i],
                           .folder = ((const DaVerification *)verifications->pdata[i])->path,
                           .wishes = all->pdata[i],
                           .crops = crops};
        if (!gallery.wishes->len || gallery.verification->is_handover)
            continue;
        if (is_plain_package(gallery.verification, profile))
            make_pictures(&gallery);
        else if (opened++ < MAX_OPENED)
            show_delivery(&gallery, profile);
    }
    return crops;
}
