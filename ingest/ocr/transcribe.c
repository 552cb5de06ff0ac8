#include "transcribe.h"
#include "simplify.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <string.h>

#define DICTIONARY_MAX_BYTES ((gsize)1 << 20)
/* Narrower strips are filled up to this width; it was 320 in training, which costs time and gains nothing (docs/decisions/010). */
#define MIN_WIDTH_PX 160
/* A letter counts when it is more than this share as probable as "nothing": in cursive writing the network shares its doubt out among many,
 * and rather leaves one out than chooses. Marks get no such help: specks look like them. */
#define NOTHING_COUNTS 0.4f

struct DaTranscriber {
    DaOnnxModel *model;
    char **
        characters; /* by class - 1, in simplified forms; class 0 says "nothing", the last one is the space */
    guint classes;
};

/* --- opening ---------------------------------------------------------------------------------------------------------- */

static gboolean read_dictionary(DaTranscriber *transcriber, const char *path, GError **error)
{
    g_autoptr(GBytes) bytes = da_file_read(path, DICTIONARY_MAX_BYTES, error);
    if (bytes == NULL) {
        g_prefix_error(error, "cannot read the dictionary of the recognition model: ");
        return FALSE;
    }
    gsize size;
    const char *data = g_bytes_get_data(bytes, &size);
    if (!g_utf8_validate(data, (gssize)size, NULL))
        return da_error_set(error, DA_ERROR_NOT_FOUND, "the dictionary '%s' is not in UTF-8", path);
    g_autofree char *text = g_strndup(data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GPtrArray) characters = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; lines[i] != NULL && (*lines[i] || lines[i + 1]); i++) {
        g_strchomp(lines[i]);
        g_ptr_array_add(characters, g_strdup(*lines[i] ? lines[i] : " "));
    }
    g_ptr_array_add(characters, g_strdup(" "));
    transcriber->classes = characters->len + 1;
    if (!da_simplify_characters(characters, error))
        return FALSE;
    g_ptr_array_add(characters, NULL);
    transcriber->characters = (char **)g_ptr_array_steal(characters, NULL);
    return TRUE;
}

/* A model with another dictionary would read nonsense: one small run tells. */
static gboolean fit_together(DaTranscriber *transcriber, const char *dictionary, GError **error)
{
    g_auto(DaOnnxAnswer) answer = {0};
    g_autofree float *input = g_new0(float, (gsize)3 * DA_STRIP_HEIGHT_PX * MIN_WIDTH_PX);
    if (!da_onnx_model_run(transcriber->model, input, 3, DA_STRIP_HEIGHT_PX, MIN_WIDTH_PX, &answer,
                           error))
        return FALSE;
    return (answer.rank == 3 && answer.size[2] == transcriber->classes) ||
           da_error_set(error, DA_ERROR_NOT_FOUND,
                        "the dictionary '%s' has %u characters, the recognition model knows %d",
                        dictionary, transcriber->classes - 2,
                        answer.rank == 3 ? (int)answer.size[2] - 2 : 0);
}

DaTranscriber *da_transcriber_open(DaOnnx *onnx, const char *model, const char *dictionary,
                                   GError **error)
{
    g_autoptr(DaTranscriber) transcriber = g_new0(DaTranscriber, 1);
    transcriber->model = da_onnx_model_load(onnx, model, error);
    if (transcriber->model == NULL || !read_dictionary(transcriber, dictionary, error) ||
        !fit_together(transcriber, dictionary, error))
        return NULL;
    return g_steal_pointer(&transcriber);
}

void da_transcriber_close(DaTranscriber *transcriber)
{
    if (transcriber == NULL)
        return;
    da_onnx_model_close(transcriber->model);
    g_strfreev(transcriber->characters);
    g_free(transcriber);
}

/* --- reading ---------------------------------------------------------------------------------------------------------- */

