/* What a page of a PDF draws: enough of the content stream to tell a scan from a printed page. */
#pragma once

#include <glib.h>

typedef struct {
    gpointer data;
    /* `name` (with its slash) is drawn by the Do operator. */
    void (*draws)(gpointer data, const char *name);
    guint inline_images;
    guint visible_texts; /* text that is shown in another mode than 3 (invisible) */
} DaSplitContent;

/* Source: ISO 32000-1 §7.2 (tokens), §8.9.7 (inline images), §9.3.6 (text rendering mode). Stops at the first inline image. */
void da_split_content_walk(DaSplitContent *content, const guint8 *data, gsize size);
