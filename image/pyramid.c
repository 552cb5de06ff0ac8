#include <dangan/pyramid.h>

#include "leptonica.h"

#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <dangan/image.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "dangan tiles 1\n" /* its NUL belongs to it */
#define TILE DA_PYRAMID_TILE_PX
#define MAX_SIDE_PX 65500u
#define HEADER_BYTES ((gsize)32)

typedef struct {
    guint width_px, height_px, columns, rows;
    guint first; /* number of its first tile */
} Level;

struct DaPyramid {
    gint references;
    int fd;
    guint levels_n, tiles_n;
    Level levels[DA_PYRAMID_MAX_LEVELS];
    guint64 *begins; /* tiles_n + 1 */
};

/* --- the shape ------------------------------------------------------------------------------------------------------- */

static void shape(DaPyramid *pyramid, guint width_px, guint height_px)
{
    Level *level = pyramid->levels;
    guint tiles = 0;
    for (;;) {
        *level = (Level){width_px, height_px, (width_px + TILE - 1) / TILE,
                         (height_px + TILE - 1) / TILE, tiles};
        tiles += level->columns * level->rows;
        if (level->columns == 1 && level->rows == 1)
            break;
        width_px = (width_px + 1) / 2;
        height_px = (height_px + 1) / 2;
        level++;
    }
    pyramid->levels_n = (guint)(level - pyramid->levels) + 1;
    pyramid->tiles_n = tiles;
}

static DaPyramid *pyramid_new(int fd, guint width_px, guint height_px)
{
    DaPyramid *pyramid = g_new0(DaPyramid, 1);
    pyramid->references = 1;
    pyramid->fd = fd;
    shape(pyramid, width_px, height_px);
    pyramid->begins = g_new0(guint64, pyramid->tiles_n + 1);
    return pyramid;
}

DaPyramid *da_pyramid_ref(DaPyramid *pyramid)
{
    g_atomic_int_inc(&pyramid->references);
    return pyramid;
}

void da_pyramid_unref(DaPyramid *pyramid)
{
    if (!pyramid || !g_atomic_int_dec_and_test(&pyramid->references))
        return;
    da_fd_clear(&pyramid->fd);
    g_free(pyramid->begins);
    g_free(pyramid);
}

guint da_pyramid_levels(const DaPyramid *pyramid)
{
    return pyramid->levels_n;
}

void da_pyramid_size(const DaPyramid *pyramid, guint level, guint *width_px, guint *height_px)
{
    *width_px = pyramid->levels[level].width_px;
    *height_px = pyramid->levels[level].height_px;
}

/* --- making ---------------------------------------------------------------------------------------------------------- */

static Pix *no_memory(GError **error)
{
    da_error_set(error, DA_ERROR_SYSTEM, "cannot make the tiles of an image: no memory");
    return NULL;
}

static Pix *cut(Pix *image, guint x, guint y, guint width, guint height)
{
    g_autoptr(Box) box = boxCreate((int)x, (int)y, (int)width, (int)height);
    return pixClipRectangle(image, box, NULL);
}

/* The mean of two by two px; an odd last column or row counts twice. */
static Pix *half(Pix *image, GError **error)
{
    int odd_x = pixGetWidth(image) % 2, odd_y = pixGetHeight(image) % 2;
    g_autoptr(Pix) even =
        odd_x || odd_y ? pixAddContinuedBorder(image, 0, odd_x, 0, odd_y) : pixClone(image);
    Pix *reduced = even ? pixScaleAreaMap2(even) : NULL;
    return reduced ? reduced : no_memory(error);
}

static gboolean add_tiles(const Level *level, Pix *image, guint quality, GByteArray *tiles,
                          guint64 *begins, GError **error)
{
    for (guint i = 0; i < level->columns * level->rows; i++) {
        guint x = i % level->columns * TILE, y = i / level->columns * TILE;
        g_autoptr(Pix) tile =
            cut(image, x, y, MIN(TILE, level->width_px - x), MIN(TILE, level->height_px - y));
        g_autoptr(GBytes) jpeg =
            tile ? da_image_encode_jpeg(tile, quality, error) : (GBytes *)no_memory(error);
        if (!jpeg)
            return FALSE;
        begins[level->first + i] = tiles->len;
        g_byte_array_append(tiles, g_bytes_get_data(jpeg, NULL), (guint)g_bytes_get_size(jpeg));
    }
    return TRUE;
}

