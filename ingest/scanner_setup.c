/* What makes of scanners call the same thing. Source: the option lists in the manuals of the SANE drivers (sane-fujitsu(5),
 * sane-canon_dr(5), sane-epsonds(5), sane-epson2(5), sane-kodak(5), sane-kvs20xx(5), sane-hp5590(5), sane-test(5) …). */
#include "scanner_parts.h"

#include <dangan/error.h>
#include <math.h>
#include <sane/saneopts.h>
#include <string.h>

static gboolean has(const char *word, const char *part)
{
    g_autofree char *lower = g_ascii_strdown(word, -1);
    return strstr(lower, part) != NULL;
}

/* --- source -------------------------------------------------------------------------------------------------------------- */

static gboolean is_duplex(const char *word)
{
    return has(word, "duplex") || has(word, "both sides") || has(word, "double");
}

static gboolean is_feeder(const char *word)
{
    return has(word, "adf") || has(word, "feeder") || is_duplex(word);
}

/* "ADF Back" is the back of each sheet alone: nobody who asks for the feeder means it. */
static gboolean means_source(const char *word, gconstpointer wanted)
{
    if (!g_ascii_strcasecmp(word, wanted))
        return TRUE;
    if (!strcmp(wanted, "adf-duplex"))
        return is_duplex(word);
    if (!strcmp(wanted, "adf"))
        return is_feeder(word) && !is_duplex(word) && !has(word, "back");
    return !strcmp(wanted, "flatbed") &&
           (has(word, "flatbed") || has(word, "platen") || has(word, "normal"));
}

static gboolean means_duplex(const char *word, gconstpointer wanted)
{
    return is_duplex(word) == GPOINTER_TO_INT(wanted);
}

/* Drivers that have one word for the feeder say elsewhere whether it reads both sides. */
static gboolean set_duplex(SANE_Handle handle, gboolean duplex, gboolean *done, GError **error)
{
    static const char *const names[] = {"duplex", "adf-mode", "adf_mode", "duplexmode", "sides"};
    *done = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(names) && !*done; i++) {
        SANE_Int option = da_scanner_option(handle, names[i]);
        if (!option)
            continue;
        const char *word = duplex ? "yes" : "no";
        if (sane_get_option_descriptor(handle, option)->type == SANE_TYPE_STRING)
            word = da_scanner_word(handle, option, means_duplex, GINT_TO_POINTER(duplex));
        if (word && !da_scanner_set(handle, option, word, error))
            return FALSE;
        *done = word != NULL;
    }
    return TRUE;
}

static gboolean refuse_source(SANE_Handle handle, SANE_Int option, const char *wanted,
                              GError **error)
{
    g_autofree char *choices = option ? da_scanner_choices(handle, option) : NULL;
    return da_error_set(error, DA_ERROR_USAGE, "the scanner has no source '%s'; it has %s", wanted,
                        choices ? choices : "one source only");
}

static gboolean set_source(SANE_Handle handle, const char *wanted, gboolean *feeder,
                           gboolean *duplex, GError **error)
{
    SANE_Int option = da_scanner_option(handle, SANE_NAME_SCAN_SOURCE);
    gboolean both = !strcmp(wanted, "adf-duplex"), apart = FALSE;
    const char *word = option ? da_scanner_word(handle, option, means_source, wanted) : NULL;
    if (both && !word && option)
        word = da_scanner_word(handle, option, means_source, "adf");
    /* A scanner that is nothing but a feeder has no choice of sources. */
    gboolean only_feeder = !option && strcmp(wanted, "flatbed");
    if (!word && !only_feeder)
        return refuse_source(handle, option, wanted, error);
    *feeder = only_feeder || is_feeder(word);
    *duplex = word && is_duplex(word);
    if (word && !da_scanner_set(handle, option, word, error))
        return FALSE;
    if (!*feeder || *duplex)
        return TRUE;
    if (!set_duplex(handle, both, &apart, error))
        return FALSE;
    *duplex = both && apart;
    return !both || apart || refuse_source(handle, option, wanted, error);
}

/* As it stands: the source that is set now says what it is. */
static void look_at_source(SANE_Handle handle, gboolean *feeder, gboolean *duplex)
{
    SANE_Int option = da_scanner_option(handle, SANE_NAME_SCAN_SOURCE);
    const SANE_Option_Descriptor *d = option ? sane_get_option_descriptor(handle, option) : NULL;
    if (!d || d->type != SANE_TYPE_STRING || d->size <= 0)
        return;
    g_autofree char *word = g_malloc0((gsize)d->size + 1);
    if (sane_control_option(handle, option, SANE_ACTION_GET_VALUE, word, NULL) != SANE_STATUS_GOOD)
        return;
    *feeder = is_feeder(word);
    *duplex = is_duplex(word);
}

/* --- mode and depth ------------------------------------------------------------------------------------------------------ */

static gboolean means_mode(const char *word, gconstpointer wanted)
{
    switch ((DaScanMode)GPOINTER_TO_INT(wanted)) {
    case DA_SCAN_COLOUR:
        return has(word, "color") || has(word, "colour");
    case DA_SCAN_GREY:
        return has(word, "gray") || has(word, "grey");
    case DA_SCAN_BITONAL:
        break;
    }
    return has(word, "lineart") || has(word, "binary") || has(word, "black") || has(word, "mono");
}

