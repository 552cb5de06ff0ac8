/*
 * PP-OCR: a detector of lines and a recognizer of strips, run by ONNX Runtime. On dossier forms it makes about a fifth of Tesseract's errors
 * in about the same time; see docs/decisions/010.
 */
#include "column.h"
#include "detect.h"
#include "engine.h"
#include "lines.h"
#include "transcribe.h"

#include <dangan/datadir.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/measure.h>

#define LIBRARY "libonnxruntime.so.1"
#define DETECTOR "ch_PP-OCRv4_det_infer.onnx"
#define RECOGNIZER "ch_PP-OCRv4_rec_infer.onnx"
#define DICTIONARY "ppocr_keys_v1.txt"
#define DIGEST_SHOWN 8

/* An A4 page is read from 1280 px on its longer side: 960 loses small print, 1536 costs more and gains nothing. */
#define DETECTOR_PX 1280

typedef struct {
    DaOnnx *onnx;
    DaOnnxModel *detector;
    DaTranscriber *transcriber;
} Ppocr;

/* --- opening ---------------------------------------------------------------------------------------------------------- */

static char *installed(const char *file)
{
    const char *folder = g_getenv("DANGAN_OCR_DIR");
    return folder && *folder ? g_build_filename(folder, file, NULL)
                             : da_datadir_path("ocr", file, NULL);
}

/* The library beside the models, else the system's. */
static DaOnnx *open_onnx(GError **error)
{
    g_autofree char *own = installed(LIBRARY);
    return da_onnx_open(g_file_test(own, G_FILE_TEST_EXISTS) ? own : LIBRARY, error);
}

static void close_ppocr(gpointer engine)
{
    Ppocr *ppocr = engine;
    da_transcriber_close(ppocr->transcriber);
    da_onnx_model_close(ppocr->detector);
    da_onnx_close(ppocr->onnx);
    g_free(ppocr);
}

static gboolean load(Ppocr *ppocr, const char *detector, const char *recognizer, GError **error)
{
    g_autofree char *dictionary = installed(DICTIONARY);
    return (ppocr->onnx = open_onnx(error)) &&
           (ppocr->detector = da_onnx_model_load(ppocr->onnx, detector, error)) &&
           (ppocr->transcriber = da_transcriber_open(ppocr->onnx, recognizer, dictionary, error));
}

/* Other models read otherwise: what was recognized with these says so. */
static char *name_of(const Ppocr *ppocr, const char *detector, const char *recognizer,
                     GError **error)
{
    DaDigest one, other;
    if (!da_digest_file(detector, &one, NULL, error) ||
        !da_digest_file(recognizer, &other, NULL, error))
        return NULL;
    DaDigest both = da_digest_key(one.hex, other.hex, NULL);
    return g_strdup_printf("ppocr 4 onnxruntime %s models %.*s", da_onnx_version(ppocr->onnx),
                           DIGEST_SHOWN, both.hex);
}

static gpointer open_ppocr(char **full_name, GError **error)
{
    Ppocr *ppocr = g_new0(Ppocr, 1);
    g_autofree char *detector = installed(DETECTOR), *recognizer = installed(RECOGNIZER);
    if (load(ppocr, detector, recognizer, error) &&
        (*full_name = name_of(ppocr, detector, recognizer, error)))
        return ppocr;
    g_prefix_error(
        error,
        "PP-OCR cannot be used; install it with script/bootstrap, or name the folder of " LIBRARY
        " and the models in DANGAN_OCR_DIR: ");
    close_ppocr(ppocr);
    return NULL;
}

/* --- a page ----------------------------------------------------------------------------------------------------------- */

/* Taller than wide by this: a column, or a thin character. */
#define TALL 1.5

static GArray *transcribe_quad(const Ppocr *ppocr, Pix *grey, const DaQuad *quad, GError **error)
{
    g_autoptr(Pix) strip = da_quad_cut(quad, grey, DA_STRIP_HEIGHT_PX, DA_STRIP_MAX_WIDTH_PX);
    GArray *characters = strip ? da_transcribe(ppocr->transcriber, strip, error) : NULL;
    if (characters != NULL)
        da_characters_tidy(characters);
    return characters;
}

static GArray *transcribe_cells(const Ppocr *ppocr, Pix *grey, const GArray *cells, GError **error)
{
    g_autoptr(Pix) strip = da_column_strip(grey, cells);
    return strip ? da_transcribe(ppocr->transcriber, strip, error) : NULL;
}

static gboolean all_han(const GArray *characters)
{
    for (guint i = 0; i < characters->len; i++)
        if (!da_is_han(g_array_index(characters, DaCharacter, i).text))
            return FALSE;
    return TRUE;
}

/* How far apart characters of columns stand: set close, as usual, spaced out. */
static const double pitches[] = {1.0, 1.25, 1.7};

typedef struct {
    GArray *cells, *characters;
    double confidence;
} Column;

