#include "exchange_parts.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* 图像数据/原始图像数据/ is two deep; more levels are no delivery of scans. */
#define DEPTH_MAX 8
#define FILES_MAX 100000u

typedef struct {
    DaExchange *exchange;
    const DaProfile *profile;
    GPtrArray *files;
} Listing;

static void file_free(gpointer data)
{
    DaFormFile *file = data;
    g_free(file->name);
    g_free(file->path);
    g_free(file);
}

static DaFinding *fault(const Listing *listing, const char *rule, DaSeverity severity,
                        const char *name, const char *message, const char *message_zh)
{
    DaFinding *finding = da_exchange_report(listing->exchange, listing->profile, rule, severity);
    da_exchange_say(finding, message, message_zh);
    g_free(finding->file);
    finding->file = g_strdup(name);
    return finding;
}

/* What systems leave behind in folders, and what is no image and no XML. */
static gboolean is_rubbish(const char *base)
{
    static const char *const names[] = {"Thumbs.db", "desktop.ini", ".DS_Store", "__MACOSX"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (!g_ascii_strcasecmp(base, names[i]))
            return TRUE;
    return g_str_has_prefix(base, "._") || g_str_has_prefix(base, "~$");
}

/* The name as text; a name that is no UTF-8 is mostly GBK. The caller owns it; NULL = it is neither. */
static char *name_text(const Listing *listing, const char *above, const char *base)
{
    g_autofree char *text = g_utf8_validate(base, -1, NULL)
                                ? g_strdup(base)
                                : g_convert(base, -1, "UTF-8", "GB18030", NULL, NULL, NULL);
    g_autofree char *known = text ? g_strdup(text) : g_filename_display_name(base);
    g_autofree char *name = *above ? g_strconcat(above, "/", known, NULL) : g_strdup(known);
    if (!text)
        da_exchange_refuse(listing->exchange, fault(listing, "PKG-002", DA_SEVERITY_FATAL, name,
                                                    "a name is neither UTF-8 nor GB 18030",
                                                    "名称既非 UTF-8 也非 GB 18030"));
    else if (strcmp(text, base))
        fault(listing, "PKG-002", DA_SEVERITY_WARNING, name, "a name is GB 18030, not UTF-8",
              "名称编码为 GB 18030，不是 UTF-8");
    return text ? g_steal_pointer(&name) : NULL;
}

static void add_file(const Listing *listing, const char *name, const char *path, guint64 size_bytes)
{
    g_autofree char *base = g_path_get_basename(name);
    if (is_rubbish(base)) {
        fault(listing, "PKG-005", DA_SEVERITY_WARNING, name, "the file does not belong here",
              "多余文件");
        return;
    }
    if (!size_bytes)
        fault(listing, "PKG-006", DA_SEVERITY_ERROR, name, "the file is empty", "空文件");
    DaFormFile *file = g_new0(DaFormFile, 1);
    file->name = g_strdup(name);
    file->path = g_strdup(path);
    file->size_bytes = size_bytes;
    g_ptr_array_add(listing->files, file);
}

static gboolean walk(const Listing *listing, const char *folder, const char *above, guint depth,
                     GError **error);

static gboolean visit(const Listing *listing, const char *path, const char *name, guint depth,
                      GError **error)
{
    struct stat found;
    if (lstat(path, &found) != 0)
        return da_error_set_errno(error, errno, "cannot look at '%s'", path);
    g_autofree char *base = g_path_get_basename(name);
    if (S_ISREG(found.st_mode)) {
        add_file(listing, name, path, (guint64)found.st_size);
    } else if (!S_ISDIR(found.st_mode)) {
        da_exchange_refuse(listing->exchange,
                           fault(listing, "PKG-002", DA_SEVERITY_FATAL, name,
                                 "it is a link or a device, not a file", "不是普通文件"));
    } else if (is_rubbish(base)) {
        fault(listing, "PKG-005", DA_SEVERITY_WARNING, name, "the folder does not belong here",
              "多余文件夹");
    } else if (depth >= DEPTH_MAX) {
        da_exchange_refuse(listing->exchange,
                           fault(listing, "PKG-004", DA_SEVERITY_ERROR, name,
                                 "folders are nested too deep", "文件夹层次过深"));
    } else {
        return walk(listing, path, name, depth + 1, error);
    }
    return TRUE;
}

static gboolean walk(const Listing *listing, const char *folder, const char *above, guint depth,
                     GError **error)
{
    g_autoptr(GPtrArray) names = da_dir_list(folder, error);
    if (names && !names->len && *above)
        fault(listing, "PKG-006", DA_SEVERITY_WARNING, above, "the folder is empty", "空文件夹");
    for (guint i = 0; names && i < names->len; i++) {
        if (listing->files->len >= FILES_MAX)
            return da_error_set(error, DA_ERROR_LIMIT, "'%s' holds more than %u files",
                                listing->exchange->name, FILES_MAX);
        g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
        g_autofree char *name = name_text(listing, above, names->pdata[i]);
        if (name && !visit(listing, path, name, depth, error))
            return FALSE;
    }
    return names != NULL;
}

GPtrArray *da_exchange_list(DaExchange *exchange, const DaProfile *profile, const char *folder,
                            GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(file_free);
    Listing listing = {.exchange = exchange, .profile = profile, .files = files};
    return walk(&listing, folder, "", 0, error) ? g_steal_pointer(&files) : NULL;
}