static gboolean set_mode(SANE_Handle handle, DaScanMode mode, GError **error)
{
    static const char *const names[] = {
        [DA_SCAN_COLOUR] = "color", [DA_SCAN_GREY] = "grey", [DA_SCAN_BITONAL] = "bitonal"};
    SANE_Int option = da_scanner_option(handle, SANE_NAME_SCAN_MODE);
    if (!option)
        return TRUE;
    const char *word = da_scanner_word(handle, option, means_mode, GINT_TO_POINTER(mode));
    /* Some have no mode for it, but a depth of one bit. */
    if (!word && mode == DA_SCAN_BITONAL)
        word = da_scanner_word(handle, option, means_mode, GINT_TO_POINTER(DA_SCAN_GREY));
    if (word)
        return da_scanner_set(handle, option, word, error);
    g_autofree char *choices = da_scanner_choices(handle, option);
    return da_error_set(error, DA_ERROR_USAGE, "the scanner has no mode '%s'; it has %s",
                        names[mode], choices);
}

static gboolean set_depth(SANE_Handle handle, DaScanMode mode, GError **error)
{
    SANE_Int option = da_scanner_option(handle, SANE_NAME_BIT_DEPTH);
    return !option || da_scanner_set(handle, option, mode == DA_SCAN_BITONAL ? "1" : "8", error);
}

/* --- resolution and area --------------------------------------------------------------------------------------------------- */

static gboolean set_resolution(SANE_Handle handle, guint dpi, GError **error)
{
    static const char *const names[] = {SANE_NAME_SCAN_RESOLUTION, "x-resolution", "y-resolution",
                                        SANE_NAME_SCAN_X_RESOLUTION, SANE_NAME_SCAN_Y_RESOLUTION};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        SANE_Int option = da_scanner_option(handle, names[i]);
        if (!option)
            continue;
        if (!da_scanner_set_number(handle, option, dpi, error))
            return FALSE;
        double found = da_scanner_number(handle, option);
        if (isfinite(found) && fabs(found - dpi) <= 0.5)
            continue;
        g_autofree char *choices = da_scanner_choices(handle, option);
        return da_error_set(error, DA_ERROR_USAGE,
                            "the scanner cannot scan with %u dpi; its resolutions are %s", dpi,
                            choices);
    }
    return TRUE;
}

static gboolean set_length(SANE_Handle handle, const char *name, double mm, guint dpi,
                           GError **error)
{
    SANE_Int option = da_scanner_option(handle, name);
    const SANE_Option_Descriptor *d = option ? sane_get_option_descriptor(handle, option) : NULL;
    if (!d || (d->type != SANE_TYPE_INT && d->type != SANE_TYPE_FIXED))
        return TRUE;
    double value = d->unit == SANE_UNIT_PIXEL ? mm * dpi / 25.4 : mm;
    return da_scanner_set_number(handle, option, value, error);
}

/* The paper first: drivers of feeders centre the area on it. All is cut to what the scanner has. */
static gboolean set_area(SANE_Handle handle, const DaScannerSettings *settings, GError **error)
{
    double width = settings->width_mm > 0 ? settings->width_mm : 1e4;
    double height = settings->height_mm > 0 ? settings->height_mm : 1e4;
    guint dpi = settings->dpi;
    return set_length(handle, SANE_NAME_PAGE_WIDTH, width, dpi, error) &&
           set_length(handle, SANE_NAME_PAGE_HEIGHT, height, dpi, error) &&
           set_length(handle, SANE_NAME_SCAN_TL_X, 0, dpi, error) &&
           set_length(handle, SANE_NAME_SCAN_TL_Y, 0, dpi, error) &&
           set_length(handle, SANE_NAME_SCAN_BR_X, width, dpi, error) &&
           set_length(handle, SANE_NAME_SCAN_BR_Y, height, dpi, error);
}

/* --- all ------------------------------------------------------------------------------------------------------------------- */

static gboolean set_own(SANE_Handle handle, const char *setting, GError **error)
{
    const char *equals = strchr(setting, '=');
    g_autofree char *name = equals ? g_strndup(setting, (gsize)(equals - setting)) : NULL;
    SANE_Int option = name ? da_scanner_option(handle, name) : 0;
    if (!name)
        return da_error_set(error, DA_ERROR_USAGE, "'%s' is no name=value", setting);
    if (!option)
        return da_error_set(error, DA_ERROR_USAGE,
                            "the scanner has no option '%s' that can be set now", name);
    return da_scanner_set(handle, option, equals + 1, error);
}

gboolean da_scanner_set_up(SANE_Handle handle, const DaScannerSettings *settings, gboolean *feeder,
                           gboolean *duplex, GError **error)
{
    if (!settings->source)
        look_at_source(handle, feeder, duplex);
    else if (!set_source(handle, settings->source, feeder, duplex, error))
        return FALSE;
    if (!set_mode(handle, settings->mode, error) || !set_depth(handle, settings->mode, error) ||
        !set_resolution(handle, settings->dpi, error) || !set_area(handle, settings, error))
        return FALSE;
    for (guint i = 0; settings->settings && settings->settings[i]; i++)
        if (!set_own(handle, settings->settings[i], error))
            return FALSE;
    return TRUE;
}
