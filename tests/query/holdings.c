#include "holdings.h"

#include <dangan/db.h>
#include <dangan/deposit.h>
#include <dangan/digest.h>
#include <dangan/file.h>
#include <dangan/image.h>
#include <dangan/package.h>
#include <dangan/scope.h>
#include <dangan/text.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH_PX 480
#define HEIGHT_PX 680
#define LINE_PX 40
#define DPI 300

static void must(gboolean done, const GError *error)
{
    if (!done)
        g_error("%s", error != NULL ? error->message : "failed without a reason");
}

Holdings *holdings_new(void)
{
    g_autoptr(GError) error = NULL;
    Holdings *holdings = g_new0(Holdings, 1);
    holdings->folder = g_dir_make_tmp("dangan-query-XXXXXX", &error);
    must(holdings->folder != NULL, error);
    g_chmod(holdings->folder, 0755); /* PostgreSQL runs as another user under root */
    g_autofree char *dir = g_build_filename(holdings->folder, "archive", NULL);
    holdings->archive = da_archive_init(dir, &error);
    must(holdings->archive != NULL, error);
    holdings->db = da_archive_connect(holdings->archive, &error);
    must(holdings->db != NULL, error);
    holdings->reader = da_archive_connect_reader(holdings->archive, &error);
    must(holdings->reader != NULL, error);
    must(da_scope_set(holdings->archive, holdings->reader, NULL, &error), error);
    g_autofree char *profiles =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    holdings->profile = da_profile_load("soe-retiree", profiles, &error);
    must(holdings->profile != NULL, error);
    return holdings;
}

void holdings_free(Holdings *holdings)
{
    g_autofree char *dir = g_strdup(da_archive_dir(holdings->archive));
    PQfinish(holdings->reader);
    PQfinish(holdings->db);
    da_archive_free(holdings->archive);
    da_archive_stop(dir, NULL);
    da_profile_free(holdings->profile);
    da_tree_remove(holdings->folder, NULL);
    g_free(holdings->folder);
    g_free(holdings);
}

/* --- files of a page ----------------------------------------------------------------------------------------------- */

/* A bar for each line of the text. */
static Pix *draw(guint lines)
{
    Pix *pix = pixCreate(WIDTH_PX, HEIGHT_PX, 32);
    pixSetAllArbitrary(pix, 0xf4f1ea00u);
    for (guint line = 0; line < lines; line++)
        pixRasterop(pix, 60, (int)(60 + LINE_PX * line), 300, 20, PIX_CLR, NULL, 0, 0);
    pixSetResolution(pix, DPI, DPI);
    return pix;
}

static GBytes *encode(Pix *pix, gboolean tiff)
{
    g_autoptr(GError) error = NULL;
    if (!tiff) {
        GBytes *jpeg = da_image_encode_jpeg(pix, 85, &error);
        must(jpeg != NULL, error);
        return jpeg;
    }
    l_uint8 *data = NULL;
    size_t size = 0;
    must(pixWriteMem(&data, &size, pix, IFF_TIFF_LZW) == 0, NULL);
    return g_bytes_new_with_free_func(data, size, free, data);
}

static GBytes *alto_of(char **lines)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaPageText) text = da_page_text_new(WIDTH_PX, HEIGHT_PX, "test 1.0");
    for (guint i = 0; lines[i] != NULL; i++) {
        DaLine *line = da_page_text_add(text);
        double top = 60.0 + LINE_PX * i;
        const double quad[4][2] = {{60, top}, {360, top}, {360, top + 20}, {60, top + 20}};
        memcpy(line->quad, quad, sizeof quad);
        line->text = g_strdup(lines[i]);
        line->confidence = 0.9;
        DaWord *word = da_line_add_word(line);
        *word = (DaWord){g_strdup(lines[i]), 60, top, 300, 20, 0.9};
    }
    GBytes *alto = da_page_text_to_alto(text, "page.jpg", &error);
    must(alto != NULL, error);
    return alto;
}

static void set_file(const Holdings *holdings, DaPage *page, DaFileKind kind, GBytes *bytes,
                     const char *extension)
{
    g_autoptr(GError) error = NULL;
    DaPageFile *file = &page->file[kind];
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    file->path = g_strdup_printf("%s/%s-%s.%s", holdings->folder, page->stem,
                                 da_file_kind_name(kind), extension);
    file->extension = g_strdup(extension);
    file->sha256 = g_strdup(da_digest_bytes(data, size).hex);
    file->size_bytes = size;
    da_tree_remove(file->path, NULL);
    must(da_file_write(file->path, data, size, &error), error);
}

