#include "profile_forms.h"
#include "xmlin.h"

#include <dangan/error.h>
#include <string.h>

/* --- new and free ---------------------------------------------------------------------------------------------------- */

static void form_free(gpointer data)
{
    DaFormKind *form = data;
    g_free(form->name);
    g_free(form->title);
    g_ptr_array_unref(form->titles);
    g_hash_table_unref(form->classes);
    g_free(form);
}

static void label_free(gpointer data)
{
    DaLabel *label = data;
    g_free(label->text);
    g_free(label->until);
    g_free(label);
}

static void expected_free(gpointer data)
{
    DaExpected *expected = data;
    g_free(expected->title);
    g_ptr_array_unref(expected->forms);
    g_free(expected);
}

DaFormBook *da_profile_forms_new(void)
{
    DaFormBook *book = g_new0(DaFormBook, 1);
    book->forms = g_ptr_array_new_with_free_func(form_free);
    book->labels = g_ptr_array_new_with_free_func(label_free);
    book->expected = g_ptr_array_new_with_free_func(expected_free);
    return book;
}

void da_profile_forms_free(DaFormBook *book)
{
    if (!book)
        return;
    g_ptr_array_unref(book->forms);
    g_ptr_array_unref(book->labels);
    g_ptr_array_unref(book->expected);
    g_free(book);
}

/* --- reading ---------------------------------------------------------------------------------------------------------- */

static char *without_blanks(char *text)
{
    char *to = text;
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (!g_unichar_isspace(g_utf8_get_char(p))) {
            gsize length = (gsize)(g_utf8_next_char(p) - p);
            memmove(to, p, length);
            to += length;
        }
    *to = '\0';
    return text;
}

static DaFormKind *read_form(const xmlNode *node)
{
    DaFormKind *form = g_new0(DaFormKind, 1);
    form->name = da_xmlin_attribute(node, "name");
    form->title = da_xmlin_attribute(node, "title");
    form->titles = g_ptr_array_new_with_free_func(g_free);
    form->classes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (const xmlNode *child = da_xmlin_first(node); child; child = da_xmlin_next(child)) {
        if (da_xmlin_is(child, "class"))
            g_hash_table_insert(form->classes, da_xmlin_attribute(child, "scheme"),
                                da_xmlin_attribute(child, "code"));
        else
            g_ptr_array_add(form->titles, without_blanks(da_xmlin_text(child)));
    }
    return form;
}

static DaLabelPlace read_place(const xmlNode *node)
{
    g_autofree char *place = da_xmlin_attribute(node, "place");
    if (!g_strcmp0(place, "before"))
        return DA_LABEL_BEFORE;
    return g_strcmp0(place, "between") ? DA_LABEL_BESIDE : DA_LABEL_BETWEEN;
}

static void read_labels(DaFormBook *book, const xmlNode *node, DaLabelKind kind, DaField field)
{
    for (const xmlNode *child = da_xmlin_first(node); child; child = da_xmlin_next(child)) {
        DaLabel *label = g_new0(DaLabel, 1);
        label->text = without_blanks(da_xmlin_text(child));
        label->kind = kind;
        label->field = field;
        label->place = read_place(child);
        label->until = da_xmlin_attribute(child, "until");
        g_ptr_array_add(book->labels, label);
    }
}

static void read_field(DaFormBook *book, const xmlNode *node)
{
    g_autofree char *name = da_xmlin_attribute(node, "name");
    DaField field = da_field_by_name(name);
    book->belief[field] = (DaBelief){.from = (guint)da_xmlin_number(node, "from"),
                                     .to = (guint)da_xmlin_number(node, "to"),
                                     .min_age = (guint)da_xmlin_number(node, "min-age"),
                                     .max_age = (guint)da_xmlin_number(node, "max-age"),
                                     .near_years = (guint)da_xmlin_number(node, "near-years")};
    read_labels(book, node, DA_LABEL_FIELD, field);
}

static DaExpected *read_expected(const xmlNode *node)
{
    DaExpected *expected = g_new0(DaExpected, 1);
    g_autofree char *when = da_xmlin_attribute(node, "when");
    g_autofree char *severity = da_xmlin_attribute(node, "severity");
    expected->title = da_xmlin_attribute(node, "title");
    expected->when = when ? da_field_by_name(when) : DA_FIELD_N;
    expected->severity = DA_SEVERITY_WARNING;
    if (severity)
        da_severity_by_name(severity, &expected->severity);
    expected->forms = g_ptr_array_new_with_free_func(g_free);
    for (const xmlNode *child = da_xmlin_first(node); child; child = da_xmlin_next(child))
        g_ptr_array_add(expected->forms, da_xmlin_text(child));
    return expected;
}

