#include "simplify.h"

#include <dangan/error.h>
#include <opencc.h>
#include <string.h>

#define TABLES OPENCC_DEFAULT_CONFIG_TRAD_TO_SIMP

/* A character that has several simplified forms gets the most usual one. */
static gboolean simplify(opencc_t tables, char **character, GError **error)
{
    char *converted = opencc_convert_utf8(tables, *character, strlen(*character));
    if (converted == NULL)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot simplify the character '%s': %s",
                            *character, opencc_error());
    if (g_utf8_strlen(converted, -1) == 1) {
        g_free(*character);
        *character = g_strdup(converted);
    }
    opencc_convert_utf8_free(converted);
    return TRUE;
}

gboolean da_simplify_characters(GPtrArray *characters, GError **error)
{
    opencc_t tables = opencc_open(TABLES);
    if (tables == (opencc_t)-1)
        return da_error_set(error, DA_ERROR_NOT_FOUND,
                            "cannot open the tables '" TABLES "' of OpenCC (libopencc-data): %s",
                            opencc_error());
    gboolean done = TRUE;
    for (guint i = 0; done && i < characters->len; i++)
        done = simplify(tables, (char **)&characters->pdata[i], error);
    opencc_close(tables);
    return done;
}
