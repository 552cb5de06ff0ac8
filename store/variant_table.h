/* Rare forms of characters (异体字) with the usual ones, in the order of the rare ones: store/make-variants makes the table. */
#pragma once

#include <glib.h>

typedef struct {
    gunichar rare, usual;
} DaHanVariant;

extern const DaHanVariant da_han_variants[];
extern const gsize da_han_variants_n;
