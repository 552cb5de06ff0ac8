/*
 * What is handed to verification, made a folder: a package folder is one already; a tar or zip is unpacked into a private folder that is
 * removed afterwards; a GB/T 33870 delivery is read by the exchange reader, which unpacks its zip likewise.
 */
#pragma once

#include <dangan/container.h>
#include <dangan/exchange.h>
#include <dangan/profile.h>

typedef struct {
    char *folder;           /* what is verified; NULL = nothing can be */
    char *name;             /* what the package calls itself: the folder's base name, or the file's without its ending */
    char *work;             /* private folder; NULL = none was needed */
    char *digest;           /* SHA-256 of the file; NULL for a folder */
    DaContainer *container; /* NULL = a folder, or read by the exchange reader */
    gboolean is_file;
    const char *lack, *lack_zh; /* why an archive without a fault is no delivery; NULL = it is one */
    DaExchange *exchange;       /* only for profiles that judge such deliveries */
} DaDelivery;

/* NULL only when the machine fails, or there is nothing at `path`. */
DaDelivery *da_delivery_open(const char *path, const DaProfile *profile, GError **error);
void da_delivery_free(DaDelivery *delivery);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaDelivery, da_delivery_free)

/* TRUE for a name that an archive has, whether it can be read here or not. */
gboolean da_delivery_is_archive_name(const char *name);
