/*
 * packages.csv in OUT: which folder of the batch has which package id, so that a second run gives the same.
 *
 * A row also holds the key of the input that the package was begun with and the time of that: a run that was killed and goes on makes
 * the same package, byte for byte; changed input gets a new time.
 */
#pragma once

#include <glib.h>

typedef struct DaIds DaIds;

typedef struct {
    char *folder;  /* as in the file: UTF-8, or percent-escaped bytes */
    char *id;      /* UUID */
    char *created; /* RFC 3339 */
    char *input;   /* key of the input; "" = not known yet */
} DaIdRow;

/* Reads OUT/packages.csv; an empty set when there is none. */
DaIds *da_ids_load(const char *out, GError **error);
void da_ids_free(DaIds *ids);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaIds, da_ids_free)

/* The row of a folder (file-system bytes), made when missing. Borrowed. */
DaIdRow *da_ids_get(DaIds *ids, const char *folder);
/* Notes that the package of `row` is made from the input `key` from now on; another key than before renews `created`. */
void da_ids_begin(DaIdRow *row, const char *key);
/* Writes the file durably: before the ids are used. */
gboolean da_ids_save(const DaIds *ids, GError **error);
