#include <dangan/error.h>
#include <dangan/finding.h>
#include <dangan/handle/json.h>
#include <string.h>

static const char *const severity_names[] = {"info", "warning", "error", "fatal"};
static const char *const severity_labels[] = {"提示", "警告", "错误", "致命"};

/* The texts of a finding, in the order of the JSON object. */
static const struct {
    const char *name;
    gsize offset;
} texts[] = {
    {"rule", G_STRUCT_OFFSET(DaFinding, rule)},
    {"clause", G_STRUCT_OFFSET(DaFinding, clause)},
    {"subject", G_STRUCT_OFFSET(DaFinding, subject)},
    {"file", G_STRUCT_OFFSET(DaFinding, file)},
    {"page", G_STRUCT_OFFSET(DaFinding, page)},
    {"other", G_STRUCT_OFFSET(DaFinding, other)},
    {"message", G_STRUCT_OFFSET(DaFinding, message)},
    {"message_zh", G_STRUCT_OFFSET(DaFinding, message_zh)},
    {"found", G_STRUCT_OFFSET(DaFinding, found)},
    {"wanted", G_STRUCT_OFFSET(DaFinding, wanted)},
    {"mend", G_STRUCT_OFFSET(DaFinding, mend)},
    {"mend_zh", G_STRUCT_OFFSET(DaFinding, mend_zh)},
};

const char *da_severity_name(DaSeverity severity)
{
    g_return_val_if_fail(severity <= DA_SEVERITY_FATAL, NULL);
    return severity_names[severity];
}

const char *da_severity_label_zh(DaSeverity severity)
{
    g_return_val_if_fail(severity <= DA_SEVERITY_FATAL, NULL);
    return severity_labels[severity];
}

gboolean da_severity_by_name(const char *name, DaSeverity *severity)
{
    for (guint i = 0; i < G_N_ELEMENTS(severity_names); i++) {
        if (g_strcmp0(name, severity_names[i]) == 0) {
            *severity = (DaSeverity)i;
            return TRUE;
        }
    }
    return FALSE;
}

DaFinding *da_finding_new(const char *rule, DaSeverity severity, const char *subject)
{
    g_return_val_if_fail(rule, NULL);
    DaFinding *finding = g_new0(DaFinding, 1);
    finding->rule = g_strdup(rule);
    finding->severity = severity;
    finding->subject = g_strdup(subject);
    return finding;
}

void da_finding_free(DaFinding *finding)
{
    if (!finding)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(G_STRUCT_MEMBER(char *, finding, texts[i].offset));
    g_free(finding);
}

void da_finding_set(char **member, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_free(*member);
    *member = text;
}

char *da_finding_line(const DaFinding *finding, gboolean chinese)
{
    const char *message = chinese && finding->message_zh ? finding->message_zh : finding->message;
    const char *mend = chinese && finding->mend_zh ? finding->mend_zh : finding->mend;
    GString *line = g_string_new(chinese ? da_severity_label_zh(finding->severity)
                                         : da_severity_name(finding->severity));
    g_string_append_printf(line, " %s", finding->rule);
    if (finding->subject)
        g_string_append_printf(line, " %s", finding->subject);
    if (finding->file)
        g_string_append_printf(line, " %s", finding->file);
    if (finding->row)
        g_string_append_printf(line, chinese ? " 第 %u 行" : " row %u", finding->row);
    if (finding->page)
        g_string_append_printf(line, chinese ? " 第 %s 页" : " page %s", finding->page);
    g_string_append_printf(line, ": %s", message ? message : "");
    if (mend)
        g_string_append_printf(line, chinese ? "；%s" : "; %s", mend);
    /* File names and cells come from outside; a terminal obeys control characters. */
    for (char *p = line->str; *p; p++)
        if (g_ascii_iscntrl(*p))
            *p = ' ';
    return g_string_free(line, FALSE);
}

/* --- JSON ------------------------------------------------------------------------------------------------------------ */

static void put_text(json_t *object, const char *name, const char *text)
{
    if (!text)
        return;
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    json_object_set_new(object, name, json_string(valid));
}

