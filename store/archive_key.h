/*
 * The archive's key: DIR/keys/archive.key signs its records, archive.key.pub is for those who check them.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/sign.h>

/* Makes the folder with a new key of the setting `signature`, whole or not at all; does nothing where it exists. For who holds the chain
 * of records, before the first of them. */
gboolean da_archive_key_make(const DaArchive *archive, GError **error);
/* DA_ERROR_NOT_FOUND when it is gone. */
DaSignKey *da_archive_key_load(const DaArchive *archive, GError **error);
