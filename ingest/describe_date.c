#include "describe_date.h"

#include <string.h>

/* What a character says in a date. Digits are 0 to 9. */
typedef enum {
    TOKEN_TEN = 10, /* 十 */
    TOKEN_TWENTY,   /* 廿 */
    TOKEN_THIRTY,   /* 卅 */
    TOKEN_FIRST,    /* 元: the first year of an era */
    TOKEN_YEAR,     /* 年 */
    TOKEN_MONTH,    /* 月 */
    TOKEN_DAY,      /* 日, 号 */
    TOKEN_POINT,    /* . - / 、 · */
    TOKEN_BLANK,
    TOKEN_OTHER,
} TokenKind;

typedef struct {
    guint8 kind;
    gboolean han;   /* a Chinese numeral */
    gboolean maybe; /* it is this only if the rest makes it a date: O for 0, 午 for 年 */
    guint from, to; /* bytes */
} Token;

#define MAX_TOKENS 256
#define REPUBLIC_YEARS 1911 /* 民国元年 is 1912 */

/* --- characters -------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *characters;
    guint8 kind;
    gboolean han, maybe;
} Meaning;

static const Meaning meanings[] = {
    {"〇零○", 0, TRUE, FALSE},
    {"一壹", 1, TRUE, FALSE},
    {"二贰", 2, TRUE, FALSE},
    {"三叁", 3, TRUE, FALSE},
    {"四肆", 4, TRUE, FALSE},
    {"五伍", 5, TRUE, FALSE},
    {"六陆", 6, TRUE, FALSE},
    {"七柒", 7, TRUE, FALSE},
    {"八捌", 8, TRUE, FALSE},
    {"九玖", 9, TRUE, FALSE},
    {"十拾", TOKEN_TEN, TRUE, FALSE},
    {"廿", TOKEN_TWENTY, TRUE, FALSE},
    {"卅", TOKEN_THIRTY, TRUE, FALSE},
    {"元", TOKEN_FIRST, TRUE, FALSE},
    {"年", TOKEN_YEAR, FALSE, FALSE},
    {"月", TOKEN_MONTH, FALSE, FALSE},
    {"日号", TOKEN_DAY, FALSE, FALSE},
    {".-/、·,:。，:;-–—−•", TOKEN_POINT, FALSE, FALSE},
    /* What recognition gives for them, believed only where nothing else can stand. */
    {"OoQD口", 0, FALSE, TRUE},
    {"lI|i!丨", 1, FALSE, TRUE},
    {"Zz", 2, FALSE, TRUE},
    {"Ss", 5, FALSE, TRUE},
    {"b", 6, FALSE, TRUE},
    {"B", 8, FALSE, TRUE},
    {"gq", 9, FALSE, TRUE},
    {"午牟丰車车手牛", TOKEN_YEAR, FALSE, TRUE},
    {"用目", TOKEN_MONTH, FALSE, TRUE},
    {"曰", TOKEN_DAY, FALSE, TRUE},
};

static gunichar half_width(gunichar c)
{
    return c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c;
}

static Token token_of(gunichar c)
{
    Token token = {.kind = TOKEN_OTHER};
    c = half_width(c);
    if (c < 0x80 && g_ascii_isdigit((char)c))
        token.kind = (guint8)(c - '0');
    else if (g_unichar_isspace(c))
        token.kind = TOKEN_BLANK;
    else
        for (guint i = 0; i < G_N_ELEMENTS(meanings); i++)
            if (g_utf8_strchr(meanings[i].characters, -1, c))
                return (Token){meanings[i].kind, meanings[i].han, meanings[i].maybe, 0, 0};
    return token;
}

static guint tokens_of(const char *text, Token *tokens)
{
    guint n = 0;
    for (const char *p = text; *p && n < MAX_TOKENS; p = g_utf8_next_char(p)) {
        tokens[n] = token_of(g_utf8_get_char(p));
        tokens[n].from = (guint)(p - text);
        tokens[n].to = (guint)(g_utf8_next_char(p) - text);
        n++;
    }
    return n;
}

