#include <dangan/dossier.h>
#include <math.h>
#include <string.h>

#define STEM_MAX 999u

/* --- fields -------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *label_zh;
    gboolean is_date;
} FieldInfo;

static const FieldInfo fields[DA_FIELD_N] = {
    [DA_FIELD_NAME] = {"name", "姓名", FALSE},
    [DA_FIELD_FORMER_NAME] = {"former-name", "曾用名", FALSE},
    [DA_FIELD_SEX] = {"sex", "性别", FALSE},
    [DA_FIELD_ETHNICITY] = {"ethnicity", "民族", FALSE},
    [DA_FIELD_BIRTH] = {"birth", "出生日期", TRUE},
    [DA_FIELD_ID_NUMBER] = {"id-number", "公民身份号码", FALSE},
    [DA_FIELD_WORK_START] = {"work-start", "参加工作时间", TRUE},
    [DA_FIELD_RETIREMENT] = {"retirement", "退休手续办理时间", TRUE},
    [DA_FIELD_RETIREMENT_KIND] = {"retirement-kind", "退休类别", FALSE},
    [DA_FIELD_VITAL_STATUS] = {"vital-status", "生存状态", FALSE},
    [DA_FIELD_DEATH] = {"death", "死亡日期", TRUE},
    [DA_FIELD_EMPLOYER] = {"employer", "所属单位", FALSE},
    [DA_FIELD_EMPLOYER_CODE] = {"employer-code", "统一社会信用代码", FALSE},
    [DA_FIELD_EMPLOYER_PARENT] = {"employer-parent", "主管企业", FALSE},
    [DA_FIELD_REGISTERED] = {"registered", "户籍所在地", FALSE},
    [DA_FIELD_REGISTERED_CODE] = {"registered-code", "户籍地区划代码", FALSE},
    [DA_FIELD_RESIDENCE] = {"residence", "常住地", FALSE},
    [DA_FIELD_RESIDENCE_CODE] = {"residence-code", "常住地区划代码", FALSE},
    [DA_FIELD_POLITICAL_STATUS] = {"political-status", "政治面貌", FALSE},
    [DA_FIELD_PARTY_DATE] = {"party-date", "入党时间", TRUE},
    [DA_FIELD_EDUCATION] = {"education", "文化程度", FALSE},
    [DA_FIELD_ARCHIVAL_NUMBER] = {"archival-number", "档号", FALSE},
    [DA_FIELD_RETENTION] = {"retention", "保管期限", FALSE},
    [DA_FIELD_BOX] = {"box", "盒号", FALSE},
    [DA_FIELD_SHELF] = {"shelf", "架位", FALSE},
    [DA_FIELD_NOTE] = {"note", "备注", FALSE},
};

const char *da_field_name(DaField field)
{
    g_return_val_if_fail(field < DA_FIELD_N, NULL);
    return fields[field].name;
}

const char *da_field_label_zh(DaField field)
{
    g_return_val_if_fail(field < DA_FIELD_N, NULL);
    return fields[field].label_zh;
}

DaField da_field_by_name(const char *name)
{
    DaField field = 0;
    while (field < DA_FIELD_N && g_strcmp0(fields[field].name, name) != 0)
        field++;
    return field;
}

gboolean da_field_is_date(DaField field)
{
    return field < DA_FIELD_N && fields[field].is_date;
}

const char *da_file_kind_name(DaFileKind kind)
{
    static const char *const names[DA_FILE_N] = {"master", "access", "ocr"};
    g_return_val_if_fail(kind < DA_FILE_N, NULL);
    return names[kind];
}

/* --- values --------------------------------------------------------------------------------------------------------- */

void da_value_clear(DaValue *value)
{
    g_clear_pointer(&value->text, g_free);
    g_clear_pointer(&value->source, g_free);
    value->origin = DA_ORIGIN_NONE;
}

static char *date_text(const char *text)
{
    DaDate date;
    if (!da_date_parse(text, &date, NULL) || !date.year)
        return NULL;
    return da_date_format(date);
}

