#include <dangan/dossier.h>
#include <dangan/error.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DIGEST_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID "0b5ff2a4-93d1-4c1a-8f57-0f6a3c1d2e4b"

/* --- dates ------------------------------------------------------------------------------------------------------- */

static void date_reads_what_people_write(void **state)
{
    static const struct {
        const char *text, *wanted; /* NULL = refused */
    } cases[] = {
        {"", ""},
        {"   ", ""},
        {"\u3000", ""},
        {"1962", "1962"},
        {"196201", "1962-01"},
        {"19620120", "1962-01-20"},
        {"1962-1-5", "1962-01-05"},
        {"1962.01.20", "1962-01-20"},
        {"1962/1/20", "1962-01-20"},
        {"1962年", "1962"},
        {"1962年1月", "1962-01"},
        {"1962年1月20日", "1962-01-20"},
        {"１９６２年１月２０日", "1962-01-20"},
        {" 1962 年 1 月 ", "1962-01"},
        {"20000229", "2000-02-29"},
        {"19000229", NULL},
        {"19620230", NULL},
        {"196213", NULL},
        {"19620100", NULL},
        {"196200", NULL},
        {"0000", NULL},
        {"00000000", NULL},
        {"62-01-20", NULL},
        {"19621", NULL},
        {"1962012", NULL},
        {"1962-", NULL},
        {"1962--01", NULL},
        {"1962-01-20-", NULL},
        {"1962-01-20-03", NULL},
        {"1962-001", NULL},
        {"1962日", NULL},
        {"-1962", NULL},
        {"日", NULL},
        {"不详", NULL},
        {"1962-01-20T00:00:00", NULL},
        {"99999999999999999999", NULL},
        {"\xff\xfe", NULL},
        {"1962 1962 1962 1962 1962 1962 1962 1962 1962 1962 1962 1962 1962 1962", NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        DaDate date = {1, 1, 1};
        gboolean read = da_date_parse(cases[i].text, &date, &error);
        if (read != (cases[i].wanted != NULL))
            fail_msg("'%s' %s", cases[i].text, read ? "was read" : error->message);
        if (!read) {
            assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
            assert_int_equal(date.year, 0);
            continue;
        }
        g_autofree char *text = da_date_format(date);
        assert_string_equal(text, cases[i].wanted);
    }
}

static void date_compares_as_far_as_both_are_known(void **state)
{
    static const struct {
        DaDate a, b;
        int wanted;
    } cases[] = {
        {{1962, 1, 20}, {1962, 1, 20}, 0},  {{1962, 0, 0}, {1962, 1, 0}, 0},
        {{1962, 1, 0}, {1962, 1, 31}, 0},   {{0, 0, 0}, {1962, 1, 1}, 0},
        {{1961, 12, 31}, {1962, 0, 0}, -1}, {{1962, 3, 0}, {1962, 2, 28}, 1},
        {{1962, 2, 1}, {1962, 2, 28}, -1},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_int_equal(da_date_compare(cases[i].a, cases[i].b), cases[i].wanted);
        assert_int_equal(da_date_compare(cases[i].b, cases[i].a), -cases[i].wanted);
    }
}

/* --- fields and stems ----------------------------------------------------------------------------------------------- */

static void every_field_has_a_name_that_finds_it(void **state)
{
    for (DaField field = 0; field < DA_FIELD_N; field++) {
        assert_int_equal(da_field_by_name(da_field_name(field)), field);
        assert_true(g_utf8_strlen(da_field_label_zh(field), -1) >= 2);
    }
    assert_int_equal(da_field_by_name("no-such"), DA_FIELD_N);
    assert_int_equal(da_field_by_name(NULL), DA_FIELD_N);
    assert_true(da_field_is_date(DA_FIELD_BIRTH));
    assert_false(da_field_is_date(DA_FIELD_NAME));
}

static void set_normalizes_dates_and_clears_with_empty_text(void **state)
{
    g_autoptr(DaDossier) dossier = da_dossier_new();
    da_dossier_set(dossier, DA_FIELD_BIRTH, "１９６２年1月", DA_ORIGIN_LIST, "row 3");
    assert_string_equal(da_dossier_get(dossier, DA_FIELD_BIRTH), "1962-01");
    da_dossier_set(dossier, DA_FIELD_BIRTH, "不详", DA_ORIGIN_LIST, "row 3");
    assert_null(da_dossier_get(dossier, DA_FIELD_BIRTH));
    da_dossier_set(dossier, DA_FIELD_NAME, "钟勇学", DA_ORIGIN_LIST, "row 3");
    da_dossier_set(dossier, DA_FIELD_NAME, da_dossier_get(dossier, DA_FIELD_NAME), DA_ORIGIN_PERSON,
                   dossier->field[DA_FIELD_NAME].source);
    assert_string_equal(da_dossier_get(dossier, DA_FIELD_NAME), "钟勇学");
    assert_string_equal(dossier->field[DA_FIELD_NAME].source, "row 3");
    da_dossier_set(dossier, DA_FIELD_NAME, "", DA_ORIGIN_LIST, "row 3");
    assert_null(da_dossier_get(dossier, DA_FIELD_NAME));
    assert_null(dossier->field[DA_FIELD_NAME].source);
    assert_int_equal(dossier->field[DA_FIELD_NAME].origin, DA_ORIGIN_NONE);
}

static void stem_comes_apart_only_in_its_own_form(void **state)
{
    static const struct {
        const char *stem, *class_code; /* NULL = refused */
        guint sequence, side;
    } cases[] = {
        {"9-1-2-003", "9-1", 2, 3},
        {"1-1-001", "1", 1, 1},
        {"10-12-999", "10", 12, 999},
        {"9-1-999-001", "9-1", 999, 1},
        {"9-1-2-03", NULL, 0, 0},
        {"9-1-2-0003", NULL, 0, 0},
        {"9-1-2-000", NULL, 0, 0},
        {"09-1-2-003", NULL, 0, 0},
        {"9-1-02-003", NULL, 0, 0},
        {"9-1-0-003", NULL, 0, 0},
        {"1-001", NULL, 0, 0},
        {"-1-001", NULL, 0, 0},
        {"", NULL, 0, 0},
        {"-", NULL, 0, 0},
        {"1--001", NULL, 0, 0},
        {"9-1-1-2-003", NULL, 0, 0},
        {"九-1-2-003", NULL, 0, 0},
        {"9-1-1000-001", NULL, 0, 0},
        {"100-1-001", NULL, 0, 0},
        {"9-1-2-0x3", NULL, 0, 0},
        {" 9-1-2-003", NULL, 0, 0},
        {"9-1-2-003.jpg", NULL, 0, 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *class_code = NULL;
        guint sequence = 0, side = 0;
        gboolean parsed = da_page_stem_parse(cases[i].stem, &class_code, &sequence, &side);
        if (parsed != (cases[i].class_code != NULL))
            fail_msg("'%s' %s", cases[i].stem, parsed ? "was taken" : "was refused");
        if (!parsed)
            continue;
        assert_string_equal(class_code, cases[i].class_code);
        assert_int_equal(sequence, cases[i].sequence);
        assert_int_equal(side, cases[i].side);
        g_autofree char *again = da_page_stem(class_code, sequence, side);
        assert_string_equal(again, cases[i].stem);
    }
}

/* --- dossier.xml ------------------------------------------------------------------------------------------------------ */

static DaPage *full_page(void)
{
    DaPage *page = da_page_new();
    page->side = 3;
    page->stem = g_strdup("9-1-2-003");
    page->blank = TRUE;
    page->dpi = 300;
    page->width_px = 2480;
    page->height_px = 3508;
    page->master_width_px = 3508;
    page->master_height_px = 2481;
    page->turn_cw_deg = 270;
    page->turn_confidence = 0.35;
    page->skew_cw_deg = -1.0 / 3;
    page->resampled = TRUE;
    page->cropped = TRUE;
    page->crop_y_px = 31;
    page->container_sha256 = g_strdup(DIGEST_B);
    page->container_frame = 7;
    page->ocr_engine = g_strdup("tesseract 5.3.0 chi_sim");
    page->ocr_confidence = 0.875;
    page->captured = g_strdup("2024-05-06T07:08:09Z");
    da_page_add_correction(page, "turn", "270", "王某 <甲>", "2026-02-27");
    da_page_add_correction(page, "replace", NULL, "李某", "2026-02-28T11:00:00Z");
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
        page->file[kind].extension = g_strdup(kind == DA_FILE_OCR ? "xml" : "jpg");
        page->file[kind].sha256 = g_strdup(kind == DA_FILE_ACCESS ? DIGEST_A : DIGEST_B);
        page->file[kind].size_bytes = G_GUINT64_CONSTANT(5000000000) + kind;
    }
    return page;
}

static DaMaterial *full_material(void)
{
    DaMaterial *material = da_material_new();
    material->class_code = g_strdup("9-1");
    material->sequence = 2;
    material->title = g_strdup("工资 <变动> & \"审批\"表\n续表\t𠮷");
    material->formed = (DaDate){1983, 6, 0};
    material->copies = 2;
    material->pages_claimed = 4;
    material->note = g_strdup("复印件\r\n缺页");
    material->row = 11;
    g_ptr_array_add(material->pages, full_page());
    DaPage *bare = da_page_new();
    bare->side = 4;
    bare->stem = g_strdup("9-1-2-004");
    g_ptr_array_add(material->pages, bare);
    return material;
}

/* Every member differs from its default and from its neighbours. */
static void add_claim(DaDossier *dossier, DaField field, const char *text, DaDate date)
{
    DaClaim *claim = da_claim_new(field);
    claim->text = g_strdup(text);
    claim->date = date;
    claim->doubtful = field == DA_FIELD_BIRTH;
    claim->stem = g_strdup("9-1-2-001");
    claim->x_px = -3;
    claim->y_px = 20;
    claim->w_px = 300;
    claim->h_px = 40;
    claim->confidence = field == DA_CLAIM_TITLE ? NAN : 0.875;
    g_ptr_array_add(dossier->claims, claim);
}

static DaDossier *full_dossier(void)
{
    DaDossier *dossier = da_dossier_new();
    dossier->id = g_strdup(ID);
    dossier->district = g_strdup("361102");
    dossier->profile_name = g_strdup("soe-retiree");
    dossier->profile_version = g_strdup("2026.1");
    dossier->scheme = g_strdup("cadre-2018");
    dossier->draft = TRUE;
    dossier->created = g_strdup("2024-05-06T07:08:09Z");
    dossier->operator_name = g_strdup("示例操作员");
    dossier->scanner = g_strdup("Example 3000");
    add_claim(dossier, DA_CLAIM_TITLE, "退休<审批>表", (DaDate){0});
    add_claim(dossier, DA_FIELD_BIRTH, "一九五六年三月", (DaDate){1956, 3, 0});
    for (DaField field = 0; field < DA_FIELD_N; field++) {
        g_autofree char *text =
            da_field_is_date(field)
                ? g_strdup_printf("19%02u-0%u-2%u", 40u + field, field % 9 + 1, field % 9)
                : g_strdup_printf("值<%u>&", field);
        g_autofree char *source = g_strdup_printf("row %u", field);
        da_dossier_set(dossier, field, text, DA_ORIGIN_LIST + field % DA_ORIGIN_PERSON, source);
        assert_non_null(da_dossier_get(dossier, field));
    }
    g_ptr_array_add(dossier->materials, full_material());
    DaMaterial *bare = da_material_new();
    bare->class_code = g_strdup("10");
    bare->sequence = 1;
    g_ptr_array_add(dossier->materials, bare);
    return dossier;
}

static void assert_same_number(double a, double b)
{
    assert_true(isnan(a) ? isnan(b) : a == b);
}

static void assert_same_page(const DaPage *a, const DaPage *b)
{
    assert_int_equal(a->side, b->side);
    assert_string_equal(a->stem, b->stem);
    assert_int_equal(a->blank, b->blank);
    assert_int_equal(a->dpi, b->dpi);
    assert_int_equal(a->width_px, b->width_px);
    assert_int_equal(a->height_px, b->height_px);
    assert_int_equal(a->master_width_px, b->master_width_px);
    assert_int_equal(a->master_height_px, b->master_height_px);
    assert_int_equal(a->turn_cw_deg, b->turn_cw_deg);
    assert_same_number(a->turn_confidence, b->turn_confidence);
    assert_same_number(a->skew_cw_deg, b->skew_cw_deg);
    assert_int_equal(a->resampled, b->resampled);
    assert_int_equal(a->cropped, b->cropped);
    assert_int_equal(a->crop_x_px, b->crop_x_px);
    assert_int_equal(a->crop_y_px, b->crop_y_px);
    assert_int_equal(g_strcmp0(a->container_sha256, b->container_sha256), 0);
    assert_int_equal(a->container_frame, b->container_frame);
    assert_int_equal(g_strcmp0(a->ocr_engine, b->ocr_engine), 0);
    assert_same_number(a->ocr_confidence, b->ocr_confidence);
    assert_int_equal(g_strcmp0(a->captured, b->captured), 0);
    assert_int_equal(a->corrections ? a->corrections->len : 0,
                     b->corrections ? b->corrections->len : 0);
    for (guint i = 0; a->corrections && i < a->corrections->len; i++) {
        const DaCorrection *one = a->corrections->pdata[i], *other = b->corrections->pdata[i];
        assert_int_equal(g_strcmp0(one->what, other->what), 0);
        assert_int_equal(g_strcmp0(one->value, other->value), 0);
        assert_int_equal(g_strcmp0(one->by, other->by), 0);
        assert_int_equal(g_strcmp0(one->at, other->at), 0);
    }
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
        assert_null(b->file[kind].path);
        assert_int_equal(g_strcmp0(a->file[kind].extension, b->file[kind].extension), 0);
        assert_int_equal(g_strcmp0(a->file[kind].sha256, b->file[kind].sha256), 0);
        assert_true(a->file[kind].size_bytes == b->file[kind].size_bytes);
    }
}

