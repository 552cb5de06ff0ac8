/*
 * A folder under construction: it appears whole under its name or not at all.
 *
 * It lies beside its final place as `.<name>.part` and is removed when it is freed without a commit; what a killed process
 * left is removed by the next one that wants the same name.
 * Thread rule: one thread a staging; one process at a time may work on one name (hold a DaLock).
 */
#pragma once

#include <glib.h>

typedef struct DaStaging DaStaging;

/* Begins a folder that will become `final_path`. Leftovers of earlier, killed attempts at the same name are removed first,
 * so one process at a time may work on one name (hold a DaLock). */
DaStaging *da_staging_new(const char *final_path, GError **error);
const char *da_staging_path(const DaStaging *staging);

/* Makes the content durable with one syncfs, then puts it in place by one rename. An existing folder is exchanged
 * atomically and then removed when `replace`, else DA_ERROR_CONFLICT. */
gboolean da_staging_commit(DaStaging *staging, gboolean replace, GError **error);
void da_staging_free(DaStaging *staging);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaStaging, da_staging_free)