static gboolean add_levels(const DaPyramid *pyramid, Pix *image, guint quality, GByteArray *tiles,
                           GError **error)
{
    g_autoptr(Pix) now = pixGetDepth(image) == 1 ? pixConvertTo8(image, FALSE) : pixClone(image);
    for (guint i = 0; i < pyramid->levels_n; i++) {
        if (!add_tiles(&pyramid->levels[i], now, quality, tiles, pyramid->begins, error))
            return FALSE;
        Pix *next = i + 1 < pyramid->levels_n ? half(now, error) : pixClone(now);
        if (!next)
            return FALSE;
        pixDestroy(&now);
        now = next;
    }
    pyramid->begins[pyramid->tiles_n] = tiles->len;
    return TRUE;
}

static gsize index_bytes(const DaPyramid *pyramid)
{
    return HEADER_BYTES + ((gsize)pyramid->tiles_n + 1) * sizeof(guint64);
}

static GBytes *put_together(const DaPyramid *pyramid, const GByteArray *tiles)
{
    const Level *whole = &pyramid->levels[0];
    guint32 numbers[] = {GUINT32_TO_LE(whole->width_px), GUINT32_TO_LE(whole->height_px),
                         GUINT32_TO_LE(TILE), GUINT32_TO_LE(pyramid->levels_n)};
    GByteArray *file = g_byte_array_sized_new((guint)index_bytes(pyramid) + tiles->len);
    g_byte_array_append(file, (const guint8 *)MAGIC, sizeof MAGIC);
    g_byte_array_append(file, (const guint8 *)numbers, sizeof numbers);
    for (guint i = 0; i <= pyramid->tiles_n; i++) {
        guint64 begin = GUINT64_TO_LE(pyramid->begins[i] + index_bytes(pyramid));
        g_byte_array_append(file, (const guint8 *)&begin, sizeof begin);
    }
    g_byte_array_append(file, tiles->data, tiles->len);
    return g_byte_array_free_to_bytes(file);
}

