#include "metrics.h"

#include <string.h>

/* Upper bounds of the histogram; the last one is +Inf. */
static const double bounds[] = {0.005, 0.025, 0.1, 0.5, 2};
#define BUCKETS (G_N_ELEMENTS(bounds) + 1)

typedef struct {
    const char *route;
    guint64 buckets[BUCKETS]; /* each alone; the text sums them up */
    double seconds;
    GHashTable *statuses; /* status → guint64 * */
} Route;

struct DaMetrics {
    GMutex mutex;
    GTree *routes; /* in the order of their names */
    gint64 began_us;
};

static gint by_name(gconstpointer a, gconstpointer b, gpointer data)
{
    return strcmp(a, b);
}

static void route_free(gpointer data)
{
    Route *route = data;
    g_hash_table_unref(route->statuses);
    g_free(route);
}

DaMetrics *da_metrics_new(void)
{
    DaMetrics *metrics = g_new0(DaMetrics, 1);
    g_mutex_init(&metrics->mutex);
    metrics->routes = g_tree_new_full(by_name, NULL, NULL, route_free);
    metrics->began_us = g_get_real_time();
    return metrics;
}

void da_metrics_free(DaMetrics *metrics)
{
    g_tree_unref(metrics->routes);
    g_mutex_clear(&metrics->mutex);
    g_free(metrics);
}

static Route *route_of(DaMetrics *metrics, const char *name)
{
    Route *route = g_tree_lookup(metrics->routes, name);
    if (route)
        return route;
    route = g_new0(Route, 1);
    route->route = name;
    route->statuses = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    g_tree_insert(metrics->routes, (gpointer)name, route);
    return route;
}

void da_metrics_note(DaMetrics *metrics, const char *name, guint status, double seconds)
{
    g_mutex_lock(&metrics->mutex);
    Route *route = route_of(metrics, name ? name : "none");
    guint64 *count = g_hash_table_lookup(route->statuses, GUINT_TO_POINTER(status));
    if (!count) {
        count = g_new0(guint64, 1);
        g_hash_table_insert(route->statuses, GUINT_TO_POINTER(status), count);
    }
    guint bucket = 0;
    while (bucket + 1 < BUCKETS && seconds > bounds[bucket])
        bucket++;
    (*count)++;
    route->buckets[bucket]++;
    route->seconds += seconds;
    g_mutex_unlock(&metrics->mutex);
}

/* --- the text -------------------------------------------------------------------------------------------------------- */

static gint by_status(gconstpointer a, gconstpointer b)
{
    return (gint)GPOINTER_TO_UINT(a) - (gint)GPOINTER_TO_UINT(b);
}

static void put_statuses(const Route *route, GString *text)
{
    g_autoptr(GList) statuses = g_list_sort(g_hash_table_get_keys(route->statuses), by_status);
    for (const GList *item = statuses; item; item = item->next)
        g_string_append_printf(
            text, "dangan_requests_total{route=\"%s\",status=\"%u\"} %" G_GUINT64_FORMAT "\n",
            route->route, GPOINTER_TO_UINT(item->data),
            *(const guint64 *)g_hash_table_lookup(route->statuses, item->data));
}

static void put_number(GString *text, double number)
{
    char shown[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(text, g_ascii_formatd(shown, sizeof shown, "%.6g", number));
}

static void put_histogram(const Route *route, GString *text)
{
    guint64 sum = 0;
    for (guint i = 0; i < BUCKETS; i++) {
        sum += route->buckets[i];
        g_string_append_printf(text, "dangan_request_seconds_bucket{route=\"%s\",le=\"",
                               route->route);
        if (i + 1 < BUCKETS)
            put_number(text, bounds[i]);
        else
            g_string_append(text, "+Inf");
        g_string_append_printf(text, "\"} %" G_GUINT64_FORMAT "\n", sum);
    }
    g_string_append_printf(text, "dangan_request_seconds_sum{route=\"%s\"} ", route->route);
    put_number(text, route->seconds);
    g_string_append_printf(text,
                           "\ndangan_request_seconds_count{route=\"%s\"} %" G_GUINT64_FORMAT "\n",
                           route->route, sum);
}

char *da_metrics_text(DaMetrics *metrics)
{
    GString *text = g_string_new("# HELP dangan_started_seconds When the service began.\n"
                                 "# TYPE dangan_started_seconds gauge\n");
    g_string_append_printf(text, "dangan_started_seconds %" G_GINT64_FORMAT "\n",
                           metrics->began_us / G_USEC_PER_SEC);
    g_mutex_lock(&metrics->mutex);
    g_string_append(text, "# HELP dangan_requests_total Answers by route and status.\n"
                          "# TYPE dangan_requests_total counter\n");
    for (GTreeNode *node = g_tree_node_first(metrics->routes); node; node = g_tree_node_next(node))
        put_statuses(g_tree_node_value(node), text);
    g_string_append(text, "# HELP dangan_request_seconds How long an answer took to make.\n"
                          "# TYPE dangan_request_seconds histogram\n");
    for (GTreeNode *node = g_tree_node_first(metrics->routes); node; node = g_tree_node_next(node))
        put_histogram(g_tree_node_value(node), text);
    g_mutex_unlock(&metrics->mutex);
    return g_string_free(text, FALSE);
}
