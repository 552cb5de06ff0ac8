#include "deal.h"
#include "deal_titles.h"

#include <dangan/file.h>
#include <string.h>

/* So many materials are named by their titles in one finding. */
#define LOCATED_MAX 3u

typedef struct {
    DaBatchDossier *dossier;
    const DaProfile *profile;
    char *subject;
    gboolean fits;
} Dealing;

static DaFinding *report(Dealing *dealing, const char *check, guint row, const char *file)
{
    const DaRule *rule = da_profile_rule(dealing->profile, check);
    DaFinding *finding = rule ? da_rule_finding(rule, dealing->subject)
                              : da_finding_new("XML-005", DA_SEVERITY_ERROR, dealing->subject);
    finding->row = row;
    finding->file = g_strdup(file);
    g_ptr_array_add(dealing->dossier->findings, finding);
    return finding;
}

static char *catalogue_name(const Dealing *dealing)
{
    g_autofree char *path = da_list_find(dealing->dossier->path, dealing->profile->catalogue, NULL);
    return path ? g_path_get_basename(path) : g_strdup(dealing->profile->catalogue->file);
}

/* A wrong count: `row` 0 speaks of the whole dossier. Borrowed. */
static DaFinding *report_count(Dealing *dealing, guint row, guint wanted, guint found)
{
    g_autofree char *file = catalogue_name(dealing);
    DaFinding *finding = report(dealing, "page-count", row, file);
    const char *what = found < wanted ? "a page is missing" : "there is a page too many";
    const char *what_zh = found < wanted ? "缺页" : "多页";
    da_finding_set(&finding->found, "%u", found);
    da_finding_set(&finding->wanted, "%u", wanted);
    da_finding_set(&finding->message,
                   "%s: the catalogue wants %u sides with content, the scans hold %u", what, wanted,
                   found);
    da_finding_set(&finding->message_zh, "%s：目录写 %u 面（有内容），扫描件有 %u 面", what_zh,
                   wanted, found);
    finding->severity = DA_SEVERITY_ERROR;
    dealing->fits = FALSE;
    return finding;
}

/* --- into a material ------------------------------------------------------------------------------------------------ */

static void put(DaMaterial *material, DaSide *side, guint number)
{
    DaPage *page = side->page;
    page->side = number;
    g_free(page->stem);
    page->stem = da_page_stem(material->class_code, material->sequence, number);
    if (!side->placed)
        g_ptr_array_add(material->pages, page);
    side->placed = TRUE;
}

static DaMaterial *material_of(const DaBatchDossier *dossier, const char *class_code,
                               guint sequence)
{
    for (guint i = 0; i < dossier->materials->len; i++) {
        DaMaterial *material = g_ptr_array_index(dossier->materials, i);
        if (!strcmp(material->class_code, class_code) && material->sequence == sequence)
            return material;
    }
    return NULL;
}

static void number(DaMaterial *material)
{
    for (guint i = 0; i < material->pages->len; i++) {
        DaPage *page = g_ptr_array_index(material->pages, i);
        page->side = i + 1;
        g_free(page->stem);
        page->stem = da_page_stem(material->class_code, material->sequence, page->side);
    }
}

/* --- where a person wants a side ---------------------------------------------------------------------------------------- */

/* The material that a person named; NULL = none, or none that there is. */
static DaMaterial *wanted_material(const Dealing *dealing, const DaSide *side)
{
    const DaSideCorrection *wish = side->material;
    return wish ? material_of(dealing->dossier, wish->class_code, wish->number) : NULL;
}

static void refuse(const Dealing *dealing, const DaSideCorrection *wish, const char *why,
                   const char *why_zh)
{
    da_correction_refuse(dealing->dossier->findings, dealing->profile, dealing->subject, wish->file,
                         wish->row, why, why_zh);
}

/* Sides with content that a person put into the material. */
static guint wanted_content(const Dealing *dealing, const GPtrArray *sides,
                            const DaMaterial *material)
{
    guint n = 0;
    for (guint i = 0; i < sides->len; i++) {
        const DaSide *side = g_ptr_array_index(sides, i);
        n += !side->page->blank && wanted_material(dealing, side) == material;
    }
    return n;
}

