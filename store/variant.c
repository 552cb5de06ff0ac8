#include <dangan/pinyin.h>

#include "variant_table.h"

static gunichar usual_of(gunichar character)
{
    gsize low = 0, high = da_han_variants_n;
    while (low < high) {
        gsize middle = low + (high - low) / 2;
        if (da_han_variants[middle].rare == character)
            return da_han_variants[middle].usual;
        if (da_han_variants[middle].rare < character)
            low = middle + 1;
        else
            high = middle;
    }
    return character;
}

char *da_han_usual(const char *text)
{
    g_autofree char *simplified = da_han_simplified(text);
    GString *usual = g_string_new(NULL);
    for (const char *p = simplified; *p; p = g_utf8_next_char(p))
        g_string_append_unichar(usual, usual_of(g_utf8_get_char(p)));
    return g_string_free(usual, FALSE);
}
