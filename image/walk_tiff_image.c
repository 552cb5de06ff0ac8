#include "walk_jpeg.h"
#include "walk_tiff.h"

/* More strips or tiles than an image of DA_IMAGE_MAX_PIXELS in tiles of 16 × 16 has. */
#define MAX_PARTS 1000000u

enum {
    COMPRESSION_NONE = 1,
    COMPRESSION_RLE = 2,
    COMPRESSION_G3 = 3,
    COMPRESSION_G4 = 4,
    COMPRESSION_OLD_JPEG = 6,
    COMPRESSION_JPEG = 7
};
enum { WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, MASK, CMYK, YCBCR };

typedef struct {
    DaTiff *tiff;
    guint64 at; /* of the directory */
    const GArray *entries;
    guint64 width, height, samples, bits, compression, photometric;
    gboolean is_planar, is_tiled, is_laid_out; /* is_laid_out: there are as many parts as needed */
    guint64 part_width, part_height;
    guint64 parts; /* that the image needs */
    guint64 per_plane;
} Image;

static void wrong_value(const Image *image, guint16 tag, guint64 value, const char *why)
{
    const DaIfdEntry *entry = da_ifd_find(image->entries, tag);
    g_autofree char *shown = da_tag_shown(tag);
    da_walk_fault(image->tiff->walk, DA_WALK_TIFF_VALUE, entry ? entry->entry_at : image->at,
                  "%s: %" G_GUINT64_FORMAT "%s%s", shown, value, *why ? ", " : "", why);
}

static void missing(const Image *image, DaWalkKind kind, guint16 tag)
{
    g_autofree char *shown = da_tag_shown(tag);
    da_walk_fault(image->tiff->walk, kind, image->at, "%s", shown);
}

static gboolean has(const Image *image, guint16 tag)
{
    return da_ifd_has(image->entries, tag);
}

static guint64 number(const Image *image, guint16 tag, guint64 fallback)
{
    return da_ifd_number(image->tiff, image->entries, tag, fallback);
}

/* --- tags ------------------------------------------------------------------------------------------------------------- */

static gboolean check_required(const Image *image)
{
    static const guint16 required[] = {DA_TAG_WIDTH, DA_TAG_HEIGHT, DA_TAG_PHOTOMETRIC};
    static const guint16 advised[] = {DA_TAG_X_RESOLUTION, DA_TAG_Y_RESOLUTION};
    gboolean complete = TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(required); i++)
        if (!has(image, required[i])) {
            missing(image, DA_WALK_TIFF_MISSING, required[i]);
            complete = FALSE;
        }
    for (guint i = 0; i < G_N_ELEMENTS(advised); i++)
        if (!has(image, advised[i]))
            missing(image, DA_WALK_TIFF_ADVISED, advised[i]);
    if (image->photometric == PALETTE && !has(image, DA_TAG_COLOUR_MAP))
        missing(image, DA_WALK_TIFF_MISSING, DA_TAG_COLOUR_MAP);
    return complete;
}

typedef struct {
    guint16 tag;
    guint64 least, most;
} Bounds;

static void check_bounds(const Image *image)
{
    static const Bounds bounds[] = {
        {DA_TAG_WIDTH, 1, G_MAXUINT32},
        {DA_TAG_HEIGHT, 1, G_MAXUINT32},
        {DA_TAG_SAMPLES, 1, 64},
        {DA_TAG_ORIENTATION, 1, 8},
        {DA_TAG_PLANAR, 1, 2},
        {DA_TAG_UNIT, 1, 3},
        {266 /* FillOrder */, 1, 2},
        {DA_TAG_PREDICTOR, 1, 3},
        {DA_TAG_ROWS_PER_STRIP, 1, G_MAXUINT32},
    };
    for (guint i = 0; i < G_N_ELEMENTS(bounds); i++) {
        guint64 value = number(image, bounds[i].tag, bounds[i].least);
        if (value < bounds[i].least || value > bounds[i].most)
            wrong_value(image, bounds[i].tag, value, "");
    }
}

static guint64 colours_of(guint64 photometric)
{
    return photometric == RGB || photometric == YCBCR ? 3 : photometric == CMYK ? 4 : 1;
}

static void check_bits(Image *image)
{
    const DaIfdEntry *bits = da_ifd_find(image->entries, DA_TAG_BITS);
    g_autofree char *shown = da_tag_shown(DA_TAG_BITS);
    image->bits = bits ? da_ifd_value(image->tiff, bits, 0) : 1;
    if (bits && bits->count != image->samples)
        da_walk_fault(image->tiff->walk, DA_WALK_TIFF_COUNT, bits->entry_at,
                      "%s: %" G_GUINT64_FORMAT " values for %" G_GUINT64_FORMAT " samples", shown,
                      bits->count, image->samples);
    if (image->bits < 1 || image->bits > 64)
        wrong_value(image, DA_TAG_BITS, image->bits, "");
    for (guint64 i = 1; bits && i < bits->count && i < image->samples; i++)
        if (da_ifd_value(image->tiff, bits, i) != image->bits)
            wrong_value(image, DA_TAG_BITS, da_ifd_value(image->tiff, bits, i),
                        "unequal between samples");
}