static void put_wanted(Dealing *dealing, GPtrArray *sides)
{
    for (guint i = 0; i < sides->len; i++) {
        DaSide *side = g_ptr_array_index(sides, i);
        DaMaterial *material = wanted_material(dealing, side);
        if (material) {
            put(material, side, material->pages->len + 1);
            number(material);
        } else if (side->material) {
            g_autofree char *why =
                g_strdup_printf("the catalogue has no material %s", side->material->value);
            g_autofree char *why_zh = g_strdup_printf("目录中没有材料 %s", side->material->value);
            refuse(dealing, side->material, why, why_zh);
        }
    }
}

static gint by_wanted_place(gconstpointer a, gconstpointer b)
{
    const DaSide *one = *(DaSide *const *)a, *other = *(DaSide *const *)b;
    return (gint)one->order->number - (gint)other->order->number;
}

/* Within its material; from the first place to the last, so that each stays where it was put. */
static void move_wanted(Dealing *dealing, GPtrArray *sides)
{
    g_autoptr(GPtrArray) moving = g_ptr_array_new();
    for (guint i = 0; i < sides->len; i++)
        if (((DaSide *)g_ptr_array_index(sides, i))->order)
            g_ptr_array_add(moving, g_ptr_array_index(sides, i));
    g_ptr_array_sort(moving, by_wanted_place);
    for (guint i = 0; i < moving->len; i++) {
        DaSide *side = g_ptr_array_index(moving, i);
        for (guint m = 0; m < dealing->dossier->materials->len; m++) {
            DaMaterial *material = g_ptr_array_index(dealing->dossier->materials, m);
            guint at = 0;
            if (!g_ptr_array_find(material->pages, side->page, &at))
                continue;
            if (side->order->number > material->pages->len) {
                g_autofree char *why =
                    g_strdup_printf("material %s-%u has %u sides only", material->class_code,
                                    material->sequence, material->pages->len);
                g_autofree char *why_zh =
                    g_strdup_printf("材料 %s-%u 只有 %u 面", material->class_code,
                                    material->sequence, material->pages->len);
                refuse(dealing, side->order, why, why_zh);
                continue;
            }
            gpointer page = g_ptr_array_steal_index(material->pages, at);
            g_ptr_array_insert(material->pages, (gint)side->order->number - 1, page);
            number(material);
        }
    }
}

/* --- by name ------------------------------------------------------------------------------------------------------ */

static void put_named(Dealing *dealing, DaSide *side, const char *scan)
{
    g_autofree char *stem = g_path_get_basename(scan);
    g_autofree char *name = da_name_text(stem);
    g_autofree char *class_code = NULL;
    guint sequence = 0, number = 0;
    *strrchr(stem, '.') = 0;
    da_page_stem_parse(stem, &class_code, &sequence, &number);
    DaMaterial *material = class_code ? material_of(dealing->dossier, class_code, sequence) : NULL;
    if (material) {
        put(material, side, number);
        return;
    }
    DaFinding *finding = report(dealing, "dossier-files", 0, name);
    finding->severity = DA_SEVERITY_ERROR;
    da_finding_set(&finding->message, "the catalogue has no material %s-%u for scan '%s'",
                   class_code ? class_code : "?", sequence, name);
    da_finding_set(&finding->message_zh, "目录中没有扫描件“%s”对应的材料", name);
    dealing->fits = FALSE;
}

static gint by_side(gconstpointer a, gconstpointer b)
{
    const DaPage *one = *(DaPage *const *)a, *other = *(DaPage *const *)b;
    return one->side < other->side ? -1 : one->side > other->side;
}

static guint with_content(const DaMaterial *material)
{
    guint n = 0;
    for (guint i = 0; i < material->pages->len; i++)
        n += !((const DaPage *)g_ptr_array_index(material->pages, i))->blank;
    return n;
}

static void check_numbers(Dealing *dealing, const DaMaterial *material)
{
    for (guint i = 0; i < material->pages->len; i++) {
        const DaPage *page = g_ptr_array_index(material->pages, i);
        if (page->side == i + 1)
            continue;
        DaFinding *finding = report(dealing, "page-numbers", material->row, NULL);
        finding->severity = DA_SEVERITY_ERROR;
        finding->page = g_strdup(page->stem);
        da_finding_set(&finding->message, "side %u of the material is missing or there twice",
                       i + 1);
        da_finding_set(&finding->message_zh, "该材料第 %u 面缺失或重复", i + 1);
        dealing->fits = FALSE;
        return;
    }
}

