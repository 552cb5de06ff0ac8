#include "iiif_text.h"

#include "fold.h"

#include <dangan/handle/json.h>
#include <math.h>
#include <string.h>

/* Characters shown around a hit. */
#define AROUND 20

typedef struct {
    double left, top, right, bottom;
} Area;

typedef struct {
    char *page;
    Area area;
    char *before, *match, *after;
} Hit;

struct DaIiifHits {
    char *base, *words;
    char **terms;
    GPtrArray *found; /* Hit * */
};

/* --- places ---------------------------------------------------------------------------------------------------------- */

static Area area_of_line(const DaLine *line)
{
    Area area = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (guint i = 0; i < 4; i++) {
        area.left = MIN(area.left, line->quad[i][0]);
        area.top = MIN(area.top, line->quad[i][1]);
        area.right = MAX(area.right, line->quad[i][0]);
        area.bottom = MAX(area.bottom, line->quad[i][1]);
    }
    return area;
}

/* The part of an area that so many characters of its text take, along the line. */
static Area part_of(Area area, gboolean vertical, glong start, glong end, glong all)
{
    double from = (double)start / (double)MAX(1, all), to = (double)end / (double)MAX(1, all);
    double width = area.right - area.left, height = area.bottom - area.top;
    if (vertical)
        return (Area){area.left, area.top + height * from, area.right, area.top + height * to};
    return (Area){area.left + width * from, area.top, area.left + width * to, area.bottom};
}

static Area joined(Area a, Area b)
{
    return (Area){MIN(a.left, b.left), MIN(a.top, b.top), MAX(a.right, b.right),
                  MAX(a.bottom, b.bottom)};
}

/* By the boxes of the words that the match lies in, else by its share of the line. */
static Area area_of_match(const DaLine *line, const DaFoldMatch *match)
{
    glong at = 0, end = match->start + match->length;
    gboolean any = FALSE;
    Area area = {0};
    const char *rest = line->text;
    for (guint i = 0; i < line->words->len; i++) {
        const DaWord *word = line->words->pdata[i];
        const char *here = strstr(rest, word->text);
        glong length = g_utf8_strlen(word->text, -1);
        if (!here || !length)
            continue;
        at += g_utf8_strlen(rest, here - rest);
        glong from = MAX(match->start, at) - at, to = MIN(end, at + length) - at;
        const Area box = {word->x_px, word->y_px, word->x_px + word->w_px, word->y_px + word->h_px};
        if (from < to) {
            Area part = part_of(box, line->vertical, from, to, length);
            area = any ? joined(area, part) : part;
            any = TRUE;
        }
        rest = here + strlen(word->text);
        at += length;
    }
    return any ? area
               : part_of(area_of_line(line), line->vertical, match->start, end,
                         g_utf8_strlen(line->text, -1));
}

static json_t *target_of(const char *base, const char *page, Area area)
{
    int left = (int)floor(area.left), top = (int)floor(area.top);
    g_autofree char *target =
        g_strdup_printf("%s/%s/canvas#xywh=%d,%d,%d,%d", base, page, MAX(0, left), MAX(0, top),
                        MAX(1, (int)ceil(area.right) - left), MAX(1, (int)ceil(area.bottom) - top));
    return json_string(target);
}

/* --- lines ----------------------------------------------------------------------------------------------------------- */

static json_t *annotation(const char *id, const char *text, json_t *target)
{
    return json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s}, s:o}", "id", id, "type", "Annotation",
                     "motivation", "supplementing", "body", "type", "TextualBody", "value", text,
                     "format", "text/plain", "language", "zh", "target", target);
}

json_t *da_iiif_lines(const char *base, const char *page, const DaPageText *text)
{
    json_t *items = json_array();
    for (guint i = 0; i < text->lines->len; i++) {
        const DaLine *line = text->lines->pdata[i];
        g_autofree char *id = g_strdup_printf("%s/%s/line/%u", base, page, i + 1);
        json_array_append_new(
            items, annotation(id, line->text, target_of(base, page, area_of_line(line))));
    }
    g_autofree char *id = g_strdup_printf("%s/%s/lines.json", base, page);
    return json_pack("{s:s, s:s, s:s, s:o}", "@context",
                     "http://iiif.io/api/presentation/3/context.json", "id", id, "type",
                     "AnnotationPage", "items", items);
}

/* --- hits ------------------------------------------------------------------------------------------------------------ */

static void hit_free(gpointer data)
{
    Hit *hit = data;
    g_free(hit->page);
    g_free(hit->before);
    g_free(hit->match);
    g_free(hit->after);
    g_free(hit);
}

DaIiifHits *da_iiif_hits_new(const char *base, const char *words)
{
    DaIiifHits *hits = g_new0(DaIiifHits, 1);
    hits->base = g_strdup(base);
    hits->words = g_strdup(words);
    hits->terms = da_fold_terms(words);
    hits->found = g_ptr_array_new_with_free_func(hit_free);
    return hits;
}