static void assert_same_material(const DaMaterial *a, const DaMaterial *b)
{
    assert_string_equal(a->class_code, b->class_code);
    assert_int_equal(a->sequence, b->sequence);
    assert_int_equal(g_strcmp0(a->title, b->title), 0);
    assert_memory_equal(&a->formed, &b->formed, sizeof a->formed);
    assert_int_equal(a->copies, b->copies);
    assert_int_equal(a->pages_claimed, b->pages_claimed);
    assert_int_equal(g_strcmp0(a->note, b->note), 0);
    assert_int_equal(a->row, b->row);
    assert_int_equal(a->pages->len, b->pages->len);
    for (guint i = 0; i < a->pages->len; i++)
        assert_same_page(a->pages->pdata[i], b->pages->pdata[i]);
}

static void assert_same_claim(const DaClaim *a, const DaClaim *b)
{
    assert_int_equal(a->field, b->field);
    assert_string_equal(a->text, b->text);
    assert_memory_equal(&a->date, &b->date, sizeof a->date);
    assert_int_equal(a->doubtful, b->doubtful);
    assert_string_equal(a->stem, b->stem);
    assert_int_equal(a->x_px, b->x_px);
    assert_int_equal(a->y_px, b->y_px);
    assert_int_equal(a->w_px, b->w_px);
    assert_int_equal(a->h_px, b->h_px);
    assert_true((isnan(a->confidence) && isnan(b->confidence)) || a->confidence == b->confidence);
}

