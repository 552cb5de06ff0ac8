#include "plain.h"

static gboolean is_plain(gunichar c)
{
    if (c < 0x20)
        return c == '\t' || c == '\n' || c == '\r';
    return c != 0xFFFE && c != 0xFFFF;
}

char *da_plain_fault(const char *text)
{
    if (!g_utf8_validate(text, -1, NULL))
        return g_strdup("broken UTF-8");
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (!is_plain(c))
            return g_strdup_printf("control character U+%04X", c);
    }
    return NULL;
}
