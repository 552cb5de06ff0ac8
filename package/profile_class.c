#include "profile_class.h"

#include <string.h>

/* What keyboards, fonts and OCR give for a dash. 一 (one) is not among them. */
static gboolean is_dash(gunichar c)
{
    static const gunichar dashes[] = {'-',    '_',    '~',    0x00AD, 0x02D7, 0x2043,
                                      0x207B, 0x208B, 0x2212, 0x2500, 0x2501, 0x2796,
                                      0x30FC, 0xFE58, 0xFE63, 0xFF0D, 0xFF70};
    if (c >= 0x2010 && c <= 0x2015)
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(dashes); i++)
        if (c == dashes[i])
            return TRUE;
    return FALSE;
}

static gboolean is_left_out(gunichar c)
{
    return g_unichar_isspace(c) || c == '(' || c == ')' || c == '[' || c == ']' || c == 0x3014 ||
           c == 0x3015 || c == 0x3010 || c == 0x3011 || c == 0xFEFF || c == 0x200B;
}

/* 1 to 9 for 一 to 九, 10 for 十, 0 for anything else. */
static guint numeral(gunichar c)
{
    static const gunichar numerals[] = {0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94,
                                        0x516D, 0x4E03, 0x516B, 0x4E5D, 0x5341};
    for (guint i = 0; i < G_N_ELEMENTS(numerals); i++)
        if (c == numerals[i])
            return i + 1;
    return 0;
}

/* 十一 to 九十九 as people count; `before` and `after` are the numerals beside 十. */
static void append_numeral(GString *folded, guint value, guint before, guint after)
{
    if (value < 10)
        g_string_append_printf(folded, "%u", value);
    else if (before && before < 10)
        g_string_append(folded, after && after < 10 ? "" : "0");
    else
        g_string_append(folded, after && after < 10 ? "1" : "10");
}

static char *fold_characters(const char *text)
{
    GString *folded = g_string_new(NULL);
    guint before = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (is_left_out(c))
            continue;
        guint value = numeral(c);
        if (value)
            append_numeral(folded, value, before, numeral(g_utf8_get_char(g_utf8_next_char(p))));
        else if (is_dash(c))
            g_string_append_c(folded, '-');
        else
            g_string_append_unichar(folded, c);
        before = value;
    }
    return g_string_free(folded, FALSE);
}

char *da_class_fold(const char *text)
{
    /* NFKC: full-width digits, ㈨ and ⑨ become plain. */
    g_autofree char *normal = text ? g_utf8_normalize(text, -1, G_NORMALIZE_NFKC) : NULL;
    char *folded = fold_characters(normal ? normal : "");
    gsize length = strlen(folded);
    while (length > 0 && folded[length - 1] == '.')
        folded[--length] = '\0';
    if (g_str_has_suffix(folded, "、"))
        folded[length - strlen("、")] = '\0';
    return folded;
}