static void assert_same_dossier(const DaDossier *a, const DaDossier *b)
{
    assert_string_equal(a->id, b->id);
    for (DaField field = 0; field < DA_FIELD_N; field++) {
        assert_int_equal(g_strcmp0(a->field[field].text, b->field[field].text), 0);
        assert_int_equal(a->field[field].origin, b->field[field].origin);
        assert_int_equal(g_strcmp0(a->field[field].source, b->field[field].source), 0);
    }
    assert_int_equal(g_strcmp0(a->district, b->district), 0);
    assert_int_equal(g_strcmp0(a->profile_name, b->profile_name), 0);
    assert_int_equal(g_strcmp0(a->profile_version, b->profile_version), 0);
    assert_int_equal(g_strcmp0(a->scheme, b->scheme), 0);
    assert_int_equal(a->draft, b->draft);
    assert_int_equal(g_strcmp0(a->created, b->created), 0);
    assert_int_equal(g_strcmp0(a->operator_name, b->operator_name), 0);
    assert_int_equal(g_strcmp0(a->scanner, b->scanner), 0);
    assert_int_equal(a->materials->len, b->materials->len);
    for (guint i = 0; i < a->materials->len; i++)
        assert_same_material(a->materials->pdata[i], b->materials->pdata[i]);
    assert_int_equal(a->claims->len, b->claims->len);
    for (guint i = 0; i < a->claims->len; i++)
        assert_same_claim(a->claims->pdata[i], b->claims->pdata[i]);
}

