#include <dangan/recognize.h>

#include "ocr/engine.h"
#include "ocr/strips.h"

#include <dangan/error.h>
#include <string.h>

#define DEFAULT_DPI 300
/* Specks read as one or two characters with hardly any confidence are no text; measured in docs/decisions. */
#define NOISE_CONFIDENCE 0.35
#define NOISE_CHARACTERS 2

struct DaRecognizer {
    const DaOcrEngine *engine; /* NULL = none */
    gpointer state;
    char *name, *note;
};

/* The best first: "auto" takes the first that opens. */
static const DaOcrEngine *const engines[] = {&da_ocr_ppocr, &da_ocr_tesseract};

static gboolean open_engine(DaRecognizer *recognizer, const DaOcrEngine *engine, GError **error)
{
    g_autofree char *name = NULL;
    gpointer state = engine->open(&name, error);
    if (state == NULL)
        return FALSE;
    recognizer->engine = engine;
    recognizer->state = state;
    recognizer->name = g_steal_pointer(&name);
    return TRUE;
}

static const DaOcrEngine *engine_named(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(engines); i++)
        if (strcmp(name, engines[i]->name) == 0)
            return engines[i];
    return NULL;
}

/* The first that opens; why the better ones did not is kept. */
static gboolean choose_best(DaRecognizer *recognizer, GError **error)
{
    g_autoptr(GString) missed = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(engines); i++) {
        g_autoptr(GError) why = NULL;
        if (open_engine(recognizer, engines[i], &why)) {
            if (missed->len > 0)
                recognizer->note = g_strdup(missed->str);
            return TRUE;
        }
        g_string_append_printf(missed, "%s%s", missed->len > 0 ? "; " : "", why->message);
    }
    return da_error_set(error, DA_ERROR_NOT_FOUND, "no OCR engine can be used: %s", missed->str);
}

static gboolean choose(DaRecognizer *recognizer, const char *wanted, GError **error)
{
    if (strcmp(wanted, "auto") == 0)
        return choose_best(recognizer, error);
    const DaOcrEngine *engine = engine_named(wanted);
    if (engine != NULL)
        return open_engine(recognizer, engine, error);
    recognizer->name = g_strdup("none");
    return strcmp(wanted, "none") == 0 ||
           da_error_set(error, DA_ERROR_USAGE,
                        "there is no OCR engine '%s'; choose " DA_RECOGNIZER_CHOICE, wanted);
}

DaRecognizer *da_recognizer_new(const char *engine, GError **error)
{
    g_autoptr(DaRecognizer) recognizer = g_new0(DaRecognizer, 1);
    if (!choose(recognizer, engine, error))
        return NULL;
    return g_steal_pointer(&recognizer);
}

void da_recognizer_free(DaRecognizer *recognizer)
{
    if (recognizer == NULL)
        return;
    if (recognizer->engine != NULL)
        recognizer->engine->close(recognizer->state);
    g_free(recognizer->name);
    g_free(recognizer->note);
    g_free(recognizer);
}

const char *da_recognizer_name(const DaRecognizer *recognizer)
{
    return recognizer->name;
}

const char *da_recognizer_note(const DaRecognizer *recognizer)
{
    return recognizer->note;
}

static void drop_noise(GPtrArray *lines)
{
    for (guint i = lines->len; i > 0; i--) {
        const DaLine *line = lines->pdata[i - 1];
        if (line->confidence < NOISE_CONFIDENCE &&
            g_utf8_strlen(line->text, -1) <= NOISE_CHARACTERS)
            g_ptr_array_remove_index(lines, i - 1);
    }
}

DaPageText *da_recognizer_read(DaRecognizer *recognizer, Pix *pix, guint dpi, GError **error)
{
    g_autoptr(DaPageText) text =
        da_page_text_new((guint)pixGetWidth(pix), (guint)pixGetHeight(pix), recognizer->name);
    if (recognizer->engine == NULL)
        return g_steal_pointer(&text);
    if (!recognizer->engine->read(recognizer->state, pix, dpi ? dpi : DEFAULT_DPI, text, error))
        return NULL;
    drop_noise(text->lines);
    return g_steal_pointer(&text);
}

/* Confidence counts by the Han characters seen: upside down, Chinese becomes a few digits and marks. */
double da_recognizer_upright_score(DaRecognizer *recognizer, Pix *pix, guint dpi)
{
    if (recognizer->engine == NULL)
        return 0;
    guint known_dpi = dpi ? dpi : DEFAULT_DPI;
    g_autoptr(Pixa) strips = da_strips_find(pix, known_dpi);
    double sum = 0, weight = 0;
    for (int i = 0; strips != NULL && i < pixaGetCount(strips); i++) {
        g_autoptr(Pix) strip = pixaGetPix(strips, i, L_CLONE);
        guint square = 0;
        double confidence =
            recognizer->engine->line_confidence(recognizer->state, strip, known_dpi, &square);
        double expected = (double)pixGetWidth(strip) / pixGetHeight(strip);
        sum += confidence * MIN((double)square, expected);
        weight += expected;
    }
    return weight > 0 ? sum / weight : 0;
}
