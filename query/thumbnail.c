#include "thumbnail.h"

#include <dangan/error.h>
#include <dangan/image.h>

#define QUALITY 75

typedef struct {
    char *sha256;
    GBytes *jpeg;
} Entry;

struct DaThumbnails {
    GMutex mutex;
    GQueue recent;       /* Entry *, the latest at the head */
    GHashTable *entries; /* sha256 → link in `recent` */
    gsize bytes, max_bytes;
};

static void entry_free(gpointer data)
{
    Entry *entry = data;
    g_free(entry->sha256);
    g_bytes_unref(entry->jpeg);
    g_free(entry);
}

DaThumbnails *da_thumbnails_new(gsize max_bytes)
{
    DaThumbnails *thumbnails = g_new0(DaThumbnails, 1);
    g_mutex_init(&thumbnails->mutex);
    g_queue_init(&thumbnails->recent);
    thumbnails->entries = g_hash_table_new(g_str_hash, g_str_equal);
    thumbnails->max_bytes = max_bytes;
    return thumbnails;
}

void da_thumbnails_free(DaThumbnails *thumbnails)
{
    g_hash_table_unref(thumbnails->entries);
    g_queue_clear_full(&thumbnails->recent, entry_free);
    g_mutex_clear(&thumbnails->mutex);
    g_free(thumbnails);
}

GBytes *da_thumbnails_get(DaThumbnails *thumbnails, const char *sha256)
{
    GBytes *jpeg = NULL;
    g_mutex_lock(&thumbnails->mutex);
    GList *link = g_hash_table_lookup(thumbnails->entries, sha256);
    if (link != NULL) {
        g_queue_unlink(&thumbnails->recent, link);
        g_queue_push_head_link(&thumbnails->recent, link);
        jpeg = g_bytes_ref(((Entry *)link->data)->jpeg);
    }
    g_mutex_unlock(&thumbnails->mutex);
    return jpeg;
}

static void drop_oldest(DaThumbnails *thumbnails)
{
    Entry *oldest = g_queue_pop_tail(&thumbnails->recent);
    g_hash_table_remove(thumbnails->entries, oldest->sha256);
    thumbnails->bytes -= g_bytes_get_size(oldest->jpeg);
    entry_free(oldest);
}

void da_thumbnails_put(DaThumbnails *thumbnails, const char *sha256, GBytes *jpeg)
{
    g_mutex_lock(&thumbnails->mutex);
    if (!g_hash_table_contains(thumbnails->entries, sha256)) {
        Entry *entry = g_new0(Entry, 1);
        entry->sha256 = g_strdup(sha256);
        entry->jpeg = g_bytes_ref(jpeg);
        g_queue_push_head(&thumbnails->recent, entry);
        g_hash_table_insert(thumbnails->entries, entry->sha256, thumbnails->recent.head);
        thumbnails->bytes += g_bytes_get_size(jpeg);
        while (thumbnails->bytes > thumbnails->max_bytes && thumbnails->recent.length > 1)
            drop_oldest(thumbnails);
    }
    g_mutex_unlock(&thumbnails->mutex);
}

/* The cheap reduction of the decoder goes as far as it leaves enough pixels for the last step. */
static guint denominator_for(guint longer_px)
{
    guint denominator = 1;
    while (denominator < 8 && longer_px / (denominator * 2) >= DA_THUMBNAIL_SIDE_PX)
        denominator *= 2;
    return denominator;
}

GBytes *da_thumbnail_make(GBytes *image, GError **error)
{
    DaImageInfo info;
    if (!da_image_probe(image, &info, error))
        return NULL;
    g_autoptr(Pix) reduced =
        da_image_decode_reduced(image, denominator_for(MAX(info.width_px, info.height_px)), error);
    if (reduced == NULL)
        return NULL;
    int longer = MAX(pixGetWidth(reduced), pixGetHeight(reduced));
    float scale = MIN(1.0f, (float)DA_THUMBNAIL_SIDE_PX / (float)longer);
    g_autoptr(Pix) wide = pixGetDepth(reduced) == 1 ? pixConvertTo8(reduced, 0) : pixClone(reduced);
    g_autoptr(Pix) small = wide == NULL ? NULL : pixScale(wide, scale, scale);
    if (small == NULL) {
        da_error_set(error, DA_ERROR_SYSTEM, "cannot make the small picture of a page");
        return NULL;
    }
    return da_image_encode_jpeg(small, QUALITY, error);
}
