#include "exchange_parts.h"
#include "xmlin.h"

#include <dangan/error.h>
#include <dangan/schema.h>
#include <string.h>

/* A catalogue of 20,000 pages needs 4 MiB. */
#define XML_MAX_BYTES ((gsize)32 << 20)
#define DECLARATION_MAX 256
/* Element names that are repeated in a message. */
#define NAME_SHOWN 40
/* Departures of one document that are named one by one. */
#define DIALECTS_MAX 100

typedef struct {
    DaExchange *exchange;
    const DaProfile *profile;
    const char *file;
    DaFormDocument *document;
    GHashTable *seen; /* char *: departures that were named */
    guint persons;
} Reading;

static void entry_free(gpointer data)
{
    DaFormEntry *entry = data;
    for (guint i = 0; i < DA_FORM_N; i++)
        g_free(entry->field[i]);
    g_ptr_array_unref(entry->originals);
    g_ptr_array_unref(entry->optimised);
    g_free(entry);
}

DaFormDocument *da_form_document_new(void)
{
    DaFormDocument *document = g_new0(DaFormDocument, 1);
    document->entries = g_ptr_array_new_with_free_func(entry_free);
    return document;
}

DaFormEntry *da_form_document_add(DaFormDocument *document, guint line)
{
    DaFormEntry *entry = g_new0(DaFormEntry, 1);
    entry->line = line;
    entry->originals = g_ptr_array_new_with_free_func(g_free);
    entry->optimised = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(document->entries, entry);
    return entry;
}

void da_form_document_free(DaFormDocument *document)
{
    if (!document)
        return;
    for (guint i = 0; i < DA_FORM_N; i++)
        g_free(document->person[i]);
    g_ptr_array_unref(document->entries);
    g_free(document);
}

/* --- bytes become text ------------------------------------------------------------------------------------------------ */

/* The declared encoding in upper case; NULL = none is declared. */
static char *declared_encoding(const char *text, gsize size)
{
    g_autofree char *start = g_strndup(text, MIN(size, DECLARATION_MAX));
    char *end = g_str_has_prefix(start, "<?xml") ? strstr(start, "?>") : NULL;
    if (!end)
        return NULL;
    *end = '\0';
    const char *word = strstr(start, "encoding");
    const char *quote = word ? strpbrk(word, "\"'") : NULL;
    const char *close = quote ? strchr(quote + 1, *quote) : NULL;
    if (!close)
        return NULL;
    g_autofree char *name = g_strndup(quote + 1, (gsize)(close - quote - 1));
    return g_ascii_strup(name, -1);
}

static DaFinding *fault(const Reading *reading, const char *rule, DaSeverity severity, guint line)
{
    DaFinding *finding = da_exchange_report(reading->exchange, reading->profile, rule, severity);
    g_free(finding->file);
    finding->file = g_strdup(reading->file);
    finding->row = line;
    return finding;
}

static void refuse(const Reading *reading, const char *message, const char *message_zh,
                   const char *found)
{
    DaFinding *finding = fault(reading, "XML-001", DA_SEVERITY_FATAL, 0);
    da_exchange_say(finding, message, message_zh);
    finding->found = g_strdup(found);
    da_exchange_refuse(reading->exchange, finding);
}

static void report_encoding(const Reading *reading, const char *declared, const char *real)
{
    DaFinding *finding = fault(reading, "XML-001", DA_SEVERITY_WARNING, 1);
    da_finding_set(&finding->message, "the XML is %s, %s%s; it was read as %s", real,
                   declared ? "declared as " : "without a declaration", declared ? declared : "",
                   real);
    da_finding_set(&finding->message_zh, "XML 实际编码为 %s，声明为%s；已按 %s 读取", real,
                   declared ? declared : "（无）", real);
    finding->found = g_strdup(real);
    finding->wanted = g_strdup("UTF-8");
}

static gboolean is_ascii(const char *text, gsize size)
{
    for (gsize i = 0; i < size; i++)
        if ((guchar)text[i] >= 0x80)
            return FALSE;
    return TRUE;
}

static char *convert(const char *text, gsize size, const char *encoding)
{
    char *converted = g_convert(text, (gssize)size, "UTF-8", encoding, NULL, NULL, NULL);
    return converted;
}

