/* What belongs to the images of a dossier: manifest, text, search inside it. Unlike tiles these ask the database, so the session must live. */
#include "iiif_manifest.h"
#include "iiif_text.h"
#include "routes.h"

#include <dangan/bigram.h>
#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/pinyin.h>
#include <dangan/search.h>
#include <string.h>

#define TYPE_MANIFEST                                                                              \
    "application/ld+json;profile=\"http://iiif.io/api/presentation/3/context.json\""
#define TYPE_SEARCH "application/ld+json;profile=\"http://iiif.io/api/search/2/context.json\""
#define TYPE_SEARCH_1 "application/ld+json"
/* An address of nobody. */
#define BASE "http://base.invalid"
/* What stands for it in a kept manifest; no JSON text holds it. */
#define PLACE "\x01"

typedef struct {
    DaCall *call;
    char *base, *dossier;
    char **segments; /* capability, and what follows */
} Document;

static void document_clear(Document *document)
{
    g_free(document->base);
    g_free(document->dossier);
    g_strfreev(document->segments);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Document, document_clear)

static DaHttpResponse *json_as(const char *type, json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    return text ? da_route_for_viewers(
                      da_http_bytes(200, type, g_bytes_new_take(text, strlen(text))))
                : NULL;
}

/* --- manifest -------------------------------------------------------------------------------------------------------- */

/* The text of the manifest with PLACE for its base; the same for all who see the dossier. */
static GBytes *make_manifest(const Document *document, GError **error)
{
    g_autoptr(json_t) dossier = da_route_dossier_json(document->call, document->dossier, error);
    g_autoptr(json_t) json = dossier ? da_iiif_manifest(BASE, dossier) : NULL;
    if (!json)
        return NULL;
    char *text = json_dumps(json, JSON_COMPACT);
    g_autoptr(GString) kept = g_string_new(text);
    free(text);
    g_string_replace(kept, BASE, PLACE, 0);
    return g_bytes_new(kept->str, kept->len);
}

static GBytes *find_manifest(const Document *document, GError **error)
{
    g_auto(DaDossierRow) row = {0};
    DaCall *call = document->call;
    if (!da_dossier_row_load(call->db, document->dossier, &row, error))
        return NULL;
    g_autofree char *name = g_strdup_printf("%s %s %s", row.id, row.version, row.district);
    GBytes *kept = da_cache_get(call->service->manifests, name);
    if (!kept && (kept = make_manifest(document, error)))
        da_cache_put(call->service->manifests, name, kept);
    return kept;
}

/* As it stands inside a JSON string: it holds what the client says its host is. The caller owns it. */
static char *inside_json(const char *text)
{
    g_autoptr(json_t) string = json_string(text);
    char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    char *inside = quoted ? g_strndup(quoted + 1, strlen(quoted) - 2) : g_strdup("");
    free(quoted);
    return inside;
}

/* With the base of this request in all places. */
static GBytes *fill_in(GBytes *kept, const char *address)
{
    g_autofree char *base = inside_json(address);
    gsize size = 0, length = strlen(base);
    const char *text = g_bytes_get_data(kept, &size), *end = text + size;
    GByteArray *filled = g_byte_array_sized_new((guint)size + (guint)length);
    for (const char *mark; (mark = memchr(text, *PLACE, (gsize)(end - text))); text = mark + 1) {
        g_byte_array_append(filled, (const guint8 *)text, (guint)(mark - text));
        g_byte_array_append(filled, (const guint8 *)base, (guint)length);
    }
    g_byte_array_append(filled, (const guint8 *)text, (guint)(end - text));
    return g_byte_array_free_to_bytes(filled);
}

static DaHttpResponse *manifest(const Document *document, GError **error)
{
    g_autoptr(GBytes) kept = find_manifest(document, error);
    return kept ? da_route_for_viewers(
                      da_http_bytes(200, TYPE_MANIFEST, fill_in(kept, document->base)))
                : NULL;
}

/* --- text of a page -------------------------------------------------------------------------------------------------- */

/* Digest of the text of a page of this dossier, on record; NULL with error. The caller owns it. */
static char *find_text(const Document *document, const char *page, GError **error)
{
    DaCall *call = document->call;
    g_autoptr(PGresult) row =
        da_db_query(call->db, error,
                    "SELECT ocr_sha256, district FROM page WHERE id = $1 AND dossier = $2"
                    " AND ocr_sha256 IS NOT NULL",
                    page, document->dossier, NULL);
    if (row && PQntuples(row) == 0)
        da_error_set(error, DA_ERROR_NOT_FOUND, "there is no such page, or no text of it");
    if (!row || PQntuples(row) == 0 ||
        !da_route_audit(call, "text", da_db_text(row, 0, "district"), document->dossier, page,
                        error))
        return NULL;
    return g_strdup(da_db_text(row, 0, "ocr_sha256"));
}

