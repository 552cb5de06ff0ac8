#include <dangan/separator.h>

#include <string.h>
#include <zbar.h>

#define PREFIX "DA1:"
/* What both codes hold with room to spare. */
#define MAX_PAYLOAD 200
/* Longer side of an A4 sheet at 150 dpi: a module is four pixels and more there, and the grain of the paper is gone, which zbar
 * takes for edges. */
#define LOOK_PX 1754
/* zbar's name of eight bits of grey. */
#define GREY zbar_fourcc('Y', '8', '0', '0')

void da_separator_free(DaSeparator *separator)
{
    if (!separator)
        return;
    g_free(separator->text);
    g_free(separator);
}

/* --- payload ------------------------------------------------------------------------------------------------------------ */

char *da_separator_payload(DaSeparatorKind kind, const char *text)
{
    g_autofree char *escaped = g_uri_escape_string(text, NULL, FALSE);
    return g_strdup_printf(PREFIX "%c:%s", kind == DA_SEPARATOR_DOSSIER ? 'D' : 'M', escaped);
}

DaSeparator *da_separator_parse(const char *payload)
{
    gsize prefix = strlen(PREFIX);
    if (!g_str_has_prefix(payload, PREFIX) || strlen(payload) > MAX_PAYLOAD ||
        (payload[prefix] != 'D' && payload[prefix] != 'M') || payload[prefix + 1] != ':')
        return NULL;
    g_autofree char *text = g_uri_unescape_string(payload + prefix + 2, "/");
    if (!text || !*text || !g_utf8_validate(text, -1, NULL) || strpbrk(text, "\r\n\t"))
        return NULL;
    g_autoptr(DaSeparator) separator = g_new0(DaSeparator, 1);
    separator->kind = payload[prefix] == 'D' ? DA_SEPARATOR_DOSSIER : DA_SEPARATOR_MATERIAL;
    separator->text = g_steal_pointer(&text);
    return g_steal_pointer(&separator);
}

/* --- reading ---------------------------------------------------------------------------------------------------------------- */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(zbar_image_scanner_t, zbar_image_scanner_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(zbar_image_t, zbar_image_destroy)

static zbar_image_scanner_t *new_scanner(void)
{
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
    zbar_image_scanner_set_config(scanner, ZBAR_CODE128, ZBAR_CFG_ENABLE, 1);
    /* Every second line: the modules of a sheet are many pixels wide. */
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_X_DENSITY, 2);
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_Y_DENSITY, 2);
    return scanner;
}

static zbar_image_t *image_of(Pix *grey)
{
    guint width = (guint)pixGetWidth(grey), height = (guint)pixGetHeight(grey);
    guint8 *samples = g_malloc((gsize)width * height), *to = samples;
    for (guint y = 0; y < height; y++) {
        guint32 *line = pixGetData(grey) + (gsize)y * (gsize)pixGetWpl(grey);
        for (guint x = 0; x < width; x++)
            *to++ = (guint8)GET_DATA_BYTE(line, x);
    }
    zbar_image_t *image = zbar_image_create();
    zbar_image_set_format(image, GREY);
    zbar_image_set_size(image, width, height);
    zbar_image_set_data(image, samples, (gulong)width * height, NULL);
    zbar_image_set_userdata(image, samples);
    return image;
}

/* The one payload among the codes of the page. */
static DaSeparator *find(const zbar_image_t *image, gboolean *two)
{
    g_autoptr(DaSeparator) found = NULL;
    const zbar_symbol_t *symbol = zbar_image_first_symbol(image);
    for (; symbol; symbol = zbar_symbol_next(symbol)) {
        g_autofree char *payload =
            g_strndup(zbar_symbol_get_data(symbol), zbar_symbol_get_data_length(symbol));
        g_autoptr(DaSeparator) separator = da_separator_parse(payload);
        if (!separator)
            continue;
        if (found && (found->kind != separator->kind || strcmp(found->text, separator->text))) {
            *two = TRUE;
            return NULL;
        }
        if (!found)
            found = g_steal_pointer(&separator);
    }
    return g_steal_pointer(&found);
}

/* Grey, and small enough to be quick. */
static Pix *look_of(Pix *pix)
{
    g_autoptr(Pix) grey = pixConvertTo8(pix, FALSE);
    float scale = grey ? LOOK_PX / (float)MAX(pixGetWidth(grey), pixGetHeight(grey)) : 1;
    return grey && scale < 1 ? pixScaleAreaMap(grey, scale, scale) : g_steal_pointer(&grey);
}

DaSeparator *da_separator_read(const Pix *pix, gboolean *two)
{
    gboolean ignored = FALSE;
    two = two ? two : &ignored;
    *two = FALSE;
    g_autoptr(Pix) grey = look_of((Pix *)pix);
    if (!grey)
        return NULL;
    g_autoptr(zbar_image_scanner_t) scanner = new_scanner();
    g_autoptr(zbar_image_t) image = image_of(grey);
    g_autofree guint8 *samples G_GNUC_UNUSED = zbar_image_get_userdata(image);
    DaSeparator *found = zbar_scan_image(scanner, image) > 0 ? find(image, two) : NULL;
    return found;
}
