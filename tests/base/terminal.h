/* A terminal that a test writes to and then reads as a person would see it. */
#pragma once

#include <glib.h>
#include <stdio.h>

typedef struct {
    FILE *out;
    int screen;
} Terminal;

/* `columns` 0 = the terminal does not know how wide it is. */
Terminal terminal_begin(guint columns);
/* Closes it. All that was written; the caller frees. */
char *terminal_end(Terminal *terminal);
