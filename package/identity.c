#include <dangan/identity.h>

#include <dangan/error.h>
#include <string.h>

#define ID_LENGTH 18
#define OLD_LENGTH 15
#define DISTRICT_DIGITS_MIN 6  /* county; GB/T 2260 */
#define DISTRICT_DIGITS_MAX 12 /* down to the neighbourhood; GB/T 10114 */

/* GB 11643-1999 §A: weights of the first seventeen digits, and the check character of the sum modulo 11. */
static const guint8 id_weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
static const char id_checks[] = "10X98765432";

static char id_check_character(const char *digits)
{
    guint sum = 0;
    for (gsize i = 0; i < 17; i++)
        sum += (guint)(digits[i] - '0') * id_weights[i];
    return id_checks[sum % 11];
}

static gsize leading_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* A full date in digits 7 to 14. */
static gboolean date_of(const char *text, DaDate *date)
{
    g_autofree char *digits = g_strndup(text + 6, 8);
    return da_date_parse(digits, date, NULL) && date->day != 0;
}

DaIdentityFault da_id_number_check(const char *text)
{
    DaDate date;
    if (!text || !*text)
        return DA_IDENTITY_EMPTY;
    gsize length = strlen(text), digits = leading_digits(text);
    if (length == OLD_LENGTH && digits == OLD_LENGTH)
        return DA_IDENTITY_OLD_FORM;
    if (g_utf8_validate(text, -1, NULL) && g_utf8_strlen(text, -1) != ID_LENGTH)
        return DA_IDENTITY_LENGTH;
    if (length != ID_LENGTH || digits < 17 || (digits == 17 && text[17] != 'X'))
        return DA_IDENTITY_CHARACTER;
    if (!date_of(text, &date))
        return DA_IDENTITY_DATE;
    return text[17] == id_check_character(text) ? DA_IDENTITY_OK : DA_IDENTITY_CHECK;
}

char *da_id_number_fault_text(const char *text)
{
    switch (da_id_number_check(text)) {
    case DA_IDENTITY_OK:
        return NULL;
    case DA_IDENTITY_EMPTY:
        return g_strdup("is empty");
    case DA_IDENTITY_LENGTH:
        return g_strdup_printf("has %ld characters, 18 wanted", g_utf8_strlen(text, -1));
    case DA_IDENTITY_OLD_FORM:
        return g_strdup("has the old form of 15 digits, 18 characters wanted");
    case DA_IDENTITY_CHARACTER:
        return g_strdup_printf("character %" G_GSIZE_FORMAT " is neither a digit nor a final X",
                               leading_digits(text) + 1);
    case DA_IDENTITY_DATE:
        return g_strdup_printf("digits 7 to 14 (%.8s) are no date", text + 6);
    case DA_IDENTITY_CHECK:
        return g_strdup_printf("check digit is %c, computed %c", text[17],
                               id_check_character(text));
    }
    g_assert_not_reached();
}

char *da_id_number_normalize(const char *text)
{
    GString *normal = g_string_new(NULL);
    if (!text || !g_utf8_validate(text, -1, NULL))
        return g_string_free(normal, FALSE);
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c >= 0xFF01 && c <= 0xFF5E) /* full-width forms of ! to ~ */
            c -= 0xFEE0;
        if (g_unichar_isspace(c) || c == 0xFEFF || c == 0x200B)
            continue;
        /* × and the Roman numeral Ⅹ are what input methods give for X */
        if (c == 'x' || c == 0xD7 || c == 0x2169 || c == 0x2179)
            c = 'X';
        g_string_append_unichar(normal, c);
    }
    return g_string_free(normal, FALSE);
}

char *da_id_number_upgrade(const char *text)
{
    DaDate date;
    if (!text || strlen(text) != OLD_LENGTH || leading_digits(text) != OLD_LENGTH)
        return NULL;
    /* Sequence numbers 996 to 999 were given to people a hundred years old. */
    gboolean centenarian = strcmp(text + 12, "996") >= 0;
    g_autofree char *digits =
        g_strdup_printf("%.6s%s%.9s", text, centenarian ? "18" : "19", text + 6);
    if (!date_of(digits, &date))
        return NULL;
    return g_strdup_printf("%s%c", digits, id_check_character(digits));
}

DaDate da_id_number_birth(const char *text)
{
    DaDate date = {0};
    if (da_id_number_check(text) == DA_IDENTITY_OK)
        (void)date_of(text, &date);
    return date;
}

const char *da_id_number_sex(const char *text)
{
    if (da_id_number_check(text) != DA_IDENTITY_OK)
        return NULL;
    return (text[16] - '0') % 2 ? "男" : "女";
}

/* --- 统一社会信用代码 ------------------------------------------------------------------------------------------------ */

/* GB 32100-2015: no I, O, S, V, Z. */
static const char credit_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
static const guint8 credit_weights[17] = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                          29, 25, 13, 8,  24, 10, 30, 28};
/* GB 11714-1997: the organisation code has letters of the whole alphabet, worth 10 to 35. */
static const guint8 organisation_weights[8] = {3, 7, 9, 10, 5, 8, 4, 2};

static gboolean organisation_is_valid(const char *code)
{
    guint sum = 0;
    for (gsize i = 0; i < 8; i++) {
        guint value =
            g_ascii_isdigit(code[i]) ? (guint)(code[i] - '0') : (guint)(code[i] - 'A') + 10;
        sum += value * organisation_weights[i];
    }
    return code[8] == "0X987654321"[sum % 11];
}

gboolean da_credit_code_is_valid(const char *text)
{
    if (!text || strlen(text) != 18 || strspn(text, credit_alphabet) != 18)
        return FALSE;
    guint sum = 0;
    for (gsize i = 0; i < 17; i++)
        sum += (guint)(strchr(credit_alphabet, text[i]) - credit_alphabet) * credit_weights[i];
    return text[17] == credit_alphabet[(31 - sum % 31) % 31] && organisation_is_valid(text + 8);
}

/* --- districts ------------------------------------------------------------------------------------------------------- */

gboolean da_district_check(const char *code, GError **error)
{
    gsize digits = leading_digits(code);
    return (code[digits] == '\0' && digits >= DISTRICT_DIGITS_MIN &&
            digits <= DISTRICT_DIGITS_MAX) ||
           da_error_set(error, DA_ERROR_USAGE, "'%s' is no district code (GB/T 2260: six digits)",
                        code);
}