static void check_colour(Image *image)
{
    guint64 colours = colours_of(image->photometric);
    if (image->samples < colours)
        wrong_value(image, DA_TAG_SAMPLES, image->samples, "fewer than the colours");
    if (image->samples > colours && image->photometric <= YCBCR &&
        !has(image, DA_TAG_EXTRA_SAMPLES))
        missing(image, DA_WALK_TIFF_ADVISED, DA_TAG_EXTRA_SAMPLES);
    const DaIfdEntry *map = da_ifd_find(image->entries, DA_TAG_COLOUR_MAP);
    if (image->photometric == PALETTE && map && image->bits <= 16 &&
        map->count != (guint64)3 << image->bits)
        da_walk_fault(image->tiff->walk, DA_WALK_TIFF_COUNT, map->entry_at,
                      "ColorMap: %" G_GUINT64_FORMAT " values for %" G_GUINT64_FORMAT " bits",
                      map->count, image->bits);
}

static void check_compression(Image *image)
{
    guint64 compression = image->compression;
    gboolean fax = compression >= COMPRESSION_RLE && compression <= COMPRESSION_G4;
    if (compression == 0)
        wrong_value(image, DA_TAG_COMPRESSION, compression, "");
    if (fax && (image->bits != 1 || image->samples != 1))
        wrong_value(image, DA_TAG_COMPRESSION, compression, "for bitonal images only");
    if (compression == COMPRESSION_OLD_JPEG)
        da_walk_fault(image->tiff->walk, DA_WALK_TIFF_OLD_JPEG, image->at, "compression 6");
}

/* --- strips and tiles --------------------------------------------------------------------------------------------------- */

static guint64 divide_up(guint64 value, guint64 by)
{
    return value / by + (value % by != 0);
}

/* How many parts there must be. FALSE where that cannot be said. */
static gboolean lay_out(Image *image)
{
    image->is_tiled = has(image, DA_TAG_TILE_OFFSETS) || has(image, DA_TAG_TILE_WIDTH);
    if (image->is_tiled) {
        image->part_width = number(image, DA_TAG_TILE_WIDTH, 0);
        image->part_height = number(image, DA_TAG_TILE_HEIGHT, 0);
        static const guint16 tags[] = {DA_TAG_TILE_WIDTH, DA_TAG_TILE_HEIGHT};
        for (guint i = 0; i < 2; i++) {
            guint64 value = number(image, tags[i], 0);
            if (!has(image, tags[i]))
                missing(image, DA_WALK_TIFF_MISSING, tags[i]);
            else if (!value || value % 16)
                wrong_value(image, tags[i], value, "no multiple of 16");
        }
    } else {
        image->part_width = image->width;
        image->part_height = MIN(number(image, DA_TAG_ROWS_PER_STRIP, G_MAXUINT32), image->height);
    }
    if (!image->part_width || !image->part_height)
        return FALSE;
    image->per_plane =
        divide_up(image->width, image->part_width) * divide_up(image->height, image->part_height);
    image->parts = image->per_plane * (image->is_planar ? image->samples : 1);
    if (image->parts <= MAX_PARTS)
        return TRUE;
    da_walk_fault(image->tiff->walk, DA_WALK_LIMIT, image->at,
                  "%" G_GUINT64_FORMAT " strips or tiles", image->parts);
    return FALSE;
}

/* Bytes of an uncompressed part with `rows` rows; 0 where subsampling makes that another question. */
static guint64 plain_bytes(const Image *image, guint64 rows)
{
    if (image->compression != COMPRESSION_NONE || image->photometric == YCBCR)
        return 0;
    guint64 samples = image->is_planar ? 1 : image->samples;
    return divide_up(image->part_width * samples * image->bits, 8) * rows;
}

static gboolean part_size_fits(const Image *image, guint64 n, guint64 bytes)
{
    guint64 full = plain_bytes(image, image->part_height);
    if (!full || !image->is_laid_out)
        return bytes > 0;
    guint64 row = n % image->per_plane;
    guint64 rest = image->height - row * image->part_height;
    gboolean is_last = !image->is_tiled && rest < image->part_height;
    /* The last strip may be written full or with its own rows. */
    return bytes == full || (is_last && bytes == plain_bytes(image, rest));
}

