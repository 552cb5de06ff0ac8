#include "fixture.h"

#include <dangan/bag.h>
#include <dangan/digest.h>
#include <dangan/file.h>
#include <dangan/handle/xml.h>
#include <dangan/image.h>
#include <dangan/text.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Errors of rules that the damage at hand should not have touched. */
static guint surprises;

static void must(gboolean done, GError *error)
{
    if (!done)
        fail_msg("%s", error ? error->message : "failed without a reason");
}

/* --- sheets ------------------------------------------------------------------------------------------------------------ */

static void draw_box(Pix *pix, int x, int y, int w, int h, l_uint32 colour)
{
    Box *box = boxCreate(x, y, w, h);
    pixSetInRectArbitrary(pix, box, colour);
    boxDestroy(&box);
}

/* Strokes in a square, as a character has them. */
static void draw_character(Pix *pix, GRand *hand, int x, int y, int size)
{
    for (int i = 0; i < 3; i++)
        draw_box(pix, x, y + g_rand_int_range(hand, 0, size - 4), size, 4, 0x20202000u);
    for (int i = 0; i < 2; i++)
        draw_box(pix, x + g_rand_int_range(hand, 0, size - 4), y, 4, size, 0x20202000u);
}

Pix *fixture_sheet(guint width_px, guint height_px, guint number)
{
    Pix *pix = pixCreate((int)width_px, (int)height_px, 32);
    g_autoptr(GRand) hand = g_rand_new_with_seed(number);
    /* The same writing on master and access image, which is cut a little narrower. */
    int inset = width_px == FIXTURE_MASTER_WIDTH_PX ? FIXTURE_INSET_PX : 0;
    int width = (int)width_px - 2 * inset, height = (int)height_px - 2 * inset;
    int margin = width / 8, size = 36;
    pixSetAllArbitrary(pix, 0xf4f1ea00u);
    for (int y = margin; number && y + size < height - margin; y += 90) {
        int end = width - margin - g_rand_int_range(hand, 0, width / 4);
        for (int x = margin; x + size < end; x += 40)
            if (g_rand_int_range(hand, 0, 8))
                draw_character(pix, hand, x + inset, y + inset, size);
    }
    return pix;
}

GBytes *fixture_encode(Pix *sheet, guint dpi)
{
    g_autoptr(GError) error = NULL;
    pixSetResolution(sheet, (int)dpi, (int)dpi);
    GBytes *bytes = da_image_encode_jpeg(sheet, 85, &error);
    must(bytes != NULL, error);
    return bytes;
}

/* Encoding the same sheet for each of some hundred fixtures would take most of the time. */
static GBytes *written(guint width_px, guint height_px, guint dpi, guint channels, guint hand)
{
    static GHashTable *kept;
    if (!kept)
        kept = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *key =
        g_strdup_printf("%u %u %u %u %u", width_px, height_px, dpi, channels, hand);
    GBytes *bytes = g_hash_table_lookup(kept, key);
    if (!bytes) {
        g_autoptr(Pix) sheet = fixture_sheet(width_px, height_px, hand);
        g_autoptr(Pix) grey = channels == 1 ? pixConvertRGBToLuminance(sheet) : pixClone(sheet);
        bytes = fixture_encode(grey, dpi);
        g_hash_table_insert(kept, g_steal_pointer(&key), bytes);
    }
    return g_bytes_ref(bytes);
}

GBytes *fixture_jpeg(guint width_px, guint height_px, guint dpi, guint channels)
{
    return written(width_px, height_px, dpi, channels, 1);
}

GBytes *fixture_alto(guint width_px, guint height_px)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaPageText) text = da_page_text_new(width_px, height_px, "none");
    GBytes *alto = da_page_text_to_alto(text, "page.jpg", &error);
    must(alto != NULL, error);
    return alto;
}

void fixture_put(const char *path, const void *data, gsize size)
{
    g_autoptr(GError) error = NULL;
    must(da_file_write(path, data, size, &error), error);
}

GBytes *fixture_read(const char *path)
{
    g_autoptr(GError) error = NULL;
    GBytes *bytes = da_file_read(path, 64 << 20, &error);
    must(bytes != NULL, error);
    return bytes;
}

void fixture_page_bytes(Fixture *fixture, DaPage *page, DaFileKind kind, GBytes *bytes,
                        const char *extension)
{
    DaPageFile *file = &page->file[kind];
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    g_free(file->path);
    g_free(file->extension);
    g_free(file->sha256);
    file->path = g_strdup_printf("%s/work/%s-%s.%s", fixture->folder, page->stem,
                                 da_file_kind_name(kind), extension);
    file->extension = g_strdup(extension);
    file->sha256 = g_strdup(da_digest_bytes(data, size).hex);
    file->size_bytes = size;
    fixture_put(file->path, data, size);
}

