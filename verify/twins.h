/*
 * Access images that are their masters. A page that was straight keeps its bytes, so the two files of it are one, often by a hard link:
 * what a worker finds in the master is true of both, and half of the decoding is saved.
 */
#pragma once

#include "subject.h"

typedef struct DaTwins DaTwins;

/* Pairs of one page and one size; no file is opened yet. `subject` is borrowed. */
DaTwins *da_twins_new(const DaSubject *subject);
void da_twins_free(DaTwins *twins);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaTwins, da_twins_free)

/* TRUE when the entry is an access image with its master's bytes. A file that cannot be read is like no other. */
gboolean da_twins_is_second(DaTwins *twins, guint index);
/* The access image that goes with the master `index`; FALSE = there is none. */
gboolean da_twins_second(DaTwins *twins, guint index, guint *second);