static void check_named(Dealing *dealing, const DaMaterial *material)
{
    guint content = with_content(material), files = material->pages->len;
    if (content == material->pages_claimed)
        return;
    if (files != material->pages_claimed) {
        report_count(dealing, material->row, material->pages_claimed, files);
        return;
    }
    DaFinding *finding = report(dealing, "page-count", material->row, NULL);
    finding->severity = DA_SEVERITY_WARNING;
    da_finding_set(&finding->message,
                   "%u of %u sides look blank although the catalogue counts them", files - content,
                   files);
    da_finding_set(&finding->message_zh, "目录计入的 %u 面中有 %u 面看起来是空白", files,
                   files - content);
}

static void deal_named(Dealing *dealing, GPtrArray *sides, const GPtrArray *scans)
{
    const GPtrArray *materials = dealing->dossier->materials;
    for (guint i = 0; i < sides->len; i++)
        if (!wanted_material(dealing, g_ptr_array_index(sides, i)))
            put_named(dealing, g_ptr_array_index(sides, i), g_ptr_array_index(scans, i));
    for (guint i = 0; i < materials->len; i++) {
        DaMaterial *material = g_ptr_array_index(materials, i);
        g_ptr_array_sort(material->pages, by_side);
        check_numbers(dealing, material);
    }
    put_wanted(dealing, sides);
    for (guint i = 0; i < materials->len; i++)
        check_named(dealing, g_ptr_array_index(materials, i));
}

/* --- told by titles ---------------------------------------------------------------------------------------------- */

/* The sides with content, as their pages and as their places in paper order. */
typedef struct {
    GPtrArray *pages; /* DaPageDescription * */
    GArray *places;   /* guint: index of the side */
} Content;

static Content content_of(GPtrArray *sides, const GPtrArray *pages)
{
    Content content = {g_ptr_array_new(), g_array_new(FALSE, FALSE, sizeof(guint))};
    for (guint i = 0; i < sides->len; i++) {
        if (((const DaSide *)g_ptr_array_index(sides, i))->page->blank)
            continue;
        g_ptr_array_add(content.pages, g_ptr_array_index(pages, i));
        g_array_append_val(content.places, i);
    }
    return content;
}

/* "by the titles, row 7 '退休审批表' has 1 of 2 sides, scan 'scan0009.jpg'" on the finding about the counts. */
static void add_hint(DaFinding *finding, const DaMaterial *material, guint found, const char *scan)
{
    g_autofree char *message = g_steal_pointer(&finding->message);
    g_autofree char *message_zh = g_steal_pointer(&finding->message_zh);
    g_autofree char *at = scan ? g_strdup_printf(", from scan '%s' on", scan) : g_strdup("");
    g_autofree char *at_zh = scan ? g_strdup_printf("，自扫描件“%s”起", scan) : g_strdup("");
    finding->message =
        g_strdup_printf("%s; by the titles on the pages, row %u '%s' has %u of %u%s", message,
                        material->row, material->title, found, material->pages_claimed, at);
    finding->message_zh =
        g_strdup_printf("%s；按页上标题，第 %u 行“%s”应 %u 面、有 %u 面%s", message_zh,
                        material->row, material->title, material->pages_claimed, found, at_zh);
}