/* -1 to 1 in three equal planes; grey where a narrow strip is filled up. */
static float *make_input(Pix *strip, guint width)
{
    gsize plane = (gsize)width * DA_STRIP_HEIGHT_PX;
    float *input = g_new0(float, plane * 3);
    guint filled = (guint)pixGetWidth(strip);
    for (guint y = 0; y < DA_STRIP_HEIGHT_PX; y++) {
        const guint32 *row = pixGetData(strip) + (gsize)y * (gsize)pixGetWpl(strip);
        float *to = input + (gsize)y * width;
        for (guint x = 0; x < filled; x++)
            to[x] = (float)GET_DATA_BYTE(row, x) / 127.5f - 1.0f;
        memcpy(to + plane, to, sizeof *to * width);
        memcpy(to + 2 * plane, to, sizeof *to * width);
    }
    return input;
}

/* 0 = nothing. */
static guint best_class(const DaTranscriber *transcriber, const float *scores)
{
    guint best = 1;
    for (guint i = 2; i < transcriber->classes; i++)
        if (scores[i] > scores[best])
            best = i;
    gboolean is_letter = g_unichar_isalnum(g_utf8_get_char(transcriber->characters[best - 1]));
    return scores[best] > (is_letter ? NOTHING_COUNTS : 1) * scores[0] ? best : 0;
}

/* Columns that say the same without a "nothing" between them are one character, in whichever form they see it. */
static GArray *decode(const DaTranscriber *transcriber, const DaOnnxAnswer *answer, double share)
{
    GArray *characters = g_array_new(FALSE, FALSE, sizeof(DaCharacter));
    const char *before = NULL;
    guint columns = (guint)answer->size[1];
    for (guint t = 0; t < columns; t++) {
        const float *scores = answer->data + (gsize)t * transcriber->classes;
        guint class = best_class(transcriber, scores);
        const char *text = class ? transcriber->characters[class - 1] : NULL;
        double from = t / share / columns, to = (t + 1) / share / columns;
        if (from >= 1) /* what was filled up */
            break;
        if (text != NULL && g_strcmp0(text, before) == 0) {
            DaCharacter *last = &g_array_index(characters, DaCharacter, characters->len - 1);
            last->to = MIN(to, 1);
            last->confidence = MAX(last->confidence, (double)scores[class]);
        } else if (text != NULL) {
            DaCharacter seen = {text, from, MIN(to, 1), (double)scores[class]};
            g_array_append_val(characters, seen);
        }
        before = text;
    }
    return characters;
}

/* The network marks a character by a column or two near its middle. The character reaches from there half its width, a share of the
 * strip, to both sides, or halfway to the next one. */
static void spread(GArray *characters, double width)
{
    double before = -1;
    for (guint i = 0; i < characters->len; i++) {
        DaCharacter *seen = &g_array_index(characters, DaCharacter, i);
        double middle = (seen->from + seen->to) / 2, next = 2, half = width / 2;
        if (i + 1 < characters->len)
            next = (seen[1].from + seen[1].to) / 2;
        seen->from = CLAMP(MAX(middle - half, (before + middle) / 2), 0, 1);
        seen->to = CLAMP(MIN(middle + half, (middle + next) / 2), 0, 1);
        before = middle;
    }
}

GArray *da_transcribe(DaTranscriber *transcriber, Pix *strip, double character_px, GError **error)
{
    g_auto(DaOnnxAnswer) answer = {0};
    guint filled = (guint)pixGetWidth(strip), width = MAX(filled, MIN_WIDTH_PX);
    g_autofree float *input = make_input(strip, width);
    if (!da_onnx_model_run(transcriber->model, input, 3, DA_STRIP_HEIGHT_PX, width, &answer, error))
        return NULL;
    GArray *characters = decode(transcriber, &answer, (double)filled / width);
    spread(characters, character_px / filled);
    return characters;
}

double da_characters_confidence(const GArray *characters)
{
    double sum = 0;
    for (guint i = 0; i < characters->len; i++)
        sum += g_array_index(characters, DaCharacter, i).confidence;
    return characters->len > 0 ? sum / characters->len : 0;
}
