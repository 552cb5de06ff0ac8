/*
 * One large file under construction, written in pieces: it appears whole under its name or not at all. Small ones: da_file_write().
 *
 * It lies beside its final place as `.<name>.part` and is removed when it is freed without a commit; what a killed process left is
 * removed by the next one that wants the same name.
 * Thread rule: one thread a file; one process at a time may work on one name.
 */
#pragma once

#include <glib.h>

typedef struct DaOutFile DaOutFile;

/* Begins the file that will become `path`. DA_ERROR_CONFLICT when `path` exists, unless `replace`. */
DaOutFile *da_outfile_new(const char *path, gboolean replace, GError **error);
/* Its descriptor, for libraries that write; borrowed. */
int da_outfile_fd(const DaOutFile *file);
/* Writes at the end, whatever the size. */
gboolean da_outfile_write(DaOutFile *file, const void *data, gsize size, GError **error);
/* Bytes written by da_outfile_write(). */
guint64 da_outfile_size(const DaOutFile *file);
/* Makes it durable and puts it in place by one rename. */
gboolean da_outfile_commit(DaOutFile *file, GError **error);
void da_outfile_free(DaOutFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaOutFile, da_outfile_free)
