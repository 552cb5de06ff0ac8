/* One run of import, as its steps share it. */
#pragma once

#include "register.h"

#include <dangan/config.h>
#include <dangan/exchange.h>
#include <dangan/handover.h>
#include <dangan/import.h>
#include <jansson.h>

typedef enum { DA_IMPORT_REFUSED, DA_IMPORT_PACKAGED, DA_IMPORT_UNCHANGED } DaImportState;

/* One delivery. */
typedef struct {
    char *path;
    DaIdRow *id;          /* borrowed from the ids */
    char *package;        /* OUT/<id> */
    char *state_dir;      /* OUT/.dangan/<id> */
    char *key;            /* of its bytes and the settings */
    DaExchange *exchange; /* while it is open */
    GPtrArray *pages;     /* DaPage *, borrowed from the exchange's dossier */
    GPtrArray *facts; /* json_t *, one a page: what its worker said; NULL = not done, or failed */
    guint next_page, pending;
    DaImportState state;
    char *digest;  /* of the package */
    json_t *entry; /* what the report says of it */
} DaImportDelivery;

/* The handover list beside the deliveries. */
typedef struct {
    DaHandover *handover;
    GPtrArray *findings; /* DaFinding * that no delivery has taken */
    char *digest;        /* of the file */
} DaImportList;

void da_import_list_free(DaImportList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaImportList, da_import_list_free)

typedef struct {
    const DaImportOptions *options;
    const char *engine; /* as it calls itself; "none" */
    DaProfile *profile;
    DaConfig *config;
    DaImportList *list; /* NULL = there is none */
    DaIds *ids;
    GPtrArray *deliveries; /* DaImportDelivery * */
    guint next_delivery;
    guint open;          /* deliveries whose pages are not all done */
    GHashTable *persons; /* ID number → DaImportDelivery * that has it */
    DaImportSummary *summary;
} DaImport;

/* Reads the handover list where the deliveries are a folder with one. */
gboolean da_import_list_open(DaImport *run, GError **error);
/* Fields that an open delivery does not say come from its row; what it says stays. */
void da_import_list_complete(DaImport *run, DaImportDelivery *delivery);

/* A finding on an open delivery. Borrowed; set its texts. */
DaFinding *da_import_report(const DaImport *run, DaImportDelivery *delivery, const char *rule,
                            DaSeverity severity);

/* In the parent: the job for page `index`; the caller owns it. */
char *da_import_page_job(const DaImport *run, guint delivery, guint index);
/* FALSE when `job` names no page. */
gboolean da_import_page_of(const char *job, guint *delivery, guint *index);
/* In the worker: checks both images, makes what is missing, recognizes. `entered` comes from da_import_page_enter(). */
gpointer da_import_page_enter(gpointer run, GError **error);
char *da_import_page_work(const char *job, gpointer entered, GError **error);
/* In the parent: what the worker said becomes part of the page. */
gboolean da_import_page_take(DaPage *page, const json_t *facts, GError **error);

/* Opens the next delivery that has pages to do; those that have none end here. FALSE when the machine fails; `*opened` NULL = there is
 * none left. */
gboolean da_import_open_next(DaImport *run, DaImportDelivery **opened, GError **error);
/* All pages are done: package or refuse. */
gboolean da_import_close(DaImport *run, DaImportDelivery *delivery, GError **error);

/* What the report says of a delivery. The caller owns the reference. */
json_t *da_import_entry(const DaImport *run, const DaImportDelivery *delivery);
/* The part of it that may lie in the package. */
GBytes *da_import_redacted(const DaImport *run, const DaImportDelivery *delivery);
/* delivery.csv, import-report.json and .html. */
gboolean da_import_write_reports(const DaImport *run, gboolean stopped, GError **error);
