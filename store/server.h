/*
 * PostgreSQL's own programs: where they are, and how they run as the user that owns a cluster.
 *
 * They are given the cluster's folder as an open descriptor, number DA_SERVER_FOLDER_FD, and name it
 * DA_SERVER_FOLDER. So neither the length of the archive's path nor a folder above it that this user may not enter matters.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

#define DA_SERVER_FOLDER_FD 3
#define DA_SERVER_FOLDER "/proc/self/fd/3"

typedef struct {
    uid_t uid;
    gid_t gid;
    char *name;
    GArray *groups;  /* gid_t */
    gboolean change; /* we are root and become this user */
} DaServerUser;

/* The user for the cluster below `pg`: ourselves, or where we are root the owner of `pg`, `postgres` when that is root or does
 * not exist yet. DA_ERROR_SYSTEM when there is no such user. */
gboolean da_server_user(const char *pg, DaServerUser *user, GError **error);
void da_server_user_clear(DaServerUser *user);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaServerUser, da_server_user_clear)

/* The path of "initdb" or "postgres" of the major version `version` ("15"; NULL = the newest there is). NULL with
 * DA_ERROR_NOT_FOUND, which names the package to install. The caller owns it. */
char *da_server_program(const char *name, const char *version, GError **error);

/* Runs argv (argv[0] the path) as `user` with `folder` open, its output appended to `log`, and waits. FALSE with
 * DA_ERROR_DATABASE when it does not exit with 0. */
gboolean da_server_run(const char *const *argv, const DaServerUser *user, int folder, int log,
                       GError **error);
/* The same, but it goes on in a session of its own, as nobody's child, after this program has ended. Returns its process id, 0
 * with error when it could not be executed. */
pid_t da_server_launch(const char *const *argv, const DaServerUser *user, int folder, int log,
                       GError **error);
