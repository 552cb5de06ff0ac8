#include "slots.h"

void da_slots_init(DaSlots *slots, guint places)
{
    g_mutex_init(&slots->mutex);
    g_cond_init(&slots->freed);
    slots->free = places;
}

void da_slots_clear(DaSlots *slots)
{
    g_mutex_clear(&slots->mutex);
    g_cond_clear(&slots->freed);
}

gboolean da_slots_take(DaSlots *slots, guint wait_ms)
{
    gint64 until = g_get_monotonic_time() + (gint64)wait_ms * G_TIME_SPAN_MILLISECOND;
    g_mutex_lock(&slots->mutex);
    while (slots->free == 0 && g_cond_wait_until(&slots->freed, &slots->mutex, until))
        ;
    gboolean taken = slots->free > 0;
    if (taken)
        slots->free--;
    g_mutex_unlock(&slots->mutex);
    return taken;
}

void da_slots_give(DaSlots *slots)
{
    g_mutex_lock(&slots->mutex);
    slots->free++;
    g_cond_signal(&slots->freed);
    g_mutex_unlock(&slots->mutex);
}