static void every_field_survives_dossier_xml(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaDossier) dossier = full_dossier();
    g_autoptr(GBytes) xml = da_dossier_to_xml(dossier, &error);
    if (!xml)
        fail_msg("%s", error->message);
    g_autoptr(DaDossier) again = da_dossier_from_xml(xml, &error);
    if (!again)
        fail_msg("%s", error->message);
    assert_same_dossier(dossier, again);
    g_autoptr(GBytes) xml_again = da_dossier_to_xml(again, &error);
    assert_true(g_bytes_equal(xml, xml_again));
    assert_int_equal(da_dossier_sides(again), 2);
    assert_int_equal(da_dossier_sides_with_content(again), 1);
}

static void an_empty_dossier_survives_dossier_xml(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaDossier) dossier = da_dossier_new();
    dossier->id = g_strdup(ID);
    g_autoptr(GBytes) xml = da_dossier_to_xml(dossier, &error);
    assert_non_null(xml);
    g_autoptr(DaDossier) again = da_dossier_from_xml(xml, &error);
    assert_non_null(again);
    assert_same_dossier(dossier, again);
}

/* Each spoils a whole dossier in one place. */
static void spoil_title_control(DaDossier *d)
{
    DaMaterial *material = d->materials->pdata[0];
    g_free(material->title);
    material->title = g_strdup("a\x03z");
}

