#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/signed_page.h>
#include <gio/gio.h>
#include <string.h>

#define PAGE_BEGIN "<!DOCTYPE html>"
#define CARRIED_BEGIN "<script type=\"text/plain\" id=\"signed\">"
#define CARRIED_END "</script>"
#define SHOWN_MAX 60 /* characters of a line in a message */

/* --- pieces ------------------------------------------------------------------------------------------------------------------ */

gboolean da_signed_page_open(DaSignedPage *page, const char *signed_text)
{
    page->envelope = json_loads(signed_text, 0, NULL);
    page->document = json_object_get(page->envelope, "document");
    page->signature = json_object_get(page->envelope, "signature");
    page->html = g_string_new(NULL);
    return json_is_object(page->document);
}

void da_signed_page_clear(DaSignedPage *page)
{
    json_decref(page->envelope);
    if (page->html)
        g_string_free(page->html, TRUE);
}

void da_signed_page_put(DaSignedPage *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_markup_vprintf_escaped(format, arguments);
    va_end(arguments);
    g_string_append(page->html, text);
}

const char *da_signed_page_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

json_int_t da_signed_page_number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

void da_signed_page_pair(DaSignedPage *page, const char *term, const char *text)
{
    if (*text)
        da_signed_page_put(page, "<dt>%s</dt><dd>%s</dd>", term, text);
}

void da_signed_page_count(DaSignedPage *page, json_int_t count)
{
    da_signed_page_put(page, "<td class=\"n\">%" JSON_INTEGER_FORMAT "</td>", count);
}

void da_signed_page_table(DaSignedPage *page, const char *title, const char *title_en,
                          const char *const *heads)
{
    da_signed_page_put(page, "<h2>%s <span class=\"en\">%s</span></h2><table><thead><tr>", title,
                       title_en);
    for (; *heads; heads++)
        da_signed_page_put(page, **heads == '#' ? "<th class=\"n\">%s</th>" : "<th>%s</th>",
                           *heads + (**heads == '#'));
    g_string_append(page->html, "</tr></thead>\n");
}

/* --- head and foot ----------------------------------------------------------------------------------------------------------- */

static void put_style(DaSignedPage *page, const char *name)
{
    g_autoptr(GBytes) css =
        name ? g_resources_lookup_data(name, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL) : NULL;
    if (css)
        g_string_append_len(page->html, g_bytes_get_data(css, NULL), (gssize)g_bytes_get_size(css));
}

void da_signed_page_head(DaSignedPage *page, const char *title, const char *title_en,
                         const char *style)
{
    da_signed_page_put(page,
                       PAGE_BEGIN
                       "\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                       "<title>%s · %s</title>\n<style>\n",
                       title, title_en);
    put_style(page, "/dangan/verify/verdict.css");
    put_style(page, style);
    da_signed_page_put(page,
                       "</style></head><body><main>\n<h1>%s <span class=\"en\">%s</span></h1>\n",
                       title, title_en);
}

char *da_signed_page_close(DaSignedPage *page, const char *signed_text)
{
    g_autofree char *carried = g_base64_encode((const guchar *)signed_text, strlen(signed_text));
    g_string_append(page->html, "<h2>签名 <span class=\"en\">Signature</span></h2><dl>");
    da_signed_page_pair(page, "算法 algorithm", da_signed_page_text(page->signature, "algorithm"));
    da_signed_page_pair(page, "公钥指纹 key", da_signed_page_text(page->signature, "key"));
    da_signed_page_pair(page, "签名值 value", da_signed_page_text(page->signature, "value"));
    g_string_append(
        page->html,
        "</dl><p class=\"note\">核验：dangan receipt check 本文件 --key "
        "公钥。须与签署单位另行公布的"
        "公钥指纹核对。<span class=\"en\">To check: dangan receipt check FILE --key KEY; compare "
        "the "
        "fingerprint with what the signer has made known.</span></p>\n</main>\n" CARRIED_BEGIN
        "\n");
    g_string_append(page->html, carried);
    g_string_append(page->html, "\n" CARRIED_END "\n</body></html>\n");
    return g_string_free(g_steal_pointer(&page->html), FALSE);
}

/* --- checking ---------------------------------------------------------------------------------------------------------------- */

