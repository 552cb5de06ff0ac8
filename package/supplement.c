#include <dangan/error.h>
#include <dangan/identity.h>
#include <dangan/supplement.h>
#include <string.h>

#define SEQUENCE_MAX 999u

/* --- the person ------------------------------------------------------------------------------------------------------ */

/* 18 characters where it can be: a number of before 2013 is the same person's. NULL = none. */
static char *number_of(const DaDossier *dossier)
{
    const char *text = da_dossier_get(dossier, DA_FIELD_ID_NUMBER);
    g_autofree char *normal = text ? da_id_number_normalize(text) : NULL;
    if (!normal || !*normal)
        return NULL;
    char *upgraded = da_id_number_upgrade(normal);
    return upgraded ? upgraded : g_steal_pointer(&normal);
}

gboolean da_dossier_same_person(const DaDossier *a, const DaDossier *b)
{
    g_autofree char *one = number_of(a);
    g_autofree char *other = number_of(b);
    if (one || other)
        return g_strcmp0(one, other) == 0;
    const char *name = da_dossier_get(a, DA_FIELD_NAME);
    return name && g_strcmp0(name, da_dossier_get(b, DA_FIELD_NAME)) == 0;
}

gboolean da_dossier_has_addition(const DaDossier *dossier, const char *digest)
{
    for (guint i = 0; i < dossier->materials->len; i++) {
        const DaMaterial *material = dossier->materials->pdata[i];
        if (material->addition && !g_strcmp0(material->addition->digest, digest))
            return TRUE;
    }
    return FALSE;
}

/* --- places ---------------------------------------------------------------------------------------------------------- */

/* Place of a class in the scheme; what the scheme has not stands behind. */
static guint rank_of(const DaScheme *scheme, const char *code)
{
    for (guint i = 0; scheme && i < scheme->classes->len; i++)
        if (!strcmp(((const DaClass *)scheme->classes->pdata[i])->code, code))
            return i;
    return G_MAXUINT;
}

static guint last_sequence(const DaDossier *dossier, const char *code)
{
    guint last = 0;
    for (guint i = 0; i < dossier->materials->len; i++) {
        const DaMaterial *material = dossier->materials->pdata[i];
        if (!g_strcmp0(material->class_code, code))
            last = MAX(last, material->sequence);
    }
    return last;
}

/* Behind the last of its class; where there is none, before the first of a class that comes later. */
static guint place_of(const DaDossier *dossier, const DaScheme *scheme, const char *code)
{
    guint rank = rank_of(scheme, code), place = dossier->materials->len;
    for (guint i = dossier->materials->len; i > 0; i--) {
        const DaMaterial *material = dossier->materials->pdata[i - 1];
        if (!g_strcmp0(material->class_code, code))
            return i;
        if (scheme && rank_of(scheme, material->class_code) > rank)
            place = i - 1;
    }
    return place;
}

/* --- checks ---------------------------------------------------------------------------------------------------------- */

static gboolean check_room(const DaDossier *dossier, const DaDossier *later, GError **error)
{
    for (guint i = 0; i < later->materials->len; i++) {
        const DaMaterial *material = later->materials->pdata[i];
        guint coming = 0;
        for (guint k = 0; k <= i; k++)
            coming += !g_strcmp0(((const DaMaterial *)later->materials->pdata[k])->class_code,
                                 material->class_code);
        if (last_sequence(dossier, material->class_code) + coming > SEQUENCE_MAX)
            return da_error_set(error, DA_ERROR_INPUT, "class %s would have more than %u materials",
                                material->class_code, SEQUENCE_MAX);
        if (material->pages->len == 0)
            return da_error_set(error, DA_ERROR_INPUT, "its material %s-%u has no pages",
                                material->class_code, material->sequence);
    }
    return later->materials->len > 0 || da_error_set(error, DA_ERROR_INPUT, "it has no materials");
}

static gboolean check(const DaDossier *dossier, const DaDossier *later, const DaAddition *how,
                      GError **error)
{
    if (!da_dossier_same_person(dossier, later))
        return da_error_set(error, DA_ERROR_CONFLICT,
                            "it belongs to another person than dossier '%s' (ID number or name "
                            "differ)",
                            dossier->id);
    if (da_dossier_has_addition(dossier, how->digest))
        return da_error_set(error, DA_ERROR_CONFLICT, "its materials are in dossier '%s' already",
                            dossier->id);
    if (dossier->scheme && later->scheme && strcmp(dossier->scheme, later->scheme) != 0)
        return da_error_set(error, DA_ERROR_INPUT,
                            "its class scheme is %s, that of dossier '%s' is %s; give the "
                            "materials the classes of the dossier and make the package again",
                            later->scheme, dossier->id, dossier->scheme);
    return check_room(dossier, later, error);
}

/* --- joining --------------------------------------------------------------------------------------------------------- */

/* Claims are told by stem, so they follow it. */
static void rename_claims(DaDossier *later, const char *from, const char *to)
{
    for (guint i = 0; i < later->claims->len; i++) {
        DaClaim *claim = later->claims->pdata[i];
        if (!g_strcmp0(claim->stem, from)) {
            g_free(claim->stem);
            /* Marked until all are renamed: the new name of one page may be the old one of another. */
            claim->stem = g_strconcat("=", to, NULL);
        }
    }
}

static void rename_pages(DaDossier *later, DaMaterial *material, guint sequence)
{
    for (guint i = 0; i < material->pages->len; i++) {
        DaPage *page = material->pages->pdata[i];
        char *stem = da_page_stem(material->class_code, sequence, page->side);
        rename_claims(later, page->stem, stem);
        g_free(page->stem);
        page->stem = stem;
    }
    material->sequence = sequence;
}

static void take_claims(DaDossier *dossier, DaDossier *later)
{
    for (guint i = 0; i < later->claims->len; i++) {
        DaClaim *claim = later->claims->pdata[i];
        if (claim->stem && *claim->stem == '=')
            memmove(claim->stem, claim->stem + 1, strlen(claim->stem));
    }
    g_ptr_array_extend_and_steal(dossier->claims, g_steal_pointer(&later->claims));
    later->claims = g_ptr_array_new_with_free_func((GDestroyNotify)da_claim_free);
}

gboolean da_dossier_supplement(DaDossier *dossier, DaDossier *later, const DaScheme *scheme,
                               const DaAddition *how, GError **error)
{
    if (!check(dossier, later, how, error))
        return FALSE;
    while (later->materials->len > 0) {
        DaMaterial *material = g_ptr_array_steal_index(later->materials, 0);
        rename_pages(later, material, last_sequence(dossier, material->class_code) + 1);
        material->row = 0; /* of a catalogue file that is not the dossier's */
        da_addition_free(material->addition);
        material->addition = da_addition_dup(how);
        g_ptr_array_insert(dossier->materials,
                           (int)place_of(dossier, scheme, material->class_code), material);
    }
    take_claims(dossier, later);
    if (!dossier->first_created)
        dossier->first_created = g_steal_pointer(&dossier->created);
    g_free(dossier->created);
    dossier->created = g_strdup(how->at);
    return TRUE;
}
