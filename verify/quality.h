/*
 * What screening measures of one image beside dangan/measure.h: lines that a dirty scanner draws, dark borders, the colour of the
 * paper. Suspicions for a person, never a verdict.
 */
#pragma once

#include <dangan/handle/pix.h>
#include <glib.h>

typedef struct {
    int streak_x_px; /* a line of one tone over the whole height; -1 = none */
    guint border_px; /* the widest dark band along an edge */
    guint8 paper[3]; /* red, green, blue of the paper: the median of what is light */
} DaQuality;

/* Measures an image 8 or 32 bits deep; of others nothing is known: no streak, no border, black paper. */
DaQuality da_quality_measure(Pix *pix);
