#include "cluster.h"

#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Processes of a server that was killed see its death and end by themselves. */
#define ORPHANS_MS 10000
#define STEP_MS 20

/* The first number in a file of an open folder; 0 = none. */
static int first_number(int folder, const char *name)
{
    char text[32] = "";
    da_autofd int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    long number = n > 0 ? strtol(text, NULL, 10) : 0;
    return number > 0 && number <= G_MAXINT ? (int)number : 0;
}

/* Without the right to look into processes of others (root in some containers), name and owner must do. */
static gboolean looks_like_server(int pid, uid_t owner)
{
    g_autofree char *process = g_strdup_printf("/proc/%d", pid);
    g_autofree char *path = g_build_filename(process, "comm", NULL);
    g_autofree char *name = NULL;
    struct stat found;
    return stat(process, &found) == 0 && found.st_uid == owner &&
           g_file_get_contents(path, &name, NULL, NULL) && !strcmp(name, "postgres\n");
}

static gboolean works_in(int pid, int folder)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cwd", pid);
    struct stat wanted, found;
    if (fstat(folder, &wanted) != 0)
        return FALSE;
    if (stat(path, &found) != 0)
        return errno == EACCES && looks_like_server(pid, wanted.st_uid);
    return found.st_dev == wanted.st_dev && found.st_ino == wanted.st_ino;
}

int da_cluster_pid(int data)
{
    int pid = first_number(data, "postmaster.pid");
    return pid > 0 && works_in(pid, data) ? pid : 0;
}

static gboolean has_processes(int data)
{
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
    for (const char *name = processes ? g_dir_read_name(processes) : NULL; name;
         name = g_dir_read_name(processes)) {
        int pid = atoi(name);
        if (pid > 0 && pid != getpid() && works_in(pid, data))
            return TRUE;
    }
    return FALSE;
}

static gboolean is_another_program(int pid)
{
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

/* PostgreSQL removes a pid file whose process is gone, after it has made sure that no process still uses the shared memory named in
 * it; so that file is left to it. It refuses when the number is alive as another program: only then it is removed here. */
gboolean da_cluster_forget_stale(int data, int run, GError **error)
{
    for (int waited_ms = 0; has_processes(data); waited_ms += STEP_MS) {
        if (waited_ms >= ORPHANS_MS)
            return da_error_set(error, DA_ERROR_DATABASE,
                                "processes of a database server that was killed still work in "
                                "pg/data; wait for them, or end them");
        g_usleep(STEP_MS * 1000);
    }
    if (is_another_program(first_number(data, "postmaster.pid")))
        unlinkat(data, "postmaster.pid", 0);
    if (is_another_program(first_number(run, ".s.PGSQL.5432.lock")))
        unlinkat(run, ".s.PGSQL.5432.lock", 0);
    return TRUE;
}
