/*
 * Signed verdicts on a batch: are they to be trusted, do they say "accepted", and do they name just what waits.
 */
#pragma once

#include "intake_parts.h"

typedef struct {
    GPtrArray *texts;  /* GBytes *: the documents, without their pages */
    json_t *summary;   /* what a receipt says of them */
} DaIntakeVerdicts;

void da_intake_verdicts_clear(DaIntakeVerdicts *verdicts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaIntakeVerdicts, da_intake_verdicts_clear)

/* Reads the files (NULL = none). They must name all of `due` (arrays of DaIntakePackage *), may name what was accepted before
 * (`decided`), and nothing else. */
gboolean da_intake_verdicts_read(DaIntakeVerdicts *verdicts, const DaAcceptOptions *options,
                                 const GPtrArray *due, const GPtrArray *decided, GError **error);
/* Their objects, durable. */
gboolean da_intake_verdicts_keep(const DaIntakeVerdicts *verdicts, DaArchive *archive, GError **error);
