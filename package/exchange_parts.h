/*
 * What the steps of the exchange reader hand on: the catalogue as it was written, the files as they lie there.
 */
#pragma once

#include "exchange_form.h"

#include <dangan/exchange.h>

/* One 档案目录条目 before anything was made of it. */
typedef struct {
    guint line;
    char *field[DA_FORM_N]; /* DA_FORM_CLASS to DA_FORM_NOTE; NULL = no such element */
    GPtrArray *originals;   /* char *: base names as listed */
    GPtrArray *optimised;
} DaFormEntry;

/* The XML before anything was made of it. */
typedef struct {
    char *person[DA_FORM_N]; /* DA_FORM_NAME to DA_FORM_ID_NUMBER */
    guint person_line;
    GPtrArray *entries; /* DaFormEntry * */
} DaFormDocument;

void da_form_document_free(DaFormDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaFormDocument, da_form_document_free)

/* One file of a delivery. */
typedef struct {
    char *name; /* relative to the delivery, UTF-8, `/` between components */
    char *path; /* file-system bytes */
    guint64 size_bytes;
} DaFormFile;

/* da_exchange_read() under another name than that of `path`, for what does not lie under its name yet. */
DaExchange *da_exchange_read_as(const char *name, const char *path, const char *work,
                                const DaProfile *profile, const char *scheme, GError **error);

/* A new finding with the clause of the profile's rule. Its severity is what it means for reading, not what the profile makes of it when
 * it judges. Borrowed; set its texts. */
DaFinding *da_exchange_report(DaExchange *exchange, const DaProfile *profile, const char *rule,
                              DaSeverity severity);
/* Both messages at once, without arguments for what is personal: that goes into `found`. */
void da_exchange_say(DaFinding *finding, const char *message, const char *message_zh);
/* The delivery cannot become a package; the finding is at least an error. */
void da_exchange_refuse(DaExchange *exchange, DaFinding *finding);

/* All regular files below `folder`, in natural order; findings for links, devices, names that are no UTF-8, empty files and folders. NULL
 * when the machine fails. */
GPtrArray *da_exchange_list(DaExchange *exchange, const DaProfile *profile, const char *folder,
                            GError **error);

/* The XML as text and as elements. NULL when nothing can be made of it, which a finding says. */
DaFormDocument *da_exchange_parse(DaExchange *exchange, const DaProfile *profile, GBytes *xml,
                                  const char *file);

/* Sets exchange->dossier from the document, without pages. */
void da_exchange_describe(DaExchange *exchange, const DaProfile *profile, const DaScheme *scheme,
                          const DaFormDocument *document, const char *file);
/* Gives the materials of exchange->dossier their pages. `files` are those below `base` ("" = the whole delivery). */
void da_exchange_place(DaExchange *exchange, const DaProfile *profile,
                       const DaFormDocument *document, const GPtrArray *files, const char *base);
