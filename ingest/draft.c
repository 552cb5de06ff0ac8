/* A draft catalogue: what the titles show, for an archivist to correct. */
#include <dangan/describe.h>
#include <math.h>
#include <string.h>

#define UNSURE "【待确认】"
/* Below it a title is marked for a person. */
#define SURE_CONFIDENCE 0.6

/* A title begins a material; a running head of the form that is open goes on with it. */
static gboolean begins(const DaPageDescription *page, const DaFormKind *open)
{
    return page && page->title && (page->form ? page->form != open || page->title_large : !open);
}

static gboolean is_sure(const DaPageDescription *page)
{
    return page && page->form && !(page->title_confidence < SURE_CONFIDENCE);
}

/* As the page has it; the general name where a character is damaged. */
static char *title_of(const DaPageDescription *page)
{
    if (!page || !page->title)
        return g_strdup(UNSURE);
    if (!page->form)
        return g_strconcat(UNSURE, page->title, NULL);
    return is_sure(page) && !page->title_damaged
               ? g_strdup(page->title)
               : g_strconcat(is_sure(page) ? "" : UNSURE, page->form->title, NULL);
}

/* The usual class of the form; the scheme's last one (其他) where nothing is known. */
static const char *class_of(const DaPageDescription *page, const DaScheme *scheme)
{
    const char *code =
        page && page->form ? g_hash_table_lookup(page->form->classes, scheme->name) : NULL;
    for (guint i = scheme->classes->len; !code && i > 0; i--) {
        const DaClass *class = scheme->classes->pdata[i - 1];
        code = class->holds ? class->code : NULL;
    }
    return code;
}

static DaMaterial *new_material(const DaPageDescription *page, const DaScheme *scheme,
                                GHashTable *last)
{
    DaMaterial *material = da_material_new();
    material->class_code = g_strdup(class_of(page, scheme));
    material->title = title_of(page);
    material->copies = 1;
    guint sequence = GPOINTER_TO_UINT(g_hash_table_lookup(last, material->class_code)) + 1;
    g_hash_table_replace(last, g_strdup(material->class_code), GUINT_TO_POINTER(sequence));
    material->sequence = sequence;
    if (!is_sure(page))
        material->note = g_strdup("标题或类号请核对");
    return material;
}

/* A scan's name says where it belongs; its title is the page's. */
static DaMaterial *named_material(const DaPageDescription *page, const DaScheme *scheme,
                                  GHashTable *last, const char *class_code, guint sequence)
{
    DaMaterial *material = new_material(page, scheme, last);
    g_free(material->class_code);
    material->class_code = g_strdup(class_code);
    material->sequence = sequence;
    return material;
}

static gboolean is_of(const DaMaterial *material, const char *class_code, guint sequence)
{
    return material && !strcmp(material->class_code, class_code) && material->sequence == sequence;
}

/* The material that a side begins; NULL = it belongs to the one before, `material`. */
static DaMaterial *material_from(const DaPageDescription *page, const DaMaterial *material,
                                 const DaFormKind *open, const char *stem, const DaScheme *scheme,
                                 GHashTable *last)
{
    g_autofree char *class_code = NULL;
    guint sequence = 0, side = 0;
    if (stem && da_page_stem_parse(stem, &class_code, &sequence, &side))
        return is_of(material, class_code, sequence)
                   ? NULL
                   : named_material(page, scheme, last, class_code, sequence);
    return !material || begins(page, open) ? new_material(page, scheme, last) : NULL;
}

/* Where nothing was recognized there is nothing to draft from. */
static gboolean any_title(const GPtrArray *pages)
{
    for (guint i = 0; i < pages->len; i++) {
        const DaPageDescription *page = pages->pdata[i];
        if (page && page->title)
            return TRUE;
    }
    return FALSE;
}

GPtrArray *da_draft_catalogue(const GPtrArray *pages, const GPtrArray *sides,
                              const GPtrArray *stems, const DaProfile *profile,
                              const char *scheme_name)
{
    GPtrArray *materials = g_ptr_array_new_with_free_func((GDestroyNotify)da_material_free);
    g_autoptr(GHashTable) last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const DaScheme *scheme = da_profile_scheme(profile, scheme_name);
    const DaFormKind *open = NULL;
    DaMaterial *material = NULL;
    gboolean may = scheme && profile->forms->forms->len && (stems || any_title(pages));
    for (guint i = 0; may && i < sides->len; i++) {
        const DaPage *side = sides->pdata[i];
        const DaPageDescription *page = pages->pdata[i];
        if (side->blank)
            continue;
        DaMaterial *begun =
            material_from(page, material, open, stems ? stems->pdata[i] : NULL, scheme, last);
        if (begun) {
            material = begun;
            open = page ? page->form : NULL;
            g_ptr_array_add(materials, material);
        }
        material->pages_claimed++;
        if (page && page->dated.year)
            material->formed = page->dated;
    }
    return materials;
}
