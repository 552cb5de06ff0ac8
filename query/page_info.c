#include "page_info.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <string.h>

/* Some 300 bytes each; when there are as many, they are forgotten and asked for again. */
#define INFOS_MAX 20000u
#define PAGE_ID_MAX 128u

struct DaPageInfos {
    GMutex mutex;
    GHashTable *known; /* page → DaPageInfo *, a counted box */
};

static void info_clear(gpointer data)
{
    DaPageInfo *info = data;
    g_free(info->access_sha256);
    g_free(info->master_sha256);
}

void da_page_info_release(const DaPageInfo *info)
{
    if (info)
        g_atomic_rc_box_release_full((gpointer)info, info_clear);
}

static void release(gpointer data)
{
    g_atomic_rc_box_release_full(data, info_clear);
}

DaPageInfos *da_page_infos_new(void)
{
    DaPageInfos *infos = g_new0(DaPageInfos, 1);
    g_mutex_init(&infos->mutex);
    infos->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, release);
    return infos;
}

void da_page_infos_free(DaPageInfos *infos)
{
    g_hash_table_unref(infos->known);
    g_mutex_clear(&infos->mutex);
    g_free(infos);
}

const DaPageInfo *da_page_infos_get(DaPageInfos *infos, const char *page)
{
    g_mutex_lock(&infos->mutex);
    DaPageInfo *info = g_hash_table_lookup(infos->known, page);
    if (info)
        g_atomic_rc_box_acquire(info);
    g_mutex_unlock(&infos->mutex);
    return info;
}

static DaPageInfo *info_of(const PGresult *row)
{
    DaPageInfo *info = g_atomic_rc_box_new0(DaPageInfo);
    g_strlcpy(info->dossier, da_db_text(row, 0, "dossier"), sizeof info->dossier);
    info->access_sha256 = g_strdup(da_db_text(row, 0, "access_sha256"));
    info->master_sha256 = g_strdup(da_db_text(row, 0, "master_sha256"));
    info->width_px = (guint)da_db_integer(row, 0, "width_px");
    info->height_px = (guint)da_db_integer(row, 0, "height_px");
    info->master_width_px = (guint)da_db_integer(row, 0, "master_width_px");
    info->master_height_px = (guint)da_db_integer(row, 0, "master_height_px");
    return info;
}

const DaPageInfo *da_page_infos_load(DaPageInfos *infos, PGconn *db, const char *page,
                                     GError **error)
{
    g_autoptr(PGresult) row = NULL;
    if (strlen(page) <= PAGE_ID_MAX) {
        row = da_db_query(db, error,
                          "SELECT dossier, access_sha256, master_sha256, width_px, height_px,"
                          " master_width_px, master_height_px FROM page WHERE id = $1",
                          page, NULL);
        if (!row)
            return NULL;
    }
    if (!row || PQntuples(row) == 0) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "there is no such page");
        return NULL;
    }
    DaPageInfo *info = info_of(row);
    g_mutex_lock(&infos->mutex);
    if (g_hash_table_size(infos->known) >= INFOS_MAX)
        g_hash_table_remove_all(infos->known);
    g_hash_table_replace(infos->known, g_strdup(page), g_atomic_rc_box_acquire(info));
    g_mutex_unlock(&infos->mutex);
    return info;
}
