/*
 * Inside of profiles: how printed classes are compared, and who frees what profile_load.c makes.
 */
#pragma once

#include <glib.h>

/* One form for all ways to print a class: "（九）－１", "九—1" and "9 -1" become "9-1". The caller owns it. */
char *da_class_fold(const char *text);

void da_profile_rule_free(gpointer rule);
void da_profile_class_free(gpointer class);
void da_profile_scheme_free(gpointer scheme);
void da_profile_column_free(gpointer column);