static void check_part(Image *image, guint64 n, guint64 at, guint64 bytes, guint16 tag,
                       const DaJpegTables *tables)
{
    DaTiff *tiff = image->tiff;
    const char *name = image->is_tiled ? "tile" : "strip";
    if (!da_tiff_is_inside(tiff, at, bytes)) {
        da_walk_fault(tiff->walk, DA_WALK_TIFF_OUTSIDE, at,
                      "%s %" G_GUINT64_FORMAT ": %" G_GUINT64_FORMAT " bytes at %" G_GUINT64_FORMAT,
                      name, n, bytes, at);
        return;
    }
    if (!part_size_fits(image, n, bytes))
        da_walk_fault(tiff->walk, DA_WALK_TIFF_PART_SIZE, at,
                      "%s %" G_GUINT64_FORMAT ": %" G_GUINT64_FORMAT " bytes", name, n, bytes);
    da_tiff_own(tiff, at, bytes, DA_OWNER_PART, tag);
    if (image->compression != COMPRESSION_JPEG || !bytes)
        return;
    if (bytes < 4 || tiff->data[at] != 0xFF || tiff->data[at + 1] != 0xD8)
        da_walk_fault(tiff->walk, DA_WALK_TIFF_PART_JPEG, at, "%s %" G_GUINT64_FORMAT, name, n);
    else
        da_walk_jpeg_part(tiff->walk, tiff->data, (gsize)at, (gsize)(at + bytes), tables);
}

static void check_parts(Image *image, const DaJpegTables *tables)
{
    guint16 at_tag = image->is_tiled ? DA_TAG_TILE_OFFSETS : DA_TAG_STRIP_OFFSETS;
    guint16 bytes_tag = image->is_tiled ? DA_TAG_TILE_BYTES : DA_TAG_STRIP_BYTES;
    const DaIfdEntry *offsets = da_ifd_find(image->entries, at_tag);
    const DaIfdEntry *sizes = da_ifd_find(image->entries, bytes_tag);
    if (!has(image, at_tag))
        missing(image, DA_WALK_TIFF_MISSING, at_tag);
    if (!has(image, bytes_tag))
        missing(image, DA_WALK_TIFF_MISSING, bytes_tag);
    if (!offsets || !sizes)
        return;
    image->is_laid_out = offsets->count == image->parts && sizes->count == image->parts;
    if (!image->is_laid_out)
        da_walk_fault(image->tiff->walk, DA_WALK_TIFF_PARTS, offsets->entry_at,
                      "%" G_GUINT64_FORMAT " offsets and %" G_GUINT64_FORMAT
                      " sizes, %" G_GUINT64_FORMAT " %s make the image",
                      offsets->count, sizes->count, image->parts,
                      image->is_tiled ? "tiles" : "strips");
    guint64 count = MIN(MIN(offsets->count, sizes->count), image->parts);
    for (guint64 i = 0; i < count; i++)
        check_part(image, i, da_ifd_value(image->tiff, offsets, i),
                   da_ifd_value(image->tiff, sizes, i), at_tag, tables);
}

/* The withdrawn kind keeps a whole JPEG, or its tables, in places of its own. */
static void own_old_jpeg(const Image *image)
{
    DaTiff *tiff = image->tiff;
    guint64 at = number(image, DA_TAG_JPEG_AT, 0), bytes = number(image, DA_TAG_JPEG_BYTES, 0);
    if (!at || !bytes)
        return;
    if (!da_tiff_is_inside(tiff, at, bytes))
        da_walk_fault(tiff->walk, DA_WALK_TIFF_OUTSIDE, at,
                      "JPEG of %" G_GUINT64_FORMAT " bytes at %" G_GUINT64_FORMAT, bytes, at);
    else if (!has(image, DA_TAG_STRIP_OFFSETS))
        da_tiff_own(tiff, at, bytes, DA_OWNER_PART, DA_TAG_JPEG_AT);
}

/* Old-style JPEG owns bytes in ways that no two writers share: its parts are not held against each other. */
static gboolean is_beyond_us(const Image *image)
{
    return image->compression == COMPRESSION_OLD_JPEG;
}

void da_tiff_check_image(DaTiff *tiff, guint64 at, const GArray *entries)
{
    Image image = {.tiff = tiff, .at = at, .entries = entries};
    image.width = number(&image, DA_TAG_WIDTH, 0);
    image.height = number(&image, DA_TAG_HEIGHT, 0);
    image.samples = CLAMP(number(&image, DA_TAG_SAMPLES, 1), 1, 64);
    image.compression = number(&image, DA_TAG_COMPRESSION, COMPRESSION_NONE);
    image.photometric = number(&image, DA_TAG_PHOTOMETRIC, G_MAXUINT16);
    image.is_planar = number(&image, DA_TAG_PLANAR, 1) == 2;
    if (!tiff->walk->images) {
        tiff->walk->compression = (guint)image.compression;
        tiff->walk->is_tiled = has(&image, DA_TAG_TILE_OFFSETS);
    }
    gboolean complete = check_required(&image);
    check_bounds(&image);
    check_bits(&image);
    check_colour(&image);
    check_compression(&image);
    if (is_beyond_us(&image)) {
        own_old_jpeg(&image);
        return;
    }
    g_autofree DaJpegTables *tables = g_new0(DaJpegTables, 1);
    const DaIfdEntry *shared = da_ifd_find(entries, DA_TAG_JPEG_TABLES);
    if (shared && image.compression == COMPRESSION_JPEG)
        da_walk_jpeg_tables(tiff->walk, tiff->data, (gsize)shared->at,
                            (gsize)(shared->at + shared->count), tables);
    if (complete && image.width && image.height && lay_out(&image))
        check_parts(&image, tables);
}
