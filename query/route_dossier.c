#include "routes.h"

#include "dossier_json.h"

#include <dangan/error.h>
#include <dangan/search.h>
#include <string.h>

#define DEFAULT_LIMIT 50

/* A number of the query, `standard` when it is not there. */
static gboolean number_of(DaCall *call, const char *name, guint standard, guint min, guint max,
                          guint *number, GError **error)
{
    const char *text = da_http_query(call->request, name);
    guint64 value = standard;
    if (text != NULL && !g_ascii_string_to_unsigned(text, 10, min, max, &value, NULL))
        return da_error_set(error, DA_ERROR_USAGE, "'%s' must be a number from %u to %u", name, min,
                            max);
    *number = (guint)value;
    return TRUE;
}

DaHttpResponse *da_route_search(DaCall *call, GError **error)
{
    const char *words = da_http_query(call->request, "q");
    const char *field = da_http_query(call->request, "field");
    DaSearchQuery query = {.words = words == NULL ? "" : words};
    if (!da_search_field_parse(field == NULL ? "any" : field, &query.field)) {
        da_error_set(error, DA_ERROR_USAGE, "'field' must be any, name, id, employer or text");
        return NULL;
    }
    if (!number_of(call, "limit", DEFAULT_LIMIT, 1, DA_SEARCH_MAX_LIMIT, &query.limit, error) ||
        !number_of(call, "offset", 0, 0, DA_SEARCH_MAX_OFFSET, &query.offset, error))
        return NULL;
    if (!da_route_audit(call, "search", "", NULL, NULL, error))
        return NULL;
    json_t *found = da_search(call->db, &query, error);
    return found == NULL ? NULL : da_http_json(200, found);
}

/* Profiles are few and do not change while the service runs; one that is not installed costs the names of the classes. */
static const DaProfile *profile_of(DaService *service, const char *name)
{
    if (name == NULL || strchr(name, '/') != NULL)
        return NULL;
    g_mutex_lock(&service->mutex);
    gpointer profile = NULL;
    if (!g_hash_table_lookup_extended(service->profiles, name, NULL, &profile)) {
        profile = da_profile_load(name, NULL, NULL);
        g_hash_table_insert(service->profiles, g_strdup(name), profile);
    }
    g_mutex_unlock(&service->mutex);
    return profile;
}

static json_t *dossier_json(DaCall *call, const DaDossierRow *row, GError **error)
{
    g_autoptr(GBytes) xml = da_object_read(call->service->objects, row->descriptive_sha256, error);
    g_autoptr(DaDossier) dossier = xml == NULL ? NULL : da_dossier_from_xml(xml, error);
    if (dossier == NULL)
        return NULL;
    const DaProfile *profile = profile_of(call->service, dossier->profile_name);
    return da_dossier_json(call->db, row, dossier, profile, error);
}

json_t *da_route_dossier_json(DaCall *call, const char *id, GError **error)
{
    g_auto(DaDossierRow) row = {0};
    return da_dossier_row_load(call->db, id, &row, error) ? dossier_json(call, &row, error) : NULL;
}

DaHttpResponse *da_route_dossier(DaCall *call, GError **error)
{
    g_auto(DaDossierRow) row = {0};
    if (!da_dossier_row_load(call->db, call->argument, &row, error) ||
        !da_route_audit(call, "look", row.district, row.id, NULL, error))
        return NULL;
    json_t *json = dossier_json(call, &row, error);
    return json == NULL ? NULL : da_http_json(200, json);
}

DaHttpResponse *da_route_hits(DaCall *call, GError **error)
{
    const char *words = da_http_query(call->request, "q");
    json_t *hits = da_search_pages(call->db, call->argument, words == NULL ? "" : words, error);
    return hits == NULL ? NULL : da_http_json(200, hits);
}
