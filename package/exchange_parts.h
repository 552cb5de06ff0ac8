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
    gboolean by_name;   /* there is no XML: that entries list no images says nothing */
} DaFormDocument;

DaFormDocument *da_form_document_new(void);
/* An entry without fields and images. Borrowed. */
DaFormEntry *da_form_document_add(DaFormDocument *document, guint line);
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

/* The delivery has no XML and is nothing else that can be read. */
void da_exchange_refuse_without_xml(DaExchange *exchange, const DaProfile *profile);
/* The ID number at the end of a name, normalized to 18 characters, NULL = there is none; `person` receives what stands before it. The caller
 * owns both. */
char *da_exchange_number_in(const char *name, char **person);

/* All regular files below `folder`, in natural order; findings for links, devices, names that are no UTF-8, empty files and folders. NULL
 * when the machine fails. */
GPtrArray *da_exchange_list(DaExchange *exchange, const DaProfile *profile, const char *folder,
                            GError **error);

/* Those of the files that lie below `base`, with a finding for others. The caller owns the array. */
GPtrArray *da_exchange_files_below(DaExchange *exchange, const DaProfile *profile,
                                   const GPtrArray *files, const char *base);

/* A delivery without an XML that lies in `folder`: when it is named by an ID number, sets exchange->dossier with its pages, and `*base`
 * (the caller's) to the folder of the person; else refuses it. FALSE when the machine fails. */
gboolean da_exchange_read_named(DaExchange *exchange, const DaProfile *profile,
                                const DaScheme *scheme, const char *folder, GPtrArray *files,
                                char **base, GError **error);

/* The XML as text and as elements. NULL when nothing can be made of it, which a finding says. */
DaFormDocument *da_exchange_parse(DaExchange *exchange, const DaProfile *profile, GBytes *xml,
                                  const char *file);

/* Sets exchange->dossier from the document, without pages. */
void da_exchange_describe(DaExchange *exchange, const DaProfile *profile, const DaScheme *scheme,
                          const DaFormDocument *document, const char *file);
/* Gives the materials of exchange->dossier their pages. `files` are those below `base` ("" = the whole delivery). */
void da_exchange_place(DaExchange *exchange, const DaProfile *profile,
                       const DaFormDocument *document, const GPtrArray *files, const char *base);
