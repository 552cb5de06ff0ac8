#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw.h"

#include <dangan/image.h>
#include <dangan/tiff_memory.h>
#include <dangan/walk.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

static char *faults_of(const DaWalk *walk)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < walk->faults->len; i++) {
        const DaWalkFault *fault = walk->faults->pdata[i];
        g_string_append_printf(text, " [%s @%" G_GUINT64_FORMAT ": %s]",
                               da_walk_kind_name(fault->kind), fault->offset, fault->found);
    }
    return g_string_free(text, FALSE);
}

/* Exactly one fault, and that of its kind. */
static void assert_fault(const char *label, const GByteArray *bytes, DaWalkKind kind)
{
    g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
    g_autofree char *found = faults_of(walk);
    if (walk->fault_count != 1 || ((DaWalkFault *)walk->faults->pdata[0])->kind != kind)
        fail_msg("%s: wanted %s, found%s", label, da_walk_kind_name(kind), found);
}

static void assert_clean(const char *label, const GByteArray *bytes)
{
    g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
    g_autofree char *found = faults_of(walk);
    if (walk->fault_count)
        fail_msg("%s: found%s", label, found);
}

/* --- TIFF by hand ----------------------------------------------------------------------------------------------------- */

enum {
    SIDE = 16,
    STRIP_AT = 8,
    STRIP_BYTES = 128,
    VALUES_AT = 264,
    X_AT = 264,
    Y_AT = 272,
    OFFSETS_AT = 280,
    COUNTS_AT = 288,
    IFD_AT = 296
};
enum { BYTE = 1, ASCII, SHORT, LONG, RATIONAL };

typedef struct {
    guint16 tag, type;
    guint32 count, value;
} Entry;

typedef struct {
    Entry entries[32];
    guint n;
    guint32 first, next, offsets[2], counts[2];
    guint32 surplus; /* bytes behind the directory */
    gboolean big_endian;
} Tiff;

static const Entry good_entries[] = {
    {256, LONG, 1, SIDE},     {257, LONG, 1, SIDE},     {258, SHORT, 1, 8},
    {259, SHORT, 1, 1},       {262, SHORT, 1, 1},       {273, LONG, 2, OFFSETS_AT},
    {277, SHORT, 1, 1},       {278, LONG, 1, SIDE / 2}, {279, LONG, 2, COUNTS_AT},
    {282, RATIONAL, 1, X_AT}, {283, RATIONAL, 1, Y_AT}, {296, SHORT, 1, 2},
};

static Tiff good_tiff(void)
{
    Tiff tiff = {.n = G_N_ELEMENTS(good_entries),
                 .first = IFD_AT,
                 .offsets = {STRIP_AT, STRIP_AT + STRIP_BYTES},
                 .counts = {STRIP_BYTES, STRIP_BYTES}};
    memcpy(tiff.entries, good_entries, sizeof good_entries);
    return tiff;
}

static Entry *entry(Tiff *tiff, guint16 tag)
{
    for (guint i = 0; i < tiff->n; i++)
        if (tiff->entries[i].tag == tag)
            return &tiff->entries[i];
    fail_msg("no tag %u", tag);
    return NULL;
}

static void drop(Tiff *tiff, guint16 tag)
{
    Entry *gone = entry(tiff, tag);
    memmove(gone, gone + 1, (gsize)((guint8 *)&tiff->entries[tiff->n] - (guint8 *)(gone + 1)));
    tiff->n--;
}

static void put(GByteArray *out, const Tiff *tiff, guint32 value, guint bytes)
{
    for (guint i = 0; i < bytes; i++) {
        guint shift = 8 * (tiff->big_endian ? bytes - 1 - i : i);
        guint8 byte = (guint8)(value >> shift);
        g_byte_array_append(out, &byte, 1);
    }
}

static GByteArray *make_tiff(const Tiff *tiff)
{
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, (const guint8 *)(tiff->big_endian ? "MM" : "II"), 2);
    put(out, tiff, 42, 2);
    put(out, tiff, tiff->first, 4);
    for (guint i = 0; i < 2 * STRIP_BYTES; i++)
        put(out, tiff, 200 + i % 50, 1);
    for (guint i = 0; i < 2; i++) {
        put(out, tiff, 300, 4);
        put(out, tiff, 1, 4);
    }
    for (guint i = 0; i < 2; i++)
        put(out, tiff, tiff->offsets[i], 4);
    for (guint i = 0; i < 2; i++)
        put(out, tiff, tiff->counts[i], 4);
    put(out, tiff, tiff->n, 2);
    for (guint i = 0; i < tiff->n; i++) {
        const Entry *e = &tiff->entries[i];
        put(out, tiff, e->tag, 2);
        put(out, tiff, e->type, 2);
        put(out, tiff, e->count, 4);
        gboolean small = e->type == SHORT && e->count == 1;
        put(out, tiff, e->value, small ? 2 : 4);
        put(out, tiff, 0, small ? 2 : 0);
    }
    put(out, tiff, tiff->next, 4);
    for (guint i = 0; i < tiff->surplus; i++)
        put(out, tiff, i ? 0xEE : 0, 1);
    return out;
}

static void add(Tiff *tiff, Entry more)
{
    tiff->entries[tiff->n++] = more;
}

