#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/text.h>
#include <math.h>

/* JSON has no NaN; null says "not known". */
static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* jansson refuses what is not UTF-8, and with it the whole page. */
static json_t *string_of(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    return json_string(valid);
}

static json_t *word_to_json(const DaWord *word)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "text", string_of(word->text), "x_px",
                     number_or_null(word->x_px), "y_px", number_or_null(word->y_px), "w_px",
                     number_or_null(word->w_px), "h_px", number_or_null(word->h_px), "confidence",
                     number_or_null(word->confidence));
}

static json_t *line_to_json(const DaLine *line)
{
    json_t *quad = json_array();
    for (int i = 0; i < 4; i++)
        json_array_append_new(quad, json_pack("[o, o]", number_or_null(line->quad[i][0]),
                                              number_or_null(line->quad[i][1])));
    json_t *words = json_array();
    for (guint i = 0; i < line->words->len; i++)
        json_array_append_new(words, word_to_json(g_ptr_array_index(line->words, i)));
    return json_pack("{s:o, s:o, s:o, s:b, s:s, s:o}", "quad", quad, "text", string_of(line->text),
                     "confidence", number_or_null(line->confidence), "vertical",
                     (int)line->vertical, "kind", da_line_kind_name(line->kind), "words", words);
}

json_t *da_page_text_to_json(const DaPageText *text)
{
    json_t *lines = json_array(), *seals = json_array();
    for (guint i = 0; i < text->lines->len; i++) {
        const DaLine *line = g_ptr_array_index(text->lines, i);
        json_array_append_new(line->kind == DA_LINE_SEAL ? seals : lines, line_to_json(line));
    }
    return json_pack("{s:I, s:I, s:o, s:o, s:o}", "width_px", (json_int_t)text->width_px,
                     "height_px", (json_int_t)text->height_px, "engine",
                     string_of(text->engine ? text->engine : "none"), "lines", lines, "seals",
                     seals);
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

static gboolean read_number(const json_t *value, double *number)
{
    *number = json_is_number(value) ? json_number_value(value) : NAN;
    return json_is_number(value);
}

/* A confidence that is not known is null or left out. */
static gboolean read_confidence(const json_t *object, double *confidence)
{
    const json_t *value = json_object_get(object, "confidence");
    if (!value || json_is_null(value)) {
        *confidence = NAN;
        return TRUE;
    }
    return read_number(value, confidence) && *confidence >= 0 && *confidence <= 1;
}

static gboolean read_text(const json_t *object, char **text)
{
    const char *value = json_string_value(json_object_get(object, "text"));
    *text = g_strdup(value);
    return value != NULL;
}

static gboolean read_word(const json_t *object, DaWord *word)
{
    return read_text(object, &word->text) &&
           read_number(json_object_get(object, "x_px"), &word->x_px) &&
           read_number(json_object_get(object, "y_px"), &word->y_px) &&
           read_number(json_object_get(object, "w_px"), &word->w_px) &&
           read_number(json_object_get(object, "h_px"), &word->h_px) &&
           read_confidence(object, &word->confidence);
}

static gboolean read_quad(const json_t *quad, double to[4][2])
{
    if (json_array_size(quad) != 4)
        return FALSE;
    for (size_t i = 0; i < 4; i++) {
        const json_t *point = json_array_get(quad, i);
        if (json_array_size(point) != 2 || !read_number(json_array_get(point, 0), &to[i][0]) ||
            !read_number(json_array_get(point, 1), &to[i][1]))
            return FALSE;
    }
    return TRUE;
}

/* Returns what is wrong, NULL = nothing. */
static const char *read_line(const json_t *object, DaLine *line)
{
    if (!read_text(object, &line->text))
        return "\"text\" is no string";
    if (!read_quad(json_object_get(object, "quad"), line->quad))
        return "\"quad\" is not four points of two numbers";
    if (!read_confidence(object, &line->confidence))
        return "\"confidence\" is no number from 0 to 1";
    line->vertical = json_is_true(json_object_get(object, "vertical"));
    line->kind = da_line_kind_of(json_string_value(json_object_get(object, "kind")));
    const json_t *words = json_object_get(object, "words");
    if (words && !json_is_array(words))
        return "\"words\" is no array";
    for (size_t i = 0; i < json_array_size(words); i++)
        if (!read_word(json_array_get(words, i), da_line_add_word(line)))
            return "a word lacks text, box or confidence";
    return NULL;
}

static gboolean read_size(const json_t *object, const char *key, guint *size)
{
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);
    *size = (guint)number;
    return json_is_integer(value) && number > 0 && number <= G_MAXINT;
}

static gboolean read_lines(const json_t *object, const char *key, DaPageText *text, GError **error)
{
    const json_t *lines = json_object_get(object, key);
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const char *fault = read_line(json_array_get(lines, i), da_page_text_add(text));
        if (fault)
            return da_error_set(error, DA_ERROR_INPUT, "cannot read page text: \"%s\" %zu: %s", key,
                                i + 1, fault);
    }
    return TRUE;
}

DaPageText *da_page_text_from_json(const json_t *object, GError **error)
{
    guint width_px = 0, height_px = 0;
    const json_t *lines = json_object_get(object, "lines");
    if (!read_size(object, "width_px", &width_px) || !read_size(object, "height_px", &height_px) ||
        !json_is_array(lines)) {
        da_error_set(error, DA_ERROR_INPUT,
                     "cannot read page text: \"width_px\", \"height_px\" and \"lines\" are needed");
        return NULL;
    }
    const char *engine = json_string_value(json_object_get(object, "engine"));
    g_autoptr(DaPageText) text = da_page_text_new(width_px, height_px, engine ? engine : "none");
    if (!read_lines(object, "lines", text, error) || !read_lines(object, "seals", text, error))
        return NULL;
    return g_steal_pointer(&text);
}
