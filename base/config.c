#include <dangan/config.h>

#include <dangan/error.h>
#include <dangan/file.h>
#include <string.h>

#define MAX_FILE_BYTES (1024 * 1024)
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

struct DaConfig {
    const DaSetting *table;
    GHashTable *values; /* key → text; both owned */
};

static const DaSetting *find(const DaSetting *table, const char *key)
{
    for (const DaSetting *setting = table; setting->key != NULL; setting++) {
        if (strcmp(setting->key, key) == 0)
            return setting;
    }
    return NULL;
}

static gboolean is_choice(const char *choices, const char *value)
{
    g_auto(GStrv) list = g_strsplit(choices, "|", -1);
    return g_strv_contains((const char *const *)list, value);
}

static gboolean is_allowed(const DaSetting *setting, const char *value)
{
    switch (setting->type) {
    case DA_SETTING_INTEGER:
        return g_ascii_string_to_signed(value, 10, setting->min, setting->max, NULL, NULL);
    case DA_SETTING_BOOLEAN:
        return is_choice("true|false|yes|no|1|0", value);
    case DA_SETTING_CHOICE:
        return is_choice(setting->choices, value);
    case DA_SETTING_TEXT:
        break;
    }
    return g_utf8_validate(value, -1, NULL);
}

/* What a setting may be: the words of errors and of the sample file. The caller owns the text. */
static char *describe(const DaSetting *setting)
{
    switch (setting->type) {
    case DA_SETTING_INTEGER:
        return g_strdup_printf("a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                               "%s%s",
                               setting->min, setting->max, setting->unit != NULL ? " " : "",
                               setting->unit != NULL ? setting->unit : "");
    case DA_SETTING_BOOLEAN:
        return g_strdup("true or false");
    case DA_SETTING_CHOICE:
        return g_strdup_printf("one of %s", setting->choices);
    case DA_SETTING_TEXT:
        break;
    }
    return g_strdup("UTF-8 text");
}

static gboolean refuse_key(const DaSetting *table, const char *key, GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);
    for (const DaSetting *setting = table; setting->key != NULL; setting++)
        g_string_append_printf(known, "%s%s", known->len > 0 ? ", " : "", setting->key);
    return da_error_set(error, DA_ERROR_INPUT, "there is no setting '%s'; there are %s", key,
                        known->str);
}

gboolean da_config_set(DaConfig *config, const char *key, const char *value, GError **error)
{
    const DaSetting *setting = find(config->table, key);
    if (setting == NULL)
        return refuse_key(config->table, key, error);
    if (*value == '\0') {
        g_hash_table_remove(config->values, key);
        return TRUE;
    }
    if (!is_allowed(setting, value)) {
        g_autofree char *wanted = describe(setting);
        g_autofree char *shown = g_utf8_make_valid(value, -1);
        return da_error_set(error, DA_ERROR_INPUT, "setting '%s' is '%s', wanted is %s", key, shown,
                            wanted);
    }
    g_hash_table_insert(config->values, g_strdup(key), g_strdup(value));
    return TRUE;
}

gboolean da_config_override(DaConfig *config, GHashTable *values, GError **error)
{
    GHashTableIter iterator;
    gpointer key, value;
    if (!values)
        return TRUE;
    g_hash_table_iter_init(&iterator, values);
    while (g_hash_table_iter_next(&iterator, &key, &value))
        if (!da_config_set(config, key, value, error))
            return FALSE;
    return TRUE;
}

static gboolean set_from_file(DaConfig *config, GKeyFile *file, const char *group, GError **error)
{
    g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);
    for (guint i = 0; keys != NULL && keys[i] != NULL; i++) {
        g_autoptr(GError) wrong = NULL;
        g_autofree char *value = g_key_file_get_string(file, group, keys[i], &wrong);
        if (wrong != NULL) /* a bad escape gives a value and an error */
            return da_error_set(error, DA_ERROR_INPUT, "setting '%s': %s", keys[i], wrong->message);
        if (!da_config_set(config, keys[i], g_strstrip(value), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean parse(DaConfig *config, GBytes *bytes, const char *group, GError **error)
{
    gsize size;
    const char *text = g_bytes_get_data(bytes, &size);
    if (size == 0)
        return TRUE;
    if (!g_utf8_validate(text, (gssize)size, NULL))
        return da_error_set(error, DA_ERROR_INPUT, "it is not UTF-8; save it with this encoding");
    gsize skip = g_str_has_prefix(text, BYTE_ORDER_MARK) ? strlen(BYTE_ORDER_MARK) : 0;
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) wrong = NULL;
    /* Without "keep", GLib would drop a key like jobs[zh] in silence. */
    if (!g_key_file_load_from_data(file, text + skip, size - skip, G_KEY_FILE_KEEP_TRANSLATIONS,
                                   &wrong))
        return da_error_set(error, DA_ERROR_INPUT, "%s", wrong->message);
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
    for (guint i = 0; groups[i] != NULL; i++) {
        if (strcmp(groups[i], group) != 0)
            return da_error_set(error, DA_ERROR_INPUT, "group [%s] is not known; wanted is [%s]",
                                groups[i], group);
    }
    return set_from_file(config, file, group, error);
}

static gboolean load_file(DaConfig *config, const char *path, const char *group, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autoptr(GBytes) bytes = da_file_read(path, MAX_FILE_BYTES, &wrong);
    if (bytes == NULL) {
        if (g_error_matches(wrong, DA_ERROR, DA_ERROR_NOT_FOUND))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&wrong));
        return FALSE;
    }
    if (parse(config, bytes, group, &wrong))
        return TRUE;
    g_autofree char *shown = g_filename_display_name(path);
    g_propagate_prefixed_error(error, g_steal_pointer(&wrong), "cannot use settings '%s': ", shown);
    return FALSE;
}

DaConfig *da_config_load(const char *path, const char *group, const DaSetting *table,
                         GError **error)
{
    g_autoptr(DaConfig) config = g_new0(DaConfig, 1);
    config->table = table;
    config->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (const DaSetting *setting = table; setting->key != NULL; setting++) {
        if (setting->standard != NULL)
            g_hash_table_insert(config->values, g_strdup(setting->key),
                                g_strdup(setting->standard));
    }
    if (path != NULL && !load_file(config, path, group, error))
        return NULL;
    return g_steal_pointer(&config);
}

void da_config_free(DaConfig *config)
{
    if (config == NULL)
        return;
    g_hash_table_unref(config->values);
    g_free(config);
}

const char *da_config_text(const DaConfig *config, const char *key)
{
    g_assert(find(config->table, key) != NULL);
    return g_hash_table_lookup(config->values, key);
}

gint64 da_config_integer(const DaConfig *config, const char *key)
{
    const char *text = da_config_text(config, key);
    return text != NULL ? g_ascii_strtoll(text, NULL, 10) : 0;
}

gboolean da_config_boolean(const DaConfig *config, const char *key)
{
    const char *text = da_config_text(config, key);
    return text != NULL && is_choice("true|yes|1", text);
}

char *da_config_sample(const char *group, const DaSetting *table)
{
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "[%s]\n", group);
    for (const DaSetting *setting = table; setting->key != NULL; setting++) {
        g_autofree char *wanted = describe(setting);
        g_string_append_printf(out, "\n# %s\n# %s\n#%s = %s\n", setting->help, wanted, setting->key,
                               setting->standard != NULL ? setting->standard : "");
    }
    return g_string_free(out, FALSE);
}
