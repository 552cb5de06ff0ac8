#include "dump.h"

#include "cluster.h"
#include "server.h"

#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <dangan/outfile.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define RUN_FD 3 /* in the child: the socket's folder */
#define TARGET "host=/proc/self/fd/3 port=5432 user=dangan dbname=" DA_CLUSTER_DATABASE
#define WORDS_MAX 400

/* The first line that says what is wrong, without what PostgreSQL adds to it: details quote rows. The caller owns it. */
static char *first_error(int said)
{
    char text[WORDS_MAX + 1] = "";
    ssize_t n = pread(said, text, WORDS_MAX, 0);
    text[MAX(n, 0)] = '\0';
    char *line = strstr(text, "error: ");
    line = line ? line + strlen("error: ") : text;
    line[strcspn(line, "\n")] = '\0';
    return g_utf8_make_valid(line, -1);
}

static gboolean judge(const char *program, int status, int said, GError **error)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return TRUE;
    g_autofree char *words = first_error(said);
    return da_error_set(error, DA_ERROR_DATABASE, "'%s' failed: %s", program, words);
}

/* `out` -1 = to nowhere. */
static gboolean run_program(const char *const *argv, int run, int out, GError **error)
{
    da_autofd int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    da_autofd int said = memfd_create("stderr", MFD_CLOEXEC);
    g_autoptr(GError) problem = NULL;
    const int sources[] = {run}, targets[] = {RUN_FD};
    GPid pid = 0;
    if (null < 0 || said < 0)
        return da_error_set_errno(error, errno, "cannot run '%s'", argv[0]);
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "LC_ALL", "C", TRUE);
    if (!g_spawn_async_with_pipes_and_fds(
            NULL, argv, (const char *const *)environment,
            G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, null, out < 0 ? null : out,
            said, sources, targets, run < 0 ? 0 : 1, &pid, NULL, NULL, NULL, &problem))
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot run '%s': %s", argv[0],
                            problem->message);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return judge(argv[0], status, said, error);
}

gboolean da_dump_write(int run, const char *version, const char *snapshot, const char *path,
                       GError **error)
{
    g_autofree char *program = da_server_program("pg_dump", version, error);
    g_autofree char *at = g_strdup_printf("--snapshot=%s", snapshot);
    const char *const argv[] = {program, "--format=custom", "--no-password", at,
                                /* Who was logged in is of no use later, and nobody else's business. */
                                "--exclude-table-data=session", "--dbname=" TARGET, NULL};
    g_autoptr(DaOutFile) file = program ? da_outfile_new(path, TRUE, error) : NULL;
    return file && run_program(argv, run, da_outfile_fd(file), error) &&
           da_outfile_commit(file, error);
}

gboolean da_dump_read(int run, const char *version, const char *path, GError **error)
{
    g_autofree char *program = da_server_program("pg_restore", version, error);
    const char *const argv[] = {program,          "--single-transaction", "--exit-on-error",
                                "--no-password",  "--dbname=" TARGET,     path,
                                NULL};
    return program && run_program(argv, run, -1, error);
}

gboolean da_dump_check(const char *version, const char *path, GError **error)
{
    g_autofree char *program = da_server_program("pg_restore", version, error);
    const char *const argv[] = {program, "--list", path, NULL};
    return program && run_program(argv, -1, -1, error);
}
