#include "pdf_parts.h"

#include <string.h>

/* A bookmark; classes hold materials. */
typedef struct {
    char *title;
    guint page; /* index */
    guint object;
    GPtrArray *below; /* Mark *; NULL = a material */
} Mark;

static void mark_free(gpointer data)
{
    Mark *mark = data;
    g_free(mark->title);
    g_clear_pointer(&mark->below, g_ptr_array_unref);
    g_free(mark);
}

static Mark *add_mark(const DaPdf *pdf, GPtrArray *to, char *title, guint page, gboolean is_class)
{
    Mark *mark = g_new0(Mark, 1);
    mark->title = title;
    mark->page = page;
    mark->object = da_pdf_out_reserve(pdf->out);
    mark->below = is_class ? g_ptr_array_new_with_free_func(mark_free) : NULL;
    g_ptr_array_add(to, mark);
    return mark;
}

static char *class_title(const DaPdf *pdf, const char *code)
{
    const DaScheme *scheme =
        pdf->profile ? da_profile_scheme(pdf->profile, pdf->dossier->scheme) : NULL;
    const DaClass *class = scheme ? da_scheme_class(scheme, code) : NULL;
    return class ? g_strdup_printf("%s %s", class->printed, class->name) : g_strdup(code);
}

static char *material_title(const DaMaterial *material)
{
    g_autofree char *formed = da_date_format(material->formed);
    return g_strdup_printf("%u %s%s%s", material->sequence, material->title ? material->title : "",
                           *formed ? " " : "", formed);
}

static GPtrArray *marks_of(const DaPdf *pdf)
{
    GPtrArray *marks = g_ptr_array_new_with_free_func(mark_free);
    const char *class_code = NULL;
    guint page = 0;
    for (guint i = 0; i < pdf->dossier->materials->len; i++) {
        const DaMaterial *material = pdf->dossier->materials->pdata[i];
        if (!material->pages->len)
            continue;
        if (g_strcmp0(class_code, material->class_code)) {
            class_code = material->class_code;
            add_mark(pdf, marks, class_title(pdf, class_code), page, TRUE);
        }
        const Mark *class = marks->pdata[marks->len - 1];
        add_mark(pdf, class->below, material_title(material), page, FALSE);
        page += material->pages->len;
    }
    return marks;
}

static guint object_at(const GPtrArray *marks, guint index)
{
    return index < marks->len ? ((const Mark *)marks->pdata[index])->object : 0;
}

static void append_reference(GString *text, const char *key, guint object)
{
    if (object)
        g_string_append_printf(text, " /%s %u 0 R", key, object);
}

/* Returns how many bookmarks are open below `parent`. */
static guint write_marks(const DaPdf *pdf, const GPtrArray *marks, guint parent)
{
    guint n = 0;
    for (guint i = 0; i < marks->len; i++) {
        const Mark *mark = marks->pdata[i];
        g_autofree char *title = da_pdf_text(mark->title);
        g_autoptr(GString) entries = g_string_new(NULL);
        append_reference(entries, "Prev", i ? object_at(marks, i - 1) : 0);
        append_reference(entries, "Next", object_at(marks, i + 1));
        n++;
        if (mark->below) {
            guint below = write_marks(pdf, mark->below, mark->object);
            append_reference(entries, "First", object_at(mark->below, 0));
            append_reference(entries, "Last", object_at(mark->below, mark->below->len - 1));
            g_string_append_printf(entries, " /Count %u", below);
            n += below;
        }
        da_pdf_out_object(pdf->out, mark->object,
                          "<< /Title %s /Parent %u 0 R /Dest [%u 0 R /Fit]%s >>", title, parent,
                          g_array_index(pdf->pages, guint, mark->page), entries->str);
    }
    return n;
}

guint da_pdf_write_outline(const DaPdf *pdf)
{
    g_autoptr(GPtrArray) marks = marks_of(pdf);
    if (!marks->len)
        return 0;
    guint root = da_pdf_out_reserve(pdf->out);
    guint n = write_marks(pdf, marks, root);
    da_pdf_out_object(pdf->out, root, "<< /Type /Outlines /First %u 0 R /Last %u 0 R /Count %u >>",
                      object_at(marks, 0), object_at(marks, marks->len - 1), n);
    return root;
}
