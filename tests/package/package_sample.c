#include "package_sample.h"

#include <dangan/digest.h>
#include <math.h>
#include <string.h>

static void set_file(DaPage *page, DaFileKind kind, const char *folder, const char *extension)
{
    DaPageFile *file = &page->file[kind];
    g_autofree char *name =
        g_strdup_printf("%s-%s.%s", page->stem, da_file_kind_name(kind), extension);
    g_autofree char *text = g_strdup_printf("%s of %s", da_file_kind_name(kind), page->stem);
    file->path = g_build_filename(folder, name, NULL);
    if (!g_file_test(file->path, G_FILE_TEST_EXISTS))
        g_assert(g_file_set_contents(file->path, text, -1, NULL));
    file->extension = g_strdup(extension);
    file->sha256 = g_strdup(da_digest_bytes(text, strlen(text)).hex);
    file->size_bytes = strlen(text);
}

static DaPage *add_page(DaMaterial *material, const char *folder, const char *master)
{
    DaPage *page = da_page_new();
    page->side = material->pages->len + 1;
    page->stem = da_page_stem(material->class_code, material->sequence, page->side);
    page->dpi = 300;
    page->width_px = page->master_width_px = 2480;
    page->height_px = page->master_height_px = 3508;
    page->turn_confidence = page->skew_cw_deg = page->ocr_confidence = NAN;
    page->ocr_engine = g_strdup("tesseract 5.3.0 chi_sim");
    page->captured = g_strdup_printf("2026-02-%02uT09:00:00Z", page->side % 28 + 1);
    set_file(page, DA_FILE_MASTER, folder, master);
    set_file(page, DA_FILE_ACCESS, folder, "jpg");
    set_file(page, DA_FILE_OCR, folder, "xml");
    g_ptr_array_add(material->pages, page);
    return page;
}

static void treat(DaPage *page)
{
    page->turn_cw_deg = 90;
    page->turn_confidence = 0.97;
    page->skew_cw_deg = -1.25;
    page->resampled = TRUE;
    page->cropped = TRUE;
    page->crop_x_px = 12;
    page->crop_y_px = 34;
    page->ocr_confidence = 0.8;
}

static void correct(DaPage *page)
{
    da_page_add_correction(page, "turn", "90", "王某", "2026-02-27");
    da_page_add_correction(page, "crop", "12,8,2400,3400", "王某", "2026-02-27");
    da_page_add_correction(page, "material", "4-1-1", "digitization desk 2", "2026-02-28T10:00:00Z");
    da_page_add_correction(page, "replace", NULL, "李某", "2026-02-28T11:00:00Z");
}

static DaMaterial *add_material(DaDossier *dossier, const char *class_code, guint sequence,
                                const char *title)
{
    DaMaterial *material = da_material_new();
    material->class_code = g_strdup(class_code);
    material->sequence = sequence;
    material->title = g_strdup(title);
    g_ptr_array_add(dossier->materials, material);
    return material;
}

DaDossier *sample_dossier(const char *folder)
{
    DaDossier *dossier = da_dossier_new();
    dossier->id = g_strdup(SAMPLE_ID);
    dossier->created = g_strdup("2026-03-01T08:30:00Z");
    dossier->profile_name = g_strdup("soe-retiree");
    dossier->profile_version = g_strdup("2026.1");
    dossier->scheme = g_strdup("cadre-2018");
    dossier->operator_name = g_strdup("digitization desk 2");
    dossier->scanner = g_strdup("Testscan 9000");
    da_dossier_set(dossier, DA_FIELD_NAME, SAMPLE_NAME, DA_ORIGIN_LIST, "row 3");
    da_dossier_set(dossier, DA_FIELD_ID_NUMBER, SAMPLE_ID_NUMBER, DA_ORIGIN_LIST, "row 3");
    da_dossier_set(dossier, DA_FIELD_ARCHIVAL_NUMBER, "J019-2026-0007", DA_ORIGIN_LIST, "row 3");
    DaMaterial *first = add_material(dossier, "4-1", 1, SAMPLE_TITLE);
    treat(add_page(first, folder, "jpg"));
    DaPage *split = add_page(first, folder, "tif");
    split->container_sha256 = g_strdup(da_digest_bytes("container", 9).hex);
    split->container_frame = 2;
    correct(split);
    split->ocr_confidence = 0.9;
    DaPage *blank = add_page(first, folder, "png");
    blank->blank = TRUE;
    g_free(blank->ocr_engine);
    blank->ocr_engine = NULL;
    add_page(add_material(dossier, "9-1", 2, "工资审批表"), folder, "jpg");
    return dossier;
}

void sample_grow(DaDossier *dossier, const char *folder, guint pages)
{
    for (guint i = 0; i < pages; i++)
        treat(add_page(g_ptr_array_index(dossier->materials, 0), folder, "jpg"));
}