json_t *da_finding_to_json(const DaFinding *finding)
{
    json_t *object = json_object();
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        put_text(object, texts[i].name, G_STRUCT_MEMBER(char *, finding, texts[i].offset));
    put_text(object, "severity", da_severity_name(finding->severity));
    if (finding->screened)
        put_text(object, "mode", "screened");
    if (finding->row)
        json_object_set_new(object, "row", json_integer(finding->row));
    if (finding->has_box)
        json_object_set_new(
            object, "box",
            json_pack("[iiii]", finding->x_px, finding->y_px, finding->w_px, finding->h_px));
    return object;
}

/* Digits that make a run of text an ID number; a package id has fewer together. */
#define ID_DIGITS 15
#define SHOWN_BEFORE 6
#define SHOWN_BEHIND 4

char *da_finding_mask(const char *text)
{
    char *shown = g_strdup(text);
    for (char *p = shown; p && *p;) {
        gsize run = strspn(p, "0123456789");
        for (gsize i = SHOWN_BEFORE; run >= ID_DIGITS && i < run - SHOWN_BEHIND; i++)
            p[i] = '*';
        p += run ? run : 1;
    }
    return shown;
}

json_t *da_finding_to_public_json(const DaFinding *finding)
{
    static const char *const personal[] = {"found", "wanted", "box"};
    json_t *object = da_finding_to_json(finding);
    for (guint i = 0; i < G_N_ELEMENTS(personal); i++)
        json_object_del(object, personal[i]);
    g_autofree char *subject = da_finding_mask(finding->subject);
    g_autofree char *file = da_finding_mask(finding->file);
    put_text(object, "subject", subject);
    put_text(object, "file", file);
    return object;
}

static gboolean read_texts(DaFinding *finding, const json_t *object, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        const json_t *value = json_object_get(object, texts[i].name);
        if (!value)
            continue;
        if (!json_is_string(value))
            return da_error_set(error, DA_ERROR_INPUT, "cannot read finding: '%s' is no text",
                                texts[i].name);
        G_STRUCT_MEMBER(char *, finding, texts[i].offset) = g_strdup(json_string_value(value));
    }
    return finding->rule ||
           da_error_set(error, DA_ERROR_INPUT, "cannot read finding: it names no rule");
}

static gboolean read_row(DaFinding *finding, const json_t *object, GError **error)
{
    const json_t *row = json_object_get(object, "row");
    if (!row)
        return TRUE;
    json_int_t value = json_integer_value(row);
    if (!json_is_integer(row) || value < 1 || value > G_MAXUINT)
        return da_error_set(error, DA_ERROR_INPUT, "cannot read finding: 'row' is no row number");
    finding->row = (guint)value;
    return TRUE;
}

static gboolean read_box(DaFinding *finding, const json_t *object, GError **error)
{
    const json_t *box = json_object_get(object, "box");
    int *members[] = {&finding->x_px, &finding->y_px, &finding->w_px, &finding->h_px};
    if (!box)
        return TRUE;
    gboolean right = json_array_size(box) == G_N_ELEMENTS(members);
    for (guint i = 0; right && i < G_N_ELEMENTS(members); i++) {
        const json_t *number = json_array_get(box, i);
        json_int_t value = json_integer_value(number);
        right = json_is_integer(number) && value >= G_MININT && value <= G_MAXINT;
        *members[i] = (int)value;
    }
    finding->has_box = right;
    return right ||
           da_error_set(error, DA_ERROR_INPUT, "cannot read finding: 'box' is not four integers");
}

DaFinding *da_finding_from_json(const json_t *object, GError **error)
{
    g_autoptr(DaFinding) finding = g_new0(DaFinding, 1);
    if (!json_is_object(object)) {
        da_error_set(error, DA_ERROR_INPUT, "cannot read finding: it is no JSON object");
        return NULL;
    }
    if (!read_texts(finding, object, error) || !read_row(finding, object, error) ||
        !read_box(finding, object, error))
        return NULL;
    if (!da_severity_by_name(json_string_value(json_object_get(object, "severity")),
                             &finding->severity)) {
        da_error_set(error, DA_ERROR_INPUT, "cannot read finding: its severity is unknown");
        return NULL;
    }
    finding->screened = !g_strcmp0(json_string_value(json_object_get(object, "mode")), "screened");
    return g_steal_pointer(&finding);
}
