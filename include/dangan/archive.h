/*
 * The archive folder: objects, a private PostgreSQL cluster, settings.
 *
 *     DIR/dangan.conf     settings (sample written by init)
 *         objects/        one immutable file an object
 *         staging/        deposits under way
 *         keys/           the key that signs records, made with the first of them
 *         damaged/        what fixity found damaged and replaced from the second copy
 *         pg/data pg/run pg/log  the cluster, its unix socket, its log
 *         lock            held while the cluster is made, started or stopped
 *
 * dangan.conf is written last: with it the archive is complete. A folder that init makes is for its owner alone (0700): objects hold
 * personal data.
 *
 * The cluster belongs to the user who runs the program; root runs it as the `postgres` user (PostgreSQL refuses root) and
 * connects by peer authentication. Root at work in somebody else's archive runs the
 * cluster as the owner of pg/. It is started when first needed and found when it runs already.
 */
#pragma once

#include <dangan/config.h>
#include <dangan/handle/pg.h>
#include <dangan/progress.h>

typedef struct DaArchive DaArchive;

/* Settings of dangan.conf, group [archive]: district, profile, listen, session-minutes, …  */
extern const DaSetting da_archive_settings[];

/* Sets one key in dangan.conf and keeps the rest of the file, comments too. DA_ERROR_INPUT for a key or value that
 * da_archive_settings does not allow. An archive that is open does not see it. */
gboolean da_archive_configure(const char *dir, const char *key, const char *value, GError **error);

/* Makes the folder, the cluster and the schema. An existing, complete archive is opened (init may be repeated; what a killed
 * init left is finished); a folder with other things in it is DA_ERROR_CONFLICT. */
DaArchive *da_archive_init(const char *dir, GError **error);
/* Opens an archive: starts its cluster when it is not running, removes what a crashed one left (a stale pid file), brings the
 * schema up to date, makes keys and bigrams anew where another program made them. DA_ERROR_NOT_FOUND when `dir` is none. */
DaArchive *da_archive_open(const char *dir, GError **error);
/* The same; where keys are made anew, which takes minutes for a million pages, `progress` counts dossiers. */
DaArchive *da_archive_open_shown(const char *dir, DaProgress *progress, GError **error);
void da_archive_free(DaArchive *archive); /* the cluster goes on running */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaArchive, da_archive_free)

/* Stops the cluster (fast shutdown) and waits for its end; TRUE also when it was not running. */
gboolean da_archive_stop(const char *dir, GError **error);

typedef struct {
    gboolean running;
    int pid;                  /* of the postmaster; 0 */
    guint schema_version;     /* 0 = cannot be asked */
    guint64 dossiers, pages, objects, bytes; /* pages of current versions */
    char *socket_dir;
    char *server_version;
} DaArchiveStatus;
/* Does not start anything. da_archive_status_clear() frees the texts. */
gboolean da_archive_status(const char *dir, DaArchiveStatus *status, GError **error);
void da_archive_status_clear(DaArchiveStatus *status);

const char *da_archive_dir(const DaArchive *archive);
/* Below it: tiles of page images, a file for each by the digest of its object. A cache; what is destroyed leaves it too. */
#define DA_ARCHIVE_TILES "cache/tiles"
const DaConfig *da_archive_config(const DaArchive *archive);
/* A new connection; the caller finishes it, before the archive is freed. One connection is for one thread. */
PGconn *da_archive_connect(const DaArchive *archive, GError **error);
/* The same for whoever only looks up: as a role that owns nothing and that row-level security binds. It sees nothing before
 * da_scope_set(). */
PGconn *da_archive_connect_reader(const DaArchive *archive, GError **error);
