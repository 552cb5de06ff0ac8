/*
 * PP-OCR: a detector of lines and a recognizer of strips, run by ONNX Runtime. On dossier forms it makes about a fifth of Tesseract's errors
 * in about the same time; see docs/decisions/010.
 */
#include "ppocr.h"
#include "engine.h"
#include "lines.h"
#include "red.h"

#include <dangan/datadir.h>
#include <dangan/digest.h>
#include <dangan/error.h>

#define LIBRARY "libonnxruntime.so.1"
#define DETECTOR "ch_PP-OCRv4_det_infer.onnx"
#define RECOGNIZER "ch_PP-OCRv4_rec_infer.onnx"
#define DICTIONARY "ppocr_keys_v1.txt"
#define DIGEST_SHOWN 8

/* An A4 page is read from 1280 px on its longer side: 960 loses small print, 1536 costs more and gains nothing. */
#define DETECTOR_PX 1280

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
    DaPpocr *ppocr = engine;
    da_transcriber_close(ppocr->transcriber);
    da_onnx_model_close(ppocr->detector);
    da_onnx_close(ppocr->onnx);
    g_free(ppocr);
}

static gboolean load(DaPpocr *ppocr, const char *detector, const char *recognizer, GError **error)
{
    g_autofree char *dictionary = installed(DICTIONARY);
    return (ppocr->onnx = open_onnx(error)) &&
           (ppocr->detector = da_onnx_model_load(ppocr->onnx, detector, error)) &&
           (ppocr->transcriber = da_transcriber_open(ppocr->onnx, recognizer, dictionary, error));
}

/* Other models read otherwise: what was recognized with these says so. */
static char *name_of(const DaPpocr *ppocr, const char *detector, const char *recognizer,
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
    DaPpocr *ppocr = g_new0(DaPpocr, 1);
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

/* --- reading ------------------------------------------------------------------------------------------------------------ */

static gboolean read_page(gpointer engine, Pix *pix, guint dpi, DaPageText *text, GError **error)
{
    DaPpocr *ppocr = engine;
    g_autoptr(Pix) grey = da_red_removed(pix);
    if (grey == NULL)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot prepare a page of %d x %d px for OCR",
                            pixGetWidth(pix), pixGetHeight(pix));
    g_autoptr(GArray) places = da_detect_lines(ppocr->detector, grey, DETECTOR_PX, error);
    if (places == NULL || !da_ppocr_read_places(ppocr, grey, places, text, error) ||
        !da_ppocr_read_red(ppocr, pix, dpi, text, error))
        return FALSE;
    da_lines_sort(text->lines);
    return TRUE;
}

/* --- one line --------------------------------------------------------------------------------------------------------- */

static double line_confidence(gpointer engine, Pix *line, guint dpi, guint *square)
{
    const DaPpocr *ppocr = engine;
    g_autoptr(Pix) grey = pixConvertTo8(line, 0);
    DaQuad whole = da_quad_of_box(0, 0, pixGetWidth(line), pixGetHeight(line));
    g_autoptr(Pix) strip =
        grey ? da_quad_cut(&whole, grey, DA_STRIP_HEIGHT_PX, DA_STRIP_MAX_WIDTH_PX) : NULL;
    g_autoptr(GArray) characters =
        strip ? da_transcribe(ppocr->transcriber, strip, DA_STRIP_CHARACTER_PX, NULL) : NULL;
    *square = 0;
    for (guint i = 0; characters && i < characters->len; i++)
        *square += da_is_han(g_array_index(characters, DaCharacter, i).text);
    return characters ? da_characters_confidence(characters) : 0;
}

const DaOcrEngine da_ocr_ppocr = {"ppocr", open_ppocr, close_ppocr, read_page, line_confidence};