static void no_directory(Tiff *t)
{
    t->first = 0;
}
static void directory_outside(Tiff *t)
{
    t->first = 100000;
}
static void loop(Tiff *t)
{
    t->next = IFD_AT;
}
static void next_outside(Tiff *t)
{
    t->next = 0x7FFFFFFE;
}
static void order(Tiff *t)
{
    Entry e = t->entries[0];
    t->entries[0] = t->entries[1];
    t->entries[1] = e;
}
static void duplicate(Tiff *t)
{
    memmove(&t->entries[2], &t->entries[1], sizeof(Entry) * (t->n - 1));
    t->n++;
}
static void bad_type(Tiff *t)
{
    entry(t, 256)->type = 99;
    entry(t, 256)->tag = 255;
}
static void wrong_type(Tiff *t)
{
    entry(t, 259)->type = LONG;
}
static void wrong_count(Tiff *t)
{
    entry(t, 296)->count = 2;
    entry(t, 296)->value = 2u << 16 | 2;
}
static void value_outside(Tiff *t)
{
    entry(t, 282)->value = 5000;
}
static void huge_count(Tiff *t)
{
    add(t, (Entry){305, ASCII, 0xFFFFFFFF, 8});
}
static void zero_height(Tiff *t)
{
    entry(t, 257)->value = 0;
}
static void bad_orientation(Tiff *t)
{
    Entry *e = entry(t, 278);
    Entry moved[20];
    guint at = (guint)(e - t->entries) - 1;
    memcpy(moved, &t->entries[at], sizeof(Entry) * (t->n - at));
    memcpy(&t->entries[at + 1], moved, sizeof(Entry) * (t->n - at));
    t->entries[at] = (Entry){274, SHORT, 1, 9};
    t->n++;
}
static void no_width(Tiff *t)
{
    drop(t, 256);
}
static void no_photometric(Tiff *t)
{
    drop(t, 262);
}
static void no_counts(Tiff *t)
{
    drop(t, 279);
    add(t, (Entry){65000, LONG, 2, COUNTS_AT});
}
static void no_resolution(Tiff *t)
{
    entry(t, 282)->tag = 281;
}
static void one_strip_too_few(Tiff *t)
{
    entry(t, 278)->value = 4;
}
static void count_of_counts(Tiff *t)
{
    entry(t, 279)->count = 1;
    entry(t, 279)->value = STRIP_BYTES;
    add(t, (Entry){65000, LONG, 2, COUNTS_AT});
}
static void strip_outside(Tiff *t)
{
    t->counts[1] = 100000;
}
static void strip_short(Tiff *t)
{
    t->counts[1] = STRIP_BYTES - 8;
    add(t, (Entry){65000, BYTE, 8, STRIP_AT + 2 * STRIP_BYTES - 8});
}
static void strip_empty(Tiff *t)
{
    t->counts[1] = 0;
    add(t, (Entry){65000, BYTE, STRIP_BYTES, STRIP_AT + STRIP_BYTES});
}
static void strips_overlap(Tiff *t)
{
    t->offsets[1] -= 8;
    add(t, (Entry){65000, BYTE, 8, STRIP_AT + 2 * STRIP_BYTES - 8});
}
static void strips_shared(Tiff *t)
{
    t->offsets[1] = t->offsets[0];
    add(t, (Entry){65000, BYTE, STRIP_BYTES, STRIP_AT + STRIP_BYTES});
}
static void value_in_strip(Tiff *t)
{
    add(t, (Entry){65000, BYTE, 8, STRIP_AT});
}
static void value_in_header(Tiff *t)
{
    add(t, (Entry){65000, BYTE, 8, 0});
}
static void odd_value(Tiff *t)
{
    t->surplus = 10;
    add(t, (Entry){65000, BYTE, 9, IFD_AT + 2 + 13 * 12 + 4 + 1});
}
static void trailing(Tiff *t)
{
    t->surplus = 40;
}
static void unreferenced(Tiff *t)
{
    t->surplus = 60;
    add(t, (Entry){65000, BYTE, 20, IFD_AT + 2 + 13 * 12 + 4 + 40});
}
static void old_jpeg(Tiff *t)
{
    entry(t, 259)->value = 6;
    t->offsets[0] = 0;
}
static void fax_of_grey(Tiff *t)
{
    entry(t, 259)->value = 4;
}
static void bits_of_samples(Tiff *t)
{
    entry(t, 258)->count = 2;
    entry(t, 258)->value = 8 | 8 << 16;
}
static void palette_without_map(Tiff *t)
{
    entry(t, 262)->value = 3;
}
static void no_jpeg(Tiff *t)
{
    entry(t, 259)->value = 7;
    entry(t, 278)->value = SIDE;
    entry(t, 273)->count = 1;
    entry(t, 273)->value = STRIP_AT;
    entry(t, 279)->count = 1;
    entry(t, 279)->value = 2 * STRIP_BYTES;
    add(t, (Entry){65000, LONG, 4, OFFSETS_AT});
}
static void tile_not_16(Tiff *t)
{
    drop(t, 278);
    entry(t, 273)->tag = 270;
    entry(t, 270)->type = BYTE;
}

typedef struct {
    const char *label;
    void (*spoil)(Tiff *tiff);
    DaWalkKind kind;
} TiffCase;