void fixture_add_page(Fixture *fixture, DaMaterial *material, guint hand)
{
    DaPage *page = da_page_new();
    g_ptr_array_add(material->pages, page);
    page->side = material->pages->len;
    page->stem = da_page_stem(material->class_code, material->sequence, page->side);
    page->blank = hand == 0;
    page->dpi = FIXTURE_DPI;
    page->width_px = FIXTURE_WIDTH_PX;
    page->height_px = FIXTURE_HEIGHT_PX;
    page->master_width_px = FIXTURE_MASTER_WIDTH_PX;
    page->master_height_px = FIXTURE_MASTER_HEIGHT_PX;
    page->captured = g_strdup("2026-03-02T08:00:00Z");
    g_autoptr(GBytes) master =
        written(page->master_width_px, page->master_height_px, FIXTURE_DPI, 3, hand);
    g_autoptr(GBytes) access = written(page->width_px, page->height_px, FIXTURE_DPI, 3, hand);
    g_autoptr(GBytes) alto = fixture_alto(page->width_px, page->height_px);
    fixture_page_bytes(fixture, page, DA_FILE_MASTER, master, "jpg");
    fixture_page_bytes(fixture, page, DA_FILE_ACCESS, access, "jpg");
    fixture_page_bytes(fixture, page, DA_FILE_OCR, alto, "xml");
}

static DaMaterial *add_material(Fixture *fixture, const char *class_code, const char *title,
                                DaDate formed)
{
    DaMaterial *material = da_material_new();
    g_ptr_array_add(fixture->dossier->materials, material);
    material->class_code = g_strdup(class_code);
    material->sequence = 1;
    material->title = g_strdup(title);
    material->formed = formed;
    material->copies = 1;
    material->pages_claimed = 1;
    return material;
}

static void fill_dossier(Fixture *fixture)
{
    DaDossier *dossier = fixture->dossier;
    dossier->id = g_uuid_string_random();
    dossier->profile_name = g_strdup(fixture->profile->name);
    dossier->profile_version = g_strdup(fixture->profile->version);
    dossier->scheme = g_strdup(da_profile_scheme(fixture->profile, NULL)->name);
    dossier->created = g_strdup("2026-03-02T09:00:00Z");
    dossier->scanner = g_strdup("Invented 3000");
    dossier->operator_name = g_strdup("操作员甲");
    da_dossier_set(dossier, DA_FIELD_NAME, "龚杉榕", DA_ORIGIN_LIST, "row 3");
    da_dossier_set(dossier, DA_FIELD_ID_NUMBER, "11010519491231002X", DA_ORIGIN_LIST, "row 3");
    da_dossier_set(dossier, DA_FIELD_SEX, "女", DA_ORIGIN_LIST, "row 3");
    da_dossier_set(dossier, DA_FIELD_BIRTH, "1949-12-31", DA_ORIGIN_LIST, "row 3");
    da_dossier_set(dossier, DA_FIELD_EMPLOYER, "虚构机械厂", DA_ORIGIN_LIST, "row 3");
    DaMaterial *first = add_material(fixture, "1", "职工登记表", (DaDate){1971, 12, 12});
    DaMaterial *second = add_material(fixture, "9-1", "工资调整审批表", (DaDate){1985, 7, 0});
    fixture_add_page(fixture, first, 1);
    fixture_add_page(fixture, first, 0);
    fixture_add_page(fixture, second, 2);
}

DaProfile *fixture_profile(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    DaProfile *profile = da_profile_load(name, folder, &error);
    must(profile != NULL, error);
    return profile;
}

Fixture *fixture_new(void)
{
    g_autoptr(GError) error = NULL;
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->folder = g_dir_make_tmp("dangan-verify-XXXXXX", &error);
    must(fixture->folder != NULL, error);
    g_autofree char *work = g_build_filename(fixture->folder, "work", NULL);
    must(da_dir_make(work, &error), error);
    fixture->profile = fixture_profile("soe-retiree");
    fixture->dossier = da_dossier_new();
    fill_dossier(fixture);
    fixture->package = g_build_filename(fixture->folder, fixture->dossier->id, NULL);
    return fixture;
}

void fixture_free(Fixture *fixture)
{
    da_tree_remove(fixture->folder, NULL);
    g_free(fixture->folder);
    g_free(fixture->package);
    da_dossier_free(fixture->dossier);
    da_profile_free(fixture->profile);
    g_free(fixture);
}

