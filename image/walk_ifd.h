/* Directories (IFD) of a TIFF, of an Exif block and of an MPF index: entries, their values, and who owns which bytes. Source: TIFF 6.0 §2. */
#pragma once

#include "walk.h"

enum {
    DA_TIFF_BYTE = 1,
    DA_TIFF_ASCII,
    DA_TIFF_SHORT,
    DA_TIFF_LONG,
    DA_TIFF_RATIONAL,
    DA_TIFF_SBYTE,
    DA_TIFF_UNDEFINED,
    DA_TIFF_SSHORT,
    DA_TIFF_SLONG,
    DA_TIFF_SRATIONAL,
    DA_TIFF_FLOAT,
    DA_TIFF_DOUBLE,
    DA_TIFF_IFD,
    DA_TIFF_LONG8 = 16,
    DA_TIFF_SLONG8,
    DA_TIFF_IFD8,
    DA_TIFF_TYPES_N
};

enum {
    DA_TAG_WIDTH = 256,
    DA_TAG_HEIGHT = 257,
    DA_TAG_BITS = 258,
    DA_TAG_COMPRESSION = 259,
    DA_TAG_PHOTOMETRIC = 262,
    DA_TAG_MAKE = 271,
    DA_TAG_MODEL = 272,
    DA_TAG_STRIP_OFFSETS = 273,
    DA_TAG_ORIENTATION = 274,
    DA_TAG_SAMPLES = 277,
    DA_TAG_ROWS_PER_STRIP = 278,
    DA_TAG_STRIP_BYTES = 279,
    DA_TAG_X_RESOLUTION = 282,
    DA_TAG_Y_RESOLUTION = 283,
    DA_TAG_PLANAR = 284,
    DA_TAG_UNIT = 296,
    DA_TAG_SOFTWARE = 305,
    DA_TAG_PREDICTOR = 317,
    DA_TAG_COLOUR_MAP = 320,
    DA_TAG_TILE_WIDTH = 322,
    DA_TAG_TILE_HEIGHT = 323,
    DA_TAG_TILE_OFFSETS = 324,
    DA_TAG_TILE_BYTES = 325,
    DA_TAG_SUB_IFDS = 330,
    DA_TAG_EXTRA_SAMPLES = 338,
    DA_TAG_JPEG_TABLES = 347,
    DA_TAG_JPEG_AT = 513,
    DA_TAG_JPEG_BYTES = 514,
    DA_TAG_OLD_JPEG_Q = 519,
    DA_TAG_OLD_JPEG_AC = 521,
    DA_TAG_EXIF = 34665,
    DA_TAG_GPS = 34853,
    DA_TAG_INTEROP = 40965
};

/* Who owns a range of bytes. */
typedef enum { DA_OWNER_HEADER, DA_OWNER_DIRECTORY, DA_OWNER_VALUE, DA_OWNER_PART } DaOwner;

typedef struct {
    guint64 begin, end;
    DaOwner owner;
    guint16 tag;
} DaRange;

typedef struct {
    DaWalk *walk;
    const guint8 *data;
    gsize size;
    gboolean big_endian, is_big;
    GArray *ranges;      /* DaRange */
    GHashTable *visited; /* offsets of directories */
    guint64 entries;     /* of all directories */
} DaTiff;

typedef struct {
    guint16 tag, type;
    guint64 count;
    guint64 at; /* of the value */
    guint64 entry_at;
    gboolean is_readable; /* type known, value inside */
} DaIfdEntry;

void da_tiff_init(DaTiff *tiff, DaWalk *walk, const guint8 *data, gsize size);
void da_tiff_clear(DaTiff *tiff);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaTiff, da_tiff_clear)

/* The header: byte order and kind are set, `*first` is where the first directory lies. FALSE after a fault. */
gboolean da_tiff_header(DaTiff *tiff, guint64 *first);
/* Reads the directory at `at` into `entries` (DaIfdEntry, ascending by tag, each tag once); `*next` is 0 at the end. FALSE after a
 * fault that leaves nothing to read. */
gboolean da_ifd_read(DaTiff *tiff, guint64 at, GArray *entries, guint64 *next);

/* TRUE when the directory has the tag, whether its value can be read or not. */
gboolean da_ifd_has(const GArray *entries, guint16 tag);
/* NULL = there is none that can be read. */
const DaIfdEntry *da_ifd_find(const GArray *entries, guint16 tag);
/* The n-th value as a whole number; rationals are cut down. 0 outside. */
guint64 da_ifd_value(const DaTiff *tiff, const DaIfdEntry *entry, guint64 n);
/* The first value of a tag, or `fallback`. */
guint64 da_ifd_number(const DaTiff *tiff, const GArray *entries, guint16 tag, guint64 fallback);

/* Make, model, software, orientation, GPS into the walk. */
void da_ifd_take_origin(DaTiff *tiff, const GArray *entries);

void da_tiff_own(DaTiff *tiff, guint64 begin, guint64 size, DaOwner owner, guint16 tag);
gboolean da_tiff_is_inside(const DaTiff *tiff, guint64 at, guint64 size);
/* "tag 273 (StripOffsets)"; the caller owns it. */
char *da_tag_shown(guint16 tag);
