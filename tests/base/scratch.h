/* A temporary folder for one test case, and a file system that is soon full. */
#pragma once

#include <glib.h>

/* The caller frees; scratch_end removes the folder and frees the path. */
char *scratch_begin(void);
void scratch_end(char *folder);

/* Writes a file below `folder` in the plainest way; returns its path (the caller frees). */
char *scratch_file(const char *folder, const char *name, const char *text);

/* Mounts a tmpfs ("size=64k") at a new folder below `folder`; NULL, with the reason printed, when that is not permitted. It is
 * unmounted by scratch_unmount, which frees the path. */
char *scratch_mount(const char *folder, const char *options);
void scratch_unmount(char *mounted);
