#include <dangan/receipt.h>
#include <dangan/signed_page.h>
#include <string.h>

static guint64 number_of(const DaReceiptLink *link)
{
    return (guint64)da_signed_page_number(link->document, "number");
}

static const char *text_of(const DaReceiptLink *link, const char *member)
{
    return da_signed_page_text(link->document, member);
}

static gint by_number(gconstpointer a, gconstpointer b)
{
    guint64 left = number_of(a), right = number_of(b);
    return left < right ? -1 : left > right;
}

static void tell(GPtrArray *problems, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void tell(GPtrArray *problems, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(problems, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static void tell_missing(GPtrArray *problems, guint64 from, guint64 to)
{
    if (from == to)
        tell(problems, "receipt No. %" G_GUINT64_FORMAT " is missing", from);
    else
        tell(problems, "receipts No. %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " are missing",
             from, to);
}

static void compare(const DaReceiptLink *former, const DaReceiptLink *next, GPtrArray *problems)
{
    guint64 a = number_of(former), b = number_of(next);
    if (strcmp(text_of(former, "archive"), text_of(next, "archive")) != 0)
        tell(problems, "'%s' is of another archive than '%s'", next->name, former->name);
    else if (a == b && strcmp(former->sha256, next->sha256) != 0)
        tell(problems, "'%s' and '%s' both are No. %" G_GUINT64_FORMAT ", and differ", former->name,
             next->name, a);
    else if (b > a + 1)
        tell_missing(problems, a + 1, b - 1);
    else if (b == a + 1 && strcmp(text_of(next, "former"), former->sha256) != 0)
        tell(problems,
             "'%s' (No. %" G_GUINT64_FORMAT ") does not follow '%s' (No. %" G_GUINT64_FORMAT
             "): its former record has digest %s",
             next->name, b, former->name, a, text_of(next, "former"));
}

void da_receipt_check_chain(GArray *links, GPtrArray *problems)
{
    for (guint i = 0; i < links->len;) {
        const DaReceiptLink *link = &g_array_index(links, DaReceiptLink, i);
        if (!strcmp(text_of(link, "dangan"), "record")) {
            i++;
            continue;
        }
        tell(problems, "'%s' is no receipt of an archive and stands in no chain", link->name);
        g_free(link->sha256);
        g_array_remove_index(links, i);
    }
    g_array_sort(links, by_number);
    for (guint i = 1; i < links->len; i++)
        compare(&g_array_index(links, DaReceiptLink, i - 1),
                &g_array_index(links, DaReceiptLink, i), problems);
}
