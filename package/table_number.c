/* Numbers of SpreadsheetML as people see them. Source: ECMA-376 part 1 §18.8.30 (number formats), §18.17.4 (dates). */
#include "table_parts.h"

#include <math.h>
#include <string.h>

/* Day numbers of 1900-01-01 and 9999-12-31 in the system of 1900. */
#define DAY_FIRST 1
#define DAY_LAST 2958465
/* The system of 1900 has a 29 February 1900 as day 60 that never was. */
#define DAY_THAT_NEVER_WAS 60
#define DAYS_TO_1904 1462

/* Beyond that many digits a spreadsheet rounds. */
#define EXACT_DIGITS 15

static void note_letter(char c, gboolean *year, gboolean *month, gboolean *day)
{
    *year |= c == 'y';
    *month |= c == 'm';
    *day |= c == 'd';
}

DaShows da_table_format_shows(const char *code)
{
    gboolean year = FALSE, month = FALSE, day = FALSE;
    for (const char *p = code; *p && *p != ';'; p++) {
        const char *end = NULL;
        if (*p == '"')
            end = strchr(p + 1, '"');
        else if (*p == '[')
            end = strchr(p, ']');
        else if ((*p == '\\' || *p == '_' || *p == '*') && p[1])
            end = p + 1;
        else
            note_letter(g_ascii_tolower(*p), &year, &month, &day);
        if (end)
            p = end;
    }
    if (day)
        return DA_SHOWS_DAY;
    return year ? (month ? DA_SHOWS_MONTH : DA_SHOWS_YEAR) : DA_SHOWS_NUMBER;
}

/* The date of a day number; FALSE when there is none. */
static gboolean date_of(double serial, gboolean from_1904, GDate *date)
{
    double day = floor(serial) + (from_1904 ? DAYS_TO_1904 : 0);
    if (!(day >= DAY_FIRST && day <= DAY_LAST) || day == DAY_THAT_NEVER_WAS)
        return FALSE;
    g_date_set_dmy(date, 30, G_DATE_DECEMBER, 1899);
    g_date_add_days(date, (guint)day + (day < DAY_THAT_NEVER_WAS ? 1 : 0));
    return TRUE;
}

static char *date_text(const GDate *date, DaShows shows)
{
    guint year = g_date_get_year(date), month = g_date_get_month(date);
    if (shows == DA_SHOWS_YEAR)
        return g_strdup_printf("%04u", year);
    if (shows == DA_SHOWS_MONTH)
        return g_strdup_printf("%04u%02u", year, month);
    return g_strdup_printf("%04u%02u%02u", year, month, g_date_get_day(date));
}

/* More digits than a spreadsheet keeps: exact only where somebody wrote them out and the last ones are not just filled up with
 * zeros. Else the form with exponent stays, so that nobody takes a rounded ID number for one. */
static char *long_number_text(const char *raw, double value)
{
    const char *digits = raw + (*raw == '-');
    gsize length = strlen(digits);
    if (strspn(digits, "0123456789") == length && length > EXACT_DIGITS &&
        strspn(digits + EXACT_DIGITS, "0") != length - EXACT_DIGITS)
        return g_strdup(raw);
    if (strpbrk(raw, "eE"))
        return g_strdup(raw);
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    return g_strdup(g_ascii_formatd(text, sizeof text, "%.14E", value));
}

char *da_table_number_text(const char *raw, DaShows shows, gboolean from_1904)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE], *end = NULL;
    double value = g_ascii_strtod(raw, &end);
    GDate date;
    if (end == raw || *end || !isfinite(value))
        return g_strdup(raw);
    g_date_clear(&date, 1);
    if (shows != DA_SHOWS_NUMBER && date_of(value, from_1904, &date))
        return date_text(&date, shows);
    if (fabs(value) >= 1e15)
        return long_number_text(raw, value);
    return g_strdup(g_ascii_formatd(text, sizeof text, "%.15g", value));
}