void fixture_write(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *digest = NULL;
    static const char report[] = "{\"pages\": 3}";
    g_autoptr(GBytes) bytes = g_bytes_new_static(report, strlen(report));
    must(da_package_write(fixture->dossier, fixture->profile, bytes, fixture->package, FALSE,
                          &digest, &error),
         error);
}

DaVerification *fixture_verify(const Fixture *fixture)
{
    /* A dossier of two materials lacks most of what every dossier should hold. */
    GPtrArray *expected = fixture->profile->forms->expected;
    g_ptr_array_set_size(expected, (gint)MIN(expected->len, 1));
    g_autoptr(GError) error = NULL;
    DaVerification *verification = da_verify_package(fixture->package, fixture->profile, &error);
    must(verification != NULL, error);
    return verification;
}

DaPage *fixture_page(Fixture *fixture, guint material, guint page)
{
    const DaMaterial *m = fixture->dossier->materials->pdata[material];
    return m->pages->pdata[page];
}

char *fixture_path(const Fixture *fixture, const char *inside)
{
    g_autofree char *payload = da_package_payload(fixture->dossier->id, inside);
    return g_build_filename(fixture->package, payload, NULL);
}

void fixture_replace(const Fixture *fixture, const char *inside, const char *from, const char *to)
{
    g_autofree char *path = fixture_path(fixture, inside);
    g_autoptr(GBytes) bytes = fixture_read(path);
    g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("%s has no '%s'", inside, from);
    g_autofree char *changed =
        g_strdup_printf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    fixture_put(path, changed, strlen(changed));
}

static void seal_folder(const Fixture *fixture, const char *relative, GPtrArray *payload)
{
    g_autofree char *full = g_build_filename(fixture->package, relative, NULL);
    g_autoptr(GPtrArray) names = da_dir_list(full, NULL);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *below = g_strdup_printf("%s/%s", relative, (char *)names->pdata[i]);
        g_autofree char *path = g_build_filename(fixture->package, below, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            seal_folder(fixture, below, payload);
            continue;
        }
        DaDigest digest;
        DaBagEntry *entry = g_new0(DaBagEntry, 1);
        must(da_digest_file(path, &digest, &entry->size_bytes, NULL), NULL);
        entry->path = g_steal_pointer(&below);
        entry->sha256 = g_strdup(digest.hex);
        g_ptr_array_add(payload, entry);
    }
}

void fixture_reseal(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) payload =
        g_ptr_array_new_with_free_func((GDestroyNotify)da_bag_entry_free);
    seal_folder(fixture, "data", payload);
    must(da_bag_write(fixture->package, fixture->dossier->id, fixture->dossier->created, payload,
                      &error),
         error);
}

static void put_tag_manifest(const Fixture *fixture)
{
    g_autoptr(GPtrArray) names = da_dir_list(fixture->package, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(fixture->package, names->pdata[i], NULL);
        DaDigest digest;
        if (g_str_has_prefix(names->pdata[i], "tagmanifest") ||
            g_file_test(path, G_FILE_TEST_IS_DIR))
            continue;
        must(da_digest_file(path, &digest, NULL, NULL), NULL);
        g_string_append_printf(text, "%s  %s\n", digest.hex, (char *)names->pdata[i]);
    }
    g_autofree char *path = g_build_filename(fixture->package, "tagmanifest-sha256.txt", NULL);
    fixture_put(path, text->str, text->len);
}

void fixture_tag_file(const Fixture *fixture, const char *name, const char *text, gboolean listed)
{
    g_autofree char *path = g_build_filename(fixture->package, name, NULL);
    fixture_put(path, text, strlen(text));
    if (listed)
        put_tag_manifest(fixture);
}

void fixture_bag_info(const Fixture *fixture, const char *line)
{
    g_autofree char *path = g_build_filename(fixture->package, "bag-info.txt", NULL);
    g_autoptr(GBytes) bytes = fixture_read(path);
    g_autofree char *text = g_strdup_printf("%.*s%s", (int)g_bytes_get_size(bytes),
                                            (const char *)g_bytes_get_data(bytes, NULL), line);
    fixture_tag_file(fixture, "bag-info.txt", text, TRUE);
}

/* The file that a reference of METS names; NULL for other elements. */
static char *target_of(const Fixture *fixture, xmlNode *node)
{
    xmlNode *at = xmlStrEqual(node->name, BAD_CAST "file") ? xmlFirstElementChild(node) : node;
    g_autoptr(DaXmlChar) href =
        at ? xmlGetNsProp(at, BAD_CAST "href", BAD_CAST "http://www.w3.org/1999/xlink") : NULL;
    return href && !xmlStrEqual(node->name, BAD_CAST "FLocat")
               ? fixture_path(fixture, (const char *)href)
               : NULL;
}

