#include <dangan/datadir.h>
#include <stdarg.h>

/* The folder of the running program; "." where /proc is not mounted. */
static char *program_folder(void)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    return program == NULL ? g_strdup(".") : g_path_get_dirname(program);
}

/* Installed, the program is in bin/ beside share/; in a build folder share/ is beside the program itself. */
static char *find_base(void)
{
    const char *set = g_getenv("DANGAN_DATADIR");
    if (set != NULL && *set != '\0')
        return g_strdup(set);
    g_autofree char *folder = program_folder();
    g_autofree char *above = g_path_get_dirname(folder);
    g_autofree char *installed = g_build_filename(above, "share", "dangan", NULL);
    if (g_file_test(installed, G_FILE_TEST_IS_DIR))
        return g_steal_pointer(&installed);
    return g_build_filename(folder, "share", "dangan", NULL);
}

char *da_datadir_path(const char *first, ...)
{
    g_autofree char *base = find_base();
    va_list args;
    va_start(args, first);
    g_autofree char *below = g_build_filename_valist(first, &args);
    va_end(args);
    return g_build_filename(base, below, NULL);
}
