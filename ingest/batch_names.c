#include "batch_names.h"

#include <dangan/dossier.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static gboolean is_rubbish(const char *name)
{
    return name[0] == '.' || g_str_has_prefix(name, "~$") ||
           !g_ascii_strcasecmp(name, "Thumbs.db") || !g_ascii_strcasecmp(name, "desktop.ini");
}

static gboolean is_scan(const char *name)
{
    static const char *const extensions[] = {".jpg", ".jpeg", ".tif", ".tiff", ".png", ".pdf"};
    const char *dot = strrchr(name, '.');
    for (guint i = 0; dot && i < G_N_ELEMENTS(extensions); i++)
        if (!g_ascii_strcasecmp(dot, extensions[i]))
            return TRUE;
    return FALSE;
}

static gboolean is_inside(const char *root, const char *path)
{
    g_autofree char *real = realpath(path, NULL);
    gsize length = strlen(root);
    return real && !strncmp(real, root, length) && real[length] == '/';
}

DaEntryKind da_entry_kind(const char *root, const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    GStatBuf about;
    if (is_rubbish(name))
        return DA_ENTRY_RUBBISH;
    if (g_lstat(path, &about) != 0)
        return DA_ENTRY_OUTSIDE;
    if (S_ISLNK(about.st_mode) && (!is_inside(root, path) || g_stat(path, &about) != 0))
        return DA_ENTRY_OUTSIDE;
    if (S_ISDIR(about.st_mode))
        return DA_ENTRY_FOLDER;
    if (!S_ISREG(about.st_mode))
        return DA_ENTRY_SPECIAL;
    return is_scan(name) ? DA_ENTRY_SCAN : DA_ENTRY_OTHER;
}

gboolean da_scan_name_parse(const char *scan, char **class_code, guint *sequence, guint *side)
{
    g_autofree char *stem = g_path_get_basename(scan);
    char *dot = strrchr(stem, '.');
    if (dot)
        *dot = '\0';
    return da_page_stem_parse(stem, class_code, sequence, side);
}
