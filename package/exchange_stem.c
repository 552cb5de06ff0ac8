#include "exchange_stem.h"

#include <string.h>

/* Class of one or two parts, sequence, page. */
#define PARTS_MIN 3
#define PARTS_MAX 4
#define DIGITS_MAX 4

static gsize stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? (gsize)(dot - name) : strlen(name);
}

/* Numbers of 1 to 4 digits between dashes; 0 = something else. */
static guint split(const char *name, gsize length, guint value[PARTS_MAX], guint *last_digits)
{
    guint n = 0;
    for (gsize at = 0; at <= length; n++) {
        gsize digits = 0;
        if (n == PARTS_MAX)
            return 0;
        value[n] = 0;
        for (; at + digits < length && g_ascii_isdigit(name[at + digits]); digits++)
            value[n] = value[n] * 10 + (guint)(name[at + digits] - '0');
        at += digits;
        if (digits < 1 || digits > DIGITS_MAX || (at < length && name[at] != '-'))
            return 0;
        *last_digits = (guint)digits;
        at++;
    }
    return n;
}

gboolean da_stem_read(const char *name, DaStem *stem)
{
    guint value[PARTS_MAX] = {0};
    guint n = split(name, stem_length(name), value, &stem->page_digits);
    if (n < PARTS_MIN || !value[0] || value[0] > 99 || (n == PARTS_MAX && value[1] > 99))
        return FALSE;
    if (n == PARTS_MIN)
        g_snprintf(stem->class_code, sizeof stem->class_code, "%u", value[0]);
    else
        g_snprintf(stem->class_code, sizeof stem->class_code, "%u-%u", value[0], value[1]);
    stem->sequence = value[n - 2];
    stem->page = value[n - 1];
    return TRUE;
}

char *da_stem_fold(const char *name)
{
    g_autofree char *normal = g_utf8_normalize(name, -1, G_NORMALIZE_NFC);
    return g_utf8_casefold(normal ? normal : name, -1);
}

char *da_stem_key(const char *name)
{
    g_autofree char *stem = g_strndup(name, stem_length(name));
    return da_stem_fold(stem);
}
