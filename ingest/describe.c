#include "describe_date.h"
#include "describe_field.h"
#include "describe_title.h"

#include <dangan/describe.h>
#include <math.h>
#include <string.h>

void da_page_description_free(DaPageDescription *description)
{
    if (!description)
        return;
    g_free(description->title);
    g_ptr_array_unref(description->claims);
    g_free(description);
}

static void claim_title(DaPageDescription *description, const DaTitle *title)
{
    DaClaim *claim = da_claim_new(DA_CLAIM_TITLE);
    claim->text = g_strdup(title->text);
    claim->doubtful = !title->form;
    da_claim_set_place(claim, &title->area, title->confidence);
    g_ptr_array_add(description->claims, claim);
}

static gboolean is_believed(const DaBelief *belief, DaDate date)
{
    return (!belief->from || date.year >= belief->from) && (!belief->to || date.year <= belief->to);
}

/* Years that cannot be are doubtful whoever the dossier is about. */
static void doubt(const DaProfile *profile, GPtrArray *claims)
{
    for (guint i = 0; i < claims->len; i++) {
        DaClaim *claim = claims->pdata[i];
        if (claim->field < DA_FIELD_N && claim->date.year &&
            !is_believed(&profile->forms->belief[claim->field], claim->date))
            claim->doubtful = TRUE;
    }
}

/* --- when it was made ---------------------------------------------------------------------------------------------------- */

/* Recognition below it is no ground for a date that goes into a catalogue. */
#define DATED_CONFIDENCE 0.8
/* The date line of a form stands beside the title, that of a letter or an approval at the foot. */
#define DATED_HEAD_PART 0.25
#define DATED_FOOT_PART 0.5

/* A row that is hardly more than one whole date. */
static gboolean date_line(const DaRow *row, DaDate *date)
{
    g_autofree char *text = da_glyphs_text(row->glyphs, 0, row->glyphs->len);
    DaWrittenDate found;
    if (row->vertical ||
        da_glyphs_confidence(row->glyphs, 0, row->glyphs->len) < DATED_CONFIDENCE ||
        !da_written_date_find(text, 0, &found) || found.cut || found.repaired || !found.date.day)
        return FALSE;
    *date = found.date;
    return g_utf8_strlen(text, (gssize)found.from) <= 6 && g_utf8_strlen(text + found.to, -1) <= 2;
}

/* The lowest date at the foot, else the highest at the head. Source: rules for catalogues (形成时间 is 落款时间). */
static DaDate dated(const GPtrArray *rows, guint height_px)
{
    DaDate foot = {0}, head = {0};
    double lowest = height_px * DATED_FOOT_PART, highest = height_px * DATED_HEAD_PART;
    for (guint i = 0; i < rows->len; i++) {
        const DaRow *row = rows->pdata[i];
        DaDate date;
        double middle = da_area_middle(&row->area);
        if ((middle < lowest && middle > highest) || !date_line(row, &date))
            continue;
        if (middle >= lowest) {
            lowest = middle;
            foot = date;
        } else {
            highest = middle;
            head = date;
        }
    }
    return foot.year ? foot : head;
}

/* --- a page --------------------------------------------------------------------------------------------------------------- */

DaPageDescription *da_describe_page(const DaPageText *text, const DaProfile *profile)
{
    DaPageDescription *description = g_new0(DaPageDescription, 1);
    DaTitle title;
    description->claims = g_ptr_array_new_with_free_func((GDestroyNotify)da_claim_free);
    g_autoptr(GPtrArray) rows = da_rows_of_page(text);
    da_title_find(&title, rows, text->width_px, text->height_px, profile->forms);
    description->form = title.form;
    description->title_confidence = title.confidence;
    description->title_damaged = title.damaged > 0;
    description->title_large = title.large;
    description->dated = dated(rows, text->height_px);
    /* A profile that knows no forms asks for no titles. */
    if (title.text && profile->forms->forms->len)
        claim_title(description, &title);
    description->title = g_strdup(title.text);
    da_title_clear(&title);
    da_fields_find(description->claims, rows, text->width_px, profile->forms);
    doubt(profile, description->claims);
    return description;
}

const DaFormKind *da_describe_title(const DaProfile *profile, const char *title)
{
    return da_title_form(profile->forms, title, NULL);
}

/* --- pages of a dossier ------------------------------------------------------------------------------------------------ */

static void collect_side(DaDossier *dossier, GPtrArray *pages, const GPtrArray *sides,
                         const DaPage *side)
{
    guint at = 0;
    if (!g_ptr_array_find((GPtrArray *)sides, side, &at) || !pages->pdata[at])
        return;
    const DaPageDescription *page = pages->pdata[at];
    for (guint i = 0; i < page->claims->len; i++) {
        DaClaim *claim = page->claims->pdata[i];
        g_free(claim->stem);
        claim->stem = g_strdup(side->stem);
        g_ptr_array_add(dossier->claims, da_claim_dup(claim));
    }
}

void da_describe_collect(DaDossier *dossier, GPtrArray *pages, const GPtrArray *sides)
{
    g_ptr_array_set_size(dossier->claims, 0);
    for (guint m = 0; m < dossier->materials->len; m++) {
        const DaMaterial *material = dossier->materials->pdata[m];
        for (guint p = 0; p < material->pages->len; p++)
            collect_side(dossier, pages, sides, material->pages->pdata[p]);
    }
}
