/* The angle at which the marks of a page line up. */
#pragma once

#include <glib.h>

typedef struct {
    double cw_deg;     /* how far the lines are turned clockwise, -15 to +15 */
    double confidence; /* best score by worst score of the sweep */
} DaSkew;

/* `weight`: how much ink each px carries, 0 to 255. NAN and 0 where there is none. */
DaSkew da_skew_find(const guint8 *weight, guint width, guint height);