static void spoil_name_utf8(DaDossier *d)
{
    da_dossier_set(d, DA_FIELD_NAME, "\xff", DA_ORIGIN_LIST, NULL);
}

/* A lone surrogate as some programs write it. */
static void spoil_note_surrogate(DaDossier *d)
{
    da_dossier_set(d, DA_FIELD_NOTE, "\xed\xa0\x80", DA_ORIGIN_LIST, NULL);
}

static void spoil_source_path(DaDossier *d)
{
    da_dossier_set(d, DA_FIELD_NOTE, "x", DA_ORIGIN_LIST, "/home/somebody/list.xlsx");
}

static void spoil_id(DaDossier *d)
{
    g_free(d->id);
    d->id = g_strdup("606129196201204759");
}

static void spoil_id_missing(DaDossier *d)
{
    g_clear_pointer(&d->id, g_free);
}

static void spoil_class(DaDossier *d)
{
    DaMaterial *material = d->materials->pdata[0];
    g_free(material->class_code);
    material->class_code = g_strdup("九-1");
}

static void spoil_sequence(DaDossier *d)
{
    ((DaMaterial *)d->materials->pdata[0])->sequence = 0;
}

static DaPage *first_page(DaDossier *d)
{
    return ((DaMaterial *)d->materials->pdata[0])->pages->pdata[0];
}