/* --- numbers ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    const Token *tokens;
    guint n, at;
    gboolean repaired;
} Reader;

static guint8 kind_at(const Reader *reader, guint at)
{
    return at < reader->n ? reader->tokens[at].kind : TOKEN_OTHER;
}

static void skip_blanks(Reader *reader)
{
    while (kind_at(reader, reader->at) == TOKEN_BLANK)
        reader->at++;
}

static gboolean is_digit_at(const Reader *reader, guint at)
{
    return kind_at(reader, at) < 10 && !reader->tokens[at].han;
}

/* Digits that stand together, doubtful ones among them; as many as there are, at most `max`. */
static guint digits(Reader *reader, guint max, guint *value)
{
    guint n = 0;
    *value = 0;
    while (n < max && is_digit_at(reader, reader->at)) {
        reader->repaired |= reader->tokens[reader->at].maybe;
        *value = *value * 10 + reader->tokens[reader->at++].kind;
        n++;
    }
    return n;
}

static guint doubtful_digits(const Reader *reader, guint n)
{
    guint doubtful = 0;
    for (guint i = 0; i < n; i++)
        doubtful += reader->tokens[reader->at + i].maybe;
    return doubtful;
}

/* 一九五六 as digits, 十二, 二十八, 廿三, 三十 as a count. `n` is how many characters it has. */
static guint han_number(Reader *reader, guint *value)
{
    guint n = 0, ones = 0, tens = 0;
    gboolean counted = FALSE;
    *value = 0;
    while (reader->at < reader->n && reader->tokens[reader->at].han && n < 4) {
        guint8 kind = reader->tokens[reader->at].kind;
        if (kind == TOKEN_FIRST)
            break;
        if (kind < 10) {
            *value = *value * 10 + kind;
            ones = counted ? kind : ones;
        } else {
            tens = kind == TOKEN_TWENTY   ? 20
                   : kind == TOKEN_THIRTY ? 30
                   : *value               ? *value * 10
                                          : 10;
            counted = TRUE;
        }
        reader->at++;
        n++;
    }
    if (counted)
        *value = tens + ones;
    return n;
}

/* A number of month or day: one or two digits and no third, or a Chinese count. */
static gboolean small_number(Reader *reader, guint *value)
{
    const Reader before = *reader;
    guint n = digits(reader, 2, value);
    gboolean longer = n == 2 && is_digit_at(reader, reader->at);
    if (n == 0)
        n = han_number(reader, value);
    if (n == 0 || longer)
        *reader = before;
    return n > 0 && !longer;
}

/* --- parts of a date -------------------------------------------------------------------------------------------------------- */

static guint last_day(guint year, guint month)
{
    return g_date_get_days_in_month((GDateMonth)month, (GDateYear)year);
}

/* A separator: the wanted word, one of the points, or blanks alone when `blank` allows. 日 before another number was 月. */
static gboolean separator(Reader *reader, guint8 word, gboolean blank)
{
    guint before = reader->at;
    skip_blanks(reader);
    guint8 kind = kind_at(reader, reader->at);
    if (word == TOKEN_MONTH && kind == TOKEN_DAY && is_digit_at(reader, reader->at + 1))
        kind = TOKEN_MONTH;
    if (kind == word || kind == TOKEN_POINT) {
        reader->at++;
        skip_blanks(reader);
        return TRUE;
    }
    if (blank && reader->at > before)
        return TRUE;
    reader->at = before;
    return FALSE;
}