GBytes *da_pyramid_make(Pix *image, guint quality, GError **error)
{
    da_leptonica_quiet();
    guint width = (guint)pixGetWidth(image), height = (guint)pixGetHeight(image);
    if (MAX(width, height) > MAX_SIDE_PX) {
        da_error_set(error, DA_ERROR_LIMIT, "the image is longer than %u px", MAX_SIDE_PX);
        return NULL;
    }
    g_autoptr(DaPyramid) pyramid = pyramid_new(-1, width, height);
    g_autoptr(GByteArray) tiles = g_byte_array_new();
    return add_levels(pyramid, image, quality, tiles, error) ? put_together(pyramid, tiles) : NULL;
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static gboolean broken(GError **error)
{
    return da_error_set(error, DA_ERROR_INPUT, "the file is no whole tile pyramid");
}

static gboolean read_at(int fd, guint64 offset, void *to, gsize bytes, GError **error)
{
    gsize done = 0;
    while (done < bytes) {
        ssize_t n =
            TEMP_FAILURE_RETRY(pread(fd, (char *)to + done, bytes - done, (off_t)(offset + done)));
        if (n < 0)
            return da_error_set_errno(error, errno, "cannot read a tile pyramid");
        if (n == 0)
            return broken(error);
        done += (gsize)n;
    }
    return TRUE;
}

static gboolean read_header(int fd, guint32 numbers[4], GError **error)
{
    char magic[sizeof MAGIC];
    if (!read_at(fd, 0, magic, sizeof magic, error) ||
        !read_at(fd, sizeof magic, numbers, sizeof(guint32) * 4, error))
        return FALSE;
    for (guint i = 0; i < 4; i++)
        numbers[i] = GUINT32_FROM_LE(numbers[i]);
    guint64 pixels = (guint64)numbers[0] * numbers[1];
    gboolean ours = memcmp(magic, MAGIC, sizeof magic) == 0 && numbers[2] == TILE && pixels > 0 &&
                    pixels <= DA_IMAGE_MAX_PIXELS && MAX(numbers[0], numbers[1]) <= MAX_SIDE_PX;
    return ours || broken(error);
}

static gboolean read_begins(DaPyramid *pyramid, GError **error)
{
    gsize count = (gsize)pyramid->tiles_n + 1;
    struct stat status;
    if (!read_at(pyramid->fd, HEADER_BYTES, pyramid->begins, count * sizeof(guint64), error))
        return FALSE;
    for (gsize i = 0; i < count; i++)
        pyramid->begins[i] = GUINT64_FROM_LE(pyramid->begins[i]);
    gboolean whole = fstat(pyramid->fd, &status) == 0 &&
                     pyramid->begins[0] == index_bytes(pyramid) &&
                     pyramid->begins[count - 1] == (guint64)status.st_size;
    for (gsize i = 1; i < count; i++)
        whole = whole && pyramid->begins[i] > pyramid->begins[i - 1];
    return whole || broken(error);
}

DaPyramid *da_pyramid_open(int fd, GError **error)
{
    da_autofd int file = fd;
    guint32 numbers[4];
    if (!read_header(file, numbers, error))
        return NULL;
    g_autoptr(DaPyramid) pyramid = pyramid_new(file, numbers[0], numbers[1]);
    file = -1;
    if (numbers[3] != pyramid->levels_n) {
        broken(error);
        return NULL;
    }
    return read_begins(pyramid, error) ? g_steal_pointer(&pyramid) : NULL;
}

GBytes *da_pyramid_tile_bytes(const DaPyramid *pyramid, guint64 offset, gsize bytes, GError **error)
{
    g_autofree void *data = g_malloc(bytes);
    return read_at(pyramid->fd, offset, data, bytes, error)
               ? g_bytes_new_take(g_steal_pointer(&data), bytes)
               : NULL;
}

gboolean da_pyramid_tile(const DaPyramid *pyramid, guint level, guint column, guint row,
                         guint64 *offset, gsize *bytes)
{
    if (level >= pyramid->levels_n || column >= pyramid->levels[level].columns ||
        row >= pyramid->levels[level].rows)
        return FALSE;
    guint tile = pyramid->levels[level].first + row * pyramid->levels[level].columns + column;
    *offset = pyramid->begins[tile];
    *bytes = (gsize)(pyramid->begins[tile + 1] - pyramid->begins[tile]);
    return TRUE;
}

/* --- pixels ---------------------------------------------------------------------------------------------------------- */

static Pix *decode_tile(const DaPyramid *pyramid, guint level, guint column, guint row,
                        GError **error)
{
    guint64 offset = 0;
    gsize bytes = 0;
    if (!da_pyramid_tile(pyramid, level, column, row, &offset, &bytes) ||
        bytes > DA_IMAGE_MAX_BYTES) {
        broken(error);
        return NULL;
    }
    g_autoptr(GBytes) jpeg = da_pyramid_tile_bytes(pyramid, offset, bytes, error);
    return jpeg ? da_image_decode(jpeg, error) : NULL;
}

/* Makes the canvas with the first tile, whose depth is that of all. */
static gboolean lay(Pix **canvas, Pix *tile, guint width, guint height, int x, int y,
                    GError **error)
{
    if (!*canvas)
        *canvas = pixCreate((int)width, (int)height, pixGetDepth(tile));
    if (!*canvas)
        return no_memory(error) != NULL;
    int from_x = MAX(0, -x), from_y = MAX(0, -y);
    if (pixGetDepth(tile) != pixGetDepth(*canvas))
        return broken(error);
    pixRasterop(*canvas, x + from_x, y + from_y, pixGetWidth(tile) - from_x,
                pixGetHeight(tile) - from_y, PIX_SRC, tile, from_x, from_y);
    return TRUE;
}

Pix *da_pyramid_read(const DaPyramid *pyramid, guint level, guint x, guint y, guint width,
                     guint height, GError **error)
{
    da_leptonica_quiet();
    g_autoptr(Pix) canvas = NULL;
    for (guint row = y / TILE; row * TILE < y + height; row++) {
        for (guint column = x / TILE; column * TILE < x + width; column++) {
            g_autoptr(Pix) tile = decode_tile(pyramid, level, column, row, error);
            if (!tile || !lay(&canvas, tile, width, height, (int)(column * TILE) - (int)x,
                              (int)(row * TILE) - (int)y, error))
                return NULL;
        }
    }
    return g_steal_pointer(&canvas);
}