void da_iiif_hits_free(DaIiifHits *hits)
{
    if (!hits)
        return;
    g_free(hits->base);
    g_free(hits->words);
    g_strfreev(hits->terms);
    g_ptr_array_unref(hits->found);
    g_free(hits);
}

static void add_hit(DaIiifHits *hits, const char *page, const DaLine *line,
                    const DaFoldMatch *match)
{
    Hit *hit = g_new0(Hit, 1);
    glong end = match->start + match->length, all = g_utf8_strlen(line->text, -1);
    hit->page = g_strdup(page);
    hit->area = area_of_match(line, match);
    hit->before = g_utf8_substring(line->text, MAX(0, match->start - AROUND), match->start);
    hit->match = g_utf8_substring(line->text, match->start, end);
    hit->after = g_utf8_substring(line->text, end, MIN(all, end + AROUND));
    g_ptr_array_add(hits->found, hit);
}

void da_iiif_hits_add(DaIiifHits *hits, const char *page, const DaPageText *text)
{
    for (guint i = 0; i < text->lines->len; i++) {
        const DaLine *line = text->lines->pdata[i];
        for (guint j = 0; hits->terms[j]; j++) {
            char *const one[] = {hits->terms[j], NULL};
            DaFoldMatch match;
            if (da_fold_find(line->text, one, &match))
                add_hit(hits, page, line, &match);
        }
    }
}

static char *id_of(const DaIiifHits *hits, guint n)
{
    return g_strdup_printf("%s/hit/%u", hits->base, n + 1);
}

static char *address_of(const DaIiifHits *hits, const char *service)
{
    g_autofree char *words = g_uri_escape_string(hits->words, NULL, FALSE);
    return g_strdup_printf("%s/%s?q=%s", hits->base, service, words);
}

/* Where the words stand in their line; Content Search 2.0 §3.3. */
static json_t *context_of(const DaIiifHits *hits, guint n)
{
    const Hit *hit = hits->found->pdata[n];
    g_autofree char *source = id_of(hits, n);
    g_autofree char *id = g_strconcat(source, "/context", NULL);
    return json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:[{s:s, s:s, s:s, s:s}]}}", "id", id, "type",
                     "Annotation", "motivation", "contextualizing", "target", "type",
                     "SpecificResource", "source", source, "selector", "type", "TextQuoteSelector",
                     "prefix", hit->before, "exact", hit->match, "suffix", hit->after);
}

json_t *da_iiif_hits_json(const DaIiifHits *hits)
{
    json_t *items = json_array(), *contexts = json_array();
    for (guint i = 0; i < hits->found->len; i++) {
        const Hit *hit = hits->found->pdata[i];
        g_autofree char *id = id_of(hits, i);
        json_array_append_new(
            items, annotation(id, hit->match, target_of(hits->base, hit->page, hit->area)));
        json_array_append_new(contexts, context_of(hits, i));
    }
    g_autofree char *id = address_of(hits, "search");
    g_autofree char *context_id = g_strconcat(id, "#contexts", NULL);
    return json_pack("{s:s, s:s, s:s, s:[sss], s:o, s:[{s:s, s:s, s:o}]}", "@context",
                     "http://iiif.io/api/search/2/context.json", "id", id, "type", "AnnotationPage",
                     "ignored", "motivation", "date", "user", "items", items, "annotations", "id",
                     context_id, "type", "AnnotationPage", "items", contexts);
}

json_t *da_iiif_hits_json_1(const DaIiifHits *hits)
{
    json_t *resources = json_array(), *list = json_array();
    for (guint i = 0; i < hits->found->len; i++) {
        const Hit *hit = hits->found->pdata[i];
        g_autofree char *id = id_of(hits, i);
        json_array_append_new(resources,
                              json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:o}", "@id", id, "@type",
                                        "oa:Annotation", "motivation", "sc:painting", "resource",
                                        "@type", "cnt:ContentAsText", "chars", hit->match, "on",
                                        target_of(hits->base, hit->page, hit->area)));
        json_array_append_new(list, json_pack("{s:s, s:[s], s:s, s:s, s:s}", "@type", "search:Hit",
                                              "annotations", id, "match", hit->match, "before",
                                              hit->before, "after", hit->after));
    }
    g_autofree char *id = address_of(hits, "search1");
    return json_pack("{s:[ss], s:s, s:s, s:{s:s, s:i, s:[sss]}, s:o, s:o}", "@context",
                     "http://iiif.io/api/presentation/2/context.json",
                     "http://iiif.io/api/search/1/context.json", "@id", id, "@type",
                     "sc:AnnotationList", "within", "@type", "sc:Layer", "total",
                     (int)hits->found->len, "ignored", "motivation", "date", "user", "resources",
                     resources, "hits", list);
}
