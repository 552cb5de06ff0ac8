#include <dangan/dossier.h>
#include <dangan/error.h>
#include <string.h>

/* Longer text is no date; it also bounds what an error message repeats. */
#define DATE_MAX_BYTES 64

/* Half-width digits and single separators: "１９６２年１月" becomes "1962-1-". NULL = a character no date has. */
static char *fold(const char *text)
{
    g_autoptr(GString) folded = g_string_new(NULL);
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c >= 0xFF10 && c <= 0xFF19) /* ０ to ９ */
            c = c - 0xFF10 + '0';
        if (g_unichar_isspace(c) || c == 0xFEFF)
            continue;
        if (c < 0x80 && g_ascii_isdigit((char)c))
            g_string_append_c(folded, (char)c);
        else if (c == '-' || c == '.' || c == '/' || c == 0x5E74 || c == 0x6708) /* 年 月 */
            g_string_append_c(folded, '-');
        else if (c == 0x65E5 && !*g_utf8_next_char(p)) /* 日 at the end */
            g_string_append_c(folded, '~');
        else
            return NULL;
    }
    return g_string_free(g_steal_pointer(&folded), FALSE);
}

static guint number(const char *digits, gsize length)
{
    guint value = 0;
    for (gsize i = 0; i < length; i++)
        value = value * 10 + (guint)(digits[i] - '0');
    return value;
}

/* Digits run together: 4, 6 or 8 of them. */
static gboolean split_digits(const char *text, guint part[3])
{
    gsize length = strlen(text);
    if (length != 4 && length != 6 && length != 8)
        return FALSE;
    part[0] = number(text, 4);
    part[1] = length >= 6 ? number(text + 4, 2) : G_MAXUINT;
    part[2] = length == 8 ? number(text + 6, 2) : G_MAXUINT;
    return TRUE;
}

/* Four digits, then one or two, then one or two; the last part may be closed by 年, 月 or 日 (here `-` or `~`). */
static gboolean split_parts(const char *text, guint part[3])
{
    gsize n = 0;
    const char *p = text;
    while (*p && n < 3) {
        gsize length = strspn(p, "0123456789");
        if (n == 0 ? length != 4 : (length < 1 || length > 2))
            return FALSE;
        part[n++] = number(p, length);
        p += length;
        if (*p == '~' && (n != 3 || p[1]))
            return FALSE;
        if (*p)
            p++;
    }
    return n > 0 && *p == '\0';
}

static gboolean exists(const guint part[3])
{
    if (part[0] < 1000 || part[0] > 9999)
        return FALSE;
    if (part[1] == G_MAXUINT)
        return part[2] == G_MAXUINT;
    if (part[1] < 1 || part[1] > 12)
        return FALSE;
    return part[2] == G_MAXUINT ||
           (part[2] >= 1 && part[2] <= 31 &&
            g_date_valid_dmy((GDateDay)part[2], (GDateMonth)part[1], (GDateYear)part[0]));
}

/* A trailing "-" is fine after 年 and 月 alone ("1962年"), not after "1962-". */
static gboolean ends_in_dash(const char *text)
{
    gsize length = strlen(text);
    return length > 0 && strchr("-./", text[length - 1]);
}

gboolean da_date_parse(const char *text, DaDate *date, GError **error)
{
    *date = (DaDate){0};
    if (!text)
        return TRUE;
    if (strlen(text) > DATE_MAX_BYTES || !g_utf8_validate(text, -1, NULL))
        return da_error_set(error, DA_ERROR_INPUT, "this is no date: too long or not UTF-8");
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    g_autofree char *folded = fold(trimmed);
    if (folded && !*folded)
        return TRUE;
    guint part[3] = {G_MAXUINT, G_MAXUINT, G_MAXUINT};
    gboolean digits_only = folded && folded[strspn(folded, "0123456789")] == '\0';
    if (!folded || ends_in_dash(trimmed) ||
        !(digits_only ? split_digits(folded, part) : split_parts(folded, part)))
        return da_error_set(error, DA_ERROR_INPUT,
                            "'%s' is no date: write YYYY, YYYYMM or YYYYMMDD", trimmed);
    if (!exists(part))
        return da_error_set(error, DA_ERROR_INPUT, "the date '%s' does not exist", trimmed);
    *date = (DaDate){(guint16)part[0], part[1] == G_MAXUINT ? 0 : (guint8)part[1],
                     part[2] == G_MAXUINT ? 0 : (guint8)part[2]};
    return TRUE;
}

char *da_date_format(DaDate date)
{
    if (!date.year)
        return g_strdup("");
    if (!date.month)
        return g_strdup_printf("%04u", date.year);
    if (!date.day)
        return g_strdup_printf("%04u-%02u", date.year, date.month);
    return g_strdup_printf("%04u-%02u-%02u", date.year, date.month, date.day);
}

int da_date_compare(DaDate a, DaDate b)
{
    if (!a.year || !b.year)
        return 0;
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (!a.month || !b.month)
        return 0;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    if (!a.day || !b.day)
        return 0;
    return a.day == b.day ? 0 : a.day < b.day ? -1 : 1;
}
