/*
 * What a search reads of a dossier: keys of the person and bigrams of its pages, in the partitions of its district.
 *
 * Both follow from rules that are part of the program. The database remembers by which rules they were made (table index_rules); a program
 * with others makes them anew when it opens the archive.
 */
#pragma once

#include <dangan/handle/pg.h>
#include <dangan/progress.h>
#include <jansson.h>

/* Name and former name, ID number, employer as the dossier has them; NULL = not known. */
typedef struct {
    const char *name, *former_name, *id_number, *employer;
} DaPerson;

/* The keys of a person as an array of {"kind", "key"}. The caller owns it. */
json_t *da_person_keys(const DaPerson *person);

typedef struct {
    const char *dossier, *district; /* borrowed */
} DaIndexed;

/* In place of the keys and texts that the dossier has there, in the transaction that is open. Texts are {"page", "text", "bigrams"} with
 * bigrams from da_bigram_vector(). */
gboolean da_index_put_keys(PGconn *db, const DaIndexed *indexed, const json_t *keys, GError **error);
gboolean da_index_put_texts(PGconn *db, const DaIndexed *indexed, const json_t *texts, GError **error);

/* Makes keys and bigrams anew where they are not by the rules of this program: some dossiers a transaction, so that who is killed goes on behind the
 * last one. Of two that want it one does it and the other waits. `progress` (may be NULL) counts dossiers. */
gboolean da_index_refresh(PGconn *db, DaProgress *progress, GError **error);
