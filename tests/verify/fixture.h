/*
 * A small good package of an invented person, made with da_package_write: two materials, three pages, one of them blank. Tests damage
 * the dossier before it is written, or the package on disk after it.
 */
#pragma once

#include <dangan/package.h>
#include <dangan/verify.h>

typedef struct {
    char *folder;  /* temporary, removed by fixture_free */
    char *package; /* folder/<id> */
    DaProfile *profile;
    DaDossier *dossier;
} Fixture;

/* Profile, page files and dossier; nothing is written yet. */
Fixture *fixture_new(void);
void fixture_free(Fixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fixture, fixture_free)
/* Writes the package. */
void fixture_write(Fixture *fixture);
DaVerification *fixture_verify(const Fixture *fixture);

DaPage *fixture_page(Fixture *fixture, guint material, guint page);
/* Gives a page other bytes (before fixture_write). */
void fixture_page_bytes(Fixture *fixture, DaPage *page, DaFileKind kind, GBytes *bytes,
                        const char *extension);
/* A JPEG of a page: `channels` 1 or 3. */
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

/* One way to spoil a package and the rule that must say so. */
typedef struct {
    const char *label;
    const char *rule;
    void (*before)(Fixture *fixture);
    void (*after)(Fixture *fixture);
    gboolean reseal;
} Damage;

extern const Damage damages_bag[], damages_structure[], damages_catalogue[],
    damages_image[]; /* end with a NULL label */

/* Each damage of the table is found by its rule, and the package is not accepted where the rule is an error. */
void fixture_run_damages(const Damage *damages);
guint fixture_count(const DaVerification *verification, const char *rule);
const DaRuleResult *fixture_result(const DaVerification *verification, const char *rule);