static void column_clear(Column *column)
{
    g_clear_pointer(&column->cells, g_array_unref);
    g_clear_pointer(&column->characters, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Column, column_clear)

/* Takes a reading that the recognizer is surer of, with as many characters as there are cells. */
static gboolean try_pitch(const Ppocr *ppocr, Pix *grey, const DaQuad *quad, double pitch,
                          Column *best, GError **error)
{
    g_autoptr(GArray) cells = da_column_cells(grey, quad, pitch);
    if (cells->len < 2 || (best->cells && best->cells->len == cells->len))
        return TRUE;
    g_autoptr(GArray) characters = transcribe_cells(ppocr, grey, cells, error);
    if (characters == NULL)
        return FALSE;
    double confidence = da_characters_confidence(characters);
    if (characters->len != cells->len || confidence <= best->confidence)
        return TRUE;
    column_clear(best);
    *best = (Column){g_steal_pointer(&cells), g_steal_pointer(&characters), confidence};
    return TRUE;
}

/* A tall place is read both as it stands and as a column; what the recognizer is surer of counts. */
static gboolean read_tall(const Ppocr *ppocr, Pix *grey, const DaQuad *quad, DaPageText *text,
                          GError **error)
{
    g_autoptr(GArray) standing = transcribe_quad(ppocr, grey, quad, error);
    if (standing == NULL)
        return FALSE;
    g_auto(Column) column = {.confidence = da_characters_confidence(standing)};
    for (guint i = 0; i < G_N_ELEMENTS(pitches); i++)
        if (!try_pitch(ppocr, grey, quad, pitches[i], &column, error))
            return FALSE;
    if (column.cells != NULL)
        da_lines_add_column(text, column.cells, column.characters);
    else
        da_lines_add(text, quad, standing);
    return TRUE;
}

static gboolean read_place(const Ppocr *ppocr, Pix *grey, const DaQuad *quad, DaPageText *text,
                           GError **error)
{
    if (da_quad_height(quad) > TALL * da_quad_width(quad))
        return read_tall(ppocr, grey, quad, text, error);
    g_autoptr(GArray) characters = transcribe_quad(ppocr, grey, quad, error);
    if (characters == NULL)
        return FALSE;
    da_lines_add(text, quad, characters);
    return TRUE;
}

/* Reads characters that stand below each other as one column if that gives a Han character each; else they stay apart. */
static gboolean read_column(const Ppocr *ppocr, Pix *grey, const GArray *places,
                            const GArray *column, DaPageText *text, gboolean *done, GError **error)
{
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(DaQuad));
    for (guint i = 0; i < column->len; i++)
        g_array_append_val(
            cells, g_array_index(places, DaTextPlace, g_array_index(column, guint, i)).quad);
    g_autoptr(GArray) characters = transcribe_cells(ppocr, grey, cells, error);
    if (characters == NULL)
        return FALSE;
    gboolean is_column = characters->len == cells->len && all_han(characters);
    if (is_column)
        da_lines_add_column(text, cells, characters);
    for (guint i = 0; is_column && i < column->len; i++)
        done[g_array_index(column, guint, i)] = TRUE;
    return TRUE;
}

static gboolean read_places(const Ppocr *ppocr, Pix *grey, const GArray *places, DaPageText *text,
                            GError **error)
{
    g_autofree gboolean *done = g_new0(gboolean, places->len + 1);
    g_autoptr(GPtrArray) columns = da_columns_find(grey, places);
    for (guint i = 0; i < columns->len; i++)
        if (!read_column(ppocr, grey, places, columns->pdata[i], text, done, error))
            return FALSE;
    for (guint i = 0; i < places->len; i++)
        if (!done[i] &&
            !read_place(ppocr, grey, &g_array_index(places, DaTextPlace, i).quad, text, error))
            return FALSE;
    return TRUE;
}

static gboolean read_page(gpointer engine, Pix *pix, guint dpi, DaPageText *text, GError **error)
{
    Ppocr *ppocr = engine;
    g_autoptr(Pix) grey = da_measure_grey_without_red(pix);
    if (grey == NULL)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot prepare a page of %d x %d px for OCR",
                            pixGetWidth(pix), pixGetHeight(pix));
    g_autoptr(GArray) places = da_detect_lines(ppocr->detector, grey, DETECTOR_PX, error);
    if (places == NULL || !read_places(ppocr, grey, places, text, error))
        return FALSE;
    da_lines_sort(text->lines);
    return TRUE;
}

/* --- one line --------------------------------------------------------------------------------------------------------- */

static double line_confidence(gpointer engine, Pix *line, guint dpi, guint *square)
{
    const Ppocr *ppocr = engine;
    g_autoptr(Pix) grey = pixConvertTo8(line, 0);
    DaQuad whole = da_quad_of_box(0, 0, pixGetWidth(line), pixGetHeight(line));
    g_autoptr(Pix) strip =
        grey ? da_quad_cut(&whole, grey, DA_STRIP_HEIGHT_PX, DA_STRIP_MAX_WIDTH_PX) : NULL;
    g_autoptr(GArray) characters = strip ? da_transcribe(ppocr->transcriber, strip, NULL) : NULL;
    *square = 0;
    for (guint i = 0; characters && i < characters->len; i++)
        *square += da_is_han(g_array_index(characters, DaCharacter, i).text);
    return characters ? da_characters_confidence(characters) : 0;
}

const DaOcrEngine da_ocr_ppocr = {"ppocr", open_ppocr, close_ppocr, read_page, line_confidence};