static void renew(const Fixture *fixture, xmlNode *node)
{
    for (; node; node = xmlNextElementSibling(node)) {
        g_autofree char *path = target_of(fixture, node);
        DaDigest digest;
        guint64 size = 0;
        if (path && da_digest_file(path, &digest, &size, NULL)) {
            g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, size);
            xmlSetProp(node, BAD_CAST "SIZE", BAD_CAST text);
            xmlSetProp(node, BAD_CAST "CHECKSUM", BAD_CAST digest.hex);
        }
        renew(fixture, xmlFirstElementChild(node));
    }
}

void fixture_renew_mets(const Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "METS.xml");
    g_autoptr(xmlDoc) doc = xmlReadFile(path, NULL, 0);
    assert_non_null(doc);
    renew(fixture, xmlDocGetRootElement(doc));
    xmlChar *text = NULL;
    int size = 0;
    xmlDocDumpMemoryEnc(doc, &text, &size, "UTF-8");
    fixture_put(path, text, (gsize)size);
    xmlFree(text);
}

const DaRuleResult *fixture_result(const DaVerification *verification, const char *rule)
{
    for (guint i = 0; i < verification->results->len; i++) {
        const DaRuleResult *result = verification->results->pdata[i];
        if (!strcmp(result->rule->id, rule))
            return result;
    }
    fail_msg("the profile has no rule %s", rule);
    return NULL;
}

guint fixture_count(const DaVerification *verification, const char *rule)
{
    return fixture_result(verification, rule)->findings;
}

static void look_at_findings(const Damage *damage, const DaVerification *verification)
{
    gboolean on_page = damage->page == NULL;
    for (guint i = 0; i < verification->findings->len; i++) {
        const DaFinding *finding = verification->findings->pdata[i];
        if (!finding->clause || !finding->mend || !finding->mend_zh || !finding->subject ||
            !finding->message || !finding->message_zh)
            fail_msg("%s: a finding of %s is not whole", damage->label, finding->rule);
        on_page = on_page ||
                  (!strcmp(finding->rule, damage->rule) && !g_strcmp0(finding->page, damage->page));
        if (finding->severity >= DA_SEVERITY_ERROR && strcmp(finding->rule, damage->rule)) {
            g_autofree char *line = da_finding_line(finding, FALSE);
            print_message("# %s: also: %s (%s)\n", damage->label, line, finding->found);
            surprises++;
        }
    }
    if (!on_page)
        fail_msg("%s: no finding of %s names page %s", damage->label, damage->rule, damage->page);
}

static gboolean is_screening(const char *id)
{
    return g_str_has_prefix(id, "QLT-") || !strcmp(id, "IMG-013");
}

/* Measuring takes longer than all the rest; only what needs it pays for it. */
static void leave_out_screening(Fixture *fixture)
{
    GPtrArray *rules = fixture->profile->rules;
    for (guint i = rules->len; i-- > 0;)
        if (is_screening(((const DaRule *)rules->pdata[i])->id))
            g_ptr_array_remove_index(rules, i);
}

static void run_damage(const Damage *damage)
{
    g_autoptr(Fixture) fixture = fixture_new();
    if (!is_screening(damage->rule))
        leave_out_screening(fixture);
    if (damage->before)
        damage->before(fixture);
    fixture_write(fixture);
    if (damage->after)
        damage->after(fixture);
    if (damage->reseal == RESEAL_METS)
        fixture_renew_mets(fixture);
    if (damage->reseal)
        fixture_reseal(fixture);
    g_autoptr(DaVerification) verification = fixture_verify(fixture);
    const DaRuleResult *result = fixture_result(verification, damage->rule);
    if (result->outcome == DA_RULE_NOT_RUN && !strcmp(result->rule->check, "standard-schemas"))
        return;
    if (result->outcome != DA_RULE_FAILED)
        fail_msg("%s: rule %s did not fire%s%s", damage->label, damage->rule,
                 result->reason ? ", not run: " : "", result->reason ? result->reason : "");
    /* What is screened waits for a person. */
    gboolean refuses =
        result->rule->severity >= DA_SEVERITY_ERROR && strcmp(result->rule->mode, "screened");
    if (verification->accepted == refuses)
        fail_msg("%s: the package was %s", damage->label, refuses ? "accepted" : "refused");
    look_at_findings(damage, verification);
}

void fixture_run_damages(const Damage *damages)
{
    for (; damages->label; damages++)
        run_damage(damages);
    assert_int_equal(surprises, 0);
}