static void add_page(const Holdings *holdings, DaMaterial *material, const char *text,
                     gboolean tiff)
{
    DaPage *page = da_page_new();
    g_ptr_array_add(material->pages, page);
    page->side = material->pages->len;
    page->stem = da_page_stem(material->class_code, material->sequence, page->side);
    page->dpi = DPI;
    page->width_px = page->master_width_px = WIDTH_PX;
    page->height_px = page->master_height_px = HEIGHT_PX;
    page->captured = g_strdup("2026-03-02T08:00:00Z");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(Pix) pix = draw(g_strv_length(lines));
    g_autoptr(GBytes) master = encode(pix, tiff), access = encode(pix, FALSE);
    g_autoptr(GBytes) alto = alto_of(lines);
    set_file(holdings, page, DA_FILE_MASTER, master, tiff ? "tif" : "jpg");
    set_file(holdings, page, DA_FILE_ACCESS, access, "jpg");
    set_file(holdings, page, DA_FILE_OCR, alto, "xml");
}

/* --- dossiers --------------------------------------------------------------------------------------------------------- */

static DaDossier *dossier_of(const Holdings *holdings, const Person *person)
{
    DaDossier *dossier = da_dossier_new();
    dossier->id = g_uuid_string_random();
    dossier->profile_name = g_strdup(holdings->profile->name);
    dossier->profile_version = g_strdup(holdings->profile->version);
    dossier->scheme = g_strdup(da_profile_scheme(holdings->profile, NULL)->name);
    dossier->created = g_strdup("2026-03-02T09:00:00Z");
    da_dossier_set(dossier, DA_FIELD_NAME, person->name, DA_ORIGIN_LIST, "row 3");
    da_dossier_set(dossier, DA_FIELD_ID_NUMBER, person->id_number, DA_ORIGIN_LIST, "row 3");
    da_dossier_set(dossier, DA_FIELD_SEX, person->sex, DA_ORIGIN_LIST, "row 3");
    da_dossier_set(dossier, DA_FIELD_BIRTH, person->birth, DA_ORIGIN_LIST, "row 3");
    da_dossier_set(dossier, DA_FIELD_EMPLOYER, person->employer, DA_ORIGIN_LIST, "row 3");
    DaMaterial *material = da_material_new();
    g_ptr_array_add(dossier->materials, material);
    material->class_code = g_strdup("1");
    material->sequence = 1;
    material->title = g_strdup("职工登记表");
    material->formed = (DaDate){1971, 12, 12};
    material->copies = 1;
    for (guint i = 0; i < HOLDINGS_PAGES && person->texts[i] != NULL; i++)
        add_page(holdings, material, person->texts[i], person->tiff);
    material->pages_claimed = material->pages->len;
    return dossier;
}

static void deposit(Holdings *holdings, const char *package)
{
    g_autoptr(GError) error = NULL;
    DaDepositOptions options = {.district = "310104", .profile = holdings->profile};
    DaDepositResult result = {0};
    gboolean done = da_deposit(holdings->archive, holdings->db, package, &options, &result, &error);
    for (guint i = 0;
         !done && result.verification != NULL && i < result.verification->findings->len; i++) {
        const DaFinding *finding = result.verification->findings->pdata[i];
        g_printerr("# %s: %s\n", finding->rule, finding->message);
    }
    must(done, error);
    da_deposit_result_clear(&result);
}

char *holdings_add(Holdings *holdings, const Person *person)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaDossier) dossier = dossier_of(holdings, person);
    g_autofree char *package = g_build_filename(holdings->folder, dossier->id, NULL);
    g_autofree char *digest = NULL;
    g_autoptr(GBytes) report = g_bytes_new_static("{}", 2);
    must(da_package_write(dossier, holdings->profile, report, package, FALSE, &digest, &error),
         error);
    deposit(holdings, package);
    return g_strdup(dossier->id);
}

char *holdings_page(const char *dossier, const char *stem)
{
    return da_page_id(dossier, 1, stem);
}

void holdings_run(Holdings *holdings, const char *sql)
{
    g_autoptr(GError) error = NULL;
    must(da_db_run(holdings->db, &error, sql, NULL), error);
}

char *holdings_ask(Holdings *holdings, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PGresult) result = da_db_query(holdings->db, &error, sql, NULL);
    must(result != NULL && PQntuples(result) == 1, error);
    return g_strdup(PQgetvalue(result, 0, 0));
}
