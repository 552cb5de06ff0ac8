/*
 * Files that survive a crash.
 *
 * Whatever another process may look at appears whole under its name or not at all: it is written beside its place, made
 * durable (fsync or syncfs), renamed, and the folder is synced. Unfinished work lies beside it as `.<name>.part`, and is
 * removed by the next run that wants the same name. Whole folders: dangan/staging.h; one process at a time: dangan/lock.h.
 *
 * Paths are file-system bytes and may hold any encoding; texts for people go through g_filename_display_name().
 * Thread rule: no shared state; every function may be called from any thread.
 */
#pragma once

#include <glib.h>

/* A descriptor (close-on-exec) for reading a regular file; `size_bytes` may be NULL. -1 with DA_ERROR_INPUT when it is a folder,
 * FIFO, socket or device: opening never blocks. */
int da_file_open(const char *path, guint64 *size_bytes, GError **error);

/* The whole file in memory. DA_ERROR_LIMIT when it is larger than `max_bytes`, DA_ERROR_INPUT when it is no regular file
 * (a FIFO would block forever). The caller owns the bytes. */
GBytes *da_file_read(const char *path, gsize max_bytes, GError **error);

/* Replaces (or makes) `path` with `size` bytes, durably: `.<name>.part`, fsync, rename, sync of the folder. A replaced file keeps
 * its permissions. Several writers of one name wait for each other; the last one stays. */
gboolean da_file_write(const char *path, const void *data, gsize size, GError **error);

/* Copies a regular file to a new name: reflink where the file system can, else in the kernel. Fails with DA_ERROR_CONFLICT
 * when `to` exists. Not durable by itself: a staging commit or da_dir_sync follows. */
gboolean da_file_copy(const char *from, const char *to, GError **error);

/* Hard link where possible, copy otherwise. Both names must be on files that nobody changes in place. */
gboolean da_file_link_or_copy(const char *from, const char *to, GError **error);

/* mkdir -p, mode 0755. */
gboolean da_dir_make(const char *path, GError **error);

/* Names in a folder, without `.` and `..`, in natural order: `scan2` before `scan10`; equal numbers by bytes.
 * The caller owns the array of char *. */
GPtrArray *da_dir_list(const char *path, GError **error);

/* fsync of the folder itself: makes names durable. */
gboolean da_dir_sync(const char *path, GError **error);

/* Removes a file or a whole folder without following links; a path that does not exist is success. */
gboolean da_tree_remove(const char *path, GError **error);

/* Copies a file or a whole folder to a new name; links and devices are DA_ERROR_INPUT. Files as da_file_copy() makes them. */
gboolean da_tree_copy(const char *from, const char *to, GError **error);

/* Compares two names in natural order (strcmp style). */
int da_name_compare(const char *a, const char *b);

/* A file name as text: UTF-8, else GB18030 (zips and shares of Windows), else what can be shown of it. The caller owns it. */
char *da_name_text(const char *bytes);

/* TRUE for a relative path that stays below its base on every system: no leading `/` or `~`, no drive letter, no `..` or
 * `.` or empty component, no backslash, no control character, valid UTF-8. Source: RFC 8493 §2.1.3, §5. */
gboolean da_path_is_safe(const char *relative);
