/*
 * An object that is damaged or gone comes back from the second copy: a folder with objects/ in it, as `archive backup` makes one.
 *
 * What was damaged is not deleted: it lies in damaged/ of the archive folder afterwards, for whoever wants to know what became of it.
 */
#pragma once

#include <glib.h>

typedef enum {
    DA_REPAIR_DONE,
    DA_REPAIR_NO_COPY,      /* none is configured */
    DA_REPAIR_COPY_MISSING, /* it has not this object */
    DA_REPAIR_COPY_DAMAGED,
} DaRepair;

/* `copy` NULL = there is none. FALSE when the archive's own disk fails. */
gboolean da_repair(const char *dir, const char *copy, const char *sha256, DaRepair *outcome,
                   GError **error);
/* "repaired from the second copy", "no second copy is configured", … */
const char *da_repair_text(DaRepair outcome, gboolean chinese);
