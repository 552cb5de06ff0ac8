/*
 * The structure of an image file, walked without decoding it.
 *
 * Decoders are made to show something, so they pass over what is broken: a loop of directories, two strips in one place, a table that
 * nobody defined, a program behind the end of the image. A walk follows every offset and every length that the file states and says
 * where they lie or contradict each other. Together with a complete decode it answers whether a file is what its format says.
 *
 * Pure functions on bytes: nothing outside them is read, time grows with the size of the file, memory is limited, and any bytes
 * may be given. Faults are data: kind, place, and a sentence in two languages.
 * Thread rule: functions share nothing and may run in parallel.
 * Source: TIFF 6.0 (1992) with its Technical Notes; ITU-T T.81; JFIF 1.02; CIPA DC-007 (MPF); PNG (ISO/IEC 15948).
 */
#pragma once

#include <dangan/image.h>

typedef enum {
    /* any format */
    DA_WALK_FORMAT,    /* not an image of a format that is known here */
    DA_WALK_TRUNCATED, /* ends where more must follow */
    DA_WALK_TRAILING,  /* bytes behind the end of the image */
    DA_WALK_LIMIT,     /* more parts than any scan has; the walk ended there */

    DA_WALK_TIFF_HEADER,    /* no version 42 or 43, wrong constants of BigTIFF, no directory */
    DA_WALK_TIFF_OUTSIDE,   /* directory, value, strip or tile (partly) outside the file */
    DA_WALK_TIFF_LOOP,      /* a directory is reached twice */
    DA_WALK_TIFF_EMPTY,     /* a directory without entries */
    DA_WALK_TIFF_ORDER,     /* entries not in ascending order */
    DA_WALK_TIFF_DUPLICATE, /* a tag twice in one directory */
    DA_WALK_TIFF_TYPE,      /* a type that does not exist, or not for this tag */
    DA_WALK_TIFF_COUNT,     /* a number of values that the tag cannot have */
    DA_WALK_TIFF_VALUE,     /* a value that the tag cannot have, or that contradicts another */
    DA_WALK_TIFF_MISSING,   /* a tag without which the image cannot be read */
    DA_WALK_TIFF_ADVISED,   /* a tag that baseline wants and readers do without */
    DA_WALK_TIFF_PARTS,     /* strips or tiles are not as many as the image needs */
    DA_WALK_TIFF_PART_SIZE, /* an empty strip or tile, or an uncompressed one of the wrong size */
    DA_WALK_TIFF_PART_JPEG, /* a JPEG strip or tile that is no JPEG stream */
    DA_WALK_TIFF_OVERLAP,   /* two things share bytes */
    DA_WALK_TIFF_SHARED,    /* two strips or tiles are the very same bytes */
    DA_WALK_TIFF_ODD,       /* a directory or value at an odd offset */
    DA_WALK_TIFF_UNREFERENCED, /* bytes inside that nothing refers to */
    DA_WALK_TIFF_OLD_JPEG,     /* compression 6, withdrawn by Technical Note 2 */

    DA_WALK_JPEG_LENGTH,     /* a segment shorter or longer than its content or than the file */
    DA_WALK_JPEG_JUNK,       /* bytes between segments */
    DA_WALK_JPEG_ORDER,      /* a marker where it may not stand */
    DA_WALK_JPEG_MARKER,     /* a reserved marker */
    DA_WALK_JPEG_TABLE,      /* a quantisation, Huffman or conditioning table that cannot be */
    DA_WALK_JPEG_UNDEFINED,  /* a scan uses a table that was not defined */
    DA_WALK_JPEG_FRAME,      /* size, precision, components or sampling that cannot be */
    DA_WALK_JPEG_SCAN,       /* a scan header that does not fit the frame */
    DA_WALK_JPEG_INCOMPLETE, /* a component without a (first) scan */
    DA_WALK_JPEG_RESTART,    /* restart markers missing, surplus or out of sequence */
    DA_WALK_JPEG_NO_END,     /* no EOI */
    DA_WALK_JPEG_JFIF,       /* JFIF header misplaced or malformed */
    DA_WALK_JPEG_DENSITY,    /* JFIF and Exif state different resolutions */
    DA_WALK_JPEG_ADOBE,      /* Adobe's colour transform contradicts the components or JFIF */
    DA_WALK_JPEG_EXIF,       /* the Exif block cannot be followed */
    DA_WALK_JPEG_MPF,        /* the index of further images cannot be followed */

    DA_WALK_PNG_CHUNK,  /* a chunk longer than the file, or with a name that cannot be */
    DA_WALK_PNG_CRC,    /* a chunk is not what its CRC says */
    DA_WALK_PNG_ORDER,  /* a chunk missing, twice or where it may not stand */
    DA_WALK_PNG_HEADER, /* size, depth or colour type that cannot be */
    DA_WALK_KINDS_N
} DaWalkKind;

/* "tiff-loop"; stable, for reports and tests. */
const char *da_walk_kind_name(DaWalkKind kind);
/* FALSE when no kind has this name. */
gboolean da_walk_kind_by_name(const char *name, DaWalkKind *kind);
typedef enum {
    DA_WALK_INFO,    /* worth knowing */
    DA_WALK_WARNING, /* against the standard, every reader copes */
    DA_WALK_ERROR,   /* a strict reader may fail or see another image */
} DaWalkSeverity;

DaWalkSeverity da_walk_kind_severity(DaWalkKind kind);
const char *da_walk_kind_text(DaWalkKind kind);
const char *da_walk_kind_text_zh(DaWalkKind kind);
/* "TIFF 6.0 §2"; NULL = none. */
const char *da_walk_kind_source(DaWalkKind kind);

typedef struct {
    DaWalkKind kind;
    guint64 offset; /* in the file */
    char *found;    /* what was seen there: "tag 273 (StripOffsets): type 7"; never NULL */
} DaWalkFault;

/* Faults that are kept of one file; more are counted only. */
#define DA_WALK_MAX_KEPT 50u

/* What the quantisation tables tell. Source: libjpeg's jcparam.c (the scale that encoders of the IJG family share). */
typedef struct {
    guint quality; /* 1 to 100 on the IJG scale; 0 = no table */
    gboolean
        standard; /* the tables are exactly those of that quality; else it is the nearest in strength */
} DaJpegQuality;

typedef struct {
    DaImageFormat format;
    GPtrArray *faults; /* DaWalkFault *, in the order met */
    guint64 fault_count;
    guint64 trailing_bytes; /* behind the end of the (last) image */
    guint images;           /* TIFF directories of pages; JPEG with those of its MPF index */

    /* JPEG */
    guint
        process; /* n of SOFn: 0 baseline, 1 extended, 2 progressive, 3 lossless, 9 and up arithmetic */
    char sampling[32]; /* "2x2 1x1 1x1": per component, in the order of the frame */
    guint scans, restart_interval;
    DaJpegQuality quality;
    gboolean has_jfif, has_adobe;

    /* TIFF, first page */
    gboolean big_endian, is_big_tiff, is_tiled;
    guint compression; /* the tag's value; 0 = no TIFF */

    /* what it says about its making; NULL or FALSE = nothing */
    char *make, *model, *software, *comment;
    gboolean has_gps;
    guint orientation; /* 1 to 8; 0 = not stated */
} DaWalk;

/* Walks a file of any of the formats; never NULL. A format that is not known is the fault DA_WALK_FORMAT. */
DaWalk *da_walk_image(const void *data, gsize size);
void da_walk_free(DaWalk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaWalk, da_walk_free)