static const TiffCase tiff_cases[] = {
    {"no directory", no_directory, DA_WALK_TIFF_HEADER},
    {"directory outside", directory_outside, DA_WALK_TIFF_OUTSIDE},
    {"loop", loop, DA_WALK_TIFF_LOOP},
    {"next directory outside", next_outside, DA_WALK_TIFF_OUTSIDE},
    {"tag order", order, DA_WALK_TIFF_ORDER},
    {"tag twice", duplicate, DA_WALK_TIFF_DUPLICATE},
    {"type of the tag", wrong_type, DA_WALK_TIFF_TYPE},
    {"number of values", wrong_count, DA_WALK_TIFF_COUNT},
    {"value outside", value_outside, DA_WALK_TIFF_OUTSIDE},
    {"huge count", huge_count, DA_WALK_TIFF_OUTSIDE},
    {"no height", zero_height, DA_WALK_TIFF_VALUE},
    {"orientation 9", bad_orientation, DA_WALK_TIFF_VALUE},
    {"no width", no_width, DA_WALK_TIFF_MISSING},
    {"no photometric", no_photometric, DA_WALK_TIFF_MISSING},
    {"no byte counts", no_counts, DA_WALK_TIFF_MISSING},
    {"no x resolution", no_resolution, DA_WALK_TIFF_ADVISED},
    {"too few strips", one_strip_too_few, DA_WALK_TIFF_PARTS},
    {"fewer counts than offsets", count_of_counts, DA_WALK_TIFF_PARTS},
    {"strip outside", strip_outside, DA_WALK_TIFF_OUTSIDE},
    {"strip too short", strip_short, DA_WALK_TIFF_PART_SIZE},
    {"strip empty", strip_empty, DA_WALK_TIFF_PART_SIZE},
    {"strips overlap", strips_overlap, DA_WALK_TIFF_OVERLAP},
    {"strips shared", strips_shared, DA_WALK_TIFF_SHARED},
    {"value in a strip", value_in_strip, DA_WALK_TIFF_OVERLAP},
    {"value in the header", value_in_header, DA_WALK_TIFF_OVERLAP},
    {"value at an odd place", odd_value, DA_WALK_TIFF_ODD},
    {"bytes behind", trailing, DA_WALK_TRAILING},
    {"bytes between", unreferenced, DA_WALK_TIFF_UNREFERENCED},
    {"G4 of grey", fax_of_grey, DA_WALK_TIFF_VALUE},
    {"bits for two samples", bits_of_samples, DA_WALK_TIFF_COUNT},
    {"palette without a map", palette_without_map, DA_WALK_TIFF_MISSING},
    {"JPEG strip that is none", no_jpeg, DA_WALK_TIFF_PART_JPEG},
};

static void each_spoilt_tiff_has_its_fault_and_no_other(void **state)
{
    for (guint order_of_bytes = 0; order_of_bytes < 2; order_of_bytes++)
        for (guint i = 0; i < G_N_ELEMENTS(tiff_cases); i++) {
            Tiff tiff = good_tiff();
            tiff.big_endian = order_of_bytes == 1;
            tiff_cases[i].spoil(&tiff);
            if (tiff_cases[i].spoil == bits_of_samples && tiff.big_endian)
                entry(&tiff, 258)->value = 8u << 16 | 8;
            g_autoptr(GByteArray) bytes = make_tiff(&tiff);
            assert_fault(tiff_cases[i].label, bytes, tiff_cases[i].kind);
        }
}

static void tiffs_with_more_than_one_fault_tell_the_first_cause(void **state)
{
    static const TiffCase cases[] = {{"unknown type", bad_type, DA_WALK_TIFF_TYPE},
                                     {"old JPEG", old_jpeg, DA_WALK_TIFF_OLD_JPEG},
                                     {"no strips", tile_not_16, DA_WALK_TIFF_TYPE}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        Tiff tiff = good_tiff();
        cases[i].spoil(&tiff);
        g_autoptr(GByteArray) bytes = make_tiff(&tiff);
        g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
        assert_true(walk->fault_count >= 1);
        assert_int_equal(((DaWalkFault *)walk->faults->pdata[0])->kind, cases[i].kind);
    }
}

static void the_good_tiff_is_clean(void **state)
{
    for (guint i = 0; i < 2; i++) {
        Tiff tiff = good_tiff();

        tiff.big_endian = i == 1;
        g_autoptr(GByteArray) bytes = make_tiff(&tiff);
        assert_clean("TIFF by hand", bytes);
    }
}

static void a_tiff_cut_anywhere_is_no_tiff(void **state)
{
    Tiff tiff = good_tiff();
    g_autoptr(GByteArray) bytes = make_tiff(&tiff);
    for (guint length = bytes->len; length-- > 0;) {
        g_autoptr(DaWalk) walk = da_walk_image(bytes->data, length);
        assert_true(walk->fault_count > 0);
    }
}

/* --- TIFF of libtiff ---------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *mode; /* of TIFFOpen */
    guint16 compression, samples, bits, photometric, planar;
    guint32 rows, tile;
    guint pages;
} Kind;