/* Names the materials whose sides are too few or too many; the first one gives the row. */
static void locate(Dealing *dealing, DaFinding *finding, GPtrArray *sides, const GPtrArray *scans,
                   const GPtrArray *pages)
{
    Content content = content_of(sides, pages);
    g_autoptr(GPtrArray) owned_pages G_GNUC_UNUSED = content.pages;
    g_autoptr(GArray) owned_places G_GNUC_UNUSED = content.places;
    const GPtrArray *materials = dealing->dossier->materials;
    g_autoptr(GArray) shares = da_deal_by_titles(materials, content.pages, dealing->profile);
    guint named = 0;
    for (guint i = 0; shares && i < shares->len && named < LOCATED_MAX; i++) {
        const DaMaterial *material = g_ptr_array_index(materials, i);
        const DaShare *share = &g_array_index(shares, DaShare, i);
        if (share->to - share->from == material->pages_claimed)
            continue;
        guint place =
            share->from < share->to ? g_array_index(content.places, guint, share->from) : 0;
        g_autofree char *base =
            share->from < share->to ? g_path_get_basename(g_ptr_array_index(scans, place)) : NULL;
        g_autofree char *scan = base ? da_name_text(base) : NULL;
        add_hint(finding, material, share->to - share->from, scan);
        if (named++ == 0)
            finding->row = material->row;
    }
}

/* --- in paper order ------------------------------------------------------------------------------------------------- */

/* What is left of 页数 of each material when the sides that a person placed are taken away. */
static guint *wanted_by_order(const Dealing *dealing, const GPtrArray *sides, guint *sum)
{
    const GPtrArray *materials = dealing->dossier->materials;
    guint *wanted = g_new0(guint, materials->len);
    *sum = 0;
    for (guint i = 0; i < materials->len; i++) {
        const DaMaterial *material = g_ptr_array_index(materials, i);
        guint placed = wanted_content(dealing, sides, material);
        wanted[i] = material->pages_claimed - MIN(placed, material->pages_claimed);
        *sum += wanted[i];
    }
    return wanted;
}

static guint sides_with_content(const GPtrArray *sides)
{
    guint content = 0;
    for (guint i = 0; i < sides->len; i++)
        content += !((const DaSide *)g_ptr_array_index(sides, i))->page->blank;
    return content;
}

static guint content_by_order(const Dealing *dealing, const GPtrArray *sides)
{
    guint content = 0;
    for (guint i = 0; i < sides->len; i++) {
        const DaSide *side = g_ptr_array_index(sides, i);
        content += !side->page->blank && !wanted_material(dealing, side);
    }
    return content;
}

/* Too few: the row at which the pages run out; too many: the last row. */
static guint row_of_count(const GPtrArray *materials, const guint *wanted, guint content)
{
    guint row = 0;
    for (guint i = 0; i < materials->len; i++) {
        row = ((const DaMaterial *)g_ptr_array_index(materials, i))->row;
        if (content < wanted[i])
            break;
        content -= wanted[i];
    }
    return row;
}

static void deal_in_order(Dealing *dealing, GPtrArray *sides, const GPtrArray *scans,
                          const GPtrArray *pages)
{
    const GPtrArray *materials = dealing->dossier->materials;
    guint sum = 0, at = 0, filled = 0, content = content_by_order(dealing, sides);
    g_autofree guint *wanted = wanted_by_order(dealing, sides, &sum);
    if (content != sum) {
        guint placed = sides_with_content(sides) - content;
        DaFinding *finding = report_count(dealing, row_of_count(materials, wanted, content),
                                          sum + placed, content + placed);
        if (pages)
            locate(dealing, finding, sides, scans, pages);
        return;
    }
    for (guint i = 0; i < sides->len && materials->len; i++) {
        DaSide *side = g_ptr_array_index(sides, i);
        DaMaterial *material = g_ptr_array_index(materials, at);
        if (wanted_material(dealing, side))
            continue;
        while (!side->page->blank && filled >= wanted[at] && at + 1 < materials->len) {
            material = g_ptr_array_index(materials, ++at);
            filled = 0;
        }
        filled += !side->page->blank;
        put(material, side, material->pages->len + 1);
    }
    put_wanted(dealing, sides);
}

gboolean da_assign_sides(DaBatchDossier *dossier, GPtrArray *sides, const GPtrArray *scans,
                         const GPtrArray *pages, const DaProfile *profile)
{
    g_autofree char *subject = da_name_text(dossier->name);
    Dealing dealing = {.dossier = dossier, .profile = profile, .subject = subject, .fits = TRUE};
    if (dossier->named)
        deal_named(&dealing, sides, scans);
    else
        deal_in_order(&dealing, sides, scans, pages);
    if (dealing.fits)
        move_wanted(&dealing, sides);
    return dealing.fits;
}
