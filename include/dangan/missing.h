/*
 * Materials that dossiers should hold and do not (欠缺材料), as the rule of the check "expected-materials" found them when the current version was
 * deposited. A version in which they have turned up does not name them any more.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/profile.h>

/* Rows for da_table_write_csv(), the head first: district, dossier, archival number, name, employer, material. `district` NULL = of all. The caller owns
 * them. DA_ERROR_USAGE when the profile has no such rule. */
GPtrArray *da_missing_rows(PGconn *db, const DaProfile *profile, const char *district, gboolean chinese, GError **error);