static const Kind kinds[] = {
    {"wl", COMPRESSION_NONE, 3, 8, PHOTOMETRIC_RGB, 1, 16, 0, 1},
    {"wb", COMPRESSION_NONE, 3, 16, PHOTOMETRIC_RGB, 1, 7, 0, 1},
    {"w8l", COMPRESSION_NONE, 1, 8, PHOTOMETRIC_MINISBLACK, 1, 16, 0, 2},
    {"w8b", COMPRESSION_LZW, 3, 8, PHOTOMETRIC_RGB, 1, 5, 0, 1},
    {"wl", COMPRESSION_LZW, 3, 8, PHOTOMETRIC_RGB, 2, 16, 0, 1},
    {"wl", COMPRESSION_ADOBE_DEFLATE, 4, 8, PHOTOMETRIC_SEPARATED, 1, 16, 0, 1},
    {"wl", COMPRESSION_PACKBITS, 1, 4, PHOTOMETRIC_MINISBLACK, 1, 16, 0, 3},
    {"wl", COMPRESSION_CCITTFAX4, 1, 1, PHOTOMETRIC_MINISWHITE, 1, 100, 0, 1},
    {"wb", COMPRESSION_CCITTFAX3, 1, 1, PHOTOMETRIC_MINISWHITE, 1, 9, 0, 1},
    {"wl", COMPRESSION_JPEG, 3, 8, PHOTOMETRIC_YCBCR, 1, 16, 0, 2},
    {"wl", COMPRESSION_JPEG, 3, 8, PHOTOMETRIC_RGB, 1, 16, 0, 1},
    {"wl", COMPRESSION_JPEG, 1, 8, PHOTOMETRIC_MINISBLACK, 1, 0, 32, 1},
    {"wl", COMPRESSION_NONE, 3, 8, PHOTOMETRIC_RGB, 1, 0, 32, 1},
    {"wl", COMPRESSION_LZW, 3, 8, PHOTOMETRIC_RGB, 2, 0, 16, 1},
};

static void write_page(TIFF *tiff, const Kind *kind, guint32 width, guint32 height)
{
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind->samples);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind->compression);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind->photometric);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind->planar);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, 300.0);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, 300.0);
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    TIFFSetField(tiff, TIFFTAG_SOFTWARE, "EPSON Scan");
    if (kind->photometric == PHOTOMETRIC_YCBCR)
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (kind->tile) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kind->tile);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, kind->tile);
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind->rows);
    }
    gsize size = (gsize)(kind->tile ? TIFFTileSize(tiff) : TIFFScanlineSize(tiff)) + 64;
    g_autofree guint8 *data = g_malloc(size);
    for (gsize i = 0; i < size; i++)
        data[i] = (guint8)(i * 37 / 11);
    guint16 planes = kind->planar == 2 ? kind->samples : 1;
    for (guint16 plane = 0; plane < planes; plane++)
        for (guint32 y = 0; y < height; y += kind->tile ? kind->tile : 1) {
            if (!kind->tile)
                assert_int_equal(TIFFWriteScanline(tiff, data, y, plane), 1);
            for (guint32 x = 0; kind->tile && x < width; x += kind->tile)
                assert_true(TIFFWriteTile(tiff, data, x, y, 0, plane) > 0);
        }
    assert_int_equal(TIFFWriteDirectory(tiff), 1);
}

static GByteArray *write_tiff(const Kind *kind)
{
    g_autofree char *path =
        g_strdup_printf("%s/dangan-walk-%d.tif", g_get_tmp_dir(), (int)getpid());
    TIFF *tiff = TIFFOpen(path, kind->mode);
    assert_non_null(tiff);
    for (guint i = 0; i < kind->pages; i++)
        write_page(tiff, kind, 61 + 10 * i, 43);
    TIFFClose(tiff);
    char *data = NULL;
    gsize size = 0;
    assert_true(g_file_get_contents(path, &data, &size, NULL));
    remove(path);
    return g_byte_array_new_take((guint8 *)data, size);
}

static void tiffs_of_libtiff_are_clean(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GByteArray) bytes = write_tiff(&kinds[i]);
        g_autofree char *label = g_strdup_printf("kind %u", i);
        assert_clean(label, bytes);
        g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
        assert_int_equal(walk->images, kinds[i].pages);
        assert_int_equal(walk->compression, kinds[i].compression);
        assert_int_equal(walk->big_endian, strchr(kinds[i].mode, 'b') != NULL);
        assert_int_equal(walk->is_big_tiff, strchr(kinds[i].mode, '8') != NULL);
        assert_string_equal(walk->software, "EPSON Scan");
    }
}

/* --- JPEG --------------------------------------------------------------------------------------------------------------- */

typedef struct {
    guint channels, quality, restart, h, v;
    gboolean progressive, arithmetic, optimize;
} Jpeg;

static GByteArray *make_jpeg(const Jpeg *jpeg)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr manager;
    cinfo.err = jpeg_std_error(&manager);
    jpeg_create_compress(&cinfo);
    unsigned char *out = NULL;
    unsigned long size = 0;
    jpeg_mem_dest(&cinfo, &out, &size);
    cinfo.image_width = 67;
    cinfo.image_height = 93;
    cinfo.input_components = (int)jpeg->channels;
    cinfo.in_color_space = jpeg->channels == 1   ? JCS_GRAYSCALE
                           : jpeg->channels == 3 ? JCS_RGB
                                                 : JCS_CMYK;
    jpeg_set_defaults(&cinfo);
    jpeg_set_quality(&cinfo, (int)jpeg->quality, TRUE);
    cinfo.density_unit = 1;
    cinfo.X_density = cinfo.Y_density = 300;
    cinfo.restart_interval = jpeg->restart;
    cinfo.arith_code = jpeg->arithmetic;
    cinfo.optimize_coding = jpeg->optimize;
    if (jpeg->h) {
        cinfo.comp_info[0].h_samp_factor = (int)jpeg->h;
        cinfo.comp_info[0].v_samp_factor = (int)jpeg->v;
    }
    if (jpeg->progressive)
        jpeg_simple_progression(&cinfo);
    jpeg_start_compress(&cinfo, TRUE);
    guint8 row[67 * 4];
    for (guint y = 0; y < 93; y++) {
        for (guint i = 0; i < sizeof row; i++)
            row[i] = (guint8)(i * y * 7 + y);
        JSAMPROW rows = row;
        jpeg_write_scanlines(&cinfo, &rows, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, out, (guint)size);
    free(out);
    return bytes;
}

