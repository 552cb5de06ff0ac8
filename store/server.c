#include "server.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define VERSIONS "/usr/lib/postgresql" /* where Debian keeps them side by side */
#define REPORT_FD 4
#define LIFTED_FD 10 /* above all numbers that the program gets */

/* --- user ------------------------------------------------------------------------------------------------------------ */

void da_server_user_clear(DaServerUser *user)
{
    g_clear_pointer(&user->name, g_free);
    g_clear_pointer(&user->groups, g_array_unref);
}

/* Groups are looked up here: between fork and exec nothing may allocate. */
static void set_user(DaServerUser *user, const struct passwd *entry)
{
    int n = 64;
    user->uid = entry->pw_uid;
    user->gid = entry->pw_gid;
    user->name = g_strdup(entry->pw_name);
    user->groups = g_array_sized_new(FALSE, TRUE, sizeof(gid_t), (guint)n);
    g_array_set_size(user->groups, (guint)n);
    if (getgrouplist(entry->pw_name, entry->pw_gid, (gid_t *)(void *)user->groups->data, &n) < 0)
        n = 0;
    g_array_set_size(user->groups, (guint)n);
    user->change = geteuid() == 0;
}

gboolean da_server_user(const char *pg, DaServerUser *user, GError **error)
{
    uid_t uid = geteuid();
    struct stat found;
    if (uid == 0 && stat(pg, &found) == 0)
        uid = found.st_uid;
    const struct passwd *entry = uid == 0 ? getpwnam("postgres") : getpwuid(uid);
    if (!entry && uid == 0)
        return da_error_set(
            error, DA_ERROR_SYSTEM,
            "cannot run the database: PostgreSQL refuses to run as root, and there is "
            "no user 'postgres'; install the package postgresql");
    if (!entry)
        return da_error_set(error, DA_ERROR_SYSTEM,
                            "cannot run the database: user number %u has no name on this system",
                            (guint)uid);
    set_user(user, entry);
    return TRUE;
}

/* --- programs -------------------------------------------------------------------------------------------------------- */

