#include "tiles.h"

#include <dangan/archive.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dangan/image.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUALITY 85u
#define OPEN_MAX_FILES 128u
/* Removed at once when the limit is reached, so that not every new one looks through all. */
#define SPARE 10u

typedef struct {
    char *sha256;
    DaPyramid *pyramid;
} Open;

struct DaTiles {
    char *folder;
    guint64 max_bytes;
    GMutex mutex;
    guint64 bytes;       /* of the files; approximately, when others write too */
    GQueue recent;       /* Open *, the latest at the head */
    GHashTable *entries; /* sha256 → link in `recent` */
};

static void open_free(gpointer data)
{
    Open *entry = data;
    g_free(entry->sha256);
    da_pyramid_unref(entry->pyramid);
    g_free(entry);
}

static char *path_of(const DaTiles *tiles, const char *sha256)
{
    return g_strdup_printf("%s/%s", tiles->folder, sha256);
}

/* --- the files ------------------------------------------------------------------------------------------------------- */

typedef struct {
    char *path;
    guint64 bytes;
    gint64 used_s;
} Kept;

static void kept_clear(gpointer data)
{
    g_free(((Kept *)data)->path);
}

/* Every file with its size and when it was used last; the caller owns the array. */
static GArray *look_through(const DaTiles *tiles)
{
    GArray *files = g_array_new(FALSE, FALSE, sizeof(Kept));
    g_array_set_clear_func(files, kept_clear);
    g_autoptr(GDir) dir = g_dir_open(tiles->folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = path_of(tiles, name);
        struct stat status;
        if (lstat(path, &status) == 0 && S_ISREG(status.st_mode)) {
            const Kept kept = {g_steal_pointer(&path), (guint64)status.st_size, status.st_mtime};
            g_array_append_val(files, kept);
        }
    }
    return files;
}

static int by_use(gconstpointer a, gconstpointer b)
{
    gint64 first = ((const Kept *)a)->used_s, second = ((const Kept *)b)->used_s;
    return first < second ? -1 : first > second;
}

/* The mutex is held. An open file stays readable until it is closed. */
static void make_room(DaTiles *tiles)
{
    if (tiles->bytes <= tiles->max_bytes)
        return;
    g_autoptr(GArray) files = look_through(tiles);
    guint64 wanted = tiles->max_bytes - tiles->max_bytes / SPARE;
    tiles->bytes = 0;
    for (guint i = 0; i < files->len; i++)
        tiles->bytes += g_array_index(files, Kept, i).bytes;
    g_array_sort(files, by_use);
    for (guint i = 0; i < files->len && tiles->bytes > wanted; i++) {
        const Kept *kept = &g_array_index(files, Kept, i);
        if (g_unlink(kept->path) == 0)
            tiles->bytes -= kept->bytes;
    }
}

DaTiles *da_tiles_new(const char *archive_dir, guint64 max_bytes, GError **error)
{
    g_autofree char *folder = g_build_filename(archive_dir, DA_ARCHIVE_TILES, NULL);
    g_autofree char *cache = g_path_get_dirname(folder);
    if (!da_dir_make(cache, error) || !da_dir_make(folder, error))
        return NULL;
    DaTiles *tiles = g_new0(DaTiles, 1);
    tiles->folder = g_steal_pointer(&folder);
    tiles->max_bytes = max_bytes;
    g_mutex_init(&tiles->mutex);
    g_queue_init(&tiles->recent);
    tiles->entries = g_hash_table_new(g_str_hash, g_str_equal);
    tiles->bytes = max_bytes + 1;
    make_room(tiles);
    return tiles;
}

void da_tiles_free(DaTiles *tiles)
{
    if (!tiles)
        return;
    g_hash_table_unref(tiles->entries);
    g_queue_clear_full(&tiles->recent, open_free);
    g_mutex_clear(&tiles->mutex);
    g_free(tiles->folder);
    g_free(tiles);
}

/* --- open ones ------------------------------------------------------------------------------------------------------- */

static DaPyramid *find_open(DaTiles *tiles, const char *sha256)
{
    DaPyramid *pyramid = NULL;
    g_mutex_lock(&tiles->mutex);
    GList *link = g_hash_table_lookup(tiles->entries, sha256);
    if (link) {
        g_queue_unlink(&tiles->recent, link);
        g_queue_push_head_link(&tiles->recent, link);
        pyramid = da_pyramid_ref(((Open *)link->data)->pyramid);
    }
    g_mutex_unlock(&tiles->mutex);
    return pyramid;
}

static void keep_open(DaTiles *tiles, const char *sha256, DaPyramid *pyramid)
{
    g_mutex_lock(&tiles->mutex);
    if (!g_hash_table_contains(tiles->entries, sha256)) {
        Open *entry = g_new0(Open, 1);
        entry->sha256 = g_strdup(sha256);
        entry->pyramid = da_pyramid_ref(pyramid);
        g_queue_push_head(&tiles->recent, entry);
        g_hash_table_insert(tiles->entries, entry->sha256, tiles->recent.head);
        if (tiles->recent.length > OPEN_MAX_FILES) {
            Open *oldest = g_queue_pop_tail(&tiles->recent);
            g_hash_table_remove(tiles->entries, oldest->sha256);
            open_free(oldest);
        }
    }
    g_mutex_unlock(&tiles->mutex);
}

/* One that is not whole is made again. */
static DaPyramid *open_file(const DaTiles *tiles, const char *sha256)
{
    g_autofree char *path = path_of(tiles, sha256);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    futimens(fd, NULL);
    DaPyramid *pyramid = da_pyramid_open(fd, NULL);
    if (!pyramid)
        g_unlink(path);
    return pyramid;
}

DaPyramid *da_tiles_get(DaTiles *tiles, const char *sha256)
{
    DaPyramid *pyramid = find_open(tiles, sha256);
    if (!pyramid && (pyramid = open_file(tiles, sha256)))
        keep_open(tiles, sha256, pyramid);
    return pyramid;
}

DaPyramid *da_tiles_make(DaTiles *tiles, DaObjectStore *objects, const char *sha256, GError **error)
{
    g_autoptr(GBytes) stored = da_object_read(objects, sha256, error);
    g_autoptr(Pix) image = stored ? da_image_decode(stored, error) : NULL;
    g_autoptr(GBytes) file = image ? da_pyramid_make(image, QUALITY, error) : NULL;
    g_autofree char *path = path_of(tiles, sha256);
    gsize size = 0;
    const void *data = file ? g_bytes_get_data(file, &size) : NULL;
    if (!file || !da_file_write(path, data, size, error))
        return NULL;
    g_mutex_lock(&tiles->mutex);
    tiles->bytes += size;
    make_room(tiles);
    g_mutex_unlock(&tiles->mutex);
    DaPyramid *pyramid = open_file(tiles, sha256);
    if (pyramid)
        keep_open(tiles, sha256, pyramid);
    else
        da_error_set(error, DA_ERROR_DISK, "the tiles of a page cannot be read again");
    return pyramid;
}