static const Jpeg plain = {.channels = 3, .quality = 85};

static void jpegs_of_libjpeg_are_clean(void **state)
{
    static const Jpeg all[] = {
        {.channels = 3, .quality = 85},
        {.channels = 1, .quality = 85},
        {.channels = 4, .quality = 85},
        {.channels = 3, .quality = 30, .progressive = TRUE},
        {.channels = 1, .quality = 30, .progressive = TRUE, .restart = 3},
        {.channels = 3, .quality = 90, .restart = 2},
        {.channels = 3, .quality = 90, .restart = 1000},
        {.channels = 3, .quality = 95, .h = 1, .v = 1},
        {.channels = 3, .quality = 95, .h = 2, .v = 1, .restart = 1},
        {.channels = 3, .quality = 95, .h = 1, .v = 2, .progressive = TRUE, .restart = 5},
        {.channels = 3, .quality = 75, .arithmetic = TRUE},
        {.channels = 3, .quality = 75, .arithmetic = TRUE, .progressive = TRUE},
        {.channels = 3, .quality = 60, .optimize = TRUE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(GByteArray) bytes = make_jpeg(&all[i]);
        g_autofree char *label = g_strdup_printf("JPEG %u", i);
        assert_clean(label, bytes);
        g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
        assert_int_equal(walk->process, (all[i].progressive  ? 2u
                                         : all[i].arithmetic ? 1u
                                                             : 0u) +
                                            (all[i].arithmetic ? 8u : 0u));
        assert_int_equal(walk->quality.quality, all[i].quality);
        assert_true(walk->quality.standard);
        assert_int_equal(walk->restart_interval, all[i].restart);
    }
}

static void the_quality_of_each_scale_step_is_found(void **state)
{
    for (guint quality = 1; quality <= 100; quality++) {
        const Jpeg jpeg = {.channels = 3, .quality = quality};
        g_autoptr(GByteArray) bytes = make_jpeg(&jpeg);
        g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
        assert_true(walk->quality.standard);
        assert_int_equal(walk->quality.quality, quality);
    }
}

/* The n-th place of a marker. */
static guint find(const GByteArray *bytes, guint8 marker, guint n)
{
    for (guint i = 2; i + 1 < bytes->len; i++)
        if (bytes->data[i] == 0xFF && bytes->data[i + 1] == marker && n-- == 0)
            return i;
    fail_msg("no marker %02x", marker);
    return 0;
}

static guint segment_bytes(const GByteArray *bytes, guint at)
{
    return 2 + (guint)(bytes->data[at + 2] << 8 | bytes->data[at + 3]);
}

static void insert(GByteArray *bytes, guint at, const void *data, guint size)
{
    guint old = bytes->len;
    g_byte_array_set_size(bytes, old + size);
    memmove(bytes->data + at + size, bytes->data + at, old - at);
    memcpy(bytes->data + at, data, size);
}

static void cut(GByteArray *bytes, guint at, guint size)
{
    g_byte_array_remove_range(bytes, at, size);
}

static void cut_segment(GByteArray *bytes, guint8 marker, guint n)
{
    guint at = find(bytes, marker, n);
    cut(bytes, at, segment_bytes(bytes, at));
}

static void other_tables(GByteArray *b)
{
    b->data[find(b, 0xDB, 0) + 5] += 3;
}
static void no_eoi(GByteArray *b)
{
    g_byte_array_set_size(b, b->len - 2);
}
static void half(GByteArray *b)
{
    g_byte_array_set_size(b, b->len / 2 + 300);
}
static void behind(GByteArray *b)
{
    g_byte_array_append(b, (const guint8 *)"#!/bin/sh", 9);
}
static void second_jpeg(GByteArray *b)
{
    g_autofree guint8 *copy = g_memdup2(b->data, b->len);
    g_byte_array_append(b, copy, b->len);
}
static void junk(GByteArray *b)
{
    insert(b, find(b, 0xC0, 0), "junk", 4);
}
static void no_quant(GByteArray *b)
{
    cut_segment(b, 0xDB, 1);
    cut_segment(b, 0xDB, 0);
    insert(b, 2, "", 0);
}
static void no_huffman(GByteArray *b)
{
    cut_segment(b, 0xC4, 3);
}
static void zero_step(GByteArray *b)
{
    b->data[find(b, 0xDB, 0) + 20] = 0;
}
static void too_many_codes(GByteArray *b)
{
    guint at = find(b, 0xC4, 0);
    b->data[at + 5] = 3;
    b->data[at + 6] -= 1;
    b->data[at + 7] -= 2;
}
static void table_seven(GByteArray *b)
{
    b->data[find(b, 0xDB, 1) + 4] = 7;
}
static void no_width_jpeg(GByteArray *b)
{
    guint at = find(b, 0xC0, 0);
    b->data[at + 7] = b->data[at + 8] = 0;
}
static void no_height_jpeg(GByteArray *b)
{
    guint at = find(b, 0xC0, 0);
    b->data[at + 5] = b->data[at + 6] = 0;
}
static void precision(GByteArray *b)
{
    b->data[find(b, 0xC0, 0) + 4] = 9;
}
static void sampling(GByteArray *b)
{
    b->data[find(b, 0xC0, 0) + 11] = 0x51;
}
static void frame_length(GByteArray *b)
{
    b->data[find(b, 0xC0, 0) + 9] = 2;
}
static void two_frames(GByteArray *b)
{
    guint at = find(b, 0xC0, 0), n = segment_bytes(b, at);
    g_autofree guint8 *copy = g_memdup2(b->data + at, n);
    insert(b, at, copy, n);
}
static void foreign_component(GByteArray *b)
{
    b->data[find(b, 0xDA, 0) + 5] = 77;
}
static void coefficients(GByteArray *b)
{
    b->data[find(b, 0xDA, 0) + 12] = 62;
}
static void soi_inside(GByteArray *b)
{
    insert(b, find(b, 0xC0, 0), "\xFF\xD8", 2);
}
static void rst_outside(GByteArray *b)
{
    insert(b, find(b, 0xC0, 0), "\xFF\xD3", 2);
}
static void reserved(GByteArray *b)
{
    insert(b, find(b, 0xC0, 0), "\xFF\xF5\0\4ab", 6);
}
static void jfif_late(GByteArray *b)
{
    insert(b, 2, "\xFF\xFE\0\4hi", 6);
}
static void jfif_unit(GByteArray *b)
{
    b->data[2 + 11] = 7;
}
static void adobe(GByteArray *b)
{
    insert(b, find(b, 0xDB, 0),
           "\xFF\xEE\0\x0E"
           "Adobe\0\x64\0\0\0\0\2",
           16);
}
static void exif_broken(GByteArray *b)
{
    insert(b, find(b, 0xDB, 0),
           "\xFF\xE1\0\x10"
           "Exif\0\0II*\0\xFF\xFF\0\0",
           18);
}
static void segment_beyond(GByteArray *b)
{
    g_byte_array_set_size(b, b->len - 2);
    g_byte_array_append(b, (const guint8 *)"\xFF\xFE\x40\0abc", 7);
}
static void dri_length(GByteArray *b)
{
    insert(b, find(b, 0xC0, 0), "\xFF\xDD\0\5\0\0\0", 7);
}
static void empty_scan(GByteArray *b)
{
    guint at = find(b, 0xDA, 0) + 14;
    cut(b, at, b->len - 2 - at);
}
static void no_scan(GByteArray *b)
{
    guint at = find(b, 0xDA, 0);
    cut(b, at, b->len - 2 - at);
}

typedef struct {
    const char *label;
    void (*spoil)(GByteArray *bytes);
    DaWalkKind kind;
} JpegCase;

static const JpegCase jpeg_cases[] = {
    {"no end", no_eoi, DA_WALK_JPEG_NO_END},
    {"half", half, DA_WALK_JPEG_NO_END},
    {"bytes behind", behind, DA_WALK_TRAILING},
    {"a second JPEG behind", second_jpeg, DA_WALK_TRAILING},
    {"junk between segments", junk, DA_WALK_JPEG_JUNK},
    {"division by zero", zero_step, DA_WALK_JPEG_TABLE},
    {"codes that do not fit", too_many_codes, DA_WALK_JPEG_TABLE},
    {"no width", no_width_jpeg, DA_WALK_JPEG_FRAME},
    {"no height", no_height_jpeg, DA_WALK_JPEG_FRAME},
    {"9 bits", precision, DA_WALK_JPEG_FRAME},
    {"sampling 5", sampling, DA_WALK_JPEG_FRAME},
    {"two frame headers", two_frames, DA_WALK_JPEG_ORDER},
    {"coefficients 0 to 62", coefficients, DA_WALK_JPEG_SCAN},
    {"SOI inside", soi_inside, DA_WALK_JPEG_ORDER},
    {"restart outside a scan", rst_outside, DA_WALK_JPEG_ORDER},
    {"reserved marker", reserved, DA_WALK_JPEG_MARKER},
    {"JFIF second", jfif_late, DA_WALK_JPEG_JFIF},
    {"JFIF unit 7", jfif_unit, DA_WALK_JPEG_JFIF},
    {"Adobe says YCCK of three", adobe, DA_WALK_JPEG_ADOBE},
    {"Exif outside", exif_broken, DA_WALK_JPEG_EXIF},
    {"segment beyond the file", segment_beyond, DA_WALK_JPEG_LENGTH},
    {"DRI of 3 bytes", dri_length, DA_WALK_JPEG_LENGTH},
    {"a scan without data", empty_scan, DA_WALK_JPEG_SCAN},
    {"no scan", no_scan, DA_WALK_JPEG_INCOMPLETE},
};

static void each_spoilt_jpeg_has_its_fault_and_no_other(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(jpeg_cases); i++) {
        g_autoptr(GByteArray) bytes = make_jpeg(&plain);
        jpeg_cases[i].spoil(bytes);
        assert_fault(jpeg_cases[i].label, bytes, jpeg_cases[i].kind);
    }
}

