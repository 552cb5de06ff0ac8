#include "scratch.h"

#include <dangan/file.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <sys/mount.h>

char *scratch_begin(void)
{
    char *folder = g_dir_make_tmp("dangan-test.XXXXXX", NULL);
    g_assert(folder != NULL);
    return folder;
}

void scratch_end(char *folder)
{
    da_tree_remove(folder, NULL);
    g_assert(!g_file_test(folder, G_FILE_TEST_EXISTS));
    g_free(folder);
}

char *scratch_file(const char *folder, const char *name, const char *text)
{
    char *path = g_build_filename(folder, name, NULL);
    g_assert(g_file_set_contents(path, text, -1, NULL));
    return path;
}

char *scratch_mount(const char *folder, const char *options)
{
    char *point = g_build_filename(folder, "small", NULL);
    if (g_mkdir(point, 0755) == 0 && mount("tmpfs", point, "tmpfs", 0, options) == 0)
        return point;
    g_printerr("# no small file system: %s\n", g_strerror(errno));
    g_free(point);
    return NULL;
}

void scratch_unmount(char *mounted)
{
    umount2(mounted, MNT_DETACH);
    g_free(mounted);
}