/* UTF-8 text, whatever the declaration says; NULL = no encoding fits. */
static char *decode(const Reading *reading, const char *data, gsize size)
{
    gboolean utf16 = size >= 2 && (!memcmp(data, "\xFF\xFE", 2) || !memcmp(data, "\xFE\xFF", 2));
    if (utf16) {
        char *text = convert(data, size, "UTF-16");
        if (text)
            report_encoding(reading, NULL, "UTF-16");
        return text;
    }
    if (size >= 3 && !memcmp(data, "\xEF\xBB\xBF", 3)) {
        data += 3;
        size -= 3;
    }
    g_autofree char *declared = declared_encoding(data, size);
    if (g_utf8_validate(data, (gssize)size, NULL)) {
        if (declared && strcmp(declared, "UTF-8") && !is_ascii(data, size))
            report_encoding(reading, declared, "UTF-8");
        return g_strndup(data, size);
    }
    char *text = memchr(data, 0, size) ? NULL : convert(data, size, "GB18030");
    if (text)
        report_encoding(reading, declared, "GB18030");
    return text;
}

/* The declaration may lie, and libxml2 would believe it. Blanks keep the numbers of lines. */
static void blank_declaration(char *text)
{
    char *end = g_str_has_prefix(text, "<?xml") ? strstr(text, "?>") : NULL;
    for (char *p = text; end && p < end + 2; p++)
        if (*p != '\n')
            *p = ' ';
}

static xmlDoc *parse_bytes(const Reading *reading, GBytes *xml)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(xml, &size);
    if (size > XML_MAX_BYTES) {
        refuse(reading, "the XML is larger than any catalogue", "XML 过大，不可能是目录", NULL);
        return NULL;
    }
    g_autofree char *text = size ? decode(reading, data, size) : g_strdup("");
    if (!text) {
        refuse(reading, "the XML is neither UTF-8 nor GB 18030", "XML 既非 UTF-8 也非 GB 18030",
               NULL);
        return NULL;
    }
    blank_declaration(text);
    g_autoptr(GError) wrong = NULL;
    xmlDoc *doc = da_xml_parse(text, strlen(text), reading->file, &wrong);
    if (!doc)
        refuse(reading, "the XML cannot be read: not well-formed, or with a document type",
               "XML 无法读取：格式不正确，或含文档类型声明", wrong->message);
    return doc;
}

/* --- departures from the form ------------------------------------------------------------------------------------------ */

/* FALSE when this departure was named before: one finding serves all places. */
static gboolean is_new(const Reading *reading, const char *kind, const char *what)
{
    return g_hash_table_size(reading->seen) < DIALECTS_MAX &&
           g_hash_table_add(reading->seen, g_strdup_printf("%s %s", kind, what));
}

static char *shown(const xmlNode *node)
{
    const char *name = (const char *)node->name;
    return g_utf8_strlen(name, -1) <= NAME_SHOWN ? g_strdup(name)
                                                 : g_utf8_substring(name, 0, NAME_SHOWN);
}

static DaFinding *departure(const Reading *reading, const xmlNode *node, const char *kind)
{
    g_autofree char *name = shown(node);
    if (!is_new(reading, kind, name))
        return NULL;
    DaFinding *finding = fault(reading, "XML-002", DA_SEVERITY_WARNING, (guint)xmlGetLineNo(node));
    finding->found = g_steal_pointer(&name);
    return finding;
}

static void report_alias(const Reading *reading, const xmlNode *node, DaForm form)
{
    DaFinding *finding = departure(reading, node, "alias");
    if (!finding)
        return;
    finding->wanted = g_strdup(da_form_name(form));
    da_finding_set(&finding->message, "element '%s' was taken for '%s'", finding->found,
                   finding->wanted);
    da_finding_set(&finding->message_zh, "元素“%s”按“%s”读取", finding->found, finding->wanted);
}

static void report_unknown(const Reading *reading, const xmlNode *node)
{
    DaFinding *finding = departure(reading, node, "unknown");
    if (!finding)
        return;
    da_finding_set(&finding->message, "element '%s' does not belong to the form; it was left out",
                   finding->found);
    da_finding_set(&finding->message_zh, "元素“%s”不属于交换格式，未读取", finding->found);
}

static void report_place(const Reading *reading, const xmlNode *node)
{
    DaFinding *finding = departure(reading, node, "place");
    if (!finding)
        return;
    da_finding_set(&finding->message, "element '%s' is not where the form has it", finding->found);
    da_finding_set(&finding->message_zh, "元素“%s”的位置或顺序不符合交换格式", finding->found);
}

