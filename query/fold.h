/*
 * Words looked for in a text as da_text_fold() sees both, with the place in the text as it stands.
 */
#pragma once

#include <glib.h>

/* What is searched for, apart at blanks and folded; each must be in the text. NULL-terminated; the caller frees with
 * g_strfreev. */
char **da_fold_terms(const char *words);

typedef struct {
    glong start, length; /* characters of the text as it stands */
} DaFoldMatch;

/* TRUE when the text holds every term inside one of its lines. A term that begins or ends with a letter or digit begins or ends a
 * word there ("1985" is not in "21985"). `match` is the first place of the first term. */
gboolean da_fold_find(const char *text, char *const *terms, DaFoldMatch *match);
