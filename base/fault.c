#include <dangan/fault.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *point; /* NULL: nothing is to happen */
    gint passages;
} Fault;

static Fault read_fault(void)
{
    const char *text = g_getenv("DANGAN_FAULT");
    if (text == NULL || !g_str_has_prefix(text, "kill:"))
        return (Fault){NULL, 0};
    g_auto(GStrv) parts = g_strsplit(text + strlen("kill:"), ":", 2);
    guint64 passages = 1;
    if (parts[0] == NULL || (parts[1] != NULL && !g_ascii_string_to_unsigned(
                                                     parts[1], 10, 1, G_MAXINT, &passages, NULL)))
        return (Fault){NULL, 0};
    return (Fault){g_strdup(parts[0]), (gint)passages};
}

void da_fault_point(const char *point)
{
    static Fault fault;
    static gsize ready;
    if (g_once_init_enter(&ready)) {
        fault = read_fault();
        g_once_init_leave(&ready, 1);
    }
    if (fault.point != NULL && strcmp(fault.point, point) == 0 &&
        g_atomic_int_dec_and_test(&fault.passages))
        kill(getpid(), SIGKILL);
}
