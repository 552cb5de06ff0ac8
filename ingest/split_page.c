#include "split_content.h"
#include "split_internal.h"

#include <dangan/error.h>
#include <stdlib.h>

/* Forms drawn by forms: OCR programs put their text layer into one. */
#define MAX_FORM_DEPTH 4
#define MAX_CONTENT_BYTES (64u << 20)

typedef struct {
    qpdf_data qpdf;
    qpdf_oh resources; /* of what is walked now */
    qpdf_oh image;     /* the last one drawn */
    guint images, depth;
    guint inline_images, visible_texts, unknown;
} Walk;

static void walk(Walk *state, qpdf_oh resources, const guint8 *data, gsize size);

static void walk_form(Walk *state, qpdf_oh form)
{
    qpdf_oh dict = qpdf_oh_get_dict(state->qpdf, form);
    qpdf_oh resources = state->resources;
    if (qpdf_oh_has_key(state->qpdf, dict, "/Resources"))
        resources = qpdf_oh_get_key(state->qpdf, dict, "/Resources");
    unsigned char *data = NULL;
    size_t size = 0;
    QPDF_BOOL filtered = QPDF_FALSE;
    QPDF_ERROR_CODE code =
        qpdf_oh_get_stream_data(state->qpdf, form, qpdf_dl_generalized, &filtered, &data, &size);
    if (code == QPDF_SUCCESS && filtered && state->depth < MAX_FORM_DEPTH) {
        state->depth++;
        walk(state, resources, data, size);
        state->depth--;
    } else {
        state->unknown++;
    }
    free(data);
}

static void on_draw(gpointer data, const char *name)
{
    Walk *state = data;
    qpdf_oh objects = qpdf_oh_get_key(state->qpdf, state->resources, "/XObject");
    if (!qpdf_oh_is_dictionary(state->qpdf, objects))
        return;
    qpdf_oh object = qpdf_oh_get_key(state->qpdf, objects, name);
    if (!qpdf_oh_is_stream(state->qpdf, object))
        return;
    qpdf_oh type = qpdf_oh_get_key(state->qpdf, qpdf_oh_get_dict(state->qpdf, object), "/Subtype");
    if (qpdf_oh_is_name_and_equals(state->qpdf, type, "/Image")) {
        state->images++;
        state->image = object;
    } else if (qpdf_oh_is_name_and_equals(state->qpdf, type, "/Form")) {
        walk_form(state, object);
    }
}

static void walk(Walk *state, qpdf_oh resources, const guint8 *data, gsize size)
{
    qpdf_oh before = state->resources;
    state->resources = resources;
    DaSplitContent content = {.data = state, .draws = on_draw};
    if (size > MAX_CONTENT_BYTES || !qpdf_oh_is_dictionary(state->qpdf, resources))
        state->unknown++;
    else
        da_split_content_walk(&content, data, size);
    state->inline_images += content.inline_images;
    state->visible_texts += content.visible_texts;
    state->resources = before;
}

static gboolean judge(const Walk *state, GError **error)
{
    if (state->unknown > 0)
        return da_error_set(error, DA_ERROR_INPUT, "what the page draws cannot be read");
    if (state->inline_images > 0)
        return da_error_set(error, DA_ERROR_INPUT,
                            "the page has an inline image; scan it again or save it as TIFF");
    if (state->images == 0)
        return da_error_set(error, DA_ERROR_INPUT,
                            "the page has no image; only PDF made of scans can be taken");
    if (state->images > 1)
        return da_error_set(error, DA_ERROR_INPUT,
                            "the page is made of %u images, not of one; save it as TIFF",
                            state->images);
    if (state->visible_texts > 0)
        return da_error_set(error, DA_ERROR_INPUT,
                            "the page has printed text; only PDF made of scans can be taken");
    return TRUE;
}

gboolean da_split_pdf_find_image(qpdf_data qpdf, qpdf_oh page, qpdf_oh *image, GError **error)
{
    Walk state = {.qpdf = qpdf};
    unsigned char *data = NULL;
    size_t size = 0;
    if (qpdf_oh_get_page_content_data(qpdf, page, &data, &size) != QPDF_SUCCESS ||
        qpdf_has_error(qpdf))
        state.unknown++;
    else
        walk(&state, da_split_pdf_inherited(qpdf, page, "/Resources"), data, size);
    free(data);
    *image = state.image;
    return judge(&state, error);
}
