/* The sample's own parts: what can be drawn, and the items that follow from what was drawn. */
#pragma once

#include <dangan/sample.h>

typedef struct {
    const DaVerification *package;
    char *identity; /* package id and digest */
    gint material;  /* place in package->materials; -1 = the unit is the dossier */
    guint side;
    char *order;        /* digest of seed and identity: the least are drawn */
    DaStratum *stratum; /* borrowed */
    gboolean drawn;
} DaUnit;

struct DaDraw {
    const DaProfile *profile;
    GPtrArray *packages; /* const DaVerification *: all that were verified, by identity */
    GPtrArray *units;    /* DaUnit *, by identity, material and side */
    guint min_units;
};

/* What a sampled rule is asked of. */
typedef enum {
    DA_LOOK_NOWHERE,
    DA_LOOK_PAGE,
    DA_LOOK_MATERIAL,
    DA_LOOK_DOSSIER,
    DA_LOOK_DELIVERY
} DaLookAt;
DaLookAt da_sample_look_at(const DaRule *rule);

/* Package id and digest: what the package is, wherever it lies. The caller owns it. */
char *da_sample_identity(const DaVerification *package);
/* Makes the items anew for what is drawn now; judgements go along. */
void da_sample_renew_items(DaSample *sample);
void da_sample_item_free(gpointer item);