static void report_namespace(const Reading *reading, const xmlNode *node)
{
    if (!node->ns || !is_new(reading, "namespace", ""))
        return;
    DaFinding *finding = fault(reading, "XML-002", DA_SEVERITY_WARNING, (guint)xmlGetLineNo(node));
    da_exchange_say(finding, "the elements are in a namespace; the form has none",
                    "元素带有命名空间，交换格式没有命名空间");
    finding->found = g_utf8_make_valid((const char *)node->ns->href, -1);
}

static DaForm form_of(const Reading *reading, const xmlNode *node)
{
    gboolean strict = FALSE;
    DaForm form = da_form_find((const char *)node->name, &strict);
    report_namespace(reading, node);
    if (form == DA_FORM_N)
        report_unknown(reading, node);
    else if (!strict)
        report_alias(reading, node, form);
    return form;
}

/* --- values ------------------------------------------------------------------------------------------------------------ */

static gboolean is_blank(gunichar c)
{
    return g_unichar_isspace(c) || c == 0x3000 || c == 0xFEFF || c == 0x200B;
}

/* Without blanks around it, full-width ones among them. */
static char *trimmed(const char *text)
{
    const char *start = text, *end = text + strlen(text);
    while (*start && is_blank(g_utf8_get_char(start)))
        start = g_utf8_next_char(start);
    while (end > start && is_blank(g_utf8_get_char(g_utf8_prev_char(end))))
        end = g_utf8_prev_char(end);
    return g_strndup(start, (gsize)(end - start));
}

static char *value_of(const Reading *reading, const xmlNode *node)
{
    g_autofree char *text = da_xmlin_text(node);
    char *value = trimmed(text);
    if (strcmp(value, text) && *value && is_new(reading, "blanks", (const char *)node->name)) {
        g_autofree char *name = shown(node);
        DaFinding *finding =
            fault(reading, "LST-002", DA_SEVERITY_WARNING, (guint)xmlGetLineNo(node));
        da_finding_set(&finding->message, "blanks around the text of '%s' were left out", name);
        da_finding_set(&finding->message_zh, "“%s”首尾的空白已去除", name);
    }
    return value;
}

/* --- person ------------------------------------------------------------------------------------------------------------- */

static void refuse_two_persons(const Reading *reading, guint line)
{
    if (!is_new(reading, "persons", ""))
        return;
    DaFinding *finding = fault(reading, "XML-003", DA_SEVERITY_ERROR, line);
    da_exchange_say(finding, "the XML describes more than one person",
                    "一个 XML 中有多个人员的信息");
    finding->mend = g_strdup("have one exchange package made for each person");
    finding->mend_zh = g_strdup("每人单独制作一个交换包");
    da_exchange_refuse(reading->exchange, finding);
}

static void read_person_field(Reading *reading, DaForm form, const xmlNode *node)
{
    char **place = &reading->document->person[form];
    char *value = value_of(reading, node);
    if (*place && strcmp(*place, value))
        refuse_two_persons(reading, (guint)xmlGetLineNo(node));
    g_free(*place);
    *place = value;
}

static void read_person(Reading *reading, const xmlNode *person)
{
    DaForm last = DA_FORM_PERSON_FIRST;
    reading->document->person_line = (guint)xmlGetLineNo(person);
    if (++reading->persons > 1)
        refuse_two_persons(reading, (guint)xmlGetLineNo(person));
    for (const xmlNode *node = da_xmlin_first(person); node; node = da_xmlin_next(node)) {
        DaForm form = form_of(reading, node);
        if (form >= DA_FORM_PERSON_FIRST && form <= DA_FORM_PERSON_LAST) {
            if (form < last)
                report_place(reading, node);
            last = MAX(last, form);
            read_person_field(reading, form, node);
        } else if (form != DA_FORM_N) {
            report_place(reading, node);
        }
    }
}

/* --- catalogue ---------------------------------------------------------------------------------------------------------- */

