/*
 * Settings files: one table of settings serves the parser, the sample file, `--help` and the documentation.
 *
 * The file is a GLib key file with one group. An unknown key, a value of the wrong type or out of range is an error that
 * names file, key and what is wanted: a misspelt setting must not be silently the default. An empty value means "not set".
 * The file is UTF-8, with or without a byte order mark; line ends of either kind.
 */
#pragma once

#include <glib.h>

typedef enum { DA_SETTING_TEXT, DA_SETTING_INTEGER, DA_SETTING_BOOLEAN, DA_SETTING_CHOICE } DaSettingType;

typedef struct {
    const char *key;
    DaSettingType type;
    const char *standard; /* the default, as text; NULL = not set */
    gint64 min, max;      /* DA_SETTING_INTEGER */
    const char *choices;  /* DA_SETTING_CHOICE: "a|b|c" */
    const char *unit;     /* NULL = none */
    const char *help;     /* one sentence */
} DaSetting;

typedef struct DaConfig DaConfig;

/* Settings of `group`, from `path` (NULL or a missing file: all defaults; at most 1 MiB), by a table that ends with a NULL key and
 * outlives the result. */
DaConfig *da_config_load(const char *path, const char *group, const DaSetting *table, GError **error);
void da_config_free(DaConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaConfig, da_config_free)

/* Values; asking for a key that is not in the table is a programming error. Texts are borrowed; NULL = not set
 * (a number is then 0, a boolean FALSE). */
const char *da_config_text(const DaConfig *config, const char *key);
gint64 da_config_integer(const DaConfig *config, const char *key);
gboolean da_config_boolean(const DaConfig *config, const char *key);

/* Sets one value with the checks of the file (an option of a command overrides the file). */
gboolean da_config_set(DaConfig *config, const char *key, const char *value, GError **error);
/* Sets all of a table of key → value (char *); NULL = there are none. */
gboolean da_config_override(DaConfig *config, GHashTable *values, GError **error);

/* A sample file: every setting with its help, default, range and unit, commented out. The caller owns the text. */
char *da_config_sample(const char *group, const DaSetting *table);
