#include "exchange_parts.h"
#include "exchange_stem.h"

#include <dangan/identity.h>
#include <string.h>

#define SEQUENCE_MAX 999u

typedef struct {
    DaExchange *exchange;
    const DaProfile *profile;
    const DaScheme *scheme;
    const DaFormDocument *document;
    const char *file;
    GHashTable *taken; /* "9-1-2": class and sequence of the materials so far */
} Describing;

static DaFinding *fault(const Describing *describing, const char *rule, DaSeverity severity,
                        guint line)
{
    DaFinding *finding =
        da_exchange_report(describing->exchange, describing->profile, rule, severity);
    g_free(finding->file);
    finding->file = g_strdup(describing->file);
    finding->row = line;
    return finding;
}

static gboolean is_given(const char *text)
{
    return text && *text;
}

/* --- dates -------------------------------------------------------------------------------------------------------------- */

/* "19880700" says no day and "19880000" no month: what is left is what is known. */
static char *without_zeros(const char *text)
{
    gsize length = strlen(text);
    if (length == strspn(text, "0"))
        return g_strdup("");
    if (length != strspn(text, "0123456789") || (length != 8 && length != 6))
        return NULL;
    g_autofree char *kept = g_strdup(text);
    while (strlen(kept) > 4 && g_str_has_suffix(kept, "00"))
        kept[strlen(kept) - 2] = '\0';
    return strlen(kept) < length ? g_steal_pointer(&kept) : NULL;
}

static gboolean is_strict_date(const char *text)
{
    gsize length = strlen(text);
    return length == strspn(text, "0123456789") && (length == 4 || length == 6 || length == 8);
}

/* What cannot be read stays missing, and is said: a date is never invented. */
static DaDate read_date(const Describing *describing, const char *text, DaForm form, guint line)
{
    DaDate date = {0};
    g_autofree char *kept = text ? without_zeros(text) : NULL;
    if (!is_given(text))
        return date;
    gboolean known = da_date_parse(kept ? kept : text, &date, NULL);
    if (known && !kept && is_strict_date(text))
        return date;
    gboolean birth = form == DA_FORM_BIRTH;
    DaFinding *finding =
        fault(describing, birth ? "XML-002" : "CAT-004", DA_SEVERITY_WARNING, line);
    finding->found = g_strdup(text);
    finding->wanted = g_strdup("YYYYMMDD, YYYYMM, YYYY");
    g_autofree char *read = da_date_format(date);
    if (known && *read) {
        da_finding_set(&finding->message,
                       "%s is not written in digits alone; it was read as far as "
                       "it is known",
                       da_form_name(form));
        da_finding_set(&finding->message_zh, "%s不是 YYYYMMDD 形式，按已知部分读取",
                       da_form_name(form));
    } else {
        da_finding_set(&finding->message, "%s is no date; it stays missing", da_form_name(form));
        da_finding_set(&finding->message_zh, "%s不是日期，按缺失处理", da_form_name(form));
    }
    return date;
}

/* --- person ------------------------------------------------------------------------------------------------------------- */

static void set_field(const Describing *describing, DaField field, const char *text,
                      DaOrigin origin, const char *source)
{
    da_dossier_set(describing->exchange->dossier, field, text, origin, source);
}

static void describe_number(const Describing *describing, const char *text)
{
    g_autofree char *number = da_id_number_normalize(text);
    g_autofree char *upgraded = da_id_number_upgrade(number);
    if (!upgraded) {
        set_field(describing, DA_FIELD_ID_NUMBER, number, DA_ORIGIN_CATALOGUE, "exchange");
        return;
    }
    DaFinding *finding =
        fault(describing, "PER-010", DA_SEVERITY_WARNING, describing->document->person_line);
    da_exchange_say(finding, "the ID number has 15 digits; it was brought to 18",
                    "公民身份号码为 15 位，已换算为 18 位");
    finding->found = g_strdup(number);
    finding->wanted = g_strdup(upgraded);
    set_field(describing, DA_FIELD_ID_NUMBER, upgraded, DA_ORIGIN_DERIVED, "exchange, 15 digits");
}