static void jpegs_with_more_than_one_fault_tell_the_first_cause(void **state)
{
    static const JpegCase cases[] = {
        {"no quantisation tables", no_quant, DA_WALK_JPEG_UNDEFINED},
        {"Huffman table missing", no_huffman, DA_WALK_JPEG_UNDEFINED},
        {"table 7", table_seven, DA_WALK_JPEG_TABLE},
        {"frame header too short", frame_length, DA_WALK_JPEG_LENGTH},
        {"component of no frame", foreign_component, DA_WALK_JPEG_SCAN},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = make_jpeg(&plain);
        cases[i].spoil(bytes);
        g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
        assert_true(walk->fault_count >= 1);
        assert_int_equal(((DaWalkFault *)walk->faults->pdata[0])->kind, cases[i].kind);
    }
}

static void restart_markers_are_counted_and_followed(void **state)
{
    const Jpeg jpeg = {.channels = 3, .quality = 85, .restart = 2};
    for (guint i = 0; i < 4; i++) {
        g_autoptr(GByteArray) bytes = make_jpeg(&jpeg);
        guint at = find(bytes, 0xD3, 0);
        if (i == 0)
            bytes->data[at + 1] = 0xD5;
        else if (i == 1)
            cut(bytes, at, 2);
        else if (i == 2)
            cut_segment(bytes, 0xDD, 0);
        else
            bytes->data[find(bytes, 0xDD, 0) + 5] = 3;
        assert_fault("restart", bytes, DA_WALK_JPEG_RESTART);
    }
}