/* The year at the reader. 民国 years are counted from 1912; two digits need 年 or a point behind them. */
static gboolean read_year(Reader *reader, const char *text, guint from_year, DaWrittenDate *found)
{
    guint value = 0, start = reader->at;
    const char *here = text + reader->tokens[start].from;
    gboolean republic = g_str_has_prefix(here, "民国");
    if (republic)
        reader->at += 2;
    skip_blanks(reader);
    if (republic && kind_at(reader, reader->at) == TOKEN_FIRST) {
        reader->at++;
        found->date.year = REPUBLIC_YEARS + 1;
        return TRUE;
    }
    const Reader before = *reader;
    guint n = digits(reader, republic ? 2 : 4, &value);
    /* A year is not made of letters: one of four may be damaged, none of two. */
    if (doubtful_digits(&before, n) * 4 > n)
        return FALSE;
    if (n == 0)
        n = han_number(reader, &value);
    if (republic && n > 0 && value > 0 && value < 100) {
        found->date.year = (guint16)(REPUBLIC_YEARS + value);
        return TRUE;
    }
    if (n == 4 && value >= 1800 && value < 2100) {
        found->date.year = (guint16)value;
        return TRUE;
    }
    if (n != 2 || republic || !from_year || value > 99)
        return FALSE;
    guint year = from_year - from_year % 100 + value;
    found->date.year = (guint16)(year < from_year ? year + 100 : year);
    found->two_digits = TRUE;
    return TRUE;
}

static gboolean read_day(Reader *reader, DaWrittenDate *found)
{
    guint value = 0, before = reader->at;
    if (!small_number(reader, &value) || value < 1 ||
        value > last_day(found->date.year, found->date.month)) {
        found->cut = reader->at > before;
        return FALSE;
    }
    found->date.day = (guint8)value;
    Reader closing = *reader;
    skip_blanks(&closing);
    if (kind_at(&closing, closing.at) == TOKEN_DAY) {
        closing.at++;
        *reader = closing;
    }
    return TRUE;
}

/* Month and day behind a year that has been read; what cannot be read there makes the date less exact. */
static void read_rest(Reader *reader, DaWrittenDate *found)
{
    guint value = 0;
    Reader ahead = *reader;
    if (!small_number(&ahead, &value)) {
        found->cut = is_digit_at(reader, reader->at);
        return;
    }
    if (value < 1 || value > 12) {
        found->cut = TRUE;
        return;
    }
    found->date.month = (guint8)value;
    *reader = ahead;
    if (!separator(&ahead, TOKEN_MONTH, TRUE))
        return;
    /* 月 belongs to the date, a point behind the month does not. */
    if (kind_at(&ahead, ahead.at - 1) == TOKEN_MONTH)
        *reader = ahead;
    if (read_day(&ahead, found))
        *reader = ahead;
}

/* 19560312, 195603: digits that run together. */
static gboolean read_compact(Reader *reader, DaWrittenDate *found)
{
    guint length = 0;
    char text[9] = "";
    while (length < 9 && kind_at(reader, reader->at + length) < 10 &&
           !reader->tokens[reader->at + length].han) {
        if (length < 8)
            text[length] = (char)('0' + kind_at(reader, reader->at + length));
        length++;
    }
    guint8 behind = kind_at(reader, reader->at + length);
    /* 197109日 was 1976年9月 before it was read. */
    if (behind == TOKEN_YEAR || behind == TOKEN_MONTH || behind == TOKEN_DAY)
        return FALSE;
    if ((length != 8 && length != 6) || text[0] == '0' ||
        !da_date_parse(text, &found->date, NULL) || found->date.year < 1800 ||
        found->date.year > 2099)
        return FALSE;
    for (guint i = 0; i < length; i++)
        found->repaired |= reader->tokens[reader->at + i].maybe;
    reader->at += length;
    return TRUE;
}

static gboolean is_lunar(const char *text)
{
    static const char *const words[] = {"农历", "阴历", "旧历", "夏历", "初", "正月", "腊月", "闰"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(text, words[i]))
            return TRUE;
    return FALSE;
}

/* --- a year alone -------------------------------------------------------------------------------------------------------- */

/* "1956乡5日", "19565日": four digits that can only be a year, at the beginning of a cell, and behind them something that cannot be read. One digit more is a
 * word that was lost; with two the year's own digits are no longer sure. */
