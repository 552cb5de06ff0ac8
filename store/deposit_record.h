/*
 * The record of a deposit, kind "deposit": the receipt of one dossier version, and what its rows are made from again when an index is rebuilt.
 *
 *     "body": { "outcome": "accepted", "version": 2, "package_digest": "…", "manifest": "…", "findings": "<object of the findings>",
 *               "profile": { … }, "counts": { … }, "packages": [ … ], "enterprise": "…", "program": "…", "parts": { … } }
 *
 * Of a package of a handover batch it has "batch" and "number" too.
 */
#pragma once

#include "deposit_parts.h"
#include "record_kinds.h"

/* Makes the record, and with it the rows, in the transaction that is open. `result` learns what was new. */
gboolean da_deposit_record_make(const DaDepositing *depositing, const DaDepositRows *rows,
                                DaDepositResult *result, GError **error);

/* The function of the kind: writes the rows that were read from the package, or (an index is rebuilt) from the objects of the version. */
gboolean da_deposit_record_apply(const DaRecordApplying *applying, const DaRecord *record,
                                 GError **error);