static void report_empty(const Describing *describing, DaForm form, guint line)
{
    DaFinding *finding = fault(describing, "XML-003", DA_SEVERITY_WARNING, line);
    da_finding_set(&finding->message, "%s is missing or empty", da_form_name(form));
    da_finding_set(&finding->message_zh, "%s缺失或为空", da_form_name(form));
}

static void describe_person(const Describing *describing)
{
    static const DaForm mandatory[] = {DA_FORM_NAME, DA_FORM_SEX, DA_FORM_BIRTH, DA_FORM_ID_NUMBER};
    char *const *person = describing->document->person;
    guint line = describing->document->person_line;
    for (guint i = 0; i < G_N_ELEMENTS(mandatory); i++)
        if (!is_given(person[mandatory[i]]))
            report_empty(describing, mandatory[i], line);
    set_field(describing, DA_FIELD_NAME, person[DA_FORM_NAME], DA_ORIGIN_CATALOGUE, "exchange");
    set_field(describing, DA_FIELD_SEX, person[DA_FORM_SEX], DA_ORIGIN_CATALOGUE, "exchange");
    set_field(describing, DA_FIELD_ETHNICITY, person[DA_FORM_ETHNICITY], DA_ORIGIN_CATALOGUE,
              "exchange");
    g_autofree char *birth =
        da_date_format(read_date(describing, person[DA_FORM_BIRTH], DA_FORM_BIRTH, line));
    set_field(describing, DA_FIELD_BIRTH, birth, DA_ORIGIN_CATALOGUE, "exchange");
    if (is_given(person[DA_FORM_ID_NUMBER]))
        describe_number(describing, person[DA_FORM_ID_NUMBER]);
    if (is_given(person[DA_FORM_NAME]) || is_given(person[DA_FORM_ID_NUMBER]))
        return;
    DaFinding *finding = fault(describing, "XML-003", DA_SEVERITY_FATAL, line);
    da_exchange_say(finding, "nothing says whose dossier it is: no name and no ID number",
                    "既无姓名也无公民身份号码，无法确定档案归属");
    da_exchange_refuse(describing->exchange, finding);
}

/* --- catalogue ---------------------------------------------------------------------------------------------------------- */

/* What all images of an entry say in their names; FALSE when they differ or say nothing. */
static gboolean stems_agree(const DaFormEntry *entry, DaStem *agreed)
{
    const GPtrArray *images = entry->originals->len ? entry->originals : entry->optimised;
    for (guint i = 0; i < images->len; i++) {
        DaStem stem;
        if (!da_stem_read(images->pdata[i], &stem))
            return FALSE;
        if (i == 0)
            *agreed = stem;
        else if (strcmp(stem.class_code, agreed->class_code) || stem.sequence != agreed->sequence)
            return FALSE;
    }
    return images->len > 0;
}

/* "四" for 4-1: some write the main class only, and the images still know. */
static const DaClass *class_by_stems(const Describing *describing, const DaFormEntry *entry,
                                     const DaClass *main_class)
{
    DaStem stem;
    const DaClass *class =
        stems_agree(entry, &stem) ? da_scheme_class(describing->scheme, stem.class_code) : NULL;
    g_autofree char *prefix = main_class ? g_strconcat(main_class->code, "-", NULL) : NULL;
    if (!class || !class->holds || (prefix && !g_str_has_prefix(class->code, prefix)))
        return NULL;
    DaFinding *finding = fault(describing, "XML-002", DA_SEVERITY_WARNING, entry->line);
    da_exchange_say(finding,
                    "the class holds no materials; the names of the images say which is meant",
                    "类号未写到可放材料的类，按图像名称确定");
    finding->found = g_strdup(entry->field[DA_FORM_CLASS]);
    finding->wanted = g_strdup(class->code);
    return class;
}

static char *describe_class(const Describing *describing, const DaFormEntry *entry)
{
    const char *text = entry->field[DA_FORM_CLASS];
    const DaClass *class = is_given(text) ? da_scheme_class(describing->scheme, text) : NULL;
    if (class && class->holds)
        return g_strdup(class->code);
    const DaClass *meant =
        class || !is_given(text) ? class_by_stems(describing, entry, class) : NULL;
    if (meant)
        return g_strdup(meant->code);
    DaFinding *finding = fault(describing, "CAT-001", DA_SEVERITY_ERROR, entry->line);
    da_finding_set(&finding->message, "the class is none that holds materials in the scheme %s",
                   describing->scheme->name);
    da_finding_set(&finding->message_zh, "类号在分类方案 %s 中不存在或不能放材料",
                   describing->scheme->name);
    finding->found = g_strdup(text);
    da_finding_set(
        &finding->mend,
        "name the scheme that the delivery follows with --scheme, or have the class corrected");
    da_finding_set(&finding->mend_zh, "用 --scheme 指明交付所用的分类方案，或退回更正类号");
    da_exchange_refuse(describing->exchange, finding);
    return g_strdup("");
}

