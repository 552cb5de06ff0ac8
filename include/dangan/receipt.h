/*
 * Receipts (回执): records of an archive (dangan/record.h) as an enterprise holds them, JSON or a page to be printed, checked without the
 * archive.
 *
 * A receipt shows in its number and in the digest of the former record where it stands in the archive's chain: who has two of them can see
 * that they are of one chain, and who has all, that none was taken out. The last number with its digest may be kept anywhere as the head of the
 * chain up to there.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/signed.h>

/* The page of a receipt, another record or a verdict. The caller owns it; NULL with DA_ERROR_INPUT when it is none of these. */
char *da_receipt_html(const char *signed_text, GError **error);
/* Checks a file of either form. As far as it can be told, the error says which part was altered. Errors: da_signed_check(). */
DaSigned *da_receipt_check(GBytes *file, const DaSignKey *expected, GError **error);

/* Holds a package folder against the receipt: every file by the package's manifests, and those by the digest in the receipt. What is wrong is
 * appended to `problems` (char *, one sentence each that names package and file). FALSE only when the machine fails. */
gboolean da_receipt_check_package(const json_t *document, const char *package, GPtrArray *problems, GError **error);

/* How a receipt names a package: 2 = by its digest, 1 = only by its id, 0 = not at all. */
guint da_receipt_names(const json_t *document, const char *package);

/* One receipt of several; its document is whole. */
typedef struct {
    const char *name;       /* of its file */
    const json_t *document;
    char *sha256;           /* of the signed text */
} DaReceiptLink;

/* Holds receipts against each other: which do not follow each other, which numbers between the first and the last are not there, and which are
 * of another archive. Sorts `links` (DaReceiptLink) by number. What is wrong is appended to `problems` (char *). */
void da_receipt_check_chain(GArray *links, GPtrArray *problems);

/* --- in the archive ----------------------------------------------------------------------------------------------------- */

/* The signed text of a record. The caller owns it. DA_ERROR_NOT_FOUND when there is no such number. */
char *da_receipt_load(DaArchive *archive, PGconn *db, guint64 number, GError **error);
/* Numbers (guint64) of the records of a dossier, or (NULL) of all; in order. DA_ERROR_NOT_FOUND when there is none. The caller owns the array. */
GArray *da_receipt_numbers(PGconn *db, const char *dossier, GError **error);
