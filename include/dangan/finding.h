/*
 * A finding: something about a document that a rule does not allow, or that a person should look at.
 *
 * Findings are data. They name the rule and its clause, the place down to the box on a page, what was found, what was wanted
 * and how to mend it. Ingest and verify both make them; reports show them.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef enum { DA_SEVERITY_INFO, DA_SEVERITY_WARNING, DA_SEVERITY_ERROR, DA_SEVERITY_FATAL } DaSeverity;

/* "info", "warning", "error", "fatal". */
const char *da_severity_name(DaSeverity severity);
const char *da_severity_label_zh(DaSeverity severity);
/* FALSE when no severity has this name. */
gboolean da_severity_by_name(const char *name, DaSeverity *severity);

typedef struct {
    char *rule;       /* id in the profile: "PER-001"; never NULL */
    char *clause;     /* "GB 11643-1999 §6"; NULL = none known */
    DaSeverity severity;
    gboolean screened; /* the program only suspects it: a person looks and decides; refuses nothing before */
    char *subject;    /* package id, folder or file name that it is about */
    char *file;       /* file inside the subject, relative; NULL */
    guint row;        /* row of a list or catalogue, 1-based; 0 = none */
    char *page;       /* page stem; NULL */
    char *other;      /* the page of the same subject that this one is like: its stem, or its file as in `file`; NULL */
    gboolean has_box;
    int x_px, y_px, w_px, h_px; /* on the access image, when has_box */
    char *message;    /* one sentence, English, no personal data beyond what `found` shows */
    char *message_zh; /* the same in Chinese */
    char *found;      /* value found; NULL */
    char *wanted;     /* value wanted; NULL */
    char *mend;       /* what to do; NULL */
    char *mend_zh;
} DaFinding;

DaFinding *da_finding_new(const char *rule, DaSeverity severity, const char *subject);
void da_finding_free(DaFinding *finding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaFinding, da_finding_free)

/* printf into one of the text members, freeing what was there: da_finding_set(&f->found, "%u", n). */
void da_finding_set(char **member, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* One line for a terminal: `error PER-001 handover list row 3: …; <mend>`. Found and wanted values stay out (personal data), control
 * characters become blanks. The caller owns it. */
char *da_finding_line(const DaFinding *finding, gboolean chinese);
/* A JSON object; members that are not set are left out. The caller owns the reference. */
json_t *da_finding_to_json(const DaFinding *finding);
/* The same for documents that go far: without found, wanted and box, which may be personal, and with ID numbers in names masked. */
json_t *da_finding_to_public_json(const DaFinding *finding);
/* A text whose ID numbers show their first and last digits alone, as lists have it. NULL for NULL. The caller owns it. */
char *da_finding_mask(const char *text);
/* The way back (reports that go on from an earlier run). NULL with DA_ERROR_INPUT. */
DaFinding *da_finding_from_json(const json_t *object, GError **error);
