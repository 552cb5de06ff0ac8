/*
 * PP-OCR: a detector of lines and a recognizer of strips, run by ONNX Runtime. On dossier forms it makes about a fifth of Tesseract's errors
 * in about the same time; see docs/decisions/010.
 */
#include "detect.h"
#include "engine.h"
#include "transcribe.h"

#include <dangan/datadir.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/measure.h>
#include <string.h>

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

/* --- a line ----------------------------------------------------------------------------------------------------------- */

static gboolean is_han(const char *text)
{
    return g_unichar_get_script(g_utf8_get_char(text)) == G_UNICODE_SCRIPT_HAN;
}

/* Han characters are words of their own, as far as places go; letters and digits stay together. */
static gboolean continues_word(const GArray *characters, guint i)
{
    const char *text = g_array_index(characters, DaCharacter, i).text;
    const char *before = i > 0 ? g_array_index(characters, DaCharacter, i - 1).text : " ";
    return g_unichar_isalnum(g_utf8_get_char(text)) && !is_han(text) &&
           g_unichar_isalnum(g_utf8_get_char(before)) && !is_han(before);
}

static void set_box(DaWord *word, const DaQuad *quad)
{
    double box[4] = {G_MAXDOUBLE, G_MAXDOUBLE, -G_MAXDOUBLE, -G_MAXDOUBLE};
    for (int i = 0; i < 4; i++) {
        box[0] = MIN(box[0], quad->corner[i][0]);
        box[1] = MIN(box[1], quad->corner[i][1]);
        box[2] = MAX(box[2], quad->corner[i][0]);
        box[3] = MAX(box[3], quad->corner[i][1]);
    }
    word->x_px = box[0];
    word->y_px = box[1];
    word->w_px = box[2] - box[0];
    word->h_px = box[3] - box[1];
}

/* The word of the characters from `first` on; returns how many they are. */
static guint add_word(DaLine *line, const GArray *characters, guint first, const DaQuad *quad)
{
    const DaCharacter *begin = &g_array_index(characters, DaCharacter, first), *end = begin;
    g_autoptr(GString) text = g_string_new(begin->text);
    double confidence = begin->confidence;
    guint n = 1;
    for (; first + n < characters->len && continues_word(characters, first + n); n++) {
        end = &g_array_index(characters, DaCharacter, first + n);
        g_string_append(text, end->text);
        confidence += end->confidence;
    }
    DaWord *word = da_line_add_word(line);
    DaQuad part = da_quad_part(quad, begin->from, end->to);
    set_box(word, &part);
    word->confidence = confidence / n;
    word->text = g_string_free(g_steal_pointer(&text), FALSE);
    return n;
}

static void add_line(DaPageText *page, const DaQuad *quad, const GArray *characters)
{
    g_autoptr(GString) text = g_string_new(NULL);
    DaLine *line = da_page_text_add(page);
    for (guint i = 0; i < characters->len;) {
        const char *seen = g_array_index(characters, DaCharacter, i).text;
        guint n = *seen == ' ' ? 1 : add_word(line, characters, i, quad);
        for (; n > 0; n--)
            g_string_append(text, g_array_index(characters, DaCharacter, i++).text);
    }
    line->text = da_text_join_han(text->str);
    line->confidence = da_characters_confidence(characters);
    memcpy(line->quad, quad->corner, sizeof line->quad);
}

/* --- a page ----------------------------------------------------------------------------------------------------------- */

static gboolean read_place(Ppocr *ppocr, Pix *grey, const DaTextPlace *place, DaPageText *text,
                           GError **error)
{
    g_autoptr(Pix) strip =
        da_quad_cut(&place->quad, grey, DA_STRIP_HEIGHT_PX, DA_STRIP_MAX_WIDTH_PX);
    g_autoptr(GArray) characters = strip ? da_transcribe(ppocr->transcriber, strip, error) : NULL;
    if (characters == NULL)
        return FALSE;
    if (characters->len > 0)
        add_line(text, &place->quad, characters);
    return TRUE;
}

static double middle_y(const DaLine *line)
{
    return (line->quad[0][1] + line->quad[2][1]) / 2;
}

static gint by_height(gconstpointer a, gconstpointer b)
{
    double first = middle_y(*(DaLine *const *)a), second = middle_y(*(DaLine *const *)b);
    return first < second ? -1 : first > second;
}

static gint by_left(gconstpointer a, gconstpointer b)
{
    double first = (*(DaLine *const *)a)->quad[0][0], second = (*(DaLine *const *)b)->quad[0][0];
    return first < second ? -1 : first > second;
}

/* Reading order: rows from above, in a row from the left. A line belongs to the row whose first line's middle it overlaps. */
static void sort_lines(GPtrArray *lines)
{
    g_ptr_array_sort(lines, by_height);
    for (guint first = 0, end; first < lines->len; first = end) {
        const DaLine *top = lines->pdata[first];
        double half = (top->quad[3][1] - top->quad[0][1]) / 2;
        for (end = first + 1; end < lines->len; end++)
            if (middle_y(lines->pdata[end]) - middle_y(top) > half)
                break;
        qsort(lines->pdata + first, end - first, sizeof(gpointer), by_left);
    }
}

static gboolean read_page(gpointer engine, Pix *pix, guint dpi, DaPageText *text, GError **error)
{
    Ppocr *ppocr = engine;
    g_autoptr(Pix) grey = da_measure_grey_without_red(pix);
    if (grey == NULL)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot prepare a page of %d x %d px for OCR",
                            pixGetWidth(pix), pixGetHeight(pix));
    g_autoptr(GArray) places = da_detect_lines(ppocr->detector, grey, DETECTOR_PX, error);
    for (guint i = 0; places && i < places->len; i++)
        if (!read_place(ppocr, grey, &g_array_index(places, DaTextPlace, i), text, error))
            return FALSE;
    sort_lines(text->lines);
    return places != NULL;
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
        *square += is_han(g_array_index(characters, DaCharacter, i).text);
    return characters ? da_characters_confidence(characters) : 0;
}

const DaOcrEngine da_ocr_ppocr = {"ppocr", open_ppocr, close_ppocr, read_page, line_confidence};
