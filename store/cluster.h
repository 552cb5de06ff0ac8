/*
 * The private PostgreSQL cluster of an archive folder.
 *
 *     pg/data   the cluster; its server's working folder, by which it is recognized
 *        run    the socket
 *        log    initdb.log, server.log (the older half as server.log.1)
 *
 * The server names its socket folder relative to its data folder, and we name it through an open descriptor: socket paths may
 * have 107 bytes only. A process is this cluster's server when pg/data/postmaster.pid has its number and its working folder is
 * pg/data; a number alone may by now be another program's.
 */
#pragma once

#include <dangan/handle/pg.h>
#include <dangan/lock.h>

#define DA_CLUSTER_DATABASE "dangan"
#define DA_CLUSTER_OWNER "dangan"
#define DA_CLUSTER_READER "dangan_query" /* made by schemas/sql */

/* The archive's lock; waits until it is free. */
DaLock *da_cluster_lock(const char *dir, GError **error);
/* Makes pg/ where it is not there yet. The caller holds the archive's lock. */
gboolean da_cluster_make(const char *dir, GError **error);
/* The server runs and answers afterwards. Who starts one at the same time waits for the other. */
gboolean da_cluster_start(const char *dir, GError **error);
/* Fast shutdown, and waits for its end. */
gboolean da_cluster_stop(const char *dir, GError **error);
/* The server's process id, 0 when it does not run. */
gboolean da_cluster_find(const char *dir, int *pid, GError **error);
/* The same for an open data folder; not a bit is changed. */
int da_cluster_pid(int data);
/* Removes what names a process that is not (any longer) this cluster's server, where PostgreSQL would believe it. Waits a while for
 * processes of a server that was killed. `data` and `run` are the open folders. */
gboolean da_cluster_forget_stale(int data, int run, GError **error);

/* The reader's role may connect afterwards: a cluster that was made before there was one does not know it. `db` is the owner's
 * connection. What a site has changed in pg_hba.conf stays. */
gboolean da_cluster_admit_reader(const char *dir, int run, PGconn *db, GError **error);

/* A descriptor of pg/run, for da_cluster_connect. -1 with error. */
int da_cluster_run_folder(const char *dir, GError **error);
/* TRUE when a server answers there. */
gboolean da_cluster_answers(int run);
PGconn *da_cluster_connect(int run, const char *database, const char *role, GError **error);
/* Makes the database where there is none yet. */
gboolean da_cluster_make_database(int run, GError **error);
