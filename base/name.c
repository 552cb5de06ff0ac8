#include <dangan/file.h>
#include <string.h>

/* Compares the numbers at the beginning of both and moves past them. */
static int compare_numbers(const char **a, const char **b)
{
    gsize zeros_a = strspn(*a, "0"), zeros_b = strspn(*b, "0");
    const char *number_a = *a + zeros_a, *number_b = *b + zeros_b;
    gsize digits_a = strspn(number_a, "0123456789"), digits_b = strspn(number_b, "0123456789");
    *a = number_a + digits_a;
    *b = number_b + digits_b;
    if (digits_a !=
        digits_b) /* without leading zeros, the longer number is the greater; no overflow */
        return digits_a < digits_b ? -1 : 1;
    return memcmp(number_a, number_b, digits_a);
}

int da_name_compare(const char *a, const char *b)
{
    const char *x = a, *y = b;
    while (*x != '\0' && *y != '\0') {
        int order = 0;
        if (g_ascii_isdigit(*x) && g_ascii_isdigit(*y))
            order = compare_numbers(&x, &y);
        else
            order = (int)(guchar)*x++ - (int)(guchar)*y++;
        if (order != 0)
            return order;
    }
    if (*x != '\0' || *y != '\0')
        return *x == '\0' ? -1 : 1;
    return strcmp(a, b);
}

static gboolean is_safe_component(const char *component, gsize length)
{
    gboolean dots = (length == 1 || length == 2) && strncmp(component, "..", length) == 0;
    return length > 0 && !dots;
}

gboolean da_path_is_safe(const char *relative)
{
    if (*relative == '~' || !g_utf8_validate(relative, -1, NULL))
        return FALSE;
    if (g_ascii_isalpha(relative[0]) && relative[1] == ':')
        return FALSE;
    for (const char *p = relative; *p != '\0'; p = g_utf8_next_char(p)) {
        if (*p == '\\' || g_unichar_iscntrl(g_utf8_get_char(p)))
            return FALSE;
    }
    const char *begin = relative;
    for (;;) {
        const char *end = strchrnul(begin, '/');
        if (!is_safe_component(begin, (gsize)(end - begin)))
            return FALSE;
        if (*end == '\0')
            return TRUE;
        begin = end + 1;
    }
}

/* Chinese in every character that is not ASCII; FALSE when there is none. */
static gboolean is_chinese(const char *text)
{
    gboolean any = FALSE;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c >= 0x80 && g_unichar_get_script(c) != G_UNICODE_SCRIPT_HAN)
            return FALSE;
        any |= c >= 0x80;
    }
    return any;
}

/* A character that UTF-8 writes with three bytes and more: Chinese, full-width forms, signs. */
static gboolean holds_wide(const char *text)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (g_utf8_get_char(p) >= 0x800)
            return TRUE;
    return FALSE;
}

/* Some names of two or three characters are valid in both (钱某 is Ǯĳ): who writes Chinese means Chinese. */
char *da_name_text(const char *bytes)
{
    gboolean utf8 = g_utf8_validate(bytes, -1, NULL);
    if (utf8 && (g_str_is_ascii(bytes) || holds_wide(bytes)))
        return g_strdup(bytes);
    g_autofree char *text = g_convert(bytes, -1, "UTF-8", "GB18030", NULL, NULL, NULL);
    if (utf8)
        return g_strdup(text && is_chinese(text) ? text : bytes);
    return text ? g_steal_pointer(&text) : g_filename_display_name(bytes);
}
