/*
 * Signed documents: verdicts, receipts. One JSON file that whoever has it can read, and check without the system.
 *
 *     {
 *       "document": { "kind": "…", …, "signed_by": "who", "signed_at": "time" },
 *       "signature": { "algorithm": "Ed25519", "key": "fingerprint", "public_key": "base64", "value": "base64" }
 *     }
 *
 * What is signed are the bytes of `document` in one form: without blanks, members sorted, UTF-8 (what RFC 8785 gives for a document
 * without fractions; `jq -cjS .document` prints it). The file itself is written in one form too: a changed blank is a change.
 * A signature says that the document is unaltered and which key signed it; whose key that is, only comparing its fingerprint with
 * what the signer said by another way can tell.
 */
#pragma once

#include <dangan/sign.h>
#include <jansson.h>

#define DA_SIGNED_MAX_BYTES ((gsize)256 << 20)

/* Adds who and when to `document` (an object without fractions; borrowed) and signs it. The text of the file; the caller owns it. */
char *da_signed_text(json_t *document, const char *signed_by, const DaSignKey *key, GError **error);

typedef struct {
    json_t *document;
    char *kind, *signed_by, *signed_at; /* out of the document */
    char *fingerprint;                  /* of the key that signed */
    DaSignAlgorithm algorithm;
} DaSigned;

/* Checks the text of such a file. `expected` NULL = whatever key it was signed with. DA_ERROR_INPUT: no signed document, not whole,
 * altered, or signed with another key. */
DaSigned *da_signed_check(const char *text, gsize size, const DaSignKey *expected, GError **error);
void da_signed_free(DaSigned *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaSigned, da_signed_free)