static void read_part(DaFormBook *book, const xmlNode *node)
{
    if (da_xmlin_is(node, "form"))
        g_ptr_array_add(book->forms, read_form(node));
    else if (da_xmlin_is(node, "field"))
        read_field(book, node);
    else if (da_xmlin_is(node, "other"))
        read_labels(book, node, DA_LABEL_OTHER, DA_FIELD_N);
    else if (da_xmlin_is(node, "relatives"))
        read_labels(book, node, DA_LABEL_RELATIVE, DA_FIELD_N);
    else if (da_xmlin_is(node, "material"))
        g_ptr_array_add(book->expected, read_expected(node));
}

/* Longest first: 出生年月日 is not 出生年月 with something behind it. */
static gint by_length(gconstpointer a, gconstpointer b)
{
    const DaLabel *one = *(DaLabel *const *)a, *other = *(DaLabel *const *)b;
    gsize length = strlen(one->text), other_length = strlen(other->text);
    return length < other_length ? 1 : length > other_length ? -1 : strcmp(one->text, other->text);
}

void da_profile_forms_read(DaFormBook *book, const xmlNode *node)
{
    book->two_digit_years_from = (guint)da_xmlin_number(node, "two-digit-years-from");
    for (const xmlNode *part = da_xmlin_first(node); part; part = da_xmlin_next(part))
        for (const xmlNode *child = da_xmlin_first(part); child; child = da_xmlin_next(child))
            read_part(book, child);
    g_ptr_array_sort(book->labels, by_length);
}

/* --- what a schema cannot say ------------------------------------------------------------------------------------------ */

static const DaClass *class_of_code(const DaScheme *scheme, const char *code)
{
    for (guint i = 0; i < scheme->classes->len; i++) {
        const DaClass *class = scheme->classes->pdata[i];
        if (!strcmp(class->code, code))
            return class;
    }
    return NULL;
}

static gboolean look_at_form(const DaProfile *profile, const DaFormKind *form, GError **error)
{
    GHashTableIter iterator;
    gpointer name, code;
    g_hash_table_iter_init(&iterator, form->classes);
    while (g_hash_table_iter_next(&iterator, &name, &code)) {
        const DaScheme *scheme = da_profile_scheme(profile, name);
        const DaClass *class = scheme ? class_of_code(scheme, code) : NULL;
        if (!class || !class->holds)
            return da_error_set(error, DA_ERROR_INPUT,
                                "form '%s': scheme '%s' has no class '%s' that holds materials",
                                form->name, (const char *)name, (const char *)code);
    }
    return TRUE;
}

static gboolean look_at_labels(const DaFormBook *book, GError **error)
{
    for (guint i = 0; i < book->labels->len; i++) {
        const DaLabel *label = book->labels->pdata[i];
        if ((label->place == DA_LABEL_BETWEEN) != (label->until != NULL))
            return da_error_set(error, DA_ERROR_INPUT,
                                "label '%s': place 'between' and 'until' go together", label->text);
        const DaLabel *next = i + 1 < book->labels->len ? book->labels->pdata[i + 1] : NULL;
        if (next && !strcmp(next->text, label->text) && next->place == label->place)
            return da_error_set(error, DA_ERROR_INPUT, "label '%s' stands twice", label->text);
    }
    return TRUE;
}

gboolean da_profile_forms_look_at(const DaProfile *profile, GError **error)
{
    const DaFormBook *book = profile->forms;
    for (guint i = 0; i < book->forms->len; i++) {
        const DaFormKind *form = book->forms->pdata[i];
        if (da_profile_form(profile, form->name) != form)
            return da_error_set(error, DA_ERROR_INPUT, "form '%s' stands twice", form->name);
        if (!look_at_form(profile, form, error))
            return FALSE;
    }
    for (guint i = 0; i < book->expected->len; i++) {
        const DaExpected *expected = book->expected->pdata[i];
        for (guint k = 0; k < expected->forms->len; k++)
            if (!da_profile_form(profile, expected->forms->pdata[k]))
                return da_error_set(error, DA_ERROR_INPUT,
                                    "expected material '%s': there is no form '%s'",
                                    expected->title, (const char *)expected->forms->pdata[k]);
    }
    return look_at_labels(book, error);
}