static void spoil_stem(DaDossier *d)
{
    g_free(first_page(d)->stem);
    first_page(d)->stem = g_strdup("../../etc/passwd");
}

static void spoil_digest(DaDossier *d)
{
    first_page(d)->file[DA_FILE_ACCESS].sha256[0] = 'G';
}

static void spoil_digest_missing(DaDossier *d)
{
    g_clear_pointer(&first_page(d)->file[DA_FILE_ACCESS].sha256, g_free);
}

static void spoil_turn(DaDossier *d)
{
    first_page(d)->turn_cw_deg = 45;
}

static void spoil_confidence(DaDossier *d)
{
    first_page(d)->ocr_confidence = 1.5;
}

static void spoil_time(DaDossier *d)
{
    g_free(d->created);
    d->created = g_strdup("2024-05-06T07:08:09");
}

static void a_model_that_the_schema_refuses_is_not_written(void **state)
{
    static const struct {
        const char *label;
        void (*spoil)(DaDossier *d);
        const char *named;
    } cases[] = {
        {"control character", spoil_title_control, "title holds control character U+0003"},
        {"broken UTF-8", spoil_name_utf8, "name holds broken UTF-8"},
        {"surrogate", spoil_note_surrogate, "note holds broken UTF-8"},
        {"path as source", spoil_source_path, "source"},
        {"id", spoil_id, "'id'"},
        {"no id", spoil_id_missing, "'id'"},
        {"class", spoil_class, "'class'"},
        {"sequence", spoil_sequence, "'sequence'"},
        {"stem", spoil_stem, "'stem'"},
        {"digest", spoil_digest, "'sha256'"},
        {"no digest", spoil_digest_missing, "'sha256'"},
        {"turn", spoil_turn, "'turn-cw-deg'"},
        {"confidence", spoil_confidence, "'confidence'"},
        {"time without zone", spoil_time, "'created'"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DaDossier) dossier = full_dossier();
        cases[i].spoil(dossier);
        g_autoptr(GBytes) xml = da_dossier_to_xml(dossier, &error);
        if (xml)
            fail_msg("%s was written", cases[i].label);
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        if (!strstr(error->message, cases[i].named))
            fail_msg("%s: %s", cases[i].label, error->message);
    }
}

static char *replaced(const char *text, const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(text, from, 2);
    assert_int_equal(g_strv_length(parts), 2);
    return g_strjoinv(to, parts);
}

static void a_wrong_document_is_refused(void **state)
{
    static const struct {
        const char *label, *from, *to;
    } cases[] = {
        {"other namespace", "urn:dangan:dossier:1", "urn:other"},
        {"unknown element", "<catalogue ", "<surprise/><catalogue "},
        {"unknown field", "<name ", "<nickname>x</nickname><name "},
        {"impossible date", "<formed>1983-06<", "<formed>1983-13<"},
        {"date with zone", "<formed>1983-06<", "<formed>1983-06Z<"},
        {"origin", "origin=\"catalogue\"", "origin=\"guess\""},
        {"stem twice", "stem=\"9-1-2-004\"", "stem=\"9-1-2-003\""},
        {"two masters", "<access ",
         "<master extension=\"jpg\" sha256=\"" DIGEST_A "\" size-bytes=\"1\"/><access "},
        {"huge count", "<copies>2<", "<copies>99999999999<"},
        {"doctype", "<dossier ", "<!DOCTYPE dossier [<!ENTITY a \"b\">]><dossier "},
        {"truncated", "</dossier>", ""},
    };
    g_autoptr(DaDossier) dossier = full_dossier();
    g_autoptr(GBytes) xml = da_dossier_to_xml(dossier, NULL);
    g_autofree char *text = g_strndup(g_bytes_get_data(xml, NULL), g_bytes_get_size(xml));
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *wrong = replaced(text, cases[i].from, cases[i].to);
        g_autoptr(GBytes) bytes = g_bytes_new(wrong, strlen(wrong));
        g_autoptr(DaDossier) read = da_dossier_from_xml(bytes, &error);
        if (read)
            fail_msg("%s was read", cases[i].label);
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        assert_non_null(strstr(error->message, "line"));
    }
}