/* Some write the whole path, with the separators of their system. */
static void add_image(const Reading *reading, GPtrArray *images, const xmlNode *node,
                      const char *text)
{
    const char *slash = strrchr(text, '/'), *backslash = strrchr(text, '\\');
    const char *name = MAX(slash, backslash);
    if (name && is_new(reading, "path", "")) {
        DaFinding *finding =
            fault(reading, "XML-002", DA_SEVERITY_WARNING, (guint)xmlGetLineNo(node));
        da_exchange_say(finding, "images are named with a path; only the last part counts",
                        "图像名称带有路径，只取文件名");
        finding->found = g_strdup(text);
    }
    name = name ? name + 1 : text;
    if (*name)
        g_ptr_array_add(images, g_strdup(name));
}

/* `<优化图像数据_Text><data>…</data>…` holds one name in each child. */
static void read_image(const Reading *reading, GPtrArray *images, const xmlNode *node)
{
    const xmlNode *child = da_xmlin_first(node);
    if (child)
        report_place(reading, child);
    for (const xmlNode *from = child ? child : node; from;
         from = child ? da_xmlin_next(from) : NULL) {
        g_autofree char *text = value_of(reading, from);
        add_image(reading, images, from, text);
    }
}

static void read_entry_field(const Reading *reading, DaFormEntry *entry, DaForm form,
                             const xmlNode *node)
{
    if (form == DA_FORM_ORIGINAL) {
        read_image(reading, entry->originals, node);
    } else if (form == DA_FORM_OPTIMISED) {
        read_image(reading, entry->optimised, node);
    } else {
        if (entry->field[form])
            report_place(reading, node);
        g_free(entry->field[form]);
        entry->field[form] = value_of(reading, node);
    }
}

static void read_entry(Reading *reading, const xmlNode *top)
{
    DaForm last = DA_FORM_ENTRY_FIRST;
    DaFormEntry *entry = da_form_document_add(reading->document, (guint)xmlGetLineNo(top));
    for (const xmlNode *node = da_xmlin_first(top); node; node = da_xmlin_next(node)) {
        DaForm form = form_of(reading, node);
        if (form >= DA_FORM_ENTRY_FIRST && form <= DA_FORM_ENTRY_LAST) {
            if (form < last)
                report_place(reading, node);
            last = MAX(last, form);
            read_entry_field(reading, entry, form, node);
        } else if (form != DA_FORM_N) {
            report_place(reading, node);
        }
    }
}

/* Inside the root and the catalogue; elements of the form are found wherever they are. */
static void read_inside(Reading *reading, const xmlNode *top, DaForm inside)
{
    for (const xmlNode *node = da_xmlin_first(top); node; node = da_xmlin_next(node)) {
        DaForm form = form_of(reading, node);
        DaForm wanted = form == DA_FORM_ENTRY ? DA_FORM_CATALOGUE : DA_FORM_ROOT;
        if (form != DA_FORM_N && (inside != wanted || form == DA_FORM_ROOT))
            report_place(reading, node);
        if (form == DA_FORM_PERSON)
            read_person(reading, node);
        else if (form == DA_FORM_ENTRY)
            read_entry(reading, node);
        else if (form == DA_FORM_ROOT || form == DA_FORM_CATALOGUE || form == DA_FORM_N)
            read_inside(reading, node, form);
        else if (form >= DA_FORM_PERSON_FIRST && form <= DA_FORM_PERSON_LAST)
            read_person_field(reading, form, node);
    }
}

static gboolean is_exchange(const DaFormDocument *document)
{
    for (DaForm form = DA_FORM_PERSON_FIRST; form <= DA_FORM_PERSON_LAST; form++)
        if (document->person[form])
            return TRUE;
    return document->entries->len > 0;
}

DaFormDocument *da_exchange_parse(DaExchange *exchange, const DaProfile *profile, GBytes *xml,
                                  const char *file)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(DaFormDocument) document = da_form_document_new();
    Reading reading = {
        .exchange = exchange, .profile = profile, .file = file, .document = document, .seen = seen};
    g_autoptr(xmlDoc) doc = parse_bytes(&reading, xml);
    if (!doc)
        return NULL;
    const xmlNode *root = xmlDocGetRootElement(doc);
    DaForm form = form_of(&reading, root);
    if (form != DA_FORM_ROOT && form != DA_FORM_N)
        report_place(&reading, root);
    read_inside(&reading, root, DA_FORM_ROOT);
    if (is_exchange(document))
        return g_steal_pointer(&document);
    refuse(&reading, "the XML holds no person and no catalogue of GB/T 33870",
           "XML 中没有 GB/T 33870 的人员信息和目录", NULL);
    return NULL;
}
