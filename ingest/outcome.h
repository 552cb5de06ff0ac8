/*
 * What a run leaves beside its packages, whether it made them of scans (ingest) or of the packages of others (import): delivery.csv, the
 * machine half of a handover, and what both reports say in the same words.
 */
#pragma once

#include <dangan/profile.h>
#include <glib.h>
#include <jansson.h>

/* Rows of delivery.csv with their head; free with g_ptr_array_unref. */
GPtrArray *da_delivery_rows_new(void);
/* Adds a package: counts the files and bytes of its folder. `number` (档号) may be NULL. */
gboolean da_delivery_rows_add(GPtrArray *rows, const char *id, const char *number,
                              const char *package, const char *digest, GError **error);
/* OUT/delivery.csv. */
gboolean da_delivery_rows_write(const GPtrArray *rows, const char *out, GError **error);

/* The findings (DaFinding) from the `from`-th on. */
json_t *da_report_findings(const GPtrArray *findings, guint from);
/* The same for a report that goes into a package: nothing names a person, a file or a folder. */
json_t *da_report_redacted_findings(const GPtrArray *findings);
/* An object with the program, the time, the profile, and whether the run was stopped. */
json_t *da_report_new(const DaProfile *profile, gboolean stopped);
/* Pretty JSON; takes `report`. */
char *da_report_text(json_t *report);
/* OUT/name. */
gboolean da_report_write(const char *out, const char *name, const char *text, GError **error);
