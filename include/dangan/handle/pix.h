/* g_autoptr for Leptonica's handles, under the names of its structs (its own typedefs are in capitals). */
#pragma once

#include <allheaders.h>
#include <glib.h>

typedef struct Pix Pix;
typedef struct Pixa Pixa;
typedef struct Boxa Boxa;
typedef struct Box Box;
typedef struct Numa Numa;

static inline void da_handle_pix_free(Pix *pix)
{
    pixDestroy(&pix);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pix, da_handle_pix_free)

static inline void da_handle_pixa_free(Pixa *pixa)
{
    pixaDestroy(&pixa);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pixa, da_handle_pixa_free)

static inline void da_handle_boxa_free(Boxa *boxa)
{
    boxaDestroy(&boxa);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Boxa, da_handle_boxa_free)

static inline void da_handle_box_free(Box *box)
{
    boxDestroy(&box);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Box, da_handle_box_free)

static inline void da_handle_numa_free(Numa *numa)
{
    numaDestroy(&numa);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Numa, da_handle_numa_free)