void da_value_set(DaValue *value, DaField field, const char *text, DaOrigin origin,
                  const char *source)
{
    g_autofree char *kept = NULL;
    if (text && *text)
        kept = da_field_is_date(field) ? date_text(text) : g_strdup(text);
    g_autofree char *kept_source = source && *source ? g_strdup(source) : NULL;
    da_value_clear(value);
    if (!kept)
        return;
    value->text = g_steal_pointer(&kept);
    value->origin = origin;
    value->source = g_steal_pointer(&kept_source);
}

void da_dossier_set(DaDossier *dossier, DaField field, const char *text, DaOrigin origin,
                    const char *source)
{
    g_return_if_fail(field < DA_FIELD_N);
    da_value_set(&dossier->field[field], field, text, origin, source);
}

const char *da_dossier_get(const DaDossier *dossier, DaField field)
{
    g_return_val_if_fail(field < DA_FIELD_N, NULL);
    return dossier->field[field].text;
}

/* --- new and free --------------------------------------------------------------------------------------------------- */

DaPage *da_page_new(void)
{
    DaPage *page = g_new0(DaPage, 1);
    page->turn_confidence = NAN;
    page->skew_cw_deg = NAN;
    page->ocr_confidence = NAN;
    return page;
}

void da_page_free(DaPage *page)
{
    if (!page)
        return;
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
        g_free(page->file[kind].path);
        g_free(page->file[kind].extension);
        g_free(page->file[kind].sha256);
    }
    g_free(page->stem);
    g_free(page->container_sha256);
    g_free(page->ocr_engine);
    g_free(page->captured);
    g_clear_pointer(&page->corrections, g_ptr_array_unref);
    g_free(page);
}

DaClaim *da_claim_new(DaField field)
{
    DaClaim *claim = g_new0(DaClaim, 1);
    claim->field = field;
    claim->confidence = NAN;
    return claim;
}

DaClaim *da_claim_dup(const DaClaim *claim)
{
    DaClaim *copy = g_memdup2(claim, sizeof *claim);
    copy->text = g_strdup(claim->text);
    copy->stem = g_strdup(claim->stem);
    return copy;
}

void da_claim_free(DaClaim *claim)
{
    if (!claim)
        return;
    g_free(claim->text);
    g_free(claim->stem);
    g_free(claim);
}

const char *da_claim_name(const DaClaim *claim)
{
    return claim->field == DA_CLAIM_TITLE ? "title" : da_field_name(claim->field);
}

static void correction_free(gpointer data)
{
    DaCorrection *correction = data;
    g_free(correction->what);
    g_free(correction->value);
    g_free(correction->by);
    g_free(correction->at);
    g_free(correction);
}

void da_page_add_correction(DaPage *page, const char *what, const char *value, const char *by,
                            const char *at)
{
    DaCorrection *correction = g_new0(DaCorrection, 1);
    correction->what = g_strdup(what);
    correction->value = g_strdup(value);
    correction->by = g_strdup(by);
    correction->at = g_strdup(at);
    if (!page->corrections)
        page->corrections = g_ptr_array_new_with_free_func(correction_free);
    g_ptr_array_add(page->corrections, correction);
}

DaAddition *da_addition_dup(const DaAddition *addition)
{
    DaAddition *copy = g_new0(DaAddition, 1);
    copy->at = g_strdup(addition->at);
    copy->by = g_strdup(addition->by);
    copy->from = g_strdup(addition->from);
    copy->digest = g_strdup(addition->digest);
    copy->made = g_strdup(addition->made);
    copy->operator_name = g_strdup(addition->operator_name);
    copy->scanner = g_strdup(addition->scanner);
    return copy;
}

void da_addition_free(DaAddition *addition)
{
    if (!addition)
        return;
    g_free(addition->at);
    g_free(addition->by);
    g_free(addition->from);
    g_free(addition->digest);
    g_free(addition->made);
    g_free(addition->operator_name);
    g_free(addition->scanner);
    g_free(addition);
}

