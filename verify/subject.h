/*
 * The package under verification, looked at once: what lies on disk, what the bag says, the dossier, METS, and what the workers
 * found in each file. Every rule reads from here, so that no file is hashed, parsed or decoded twice.
 *
 * Nothing in it is trusted: links are not followed, every parsed part may be missing with the reason beside it.
 */
#pragma once

#include "bagit.h"
#include "delivery.h"
#include "mets.h"
#include "quality.h"

#include <dangan/image.h>
#include <dangan/measure.h>
#include <dangan/profile.h>
#include <dangan/progress.h>
#include <dangan/walk.h>

/* More entries than a package of 999 materials with 999 sides would need by far is an attack on memory. */
#define DA_SUBJECT_MAX_ENTRIES 2000000u
#define DA_SUBJECT_MAX_DEPTH 32
/* Documents that are parsed outside a worker, where a tree is many times as large as its text. METS of a dossier of 10,000 pages
 * needs about 15 MiB. */
#define DA_SUBJECT_MAX_XML_BYTES ((gsize)32 << 20)

/* Text of a page that is kept for comparison: more than a form holds. */
#define DA_SUBJECT_MAX_TEXT 20000

typedef enum { DA_ENTRY_FILE, DA_ENTRY_FOLDER, DA_ENTRY_LINK, DA_ENTRY_SPECIAL } DaEntryKind;

/* What a worker found in one file. */
typedef struct {
    char *sha256; /* NULL = not read; `fault` says why */
    char *digest
        [DA_HASH_N]; /* of the other algorithms that the bag's manifests use; NULL = none of them does */
    char *fault;       /* cannot be read, or its worker crashed or ran out of time */
    gboolean is_image; /* lies among the masters or access images */
    DaImageInfo image; /* all zero when the header cannot be read */
    char *image_fault; /* header or decoder; NULL = decoded completely and without a warning */
    DaWalk *walk;      /* the structure of an image; NULL = none, or not read */
    char *xml_fault;   /* not well-formed, DTD, or (OCR) not one page with its size */
    gboolean measured; /* the image was screened: the next two are set */
    DaMeasure measure;
    DaQuality quality;
    guint alto_width_px, alto_height_px;
    char *
        text; /* recognized text of an ALTO without blanks, at most DA_SUBJECT_MAX_TEXT bytes; NULL = none */
    char *head;               /* its first lines, likewise; NULL */
    double text_confidence;   /* mean, 0 to 1; NAN */
    char *text_engine;        /* who recognized it: "ppocr", "tesseract 5.3.0 chi_sim"; NULL */
    GPtrArray *schema_faults; /* char *: against the standards' schemas; NULL = not validated */
} DaFileFacts;

typedef struct {
    char *path;  /* relative to the package, file-system bytes */
    char *shown; /* the same as valid UTF-8 for people */
    DaEntryKind kind;
    guint64 size_bytes;
    gboolean empty_folder;
    DaFileFacts facts; /* of regular files */
} DaEntry;

/* A METS document of an information package: its own, or that of a representation. */
typedef struct {
    char *folder; /* where it lies, relative to the package, with its closing `/`; "" at the top */
    char *path;
    xmlDoc *doc;
    DaMets *mets;
} DaMetsDocument;

typedef struct {
    char *path;
    char *name;               /* base name of the folder: the package id it claims */
    char *id;                 /* the one folder below data/; where there is not just one, `name` */
    const DaProfile *profile; /* borrowed */
    DaDelivery *delivery;     /* where it comes from; borrowed */
    GHashTable *
        kinds; /* path → DaFileKind + 1, of an exchange delivery whose pages lie elsewhere; NULL = a package */
    GPtrArray *entries;  /* DaEntry *, sorted by path */
    GHashTable *by_path; /* path → DaEntry *, borrowed */
    char *walk_fault;    /* why the entries are not all; NULL */
    DaBag *bag;          /* as far as it could be read */
    DaDossier *dossier;  /* NULL = `dossier_fault` */
    char *dossier_fault;
    DaMets *mets; /* NULL = `mets_fault` */
    char *mets_fault;
    char *
        root; /* where METS.xml lies: "data/<id>/", or "" for an information package outside a bag */
    GPtrArray *documents; /* DaMetsDocument *: every METS of an information package; else empty */
    gboolean screening;   /* the profile has a rule that needs images measured */
    gboolean standards;   /* the standards' schemas are at hand */
    GHashTable *
        told; /* path → id of the rule that has said what is wrong with this file; filled by the checks */
} DaSubject;

/* Walks the folder of the delivery and reads bag, dossier and METS, as far as there is one. The delivery outlives the subject. NULL only
 * when the machine fails. */
DaSubject *da_subject_open(DaDelivery *delivery, const DaProfile *profile, GError **error);
void da_subject_free(DaSubject *subject);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaSubject, da_subject_free)

/* Hashes every file, decodes every image and reads every ALTO, in worker processes; fills the facts. Page after page, each of which
 * counts in `progress` (may be NULL) when all its files are done. */
gboolean da_subject_survey(DaSubject *subject, DaProgress *progress, GError **error);
/* How many masters there are. */
guint da_subject_pages(const DaSubject *subject);

/* The digest of a file that was surveyed; borrowed; NULL = not read, or not asked for. */
const char *da_subject_digest(const DaEntry *entry, DaHash hash);
/* The entry of a path relative to the package; NULL = there is none. */
DaEntry *da_subject_entry(const DaSubject *subject, const char *path);
/* The path of what METS.xml calls `inside`. The caller owns it. */
char *da_subject_path(const DaSubject *subject, const char *inside);
/* The regular file at that path; NULL = there is none. */
DaEntry *da_subject_payload(const DaSubject *subject, const char *inside);
/* The file of a page; NULL = there is none. */
DaEntry *da_subject_page_file(const DaSubject *subject, const DaPage *page, DaFileKind kind);
/* Which representation a path lies in (DA_FILE_N = none); `stem` (may be NULL; the caller's) receives the name without extension. */
DaFileKind da_subject_kind(const DaSubject *subject, const char *path, char **stem);
/* TRUE for a path below data/. */
gboolean da_subject_is_payload(const char *path);