static void a_progressive_jpeg_lacks_its_first_scan(void **state)
{
    const Jpeg jpeg = {.channels = 1, .quality = 85, .progressive = TRUE};
    g_autoptr(GByteArray) bytes = make_jpeg(&jpeg);
    guint first = find(bytes, 0xDA, 0), second = find(bytes, 0xC4, 1);
    assert_true(second > first);
    cut(bytes, first, second - first);
    g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
    g_autofree char *found = faults_of(walk);
    assert_non_null(strstr(found, "jpeg-incomplete"));
}

static void tables_of_no_scale_are_told_apart(void **state)
{
    g_autoptr(GByteArray) bytes = make_jpeg(&plain);
    other_tables(bytes);
    g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
    assert_int_equal(walk->fault_count, 0);
    assert_false(walk->quality.standard);
    assert_in_range(walk->quality.quality, 83, 87);
}

/* IFD0: Make, Model, Orientation, XResolution 72, Software, GPS (empty directory with one entry). */
static const guint8 exif[] = {
    0xFF, 0xE1, 0, 0,    'E', 'x', 'i', 'f', 0,    0,    'M', 'M', 0,   42,  0, 0,    0, 8,
    0,    6,    1, 0x0F, 0,   2,   0,   0,   0,    4,    'O', 'w', 'n', 0,   1, 0x10, 0, 2,
    0,    0,    0, 4,    'C', 'a', 'm', 0,   1,    0x12, 0,   3,   0,   0,   0, 1,    0, 6,
    0,    0,    1, 0x1A, 0,   5,   0,   0,   0,    1,    0,   0,   0,   104, 1, 0x31, 0, 2,
    0,    0,    0, 3,    'P', 'S', 0,   0,   0x88, 0x25, 0,   4,   0,   0,   0, 1,    0, 0,
    0,    86,   0, 0,    0,   0,   0,   1,   0,    0,    0,   1,   0,   0,   0, 4,    2, 3,
    0,    0,    0, 0,    0,   0,   0,   0,   0,    72,   0,   0,   0,   1,
};

static void what_exif_says_is_taken(void **state)
{
    g_autoptr(GByteArray) bytes = make_jpeg(&plain);
    g_autofree guint8 *segment = g_memdup2(exif, sizeof exif);
    segment[3] = sizeof exif - 2;
    insert(bytes, find(bytes, 0xDB, 0), segment, sizeof exif);
    assert_fault("72 dpi and 300 dpi", bytes, DA_WALK_JPEG_DENSITY);
    g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
    assert_string_equal(walk->make, "Own");
    assert_string_equal(walk->model, "Cam");
    assert_string_equal(walk->software, "PS");
    assert_int_equal(walk->orientation, 6);
    assert_true(walk->has_gps);
}

static void the_tool_in_xmp_is_taken(void **state)
{
    static const char xmp[] = "\xFF\xE1\0\x4Ahttp://ns.adobe.com/xap/1.0/\0<x "
                              "xmp:CreatorTool=\"GNU IMP 2.10\" other=\"\"/>";
    g_autoptr(GByteArray) bytes = make_jpeg(&plain);
    g_autofree char *segment = g_memdup2(xmp, sizeof xmp - 1);
    segment[3] = (char)(sizeof xmp - 1 - 2);
    insert(bytes, find(bytes, 0xDB, 0), segment, sizeof xmp - 1);
    g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
    assert_int_equal(walk->fault_count, 0);
    assert_string_equal(walk->software, "GNU IMP 2.10");
}

/* An MPF index whose second image is the JPEG behind this one. */
static void images_of_an_index_are_not_surplus(void **state)
{
    g_autoptr(GByteArray) second = make_jpeg(&plain);
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GByteArray) bytes = make_jpeg(&plain);
        guint at = find(bytes, 0xDB, 0);
        guint8 index[] = {0xFF, 0xE2, 0,    2 + 4 + 8 + 2 + 24 + 4 + 32,
                          'M',  'P',  'F',  0,
                          'M',  'M',  0,    42,
                          0,    0,    0,    8,
                          0,    2,    0xB0, 1,
                          0,    4,    0,    0,
                          0,    1,    0,    0,
                          0,    2,    0xB0, 2,
                          0,    7,    0,    0,
                          0,    32,   0,    0,
                          0,    38,   0,    0,
                          0,    0,    0,    0,
                          0,    0,    0,    0,
                          0,    0,    0,    0,
                          0,    0,    0,    0,
                          0,    0,    0,    0,
                          0,    0,    0,    0,
                          0,    0,    0,    0,
                          0,    0,    0,    0,
                          0,    0};
        guint32 size = second->len, offset = bytes->len + sizeof index - (at + 8) + i;
        for (guint k = 0; k < 4; k++) {
            index[46 + 16 + 4 + k] = (guint8)(size >> (24 - 8 * k));
            index[46 + 16 + 8 + k] = (guint8)(offset >> (24 - 8 * k));
        }
        insert(bytes, at, index, sizeof index);
        g_byte_array_append(bytes, second->data, second->len);
        g_autoptr(DaWalk) walk = da_walk_image(bytes->data, bytes->len);
        g_autofree char *found = faults_of(walk);
        if (i == 0 && (walk->fault_count || walk->images != 2))
            fail_msg("%u images,%s", walk->images, found);
        if (i == 1)
            assert_non_null(strstr(found, "jpeg-mpf"));
    }
}

