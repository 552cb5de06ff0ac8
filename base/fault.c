#include <dangan/fault.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GREED_BYTES ((gsize)16 << 20)

typedef struct {
    char *action; /* NULL: nothing is to happen */
    char *point;
    char *subject; /* NULL: `passages` counts */
    gint passages;
} Fault;

static Fault read_fault(void)
{
    const char *text = g_getenv("DANGAN_FAULT");
    g_auto(GStrv) parts = text ? g_strsplit(text, ":", 3) : NULL;
    if (!parts || !parts[0] || !parts[1])
        return (Fault){0};
    guint64 passages = 1;
    gboolean counts =
        !parts[2] || g_ascii_string_to_unsigned(parts[2], 10, 1, G_MAXINT, &passages, NULL);
    return (Fault){.action = g_strdup(parts[0]),
                   .point = g_strdup(parts[1]),
                   .subject = counts ? NULL : g_strdup(parts[2]),
                   .passages = (gint)passages};
}

static void take_all_memory(void)
{
    for (;;)
        memset(g_malloc(GREED_BYTES), 1, GREED_BYTES);
}

static void act(const char *action)
{
    if (!strcmp(action, "kill"))
        kill(getpid(), SIGKILL);
    else if (!strcmp(action, "stop"))
        kill(getpid(), SIGSTOP);
    else if (!strcmp(action, "crash"))
        raise(SIGSEGV);
    else if (!strcmp(action, "memory"))
        take_all_memory();
    else if (!strcmp(action, "hang"))
        for (;;)
            pause();
}

void da_fault_point_of(const char *point, const char *subject)
{
    static Fault fault;
    static gsize ready;
    if (g_once_init_enter(&ready)) {
        fault = read_fault();
        g_once_init_leave(&ready, 1);
    }
    if (fault.action == NULL || strcmp(fault.point, point) != 0)
        return;
    if (fault.subject ? g_strcmp0(fault.subject, subject) == 0
                      : g_atomic_int_dec_and_test(&fault.passages))
        act(fault.action);
}

void da_fault_point(const char *point)
{
    da_fault_point_of(point, NULL);
}
