/*
 * An archive folder whose database is being made anew: a file `.unfinished` says by what, and until it is gone no other command opens the
 * archive. For an empty database beside full objects would be taken for an empty archive.
 */
#pragma once

#include <dangan/archive.h>

/* `what` is "reindex" or "restore"; `command` finishes it. Durable. */
gboolean da_archive_unfinished(const char *dir, const char *what, const char *command, GError **error);
gboolean da_archive_finished(const char *dir, GError **error);
gboolean da_archive_is_unfinished(const char *dir, const char *what);
/* The command that finishes it; NULL = nothing is unfinished. The caller owns it. */
char *da_archive_unfinished_command(const char *dir);

/* Objects are there and a database is not. */
gboolean da_archive_has_objects_alone(const char *dir);
/* Folder, cluster, schema, settings, as da_archive_init() makes them, whatever lies beside. */
DaArchive *da_archive_make(const char *dir, GError **error);
