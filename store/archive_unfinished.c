#include "archive_unfinished.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MARK ".unfinished"
#define MARK_MAX_BYTES ((gsize)64 << 10)

static char *mark_of(const char *dir)
{
    return g_build_filename(dir, MARK, NULL);
}

gboolean da_archive_unfinished(const char *dir, const char *what, const char *command,
                               GError **error)
{
    g_autofree char *path = mark_of(dir);
    g_autofree char *text = g_strdup_printf("%s\n%s\n", what, command);
    return da_file_write(path, text, strlen(text), error);
}

gboolean da_archive_finished(const char *dir, GError **error)
{
    g_autofree char *path = mark_of(dir);
    if (unlink(path) != 0 && errno != ENOENT)
        return da_error_set_errno(error, errno, "cannot remove '%s'", path);
    return da_dir_sync(dir, error);
}

/* Its two lines; NULL = there is none. */
static char **read_mark(const char *dir)
{
    g_autofree char *path = mark_of(dir);
    g_autoptr(GBytes) bytes = da_file_read(path, MARK_MAX_BYTES, NULL);
    if (!bytes)
        return NULL;
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    g_autofree char *text = g_strndup(data ? data : "", size);
    return g_strsplit(text, "\n", 3);
}

gboolean da_archive_is_unfinished(const char *dir, const char *what)
{
    g_auto(GStrv) lines = read_mark(dir);
    return lines && !g_strcmp0(lines[0], what);
}

char *da_archive_unfinished_command(const char *dir)
{
    g_auto(GStrv) lines = read_mark(dir);
    return lines ? g_strdup(lines[0] && lines[1] ? lines[1] : "") : NULL;
}

gboolean da_archive_has_objects_alone(const char *dir)
{
    g_autofree char *data = g_build_filename(dir, "pg", "data", NULL);
    g_autofree char *objects = g_build_filename(dir, "objects", NULL);
    g_autoptr(GDir) folder = g_dir_open(objects, 0, NULL);
    return folder && g_dir_read_name(folder) && !g_file_test(data, G_FILE_TEST_EXISTS);
}
