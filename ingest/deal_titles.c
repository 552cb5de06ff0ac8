#include "deal_titles.h"

#include <string.h>

/* More than a person would look through, and a bound of the table below. */
#define MATERIALS_MAX 400u
#define SIDES_MAX 1500u

/* What speaks against a share: sides too few or too many, a wrong title at its beginning, no title where one is wanted, another form
 * inside. A wrong title weighs more than two wrong counts, or a missing page would shift all that follow. */
#define COST_COUNT 1u
#define COST_WRONG_TITLE 5u
#define COST_NO_TITLE 1u
#define COST_FORM_INSIDE 3u
#define COST_EMPTY 2u
#define COST_NONE G_MAXUINT

typedef struct {
    const GPtrArray *pages;
    const DaFormKind **forms; /* by material; NULL = the profile does not know its title */
    const guint *claimed;
    guint n, m; /* sides, materials */
} Table;

static const DaFormKind *form_at(const Table *table, guint side)
{
    const DaPageDescription *page = table->pages->pdata[side];
    return page ? page->form : NULL;
}

static guint cost_of_begin(const Table *table, guint material, guint from)
{
    const DaFormKind *wanted = table->forms[material], *form = form_at(table, from);
    if (!wanted)
        return 0;
    return !form ? COST_NO_TITLE : form == wanted ? 0 : COST_WRONG_TITLE;
}

/* A form inside that is not the material's own. */
static guint cost_of_inside(const Table *table, guint material, guint side)
{
    const DaFormKind *form = form_at(table, side);
    const DaPageDescription *page = table->pages->pdata[side];
    return form && page->title_large &&
                   (form != table->forms[material] || table->claimed[material] == 1)
               ? COST_FORM_INSIDE
               : 0;
}

static guint wrong_count(const Table *table, guint material, guint length)
{
    guint wanted = table->claimed[material];
    return (wanted > length ? wanted - length : length - wanted) * COST_COUNT +
           (length == 0 ? COST_EMPTY : 0);
}

/* Least cost of the first `j` sides for the first `i` materials, and where the last share begins: dynamic programming over ends. */
static void fill(const Table *table, guint *cost, guint *begin)
{
    guint width = table->n + 1;
    for (guint j = 0; j <= table->n; j++)
        cost[j] = j ? COST_NONE : 0;
    for (guint i = 1; i <= table->m; i++)
        for (guint j = 0; j <= table->n; j++) {
            guint *best = &cost[i * width + j];
            guint inside = 0;
            *best = COST_NONE;
            for (guint from = j + 1; from-- > 0;) {
                guint before = cost[(i - 1) * width + from];
                if (from + 1 < j)
                    inside += cost_of_inside(table, i - 1, from + 1);
                if (before == COST_NONE)
                    continue;
                guint sum = before + wrong_count(table, i - 1, j - from) + inside +
                            (from < j ? cost_of_begin(table, i - 1, from) : 0);
                if (sum < *best) {
                    *best = sum;
                    begin[i * width + j] = from;
                }
            }
        }
}

static GArray *shares_of(const Table *table, const guint *begin)
{
    GArray *shares = g_array_new(FALSE, TRUE, sizeof(DaShare));
    g_array_set_size(shares, table->m);
    guint to = table->n;
    for (guint i = table->m; i > 0; i--) {
        guint from = begin[i * (table->n + 1) + to];
        g_array_index(shares, DaShare, i - 1) =
            (DaShare){.from = from,
                      .to = to,
                      .titled = from < to && table->forms[i - 1] &&
                                form_at(table, from) == table->forms[i - 1]};
        to = from;
    }
    return shares;
}

static gboolean tells_enough(const GArray *shares)
{
    guint titled = 0;
    for (guint i = 0; i < shares->len; i++)
        titled += g_array_index(shares, DaShare, i).titled;
    return titled * 2 >= shares->len;
}

GArray *da_deal_by_titles(const GPtrArray *materials, const GPtrArray *pages,
                          const DaProfile *profile)
{
    guint n = pages->len, m = materials->len;
    if (!n || !m || n > SIDES_MAX || m > MATERIALS_MAX)
        return NULL;
    g_autofree const DaFormKind **forms = g_new0(const DaFormKind *, m);
    g_autofree guint *claimed = g_new0(guint, m);
    g_autofree guint *cost = g_new0(guint, (gsize)(m + 1) * (n + 1));
    g_autofree guint *begin = g_new0(guint, (gsize)(m + 1) * (n + 1));
    for (guint i = 0; i < m; i++) {
        const DaMaterial *material = materials->pdata[i];
        forms[i] = da_describe_title(profile, material->title);
        claimed[i] = material->pages_claimed;
    }
    const Table table = {.pages = pages, .forms = forms, .claimed = claimed, .n = n, .m = m};
    fill(&table, cost, begin);
    GArray *shares = shares_of(&table, begin);
    if (!tells_enough(shares))
        g_clear_pointer(&shares, g_array_unref);
    return shares;
}
