/*
 * Tesseract through its C interface. The recipe (red channel, Sauvola, rulings out, PSM 4, a line a cell) is the best of those
 * measured on dossier forms: half as many characters wrong as on the scan as it is.
 */
#include "engine.h"
#include "rulings.h"

#include <dangan/error.h>
#include <dangan/measure.h>
#include <dlfcn.h>
#include <string.h>
#include <tesseract/capi.h>

#define LANGUAGE "chi_sim"

typedef struct TessBaseAPI Tesseract;
typedef struct TessResultIterator Words;

static void free_words(Words *words)
{
    TessResultIteratorDelete(words);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Words, free_words)

/* OpenMP read OMP_THREAD_LIMIT before main(); without it ten images take fifty times as long. No active parallel level means
 * the same and can be said at run time. The library is there because Tesseract needs it. */
static void stay_single_threaded(void)
{
    void (*set_levels)(int) = NULL;
    void *found = dlsym(RTLD_DEFAULT, "omp_set_max_active_levels");
    memcpy(&set_levels, &found, sizeof set_levels);
    if (set_levels != NULL)
        set_levels(0);
}

static gboolean set_up(Tesseract *tesseract, GError **error)
{
    if (TessBaseAPIInit2(tesseract, NULL, LANGUAGE, OEM_LSTM_ONLY) != 0)
        return da_error_set(error, DA_ERROR_NOT_FOUND,
                            "Tesseract cannot load its model '" LANGUAGE
                            "'; install tesseract-ocr-chi-sim, or set TESSDATA_PREFIX to the "
                            "folder of " LANGUAGE ".traineddata");
    return (TessBaseAPISetVariable(tesseract, "preserve_interword_spaces", "1") &&
            TessBaseAPISetVariable(tesseract, "tessedit_do_invert", "0") &&
            TessBaseAPISetVariable(tesseract, "debug_file", "/dev/null")) ||
           da_error_set(error, DA_ERROR_SYSTEM, "Tesseract %s does not know our settings",
                        TessVersion());
}

static gpointer open_tesseract(char **full_name, GError **error)
{
    stay_single_threaded();
    Tesseract *tesseract = TessBaseAPICreate();
    if (!set_up(tesseract, error)) {
        TessBaseAPIDelete(tesseract);
        return NULL;
    }
    *full_name = g_strdup_printf("tesseract %s " LANGUAGE, TessVersion());
    return tesseract;
}

static void close_tesseract(gpointer engine)
{
    TessBaseAPIEnd(engine);
    TessBaseAPIDelete(engine);
}

/* --- reading a page -------------------------------------------------------------------------------------------------- */

/* Grey strokes on white: where Sauvola finds ink that is no ruling the page is left as it is, a little around it as well. The
 * recognizer sees more in grey than in 1 bit: 35 % of characters wrong instead of 37 % on dossier forms. */
static Pix *prepare(Pix *pix, guint dpi)
{
    g_autoptr(Pix) grey = da_measure_grey_without_red(pix);
    g_autoptr(Pix) ink = grey ? da_measure_binarize(grey, dpi) : NULL;
    g_autoptr(Pix) text = ink ? da_rulings_remove(ink, dpi) : NULL;
    g_autoptr(Pix) paper = text ? pixDilateBrick(NULL, text, 5, 5) : NULL;
    g_autoptr(Pix) page = paper ? pixCopy(NULL, grey) : NULL;
    g_autoptr(Pix) rulings = page ? pixSubtract(NULL, ink, text) : NULL;
    if (rulings == NULL)
        return NULL;
    pixSubtract(paper, paper, rulings);
    pixInvert(paper, paper);
    pixPaintThroughMask(page, paper, 0, 0, 255);
    return g_steal_pointer(&page);
}

/* An empty answer is an answer only when it belongs to this very image. */
static Words *recognize(Tesseract *tesseract, Pix *ink, guint dpi, GError **error)
{
    TessBaseAPISetPageSegMode(tesseract, PSM_SINGLE_COLUMN);
    TessBaseAPISetImage2(tesseract, ink);
    TessBaseAPISetSourceResolution(tesseract, (int)dpi);
    Words *words = NULL;
    if (TessBaseAPIRecognize(tesseract, NULL) == 0)
        words = TessBaseAPIGetIterator(tesseract);
    Pix *seen = TessBaseAPIGetInputImage(tesseract);
    gboolean same = seen != NULL && pixGetWidth(seen) == pixGetWidth(ink) &&
                    pixGetHeight(seen) == pixGetHeight(ink);
    if (words != NULL && same)
        return words;
    if (words != NULL)
        TessResultIteratorDelete(words);
    da_error_set(error, DA_ERROR_SYSTEM, "Tesseract gave no page for an image of %d x %d px",
                 pixGetWidth(ink), pixGetHeight(ink));
    return NULL;
}

