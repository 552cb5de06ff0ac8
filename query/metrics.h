/*
 * What the service did, for Prometheus (text format 0.0.4): answers by route and status, and how long they took to make. Routes are patterns, so
 * nothing that was asked for is in it.
 *
 * Thread rule: may be called from any thread.
 */
#pragma once

#include <glib.h>

typedef struct DaMetrics DaMetrics;

DaMetrics *da_metrics_new(void);
void da_metrics_free(DaMetrics *metrics);

/* `route` is static; NULL = none of ours. */
void da_metrics_note(DaMetrics *metrics, const char *route, guint status, double seconds);
/* The caller owns it. */
char *da_metrics_text(DaMetrics *metrics);
