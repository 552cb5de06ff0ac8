/* What the records about the life of dossiers share. */
#pragma once

#include <dangan/handle/pg.h>

/* District of a dossier that the archive holds; NULL with DA_ERROR_NOT_FOUND. The caller owns it. */
char *da_custody_district(PGconn *db, const char *dossier, GError **error);

/* What a person says of it: UTF-8, not endless. DA_ERROR_USAGE names it as `what`. */
gboolean da_custody_check_note(const char *what, const char *text, gboolean needed, GError **error);