static gboolean box_of(const Words *words, TessPageIteratorLevel level, double box[4])
{
    int left, top, right, bottom;
    if (!TessPageIteratorBoundingBox(TessResultIteratorGetPageIteratorConst(words), level, &left,
                                     &top, &right, &bottom))
        return FALSE;
    box[0] = left;
    box[1] = top;
    box[2] = right;
    box[3] = bottom;
    return TRUE;
}

/* Adds the word at which `words` stands, if there is something to see. */
static void add_word(const Words *words, DaLine *line)
{
    char *seen = TessResultIteratorGetUTF8Text(words, RIL_WORD);
    g_autofree char *joined = da_text_join_han(seen ? seen : "");
    TessDeleteText(seen);
    double box[4];
    if (!*joined || !box_of(words, RIL_WORD, box))
        return;
    DaWord *word = da_line_add_word(line);
    word->x_px = box[0];
    word->y_px = box[1];
    word->w_px = box[2] - box[0];
    word->h_px = box[3] - box[1];
    word->confidence = CLAMP(TessResultIteratorConfidence(words, RIL_WORD) / 100.0, 0.0, 1.0);
    word->text = g_steal_pointer(&joined);
}

/* Box, text and confidence of a line from its words. */
static void finish_line(DaLine *line)
{
    double box[4] = {G_MAXDOUBLE, G_MAXDOUBLE, 0, 0}, sum = 0, characters = 0;
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < line->words->len; i++) {
        const DaWord *word = line->words->pdata[i];
        box[0] = MIN(box[0], word->x_px);
        box[1] = MIN(box[1], word->y_px);
        box[2] = MAX(box[2], word->x_px + word->w_px);
        box[3] = MAX(box[3], word->y_px + word->h_px);
        double length = (double)g_utf8_strlen(word->text, -1);
        sum += word->confidence * length;
        characters += length;
        g_string_append_printf(text, " %s", word->text);
    }
    line->text = da_text_join_han(text->str);
    line->confidence = sum / characters;
    const double quad[4][2] = {
        {box[0], box[1]}, {box[2], box[1]}, {box[2], box[3]}, {box[0], box[3]}};
    memcpy(line->quad, quad, sizeof quad);
}

/* A gap wider than this many heights of a line lies between two cells of a form. */
#define CELL_GAP 1.0

static gboolean begins_a_cell(const Words *words, const DaLine *line)
{
    double box[4];
    if (line->words->len == 0 || !box_of(words, RIL_WORD, box))
        return FALSE;
    const DaWord *last = line->words->pdata[line->words->len - 1];
    double height = MAX(last->h_px, box[3] - box[1]);
    return box[0] - (last->x_px + last->w_px) > CELL_GAP * height;
}

/* Reads the line at which `words` stands, as one line a cell, and leaves it at the first word of the next one. FALSE at
 * the end. */
static gboolean read_line(Words *words, DaPageText *page)
{
    DaLine *line = NULL;
    gboolean more, last;
    do {
        last = TessPageIteratorIsAtFinalElement(TessResultIteratorGetPageIteratorConst(words),
                                                RIL_TEXTLINE, RIL_WORD);
        if (line == NULL || begins_a_cell(words, line)) {
            if (line != NULL)
                finish_line(line);
            line = da_page_text_add(page);
        }
        add_word(words, line);
        more = TessResultIteratorNext(words, RIL_WORD);
    } while (more && !last);
    if (line->words->len > 0)
        finish_line(line);
    else
        g_ptr_array_remove_index(page->lines, page->lines->len - 1);
    return more;
}

static gboolean read_page(gpointer engine, Pix *pix, guint dpi, DaPageText *text, GError **error)
{
    g_autoptr(Pix) ink = prepare(pix, dpi);
    if (ink == NULL)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot prepare a page of %d x %d px for OCR",
                            pixGetWidth(pix), pixGetHeight(pix));
    g_autoptr(Words) words = recognize(engine, ink, dpi, error);
    if (words == NULL)
        return FALSE;
    while (read_line(words, text))
        continue;
    TessBaseAPIClear(engine);
    return TRUE;
}

/* --- one line --------------------------------------------------------------------------------------------------------- */

static guint count_square(const char *text)
{
    guint n = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        n += g_unichar_get_script(g_utf8_get_char(p)) == G_UNICODE_SCRIPT_HAN;
    return n;
}

static double line_confidence(gpointer engine, Pix *line, guint dpi, guint *square)
{
    TessBaseAPISetPageSegMode(engine, PSM_SINGLE_LINE);
    TessBaseAPISetImage2(engine, line);
    TessBaseAPISetSourceResolution(engine, (int)dpi);
    *square = 0;
    if (TessBaseAPIRecognize(engine, NULL) != 0)
        return 0;
    char *text = TessBaseAPIGetUTF8Text(engine);
    *square = text ? count_square(text) : 0;
    TessDeleteText(text);
    double confidence = CLAMP(TessBaseAPIMeanTextConf(engine) / 100.0, 0.0, 1.0);
    TessBaseAPIClear(engine);
    return confidence;
}

const DaOcrEngine da_ocr_tesseract = {"tesseract", open_tesseract, close_tesseract, read_page,
                                      line_confidence};
