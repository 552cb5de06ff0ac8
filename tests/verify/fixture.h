/*
 * A small good package of an invented person, made with da_package_write: two materials, three pages, one of them blank. Tests damage
 * the dossier before it is written, or the package on disk after it.
 */
#pragma once

#include <dangan/handle/pix.h>
#include <dangan/package.h>
#include <dangan/verify.h>

/* A6 at 300 dpi: large enough to be measured, small enough to be decoded some hundred times. Masters show a little of the bed. */
#define FIXTURE_WIDTH_PX 1240
#define FIXTURE_HEIGHT_PX 1748
#define FIXTURE_INSET_PX 10
#define FIXTURE_MASTER_WIDTH_PX (FIXTURE_WIDTH_PX + 2 * FIXTURE_INSET_PX)
#define FIXTURE_MASTER_HEIGHT_PX (FIXTURE_HEIGHT_PX + 2 * FIXTURE_INSET_PX)
#define FIXTURE_DPI 300

typedef struct {
    char *folder;  /* temporary, removed by fixture_free */
    char *package; /* folder/<id> */
    DaProfile *profile;
    DaDossier *dossier;
} Fixture;

/* A shipped profile. The caller owns it. */
DaProfile *fixture_profile(const char *name);
/* Profile, page files and dossier; nothing is written yet. */
Fixture *fixture_new(void);
void fixture_free(Fixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fixture, fixture_free)
/* Writes the package. */
void fixture_write(Fixture *fixture);
DaVerification *fixture_verify(const Fixture *fixture);

DaPage *fixture_page(Fixture *fixture, guint material, guint page);
/* A further page written by `hand` (0 = blank) at the end of a material (before fixture_write). */
void fixture_add_page(Fixture *fixture, DaMaterial *material, guint hand);
/* Gives a page other bytes (before fixture_write). */
void fixture_page_bytes(Fixture *fixture, DaPage *page, DaFileKind kind, GBytes *bytes,
                        const char *extension);
/* A sheet with lines of strokes as close to writing as tests need: other writing for each `hand`; 0 = blank. The caller owns it. */
Pix *fixture_sheet(guint width_px, guint height_px, guint hand);
/* The sheet as JPEG; `dpi` 0 = the header is silent. */
GBytes *fixture_encode(Pix *sheet, guint dpi);
/* A JPEG of a written page: `channels` 1 or 3. */
GBytes *fixture_jpeg(guint width_px, guint height_px, guint dpi, guint channels);
GBytes *fixture_alto(guint width_px, guint height_px);

/* "…/data/<id>/<inside>"; the caller owns it. */
char *fixture_path(const Fixture *fixture, const char *inside);
GBytes *fixture_read(const char *path);
void fixture_put(const char *path, const void *data, gsize size);
/* Replaces the first `from` in a text file of the payload; fails the test when there is none. */
void fixture_replace(const Fixture *fixture, const char *inside, const char *from, const char *to);
/* Makes manifests fit the payload again, so that only a rule that looks deeper can find the damage. */
void fixture_reseal(const Fixture *fixture);
/* Adds a line to bag-info.txt, and makes the tag manifest fit. */
void fixture_bag_info(const Fixture *fixture, const char *line);
/* Gives a tag file new content; with `listed` its digest in the tag manifest fits. */
void fixture_tag_file(const Fixture *fixture, const char *name, const char *text, gboolean listed);
/* Makes METS fit the files again. */
void fixture_renew_mets(const Fixture *fixture);

/* How much is made to fit again after a damage. */
typedef enum {
    RESEAL_NOTHING,
    RESEAL_BAG,  /* manifests and bag-info.txt */
    RESEAL_METS, /* sizes and digests in METS too */
} Reseal;

/* One way to spoil a package and the rule that must say so. */
typedef struct {
    const char *label;
    const char *rule;
    const char *page; /* stem that the finding must name; NULL = about no page, or any */
    void (*before)(Fixture *fixture);
    void (*after)(Fixture *fixture);
    Reseal reseal;
} Damage;

extern const Damage damages_bag[], damages_structure[], damages_person[], damages_catalogue[],
    damages_image[], damages_quality[]; /* end with a NULL label */

/* Each damage of the table is found by its rule and on its page, no other rule reports an error, and the package is not accepted
 * where the rule is an error. */
void fixture_run_damages(const Damage *damages);
guint fixture_count(const DaVerification *verification, const char *rule);
const DaRuleResult *fixture_result(const DaVerification *verification, const char *rule);
