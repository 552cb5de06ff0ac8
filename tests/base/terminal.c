#include "terminal.h"

#include <pty.h>
#include <unistd.h>

Terminal terminal_begin(guint columns)
{
    int ends[2];
    struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns};
    int status = openpty(&ends[0], &ends[1], NULL, NULL, &size);
    g_assert(status == 0);
    return (Terminal){.out = fdopen(ends[1], "w"), .screen = ends[0]};
}

/* What was written arrives when the kernel comes to it; once the writing end is closed, reading waits for all of it. */
char *terminal_end(Terminal *terminal)
{
    fclose(terminal->out);
    GString *text = g_string_new(NULL);
    char piece[512];
    for (ssize_t n = read(terminal->screen, piece, sizeof piece); n > 0;
         n = read(terminal->screen, piece, sizeof piece))
        g_string_append_len(text, piece, n);
    close(terminal->screen);
    return g_string_free(text, FALSE);
}