static char *program_in(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return g_file_test(path, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer(&path) : NULL;
}

static char *newest_program(const char *name)
{
    g_autoptr(GPtrArray) versions = da_dir_list(VERSIONS, NULL);
    for (guint i = versions ? versions->len : 0; i > 0; i--) {
        g_autofree char *folder = g_build_filename(VERSIONS, versions->pdata[i - 1], "bin", NULL);
        char *found = program_in(folder, name);
        if (found)
            return found;
    }
    return NULL;
}

/* Where PostgreSQL was installed another way, its pg_config is on the PATH and knows its folder. */
static char *program_by_config(const char *name, const char *version)
{
    g_autofree char *folder = NULL, *said = NULL;
    if (!g_spawn_command_line_sync("pg_config --bindir", &folder, NULL, NULL, NULL) ||
        !g_spawn_command_line_sync("pg_config --version", &said, NULL, NULL, NULL))
        return NULL;
    g_autofree char *wanted = g_strdup_printf("PostgreSQL %s", version ? version : "");
    if (!g_str_has_prefix(said, wanted))
        return NULL;
    return program_in(g_strstrip(folder), name);
}

char *da_server_program(const char *name, const char *version, GError **error)
{
    g_autofree char *folder = version ? g_build_filename(VERSIONS, version, "bin", NULL) : NULL;
    char *found = version ? program_in(folder, name) : newest_program(name);
    if (!found)
        found = program_by_config(name, version);
    if (!found)
        da_error_set(
            error, DA_ERROR_NOT_FOUND,
            "cannot find PostgreSQL's program '%s'%s%s; install the package postgresql%s%s", name,
            version ? " of version " : "", version ? version : "", version ? "-" : "",
            version ? version : "");
    return found;
}

/* --- processes ------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *const *argv;
    const DaServerUser *user;
    int folder, log, null, report;
    gboolean detach;
} Launch;

static void report_and_end(int fd, int errnum) G_GNUC_NORETURN;
static void report_and_end(int fd, int errnum)
{
    (void)!write(fd, &errnum, sizeof errnum);
    _exit(127);
}

static gboolean become(const DaServerUser *user)
{
    return !user->change ||
           (setgroups(user->groups->len, (const gid_t *)(const void *)user->groups->data) == 0 &&
            setgid(user->gid) == 0 && setuid(user->uid) == 0);
}

static gboolean arrange(const Launch *launch)
{
    return dup2(launch->null, 0) == 0 && dup2(launch->log, 1) == 1 && dup2(launch->log, 2) == 2 &&
           dup2(launch->folder, DA_SERVER_FOLDER_FD) == DA_SERVER_FOLDER_FD &&
           dup3(launch->report, REPORT_FD, O_CLOEXEC) == REPORT_FD &&
           close_range(REPORT_FD + 1, ~0U, 0) == 0 && chdir("/") == 0;
}

/* In the child; only calls that are safe after fork in a process with threads. */
static void run_child(const Launch *launch) G_GNUC_NORETURN;
static void run_child(const Launch *launch)
{
    static const char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (launch->detach) {
        setsid(); /* Ctrl-C and a closed terminal are for the program that starts it */
        pid_t pid = fork();
        if (pid != 0)
            _exit(0); /* where there is no child, the pipe ends without a word */
        pid = getpid();
        (void)!write(launch->report, &pid, sizeof pid);
    }
    umask(077);
    if (arrange(launch) && become(launch->user)) {
        if (!launch->detach)
            prctl(PR_SET_PDEATHSIG, SIGKILL); /* a becoming of another user would undo it */
        execve(launch->argv[0], (char *const *)(gpointer)launch->argv,
               (char *const *)(gpointer)environment);
    }
    report_and_end(REPORT_FD, errno);
}

/* What the child said: first its own number when it was detached, then an errno when it could not be executed. */
static gboolean hear(int fd, pid_t *pid, int *failure)
{
    *failure = 0;
    *pid = 0;
    return read(fd, pid, sizeof *pid) == sizeof *pid && read(fd, failure, sizeof *failure) >= 0;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static int lift(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, LIFTED_FD);
}

/* Forks; returns the child, and the end of the pipe to hear it. -1 with error. */
static pid_t begin(Launch launch, int *heard, GError **error)
{
    int ends[2] = {-1, -1};
    da_autofd int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        da_error_set_errno(error, errno, "cannot run '%s'", launch.argv[0]);
        return -1;
    }
    da_autofd int said = ends[1];
    *heard = ends[0];
    da_autofd G_GNUC_UNUSED int lifted_null = launch.null = lift(null);
    da_autofd G_GNUC_UNUSED int lifted_folder = launch.folder = lift(launch.folder);
    da_autofd G_GNUC_UNUSED int lifted_log = launch.log = lift(launch.log);
    da_autofd G_GNUC_UNUSED int lifted_said = launch.report = lift(said);
    pid_t pid = fork();
    if (pid == 0)
        run_child(&launch);
    if (pid < 0)
        da_error_set_errno(error, errno, "cannot run '%s'", launch.argv[0]);
    return pid;
}

gboolean da_server_run(const char *const *argv, const DaServerUser *user, int folder, int log,
                       GError **error)
{
    da_autofd int heard = -1;
    pid_t pid =
        begin((Launch){.argv = argv, .user = user, .folder = folder, .log = log}, &heard, error);
    if (pid < 0)
        return FALSE;
    int failure = 0;
    gboolean refused = read(heard, &failure, sizeof failure) == sizeof failure;
    int status = wait_for(pid);
    if (refused)
        return da_error_set_errno(error, failure, "cannot run '%s' as user '%s'", argv[0],
                                  user->name);
    if (WIFSIGNALED(status))
        return da_error_set(error, DA_ERROR_DATABASE, "'%s' was ended by signal %d", argv[0],
                            WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ||
           da_error_set(error, DA_ERROR_DATABASE, "'%s' failed", argv[0]);
}

pid_t da_server_launch(const char *const *argv, const DaServerUser *user, int folder, int log,
                       GError **error)
{
    da_autofd int heard = -1;
    pid_t between =
        begin((Launch){.argv = argv, .user = user, .folder = folder, .log = log, .detach = TRUE},
              &heard, error);
    if (between < 0)
        return 0;
    pid_t pid = 0;
    int failure = 0;
    gboolean said = hear(heard, &pid, &failure);
    wait_for(between);
    if (said && failure == 0)
        return pid;
    da_error_set_errno(error, said ? failure : EAGAIN, "cannot run '%s' as user '%s'", argv[0],
                       user->name);
    return 0;
}