gboolean da_written_year_find(const char *text, DaWrittenDate *found)
{
    Token tokens[MAX_TOKENS];
    const guint n = tokens_of(text, tokens);
    guint at = 0, length = 0, year = 0;
    while (at < n && (tokens[at].kind == TOKEN_POINT || tokens[at].kind == TOKEN_BLANK))
        at++;
    while (at + length < n && tokens[at + length].kind < 10 && !tokens[at + length].han &&
           !tokens[at + length].maybe)
        length++;
    for (guint i = 0; i < 4 && i < length; i++)
        year = year * 10 + tokens[at + i].kind;
    *found = (DaWrittenDate){0};
    if (length < 4 || length > 7 || year < 1900 || year > 2099)
        return FALSE;
    *found = (DaWrittenDate){.date = {.year = (guint16)year},
                             .from = tokens[at].from,
                             .to = tokens[at + 3].to,
                             .cut = TRUE,
                             .repaired = length > 5};
    return !is_lunar(text);
}

/* --- what is no single date of the solar calendar ------------------------------------------------------------------------------ */

/* 至, 到, ～ or a dash behind the date, and a number behind that. */
static gboolean is_span(const Reader *reader, const char *text)
{
    static const char *const words[] = {"至", "到", "~", "～", "—", "–", "--", "一", "-"};
    Reader ahead = *reader;
    skip_blanks(&ahead);
    if (ahead.at >= ahead.n)
        return FALSE;
    const char *here = text + ahead.tokens[ahead.at].from;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_has_prefix(here, words[i])) {
            const char *behind = here + strlen(words[i]);
            while (g_unichar_isspace(g_utf8_get_char(behind)))
                behind = g_utf8_next_char(behind);
            return token_of(g_utf8_get_char(behind)).kind <= TOKEN_THIRTY ||
                   g_str_has_prefix(behind, "今");
        }
    return FALSE;
}

/* --- a date --------------------------------------------------------------------------------------------------------------------- */

static gboolean read_at(Reader *reader, const char *text, guint from_year, DaWrittenDate *found)
{
    guint start = reader->at;
    /* A year does not begin inside a number. */
    if (start > 0 && kind_at(reader, start - 1) < 10 && !reader->tokens[start - 1].maybe)
        return FALSE;
    *found = (DaWrittenDate){.from = reader->tokens[start].from};
    if (!read_compact(reader, found)) {
        if (!read_year(reader, text, from_year, found))
            return FALSE;
        guint behind_year = reader->at;
        gboolean parted = separator(reader, TOKEN_YEAR, !found->two_digits);
        gboolean named = parted && kind_at(reader, behind_year) == TOKEN_YEAR;
        if (parted)
            read_rest(reader, found);
        /* 56 alone is a number; so is 1956 in 1956元. A bare year counts with 年 or where nothing else stands. */
        if (!found->date.month && !named &&
            (found->two_digits || behind_year < reader->n || found->cut))
            return FALSE;
        if (found->two_digits && !named && !found->date.month)
            return FALSE;
        if (!found->date.month && !named)
            reader->at = behind_year;
    }
    found->repaired |= reader->repaired;
    found->to = reader->at ? reader->tokens[reader->at - 1].to : 0;
    found->span = is_span(reader, text);
    return !found->span;
}

gboolean da_written_date_find(const char *text, guint two_digit_years_from, DaWrittenDate *found)
{
    Token tokens[MAX_TOKENS];
    const guint n = tokens_of(text, tokens);
    if (is_lunar(text))
        return FALSE;
    for (guint at = 0; at < n; at++) {
        Reader reader = {.tokens = tokens, .n = n, .at = at};
        gboolean begins = tokens[at].kind < 10 || g_str_has_prefix(text + tokens[at].from, "民国");
        if (begins && read_at(&reader, text, two_digit_years_from, found))
            return TRUE;
        /* A span is none of its ends. */
        if (begins && found->span) {
            *found = (DaWrittenDate){.span = TRUE};
            return FALSE;
        }
    }
    *found = (DaWrittenDate){0};
    return FALSE;
}