DaMaterial *da_material_new(void)
{
    DaMaterial *material = g_new0(DaMaterial, 1);
    material->pages = g_ptr_array_new_with_free_func((GDestroyNotify)da_page_free);
    return material;
}

void da_material_free(DaMaterial *material)
{
    if (!material)
        return;
    g_free(material->class_code);
    g_free(material->title);
    g_free(material->note);
    da_addition_free(material->addition);
    g_ptr_array_unref(material->pages);
    g_free(material);
}

DaDossier *da_dossier_new(void)
{
    DaDossier *dossier = g_new0(DaDossier, 1);
    dossier->materials = g_ptr_array_new_with_free_func((GDestroyNotify)da_material_free);
    dossier->claims = g_ptr_array_new_with_free_func((GDestroyNotify)da_claim_free);
    return dossier;
}

void da_dossier_free(DaDossier *dossier)
{
    if (!dossier)
        return;
    for (DaField field = 0; field < DA_FIELD_N; field++)
        da_value_clear(&dossier->field[field]);
    g_free(dossier->id);
    g_free(dossier->district);
    g_free(dossier->profile_name);
    g_free(dossier->profile_version);
    g_free(dossier->scheme);
    g_free(dossier->created);
    g_free(dossier->first_created);
    g_free(dossier->operator_name);
    g_free(dossier->scanner);
    g_ptr_array_unref(dossier->materials);
    g_ptr_array_unref(dossier->claims);
    g_free(dossier);
}

/* --- counting -------------------------------------------------------------------------------------------------------- */

static guint count_sides(const DaDossier *dossier, gboolean blank_too)
{
    guint count = 0;
    for (guint m = 0; m < dossier->materials->len; m++) {
        const DaMaterial *material = dossier->materials->pdata[m];
        for (guint p = 0; p < material->pages->len; p++)
            count += blank_too || !((const DaPage *)material->pages->pdata[p])->blank;
    }
    return count;
}

guint da_dossier_sides(const DaDossier *dossier)
{
    return count_sides(dossier, TRUE);
}

guint da_dossier_sides_with_content(const DaDossier *dossier)
{
    return count_sides(dossier, FALSE);
}

/* --- stems ----------------------------------------------------------------------------------------------------------- */

char *da_page_stem(const char *class_code, guint sequence, guint side)
{
    return g_strdup_printf("%s-%u-%03u", class_code, sequence, side);
}

/* A number of `text[0 .. length)` from 1 to `max` in digits alone; 0 = it is none. */
static guint stem_number(const char *text, gsize length, guint max)
{
    guint value = 0;
    if (length < 1 || length > 3)
        return 0;
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isdigit(text[i]))
            return 0;
        value = value * 10 + (guint)(text[i] - '0');
    }
    return value <= max ? value : 0;
}

/* One or two parts, each 1 to 99 without a leading zero: "9", "10", "9-1". */
static gboolean is_class_code(const char *text, gsize length)
{
    for (guint level = 0; level < 2; level++) {
        const char *dash = memchr(text, '-', length);
        gsize part = dash ? (gsize)(dash - text) : length;
        if (*text == '0' || !stem_number(text, part, 99))
            return FALSE;
        if (!dash)
            return TRUE;
        text += part + 1;
        length -= part + 1;
    }
    return FALSE;
}

gboolean da_page_stem_parse(const char *stem, char **class_code, guint *sequence, guint *side)
{
    const char *side_dash = strrchr(stem, '-');
    if (!side_dash || strlen(side_dash) != 4)
        return FALSE;
    const char *sequence_dash = g_strrstr_len(stem, side_dash - stem, "-");
    if (!sequence_dash || sequence_dash[1] == '0')
        return FALSE;
    guint s = stem_number(side_dash + 1, 3, STEM_MAX);
    guint n = stem_number(sequence_dash + 1, (gsize)(side_dash - sequence_dash - 1), STEM_MAX);
    gsize class_length = (gsize)(sequence_dash - stem);
    if (!s || !n || !is_class_code(stem, class_length))
        return FALSE;
    *class_code = g_strndup(stem, class_length);
    *sequence = n;
    *side = s;
    return TRUE;
}