/* Whatever the bytes, the reader answers; what it takes can be written again. */
static void mutated_documents_never_break_the_reader(void **state)
{
    g_autoptr(DaDossier) dossier = full_dossier();
    g_autoptr(GBytes) xml = da_dossier_to_xml(dossier, NULL);
    gsize size = g_bytes_get_size(xml);
    g_autoptr(GRand) rand = g_rand_new_with_seed(20260101);
    gint64 end = g_get_monotonic_time() + 2 * G_USEC_PER_SEC;
    for (guint round = 0; round < 3000 && g_get_monotonic_time() < end; round++) {
        g_autofree char *bytes = g_memdup2(g_bytes_get_data(xml, NULL), size);
        for (gint n = g_rand_int_range(rand, 1, 4); n > 0; n--)
            bytes[g_rand_int_range(rand, 0, (gint32)size)] = (char)g_rand_int_range(rand, 0, 256);
        gsize length = g_rand_boolean(rand) ? size : (gsize)g_rand_int_range(rand, 0, (gint32)size);
        g_autoptr(GBytes) mutated = g_bytes_new(bytes, length);
        g_autoptr(GError) error = NULL;
        g_autoptr(DaDossier) read = da_dossier_from_xml(mutated, &error);
        assert_true((read == NULL) == (error != NULL));
        g_autoptr(GBytes) again = read ? da_dossier_to_xml(read, &error) : NULL;
        assert_true((read == NULL) == (again == NULL));
    }
}

static void ten_thousand_pages_are_quick(void **state)
{
    g_autoptr(DaDossier) dossier = da_dossier_new();
    dossier->id = g_strdup(ID);
    for (guint sequence = 1; sequence <= 10; sequence++) {
        DaMaterial *material = da_material_new();
        material->class_code = g_strdup("1");
        material->sequence = sequence;
        g_ptr_array_add(dossier->materials, material);
        for (guint side = 1; side <= 999; side++) {
            DaPage *page = full_page();
            g_free(page->stem);
            page->stem = da_page_stem("1", sequence, side);
            page->side = side;
            g_ptr_array_add(material->pages, page);
        }
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) xml = da_dossier_to_xml(dossier, &error);
    assert_non_null(xml);
    g_autoptr(DaDossier) again = da_dossier_from_xml(xml, &error);
    assert_non_null(again);
    assert_int_equal(da_dossier_sides(again), 9990);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_reads_what_people_write),
        cmocka_unit_test(date_compares_as_far_as_both_are_known),
        cmocka_unit_test(every_field_has_a_name_that_finds_it),
        cmocka_unit_test(set_normalizes_dates_and_clears_with_empty_text),
        cmocka_unit_test(stem_comes_apart_only_in_its_own_form),
        cmocka_unit_test(every_field_survives_dossier_xml),
        cmocka_unit_test(an_empty_dossier_survives_dossier_xml),
        cmocka_unit_test(a_model_that_the_schema_refuses_is_not_written),
        cmocka_unit_test(a_wrong_document_is_refused),
        cmocka_unit_test(mutated_documents_never_break_the_reader),
        cmocka_unit_test(ten_thousand_pages_are_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
