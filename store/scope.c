#include <dangan/scope.h>

#include "archive_scope.h"

#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/identity.h>
#include <string.h>

#define ALL "*"

/* The same sum is in scope_districts(). The outer digest keeps anyone from lengthening what was signed. */
static char *sign(const char *key, const char *codes)
{
    g_autofree char *text = g_strconcat(key, codes, NULL);
    DaDigest inner = da_digest_bytes(text, strlen(text));
    g_autofree char *outer = g_strconcat(key, inner.hex, NULL);
    DaDigest mark = da_digest_bytes(outer, strlen(outer));
    return g_strconcat(codes, "|", mark.hex, NULL);
}

/* "310104,310105"; NULL when one is no code: a comma or a star in it would be another scope. */
static char *join(const char *const *districts, GError **error)
{
    for (guint i = 0; districts[i]; i++)
        if (!da_district_check(districts[i], error))
            return NULL;
    return g_strjoinv(",", (char **)districts);
}

static gboolean set(PGconn *db, const char *scope, GError **error)
{
    /* As a parameter: the texts of statements are shown to other sessions of the role. */
    return da_db_run(db, error, "SELECT set_config('dangan.scope', $1, false)", scope, NULL);
}

gboolean da_scope_set(const DaArchive *archive, PGconn *db, const char *const *districts,
                      GError **error)
{
    g_autofree char *codes = districts ? join(districts, error) : g_strdup(ALL);
    if (!codes)
        return FALSE;
    g_autofree char *scope = sign(da_archive_scope_key(archive), codes);
    return set(db, scope, error);
}

gboolean da_scope_clear(PGconn *db, GError **error)
{
    return set(db, "", error);
}
