/*
 * A bounded number of places for work that costs much memory or time: decoding of images, password digests.
 */
#pragma once

#include <glib.h>

typedef struct {
    GMutex mutex;
    GCond freed;
    guint free;
} DaSlots;

void da_slots_init(DaSlots *slots, guint places);
void da_slots_clear(DaSlots *slots);
/* Waits up to `wait_ms` for a place; FALSE when all stay taken. */
gboolean da_slots_take(DaSlots *slots, guint wait_ms);
void da_slots_give(DaSlots *slots);
