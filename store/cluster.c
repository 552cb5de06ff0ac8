#include "cluster.h"

#include "server.h"

#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dangan/lock.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#define STEP_MS 20
#define STOP_MS 120000 /* a fast shutdown writes a checkpoint */
#define LOG_MAX_BYTES (8 * 1024 * 1024)
#define LOG_TAIL_BYTES 4096

static int open_below(const char *dir, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "pg", name, NULL);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        da_error_set_errno(error, errno, "cannot open the database's folder '%s'", path);
    return fd;
}

gboolean da_cluster_find(const char *dir, int *pid, GError **error)
{
    da_autofd int data = open_below(dir, "data", error);
    if (data < 0)
        return FALSE;
    *pid = da_cluster_pid(data);
    return TRUE;
}

/* --- start ----------------------------------------------------------------------------------------------------------- */

static int open_log(const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "pg", "log", "server.log", NULL);
    g_autofree char *older = g_strconcat(path, ".1", NULL);
    struct stat found;
    if (lstat(path, &found) == 0 && found.st_size > LOG_MAX_BYTES)
        rename(path, older);
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0)
        da_error_set_errno(error, errno, "cannot write '%s'", path);
    return fd;
}

/* The last line of the server's log that says FATAL, else the last; the caller owns it. */
static char *last_words(int log)
{
    char tail[LOG_TAIL_BYTES + 1] = "";
    off_t end = lseek(log, 0, SEEK_END);
    off_t begin = MAX(end - LOG_TAIL_BYTES, 0);
    ssize_t n = pread(log, tail, LOG_TAIL_BYTES, begin);
    tail[MAX(n, 0)] = '\0';
    g_strchomp(tail);
    char *fatal = g_strrstr(tail, "FATAL:"), *line = strrchr(tail, '\n');
    char *words = fatal ? fatal : line ? line + 1 : tail;
    words[strcspn(words, "\n")] = '\0';
    return g_utf8_make_valid(words, -1);
}

/* The server of an existing cluster must have its major version. */
static char *server_program(int data, GError **error)
{
    char version[16] = "";
    da_autofd int fd = openat(data, "PG_VERSION", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, version, sizeof version - 1) <= 0) {
        da_error_set_errno(error, fd < 0 ? errno : EIO, "cannot read pg/data/PG_VERSION");
        return NULL;
    }
    return da_server_program("postgres", g_strstrip(version), error);
}

/* A process that has ended has no working folder, even when nobody has collected it. */
static gboolean is_alive(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cwd", pid);
    struct stat found;
    return stat(path, &found) == 0 || errno == EACCES;
}

/* Recovery after a crash may take minutes: as long as the process lives, it is waited for. */
static gboolean wait_until_it_answers(int run, int pid, int log, GError **error)
{
    while (!da_cluster_answers(run)) {
        if (!is_alive(pid)) {
            g_autofree char *words = last_words(log);
            return da_error_set(error, DA_ERROR_DATABASE, "it has ended: %s", words);
        }
        g_usleep(STEP_MS * 1000);
    }
    return TRUE;
}

static gboolean launch(const char *dir, int data, int run, GError **error)
{
    g_autofree char *pg = g_build_filename(dir, "pg", NULL);
    g_auto(DaServerUser) user = {0};
    g_autofree char *program = server_program(data, error);
    da_autofd int log = program ? open_log(dir, error) : -1;
    if (log < 0 || !da_server_user(pg, &user, error))
        return FALSE;
    int pid = da_cluster_pid(data);
    if (pid == 0) {
        const char *const argv[] = {program, "-D", DA_SERVER_FOLDER, NULL};
        if (!da_cluster_forget_stale(data, run, error))
            return FALSE;
        pid = da_server_launch(argv, &user, data, log, error);
    }
    return pid > 0 && wait_until_it_answers(run, pid, log, error);
}

/* Waits for the archive's lock; gives it up (NULL without error) as soon as a server answers. */
static DaLock *lock_or_answer(const char *dir, int run, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "lock", NULL);
    for (;;) {
        g_autoptr(GError) taken = NULL;
        DaLock *lock = da_lock_take(path, &taken);
        if (lock)
            return lock;
        if (!g_error_matches(taken, DA_ERROR, DA_ERROR_CONFLICT)) {
            g_propagate_error(error, g_steal_pointer(&taken));
            return NULL;
        }
        if (run >= 0 && da_cluster_answers(run))
            return NULL;
        g_usleep(STEP_MS * 1000);
    }
}

DaLock *da_cluster_lock(const char *dir, GError **error)
{
    return lock_or_answer(dir, -1, error);
}

gboolean da_cluster_start(const char *dir, GError **error)
{
    da_autofd int data = open_below(dir, "data", error);
    da_autofd int run = data < 0 ? -1 : da_cluster_run_folder(dir, error);
    if (run < 0)
        return FALSE;
    if (da_cluster_answers(run))
        return TRUE;
    g_autoptr(GError) problem = NULL;
    g_autoptr(DaLock) lock = lock_or_answer(dir, run, &problem);
    if (!lock && !problem)
        return TRUE;
    if (lock && (da_cluster_answers(run) || launch(dir, data, run, &problem)))
        return TRUE;
    g_propagate_prefixed_error(error, g_steal_pointer(&problem),
                               "cannot start the database of archive '%s': ", dir);
    return FALSE;
}

/* --- stop ------------------------------------------------------------------------------------------------------------ */

gboolean da_cluster_stop(const char *dir, GError **error)
{
    da_autofd int data = open_below(dir, "data", error);
    g_autoptr(DaLock) lock = data < 0 ? NULL : da_cluster_lock(dir, error);
    if (!lock)
        return FALSE;
    int pid = da_cluster_pid(data);
    if (pid == 0)
        return TRUE;
    if (kill(pid, SIGINT) != 0 && errno != ESRCH)
        return da_error_set_errno(error, errno, "cannot stop the database of archive '%s'", dir);
    for (int waited_ms = 0; da_cluster_pid(data) == pid; waited_ms += STEP_MS) {
        if (waited_ms >= STOP_MS)
            return da_error_set(error, DA_ERROR_DATABASE,
                                "the database of archive '%s' (process %d) does not end; look into "
                                "pg/log/server.log",
                                dir, pid);
        g_usleep(STEP_MS * 1000);
    }
    return TRUE;
}
