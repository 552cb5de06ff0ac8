#include <dangan/pinyin.h>

#include <string.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#define LETTERS_MIN 2u
/* A letter may become several: longer than any syllable of pinyin with its blank. */
#define GROWTH 10

typedef enum { AS_NAME, AS_USUAL, AS_SIMPLIFIED, AS_LETTERS, TRANSFORM_N } Transform;

static const char *const ids[TRANSFORM_N] = {
    [AS_NAME] = "Han-Latin/Names; Latin-ASCII; Lower",
    [AS_USUAL] = "Han-Latin; Latin-ASCII; Lower",
    [AS_SIMPLIFIED] = "Hant-Hans",
    [AS_LETTERS] = "Fullwidth-Halfwidth; Latin-ASCII; Lower",
};

static GMutex mutex;

/* Made at its first use and kept. NULL when ICU has no such data. */
static UTransliterator *transform_of(Transform transform)
{
    static UTransliterator *made[TRANSFORM_N];
    if (!made[transform]) {
        UChar id[64];
        UErrorCode status = U_ZERO_ERROR;
        u_uastrcpy(id, ids[transform]);
        made[transform] = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
        if (U_FAILURE(status))
            g_error("ICU has no transform '%s': %s", ids[transform], u_errorName(status));
    }
    return made[transform];
}

static char *apply(Transform transform, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    glong length = 0;
    g_autofree gunichar2 *utf16 = g_utf8_to_utf16(valid, -1, NULL, &length, NULL);
    int32_t capacity = (int32_t)length * GROWTH + 1, used = (int32_t)length, limit = used;
    g_autofree UChar *room = g_new0(UChar, (gsize)capacity);
    memcpy(room, utf16, (gsize)length * sizeof *room);
    UErrorCode status = U_ZERO_ERROR;
    g_mutex_lock(&mutex);
    utrans_transUChars(transform_of(transform), room, &used, capacity, 0, &limit, &status);
    g_mutex_unlock(&mutex);
    char *changed =
        U_SUCCESS(status) ? g_utf16_to_utf8((const gunichar2 *)room, used, NULL, NULL, NULL) : NULL;
    return changed ? changed : g_steal_pointer(&valid);
}

void da_pinyin_load(void)
{
    for (Transform transform = 0; transform < TRANSFORM_N; transform++)
        g_free(apply(transform, ""));
}

char *da_han_simplified(const char *text)
{
    return apply(AS_SIMPLIFIED, text);
}

/* --- readings -------------------------------------------------------------------------------------------------------- */

static gboolean has_han(const char *text)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (g_unichar_get_script(g_utf8_get_char(p)) == G_UNICODE_SCRIPT_HAN)
            return TRUE;
    return FALSE;
}

static char *letters_of(const char *text)
{
    GString *letters = g_string_new(NULL);
    for (const char *p = text; *p; p++)
        if (g_ascii_isalpha(*p))
            g_string_append_c(letters, g_ascii_tolower(*p));
    return g_string_free(letters, FALSE);
}

static char *read_as(Transform transform, const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    if (!has_han(valid))
        return NULL;
    g_autofree char *spoken = apply(transform, valid);
    g_autofree char *letters = letters_of(spoken);
    return *letters ? g_steal_pointer(&letters) : NULL;
}

char *da_pinyin_name(const char *name)
{
    return read_as(AS_NAME, name);
}

char *da_pinyin_usual(const char *name)
{
    return read_as(AS_USUAL, name);
}

char *da_pinyin_initials(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    g_autofree char *whole = da_pinyin_name(valid);
    g_autoptr(GString) initials = g_string_new(NULL);
    for (const char *p = valid; whole && *p; p = g_utf8_next_char(p)) {
        char one[8] = "";
        g_unichar_to_utf8(g_utf8_get_char(p), one);
        g_autofree char *syllable = da_pinyin_usual(one);
        if (syllable)
            g_string_append_c(initials, initials->len ? *syllable : *whole);
    }
    return initials->len ? g_strdup(initials->str) : NULL;
}

/* --- what is typed --------------------------------------------------------------------------------------------------- */

char *da_pinyin_words(const char *words)
{
    g_autofree char *plain = apply(AS_LETTERS, words);
    g_autoptr(GString) letters = g_string_new(NULL);
    for (const char *p = plain; *p; p++) {
        if (g_ascii_isalpha(*p))
            g_string_append_c(letters, *p == 'v' ? 'u' : *p);
        else if (*p != ' ' && *p != '\'')
            return NULL;
    }
    return letters->len >= LETTERS_MIN ? g_strdup(letters->str) : NULL;
}
