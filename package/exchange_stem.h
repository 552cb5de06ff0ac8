/*
 * The name of an image as deliveries have it: `类号-序号-页号` with any number of digits, any case of the extension.
 */
#pragma once

#include <glib.h>

typedef struct {
    char class_code[8]; /* "9-1" */
    guint sequence;
    guint page;        /* 页号; may be 0 where a program counts from 000 */
    guint page_digits; /* how many digits it was written with */
} DaStem;

/* FALSE when the name has not this form. */
gboolean da_stem_read(const char *name, DaStem *stem);
/* Without extension, in one case and one normalization: what two names of one page have in common. The caller owns it. */
char *da_stem_key(const char *name);
/* The whole name in one case and one normalization. The caller owns it. */
char *da_stem_fold(const char *name);