static DaHttpResponse *alto(const Document *document, GError **error)
{
    guint64 size = 0;
    g_autofree char *sha256 = find_text(document, document->segments[1], error);
    int fd = sha256 ? da_object_open(document->call->service->objects, sha256, &size, error) : -1;
    return fd < 0 ? NULL : da_http_file("application/xml", fd, size);
}

static DaPageText *read_text(const Document *document, const char *sha256, GError **error)
{
    g_autoptr(GBytes) bytes = da_object_read(document->call->service->objects, sha256, error);
    return bytes ? da_page_text_from_alto(bytes, error) : NULL;
}

static DaHttpResponse *lines(const Document *document, GError **error)
{
    const char *page = document->segments[1];
    g_autofree char *sha256 = find_text(document, page, error);
    g_autoptr(DaPageText) text = sha256 ? read_text(document, sha256, error) : NULL;
    return text ? json_as(TYPE_MANIFEST, da_iiif_lines(document->base, page, text)) : NULL;
}

/* --- search ---------------------------------------------------------------------------------------------------------- */

/* "{a,b}" of the pages of hits; their ids hold nothing that an array literal would have to escape. The caller owns it. */
static char *pages_of(const json_t *hits)
{
    GString *list = g_string_new("{");
    size_t i;
    json_t *hit;
    json_array_foreach(json_object_get(hits, "hits"), i, hit) g_string_append_printf(
        list, "%s\"%s\"", i ? "," : "", json_string_value(json_object_get(hit, "page")));
    g_string_append_c(list, '}');
    return g_string_free(list, FALSE);
}

static gboolean add_pages(const Document *document, DaIiifHits *hits, const char *pages,
                          GError **error)
{
    g_autoptr(PGresult) rows =
        da_db_query(document->call->db, error,
                    "SELECT p.id, p.ocr_sha256 FROM unnest($1::text[]) WITH ORDINALITY AS asked"
                    " (page, n) JOIN page p ON p.id = asked.page WHERE p.ocr_sha256 IS NOT NULL"
                    " ORDER BY asked.n",
                    pages, NULL);
    for (int row = 0; rows && row < PQntuples(rows); row++) {
        g_autoptr(DaPageText) text =
            read_text(document, da_db_text(rows, row, "ocr_sha256"), error);
        if (!text)
            return FALSE;
        da_iiif_hits_add(hits, da_db_text(rows, row, "id"), text);
    }
    return rows != NULL;
}

static DaHttpResponse *search(const Document *document, gboolean first, GError **error)
{
    DaCall *call = document->call;
    const char *asked = da_http_query(call->request, "q");
    g_autoptr(json_t) found =
        da_search_pages(call->db, document->dossier, asked ? asked : "", error);
    if (!found || !da_route_audit(call, "search", "", document->dossier, NULL, error))
        return NULL;
    g_autofree char *pages = pages_of(found);
    /* The text is in simplified forms, and so the words are found in it. */
    g_autofree char *words = da_han_simplified(asked);
    g_autoptr(DaIiifHits) hits = da_iiif_hits_new(document->base, words);
    if (!add_pages(document, hits, pages, error))
        return NULL;
    return first ? json_as(TYPE_SEARCH_1, da_iiif_hits_json_1(hits))
                 : json_as(TYPE_SEARCH, da_iiif_hits_json(hits));
}

/* --- the route ------------------------------------------------------------------------------------------------------- */

gboolean da_route_is_document(char **segments)
{
    static const char *const of_dossier[] = {"manifest.json", "search", "search1", NULL},
                             *const of_page[] = {"alto.xml", "lines.json", NULL};
    guint n = g_strv_length(segments);
    return (n == 2 && g_strv_contains(of_dossier, segments[1])) ||
           (n == 3 && g_strv_contains(of_page, segments[2]));
}

DaHttpResponse *da_route_document(DaCall *call, GError **error)
{
    g_auto(Document) document = {.call = call,
                                 .base = da_route_iiif_base(call),
                                 .dossier = da_route_capability(call),
                                 .segments = da_route_segments(call)};
    const char *name = document.segments[g_strv_length(document.segments) - 1];
    if (!strcmp(name, "manifest.json"))
        return manifest(&document, error);
    if (!strcmp(name, "alto.xml"))
        return alto(&document, error);
    if (!strcmp(name, "lines.json"))
        return lines(&document, error);
    return search(&document, !strcmp(name, "search1"), error);
}
