/*
 * What is needed to deliver the images of a page, kept in memory: a page never changes, and a tile should not ask the database.
 *
 * Thread rule: may be called from any thread.
 */
#pragma once

#include <dangan/handle/pg.h>

typedef struct {
    char dossier[37]; /* UUID */
    char *access_sha256, *master_sha256; /* NULL = there is none */
    guint width_px, height_px;           /* of the access image */
    guint master_width_px, master_height_px;
} DaPageInfo;

typedef struct DaPageInfos DaPageInfos;

DaPageInfos *da_page_infos_new(void);
void da_page_infos_free(DaPageInfos *infos);

/* NULL when it is not known yet. The caller releases it. */
const DaPageInfo *da_page_infos_get(DaPageInfos *infos, const char *page);
/* Asks the database, within the scope of `db`, and keeps the answer. DA_ERROR_NOT_FOUND. */
const DaPageInfo *da_page_infos_load(DaPageInfos *infos, PGconn *db, const char *page, GError **error);
void da_page_info_release(const DaPageInfo *info);
