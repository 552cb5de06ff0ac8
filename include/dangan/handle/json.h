/* g_autoptr for jansson's handle. */
#pragma once

#include <glib.h>
#include <jansson.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

/* json_dumps returns memory of malloc, which g_autofree frees as well (GLib 2.46 and later use the system allocator). */