/* A whole number from 1 to `max`; 0 = it is none. */
static guint whole_number(const char *text, guint max)
{
    char *end = NULL;
    guint64 value = is_given(text) && g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &end, 10) : 0;
    return end && !*end && value <= max ? (guint)value : 0;
}

static guint describe_sequence(const Describing *describing, const DaFormEntry *entry,
                               const char *class_code)
{
    const char *text = entry->field[DA_FORM_SEQUENCE];
    guint sequence = whole_number(text, SEQUENCE_MAX);
    DaStem stem;
    if (!sequence && !is_given(text) && stems_agree(entry, &stem)) {
        report_empty(describing, DA_FORM_SEQUENCE, entry->line);
        sequence = stem.sequence;
    }
    g_autofree char *key = g_strdup_printf("%s-%u", class_code, sequence);
    if (sequence && g_hash_table_add(describing->taken, g_steal_pointer(&key)))
        return sequence;
    DaFinding *finding = fault(describing, "CAT-002", DA_SEVERITY_ERROR, entry->line);
    if (sequence)
        da_exchange_say(finding, "class and 序号 were used by an earlier entry",
                        "类号和序号与前面的条目重复");
    else
        da_exchange_say(finding, "序号 is no number from 1 to 999", "序号不是 1 至 999 的整数");
    finding->found = g_strdup(text);
    da_exchange_refuse(describing->exchange, finding);
    return sequence;
}

static DaMaterial *describe_entry(const Describing *describing, const DaFormEntry *entry)
{
    DaMaterial *material = da_material_new();
    material->class_code = describe_class(describing, entry);
    material->sequence = describe_sequence(describing, entry, material->class_code);
    material->row = entry->line;
    const char *title = entry->field[DA_FORM_TITLE], *note = entry->field[DA_FORM_NOTE];
    material->title = g_strdup(title ? title : "");
    material->note = is_given(note) ? g_strdup(note) : NULL;
    material->formed =
        read_date(describing, entry->field[DA_FORM_FORMED], DA_FORM_FORMED, entry->line);
    material->pages_claimed = whole_number(entry->field[DA_FORM_PAGES], G_MAXINT);
    for (DaForm form = DA_FORM_CLASS; form <= DA_FORM_PAGES; form++)
        if (!is_given(entry->field[form]) && form != DA_FORM_SEQUENCE)
            report_empty(describing, form, entry->line);
    if (is_given(entry->field[DA_FORM_PAGES]) && !material->pages_claimed) {
        DaFinding *finding = fault(describing, "XML-005", DA_SEVERITY_ERROR, entry->line);
        da_exchange_say(finding, "页数 is no number of pages", "页数不是正整数");
        finding->found = g_strdup(entry->field[DA_FORM_PAGES]);
    }
    return material;
}

void da_exchange_describe(DaExchange *exchange, const DaProfile *profile, const DaScheme *scheme,
                          const DaFormDocument *document, const char *file)
{
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Describing describing = {.exchange = exchange,
                             .profile = profile,
                             .scheme = scheme,
                             .document = document,
                             .file = file,
                             .taken = taken};
    exchange->dossier = da_dossier_new();
    exchange->dossier->scheme = g_strdup(scheme->name);
    describe_person(&describing);
    for (guint i = 0; i < document->entries->len; i++)
        g_ptr_array_add(exchange->dossier->materials,
                        describe_entry(&describing, document->entries->pdata[i]));
    if (document->entries->len)
        return;
    DaFinding *finding = fault(&describing, "XML-003", DA_SEVERITY_ERROR, 0);
    da_exchange_say(finding, "the catalogue has no entry", "目录没有条目");
    da_exchange_refuse(exchange, finding);
}
