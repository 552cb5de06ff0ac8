/*
 * Description: what the forms of a dossier say, compared with the catalogue, the handover list and each other.
 *
 * Everything here is computed from recognized text and profile alone, opens no file and changes nothing: it gives advice. Titles, labels
 * and what is believed are data of the profile (its element `forms`); a profile without it describes nothing.
 *
 * Source: 组通字〔2006〕41号 (a birth date is settled by comparing the forms, the earliest first), DA/T 31-2017 §11.2 (catalogue and images
 * agree), DA/T 70-2018 2-9 (what a dossier should hold).
 */
#pragma once

#include <dangan/profile.h>
#include <dangan/text.h>
#include <jansson.h>

/* --- one page --------------------------------------------------------------------------------------------------------- */

typedef struct {
    const DaFormKind *form;  /* borrowed from the profile; NULL = not known */
    char *title;         /* as read; NULL = none was found */
    double title_confidence; /* 0 to 1; NAN */
    gboolean title_damaged;  /* it differs from how the profile writes it */
    gboolean title_large;    /* larger than the text: a form begins here, it is no running head */
    DaDate dated;            /* the date that stands beside the title or closes the page; missing = none was read */
    GPtrArray *claims;   /* DaClaim *, the title among them; stems are not set */
} DaPageDescription;

/* Reads one page. Dates that the profile does not believe in any case (years) are doubtful. The caller owns it. */
DaPageDescription *da_describe_page(const DaPageText *text, const DaProfile *profile);
void da_page_description_free(DaPageDescription *description);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaPageDescription, da_page_description_free)

/* The kind of form that a catalogue title means; borrowed; NULL = the profile does not know it. */
const DaFormKind *da_describe_title(const DaProfile *profile, const char *title);

/* --- a dossier -------------------------------------------------------------------------------------------------------- */

/* How a claimed date stands to the others of its field. */
typedef enum {
    DA_CLAIM_AGREES,    /* with every other as far as both are known */
    DA_CLAIM_DIFFERS,   /* in month or day */
    DA_CLAIM_CONFLICTS, /* in the year */
    DA_CLAIM_UNREAD,    /* not compared: no date, damaged, or not believed */
} DaClaimStanding;

/* "agrees", "differs", "conflicts", "unread". */
const char *da_claim_standing_name(DaClaimStanding standing);

typedef struct {
    const DaClaim *claim;  /* borrowed from the dossier */
    const DaMaterial *material; /* borrowed; the one that the page belongs to */
    DaClaimStanding standing;
} DaConflictRow;

/* What the forms say of one date. */
typedef struct {
    DaField field;
    DaClaimStanding standing; /* the worst of its rows, UNREAD when nothing could be compared */
    char *listed;             /* what the handover list says (a date); NULL */
    GPtrArray *rows;          /* DaConflictRow * in page order */
} DaConflict;

/* The date conflict table: an entry (DaConflict *) for each of birth, start of work, party date and retirement that a form claims.
 * The caller owns the array. */
GPtrArray *da_conflicts_find(const DaDossier *dossier, const DaProfile *profile);

/* The table for people and machines: an array of {"field", "label_zh", "standing", "listed", "rows": [{"standing", "text", "date", "doubtful", "confidence",
 * "stem", "class", "sequence", "title", "formed", "x_px", …, "image": base name of the access image where it lies now, "image_width_px", …}]}. The
 * caller owns the reference. */
json_t *da_conflicts_to_json(const DaDossier *dossier, const GPtrArray *conflicts);

/* A page for one dossier: the table with the place of each date cut out of its page. `dossier` is its entry of ingest-report.json with the array
 * above as "dates"; `images` is the folder of the images, relative to the page. The caller owns the text. */
char *da_conflicts_html(const json_t *dossier, const char *images);

/* A catalogue as far as the forms show it: each title begins a material, sides without a title belong to the one before. `pages` and `sides` are in
 * paper order; where the scans are named 类号-序号-页号, `stems` (char *, the same order) says class and sequence instead; NULL = they are not. Classes and general titles come
 * from the profile; a title that it does not know, or that is damaged, is marked 【待确认】. The caller owns the array (DaMaterial * without
 * pages); without forms in the profile, without content or without any title it is empty. */
GPtrArray *da_draft_catalogue(const GPtrArray *pages, const GPtrArray *sides,
                              const GPtrArray *stems, const DaProfile *profile, const char *scheme);

/* Gives the claims of `pages` (DaPageDescription *, NULL for a blank side) the stems of `sides` (DaPage *, the same order) and copies them into
 * the dossier in the order of its materials. */
void da_describe_collect(DaDossier *dossier, GPtrArray *pages, const GPtrArray *sides);

/* Findings about dates, persons, titles, classes and expected materials, by the rules of the profile; a rule that it has not gives
 * none. `pages` and `sides` as in da_describe_collect(), which has been called. */
void da_describe_findings(const DaDossier *dossier, const GPtrArray *pages, const GPtrArray *sides,
                          const DaProfile *profile, const char *subject, GPtrArray *findings);
