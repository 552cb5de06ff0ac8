/*
 * Passwords as they are typed: on a terminal without an echo, else a line of standard input. Never an argument: those are seen by
 * everybody.
 */
#pragma once

#include <glib.h>

/* Of an account that is there. */
char *da_cli_password(const char *account, GError **error);
/* A new one: asked for twice. */
char *da_cli_password_new(GError **error);
/* Clears and frees it; NULL is nothing. */
void da_cli_password_forget(char *password);
