/*
 * What a district plans with: how much it holds, and the room and people that takes.
 *
 * 60 m² of storage for every 10,000 volumes (卷), one full-time member of the service staff (专职服务人员) for every 2,000 retirees whose dossiers are held.
 * A dossier is one volume and one retiree. Both are rounded up: a district with one dossier needs a person.
 */
#pragma once

#include <dangan/archive.h>
#include <jansson.h>

#define DA_CAPACITY_M2_PER_10000 60u
#define DA_CAPACITY_RETIREES_PER_STAFF 2000u

typedef struct {
    guint64 dossiers, living; /* `living` = not known to have died */
    guint64 pages, bytes;     /* sides of current versions; objects of all versions */
} DaHeld;

/* Square metres, and people. */
guint64 da_capacity_m2(guint64 volumes);
guint64 da_capacity_staff(guint64 retirees);

/* {"districts": [{"district", "dossiers", "living", "pages", "bytes", "m2", "staff"}], "all": {…}}, by district. What districts share is counted in
 * each; "all" is rounded up once. The caller owns the reference. */
json_t *da_capacity(PGconn *db, GError **error);