static gboolean is_page(const char *text)
{
    return g_str_has_prefix(text, PAGE_BEGIN);
}

static char *text_of_file(GBytes *file)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(file, &size);
    return g_strndup(data ? data : "", size);
}

/* The signed document that a page carries. The caller owns it; NULL when it carries none. */
static char *carried_by(const char *html)
{
    const char *begin = strstr(html, CARRIED_BEGIN);
    const char *end = begin ? strstr(begin, CARRIED_END) : NULL;
    if (!end)
        return NULL;
    begin += strlen(CARRIED_BEGIN);
    g_autofree char *encoded = g_strndup(begin, (gsize)(end - begin));
    gsize size = 0;
    g_autofree guchar *raw = g_base64_decode(encoded, &size);
    return g_strndup((const char *)raw, size);
}

char *da_signed_page_document(GBytes *file)
{
    g_autofree char *text = text_of_file(file);
    return is_page(text) ? carried_by(text) : g_steal_pointer(&text);
}

/* What a reader sees of a piece of HTML: without tags, control characters and too much of it. The caller owns it. */
static char *seen(const char *html, gsize size)
{
    GString *text = g_string_new(NULL);
    gboolean tag = FALSE;
    g_autofree char *valid = g_utf8_make_valid(html, (gssize)size);
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '<' || c == '>')
            tag = c == '<';
        else if (!tag && g_utf8_strlen(text->str, -1) < SHOWN_MAX)
            g_string_append_unichar(text, g_unichar_iscntrl(c) ? ' ' : c);
    }
    g_strstrip(text->str);
    return g_string_free(text, FALSE);
}

/* The piece around the first byte that differs: from the tag before it to the line's end. */
static char *seen_at(const char *html, gsize at)
{
    gsize begin = at;
    while (begin > 0 && html[begin - 1] != '\n' && !(html[begin - 1] == '>' && begin < at))
        begin--;
    gsize size = strcspn(html + begin, "\n");
    return seen(html + begin, size);
}

static gboolean tell_difference(const char *html, const char *again, GError **error)
{
    gsize at = 0;
    guint line = 1;
    for (; html[at] && html[at] == again[at]; at++)
        line += html[at] == '\n';
    g_autofree char *shown = seen_at(html, at);
    g_autofree char *signed_words = seen_at(again, at);
    return da_error_set(error, DA_ERROR_INPUT,
                        "the page was altered: it does not show what was signed; line %u shows "
                        "'%s', signed was '%s'",
                        line, shown, signed_words);
}

/* That made document and page: another one lays the page out in another way. */
static const char *program_of(const json_t *document)
{
    const char *program = da_signed_page_text(document, "program");
    return *program ? program : da_signed_page_text(json_object_get(document, "body"), "program");
}

static gboolean shows_what_was_signed(const char *html, gsize size, const char *signed_text,
                                      const DaSigned *checked, DaSignedPageMaker maker,
                                      GError **error)
{
    const char *program = program_of(checked->document);
    g_autofree char *again = maker(signed_text, error);
    if (!again)
        return FALSE;
    if (strlen(again) == size && !memcmp(again, html, size))
        return TRUE;
    if (*program && strcmp(program, "dangan " DANGAN_VERSION) != 0)
        return da_error_set(error, DA_ERROR_INPUT,
                            "the page was made by %s and cannot be compared here; check its JSON "
                            "file instead",
                            program);
    return tell_difference(html, again, error);
}

DaSigned *da_signed_page_check(GBytes *file, const DaSignKey *expected, DaSignedPageMaker maker,
                               GError **error)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(file, &size);
    g_autofree char *text = text_of_file(file);
    if (!is_page(text))
        return da_signed_check(data ? data : "", size, expected, error);
    g_autofree char *carried = carried_by(text);
    if (!carried) {
        da_error_set(error, DA_ERROR_INPUT,
                     "the page is not whole, or none of ours: it carries no signed document");
        return NULL;
    }
    g_autoptr(DaSigned) checked = da_signed_check(carried, strlen(carried), expected, error);
    if (!checked || !shows_what_was_signed(text, size, carried, checked, maker, error))
        return NULL;
    return g_steal_pointer(&checked);
}
