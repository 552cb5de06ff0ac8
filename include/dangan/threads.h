/*
 * Independent tasks on all processors, for work that waits for disks or takes little time each. The threads last for one call: between calls
 * there are none, so that workers may be forked (dangan/worker.h). What may crash belongs into a worker, not here.
 */
#pragma once

#include <glib.h>

/* Does task number `i`. May be called from several threads at once, once for each number; FALSE with error ends the whole. */
typedef gboolean (*DaThreadTask)(guint i, gpointer data, GError **error);

/* Does tasks 0 to n - 1, the caller's thread among those at work. All have ended when it returns; FALSE with the error that came first, and then
 * some tasks were not begun. */
gboolean da_threads_run(guint n, DaThreadTask task, gpointer data, GError **error);
