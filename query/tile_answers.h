/*
 * Answers with pieces of access images, ready to be sent again: what a viewer asks for most, kept with their headers. The least recently used leave first.
 *
 * Thread rule: may be called from any thread.
 */
#pragma once

#include "http.h"

typedef struct DaTileAnswers DaTileAnswers;

DaTileAnswers *da_tile_answers_new(gsize max_bytes);
void da_tile_answers_free(DaTileAnswers *answers);

/* The answer of this name, when its page is one of the dossier; NULL. `has` is what the client has already (an entity tag, NULL = nothing):
 * then NULL and `*unchanged`. The caller owns the reference. */
DaHttpResponse *da_tile_answers_get(DaTileAnswers *answers, const char *name, const char *dossier, const char *has, gboolean *unchanged);
/* Keeps it; from here on nothing can be added to it. */
void da_tile_answers_put(DaTileAnswers *answers, const char *name, const char *dossier, const char *tag, DaHttpResponse *response);
