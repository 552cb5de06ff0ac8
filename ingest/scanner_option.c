/* Source: SANE Standard 1.06 §4.2.9 (option descriptors), §4.3.7 (sane_control_option). */
#include "scanner_parts.h"

#include <dangan/error.h>
#include <math.h>
#include <string.h>

#define MAX_STRING_BYTES 4096

static const SANE_Option_Descriptor *descriptor(SANE_Handle handle, SANE_Int option)
{
    return sane_get_option_descriptor(handle, option);
}

SANE_Int da_scanner_option(SANE_Handle handle, const char *name)
{
    SANE_Int count = 0;
    if (sane_control_option(handle, 0, SANE_ACTION_GET_VALUE, &count, NULL) != SANE_STATUS_GOOD)
        return 0;
    for (SANE_Int i = 1; i < count; i++) {
        const SANE_Option_Descriptor *d = descriptor(handle, i);
        if (d && d->name && !strcmp(d->name, name) && SANE_OPTION_IS_ACTIVE(d->cap) &&
            SANE_OPTION_IS_SETTABLE(d->cap))
            return i;
    }
    return 0;
}

/* --- what an option takes ------------------------------------------------------------------------------------------------ */

static double number_of(const SANE_Option_Descriptor *d, SANE_Word word)
{
    return d->type == SANE_TYPE_FIXED ? SANE_UNFIX(word) : word;
}

static SANE_Word word_of(const SANE_Option_Descriptor *d, double value)
{
    return d->type == SANE_TYPE_FIXED ? SANE_FIX(value) : (SANE_Word)lround(value);
}

static void append_number(GString *text, const char *before, double value)
{
    g_string_append_printf(text, "%s%g", before, round(value * 100) / 100);
}

char *da_scanner_choices(SANE_Handle handle, SANE_Int option)
{
    const SANE_Option_Descriptor *d = descriptor(handle, option);
    g_autoptr(GString) text = g_string_new(NULL);
    if (d->type == SANE_TYPE_BOOL)
        g_string_append(text, "yes or no");
    else if (d->constraint_type == SANE_CONSTRAINT_RANGE) {
        append_number(text, "", number_of(d, d->constraint.range->min));
        append_number(text, " to ", number_of(d, d->constraint.range->max));
    } else if (d->constraint_type == SANE_CONSTRAINT_WORD_LIST)
        for (SANE_Int i = 1; i <= d->constraint.word_list[0]; i++)
            append_number(text, i > 1 ? ", " : "", number_of(d, d->constraint.word_list[i]));
    else if (d->constraint_type == SANE_CONSTRAINT_STRING_LIST)
        for (guint i = 0; d->constraint.string_list[i]; i++)
            g_string_append_printf(text, "%s%s", i ? ", " : "", d->constraint.string_list[i]);
    else
        g_string_append(text, d->type == SANE_TYPE_STRING ? "text" : "a number");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

const char *da_scanner_word(SANE_Handle handle, SANE_Int option, DaScannerMeans means,
                            gconstpointer wanted)
{
    const SANE_Option_Descriptor *d = descriptor(handle, option);
    if (d->type != SANE_TYPE_STRING || d->constraint_type != SANE_CONSTRAINT_STRING_LIST)
        return NULL;
    for (guint i = 0; d->constraint.string_list[i]; i++)
        if (means(d->constraint.string_list[i], wanted))
            return d->constraint.string_list[i];
    return NULL;
}

/* --- setting --------------------------------------------------------------------------------------------------------------- */

static gboolean control(SANE_Handle handle, SANE_Int option, void *value, GError **error)
{
    g_autofree char *what =
        g_strdup_printf("cannot set option '%s' of the scanner", descriptor(handle, option)->name);
    SANE_Status status = sane_control_option(handle, option, SANE_ACTION_SET_VALUE, value, NULL);
    return status == SANE_STATUS_GOOD || da_scanner_fail(status, what, error);
}

gboolean da_scanner_set_number(SANE_Handle handle, SANE_Int option, double value, GError **error)
{
    const SANE_Option_Descriptor *d = descriptor(handle, option);
    if (d->constraint_type == SANE_CONSTRAINT_RANGE)
        value = CLAMP(value, number_of(d, d->constraint.range->min),
                      number_of(d, d->constraint.range->max));
    SANE_Word word = word_of(d, value);
    return control(handle, option, &word, error);
}

double da_scanner_number(SANE_Handle handle, SANE_Int option)
{
    const SANE_Option_Descriptor *d = descriptor(handle, option);
    SANE_Word word = 0;
    if ((d->type != SANE_TYPE_INT && d->type != SANE_TYPE_FIXED) || d->size != sizeof word ||
        sane_control_option(handle, option, SANE_ACTION_GET_VALUE, &word, NULL) != SANE_STATUS_GOOD)
        return NAN;
    return number_of(d, word);
}

static gboolean refuse(SANE_Handle handle, SANE_Int option, const char *text, GError **error)
{
    g_autofree char *choices = da_scanner_choices(handle, option);
    return da_error_set(error, DA_ERROR_USAGE, "option '%s' of the scanner takes %s, not '%s'",
                        descriptor(handle, option)->name, choices, text);
}

static gboolean same_word(const char *word, gconstpointer wanted)
{
    return !g_ascii_strcasecmp(word, wanted);
}

static gboolean set_string(SANE_Handle handle, SANE_Int option, const char *text, GError **error)
{
    const SANE_Option_Descriptor *d = descriptor(handle, option);
    const char *word = text;
    if (d->constraint_type == SANE_CONSTRAINT_STRING_LIST)
        word = da_scanner_word(handle, option, same_word, text);
    if (!word || d->size <= 0 || d->size > MAX_STRING_BYTES || strlen(word) >= (gsize)d->size)
        return refuse(handle, option, text, error);
    g_autofree char *buffer = g_malloc0((gsize)d->size);
    memcpy(buffer, word, strlen(word));
    return control(handle, option, buffer, error);
}

static gboolean set_flag(SANE_Handle handle, SANE_Int option, const char *text, GError **error)
{
    SANE_Bool value = !g_ascii_strcasecmp(text, "yes");
    if (!value && g_ascii_strcasecmp(text, "no"))
        return refuse(handle, option, text, error);
    return control(handle, option, &value, error);
}

gboolean da_scanner_set(SANE_Handle handle, SANE_Int option, const char *text, GError **error)
{
    const SANE_Option_Descriptor *d = descriptor(handle, option);
    char *end = NULL;
    double value = g_ascii_strtod(text, &end);
    switch (d->type) {
    case SANE_TYPE_STRING:
        return set_string(handle, option, text, error);
    case SANE_TYPE_BOOL:
        return set_flag(handle, option, text, error);
    case SANE_TYPE_INT:
    case SANE_TYPE_FIXED:
        if (end == text || *end || !isfinite(value) || d->size != sizeof(SANE_Word))
            return refuse(handle, option, text, error);
        if (!da_scanner_set_number(handle, option, value, error))
            return FALSE;
        return fabs(da_scanner_number(handle, option) - value) < 0.01 ||
               refuse(handle, option, text, error);
    default:
        return da_error_set(error, DA_ERROR_USAGE, "option '%s' of the scanner has no value",
                            d->name);
    }
}
