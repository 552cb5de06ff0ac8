/* What archive.c hands to scope.c. */
#pragma once

#include <dangan/archive.h>

/* What the archive signs scopes with (table scope_key). Borrowed. */
const char *da_archive_scope_key(const DaArchive *archive);
