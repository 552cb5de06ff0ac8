/* What the names in a batch say: what is a scan, what is rubbish, what leads out of the batch. */
#pragma once

#include <glib.h>

typedef enum {
    DA_ENTRY_SCAN,
    DA_ENTRY_FOLDER,
    DA_ENTRY_OTHER,   /* a file of another kind */
    DA_ENTRY_RUBBISH, /* Thumbs.db, .DS_Store, desktop.ini, dot files, ~$ files */
    DA_ENTRY_OUTSIDE, /* a symbolic link that leads out of the batch, or nowhere */
    DA_ENTRY_SPECIAL, /* FIFO, socket, device */
} DaEntryKind;

/* `root` is the real path of the batch. */
DaEntryKind da_entry_kind(const char *root, const char *path);

/* TRUE when `scan` is named 类号-序号-页号 with any extension; the parts go where wanted (`class_code` is the caller's). */
gboolean da_scan_name_parse(const char *scan, char **class_code, guint *sequence, guint *side);