static void a_jpeg_cut_anywhere_is_no_jpeg(void **state)
{
    g_autoptr(GByteArray) bytes = make_jpeg(&plain);
    for (guint length = bytes->len; length-- > 0;) {
        g_autofree guint8 *exact = g_memdup2(bytes->data, length);
        g_autoptr(DaWalk) walk = da_walk_image(exact, length);
        assert_true(walk->fault_count > 0);
    }
}

/* --- PNG ---------------------------------------------------------------------------------------------------------------- */

static GByteArray *make_png(void)
{
    g_autoptr(Pix) pix = draw_page(60, 80, 8, 240, 20);
    g_autoptr(GBytes) bytes = da_image_encode_png(pix, NULL);
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, g_bytes_get_data(bytes, NULL), (guint)g_bytes_get_size(bytes));
    return out;
}

static void pngs_are_walked(void **state)
{
    g_autoptr(GByteArray) good = make_png();
    assert_clean("PNG", good);
    g_autoptr(GByteArray) changed = make_png();
    changed->data[changed->len - 20] ^= 1;
    assert_fault("changed", changed, DA_WALK_PNG_CRC);
    g_autoptr(GByteArray) longer = make_png();
    g_byte_array_append(longer, (const guint8 *)"x", 1);
    assert_fault("behind", longer, DA_WALK_TRAILING);
    g_autoptr(GByteArray) headless = make_png();
    cut(headless, 8, 25);
    assert_fault("no IHDR", headless, DA_WALK_PNG_ORDER);
    for (guint length = good->len - 1; length > 8; length--) {
        g_autoptr(DaWalk) walk = da_walk_image(good->data, length);
        assert_true(walk->fault_count > 0);
    }
}

/* --- any bytes ------------------------------------------------------------------------------------------------------------ */

static void other_bytes_are_no_image(void **state)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    assert_fault("nothing", bytes, DA_WALK_FORMAT);
    g_byte_array_append(bytes, (const guint8 *)"%PDF-1.7", 8);
    assert_fault("PDF", bytes, DA_WALK_FORMAT);
}

static void every_kind_has_its_words(void **state)
{
    for (DaWalkKind kind = 0; kind < DA_WALK_KINDS_N; kind++) {
        DaWalkKind found = DA_WALK_KINDS_N;
        assert_non_null(da_walk_kind_name(kind));
        assert_non_null(da_walk_kind_text(kind));
        assert_non_null(da_walk_kind_text_zh(kind));
        assert_true(da_walk_kind_by_name(da_walk_kind_name(kind), &found));
        assert_int_equal(found, kind);
    }
}

/* One byte changed anywhere: nothing crashes, and a fault's place lies in the file. */
static void changed_bytes_crash_nothing(void **state)
{
    Tiff tiff = good_tiff();
    GByteArray *all[] = {make_tiff(&tiff), make_jpeg(&plain), make_png(), write_tiff(&kinds[9])};
    for (guint k = 0; k < G_N_ELEMENTS(all); k++) {
        for (guint i = 0; i < all[k]->len; i++)
            for (guint bit = 0; bit < 8; bit += 3) {
                all[k]->data[i] ^= (guint8)(1u << bit);
                g_autoptr(DaWalk) walk = da_walk_image(all[k]->data, all[k]->len);
                assert_true(walk->faults->len <= DA_WALK_MAX_KEPT);
                all[k]->data[i] ^= (guint8)(1u << bit);
            }
        g_byte_array_unref(all[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_good_tiff_is_clean),
        cmocka_unit_test(each_spoilt_tiff_has_its_fault_and_no_other),
        cmocka_unit_test(tiffs_with_more_than_one_fault_tell_the_first_cause),
        cmocka_unit_test(a_tiff_cut_anywhere_is_no_tiff),
        cmocka_unit_test(tiffs_of_libtiff_are_clean),
        cmocka_unit_test(jpegs_of_libjpeg_are_clean),
        cmocka_unit_test(the_quality_of_each_scale_step_is_found),
        cmocka_unit_test(each_spoilt_jpeg_has_its_fault_and_no_other),
        cmocka_unit_test(jpegs_with_more_than_one_fault_tell_the_first_cause),
        cmocka_unit_test(restart_markers_are_counted_and_followed),
        cmocka_unit_test(a_progressive_jpeg_lacks_its_first_scan),
        cmocka_unit_test(tables_of_no_scale_are_told_apart),
        cmocka_unit_test(what_exif_says_is_taken),
        cmocka_unit_test(the_tool_in_xmp_is_taken),
        cmocka_unit_test(images_of_an_index_are_not_surplus),
        cmocka_unit_test(a_jpeg_cut_anywhere_is_no_jpeg),
        cmocka_unit_test(pngs_are_walked),
        cmocka_unit_test(other_bytes_are_no_image),
        cmocka_unit_test(every_kind_has_its_words),
        cmocka_unit_test(changed_bytes_crash_nothing),
    };
    return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
