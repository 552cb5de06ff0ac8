/*
 * Digests of the parts of a receipt, which are signed with it: when the signature does not fit any more they say which part was altered.
 */
#pragma once

#include <jansson.h>

/* Adds program and parts to the body of a receipt, when everything else is in it. */
void da_receipt_seal(json_t *body);
/* Names what differs from its digest: "counts", "packages, row 17 (package …)"; NULL = nothing does, or there are no digests. The
 * caller owns it. */
char *da_receipt_altered(const json_t *body);
