#include "fsck_parts.h"

#include <dangan/db.h>

/* Every reference of the schema, as a question after rows whose other end is not there. The database keeps references itself; a row that was
 * removed without it (triggers off, a torn restore, a damaged file) shows here. */
#define QUESTIONS                                                                                  \
    "SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent,"               \
    " format('SELECT count(*) AS n FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)'," \
    " conrelid::regclass, string_agg(format('c.%I IS NOT NULL', a.attname), ' AND '),"             \
    " confrelid::regclass, string_agg(format('p.%I = c.%I', f.attname, a.attname), ' AND '))"      \
    " AS question"                                                                                 \
    " FROM pg_constraint k, unnest(conkey, confkey) AS pair (here, there)"                         \
    " JOIN pg_attribute a ON a.attnum = here JOIN pg_attribute f ON f.attnum = there"              \
    " WHERE contype = 'f' AND conparentid = 0 AND connamespace = 'public'::regnamespace"           \
    " AND a.attrelid = conrelid AND f.attrelid = confrelid"                                        \
    " GROUP BY k.oid, conrelid, confrelid, conname ORDER BY 1, 2, conname"

static gboolean ask(DaFsck *fsck, const PGresult *questions, int row, GError **error)
{
    const char *child = da_db_text(questions, row, "child");
    g_autoptr(PGresult) answer =
        da_db_query(fsck->db, error, da_db_text(questions, row, "question"), NULL);
    gint64 n = answer ? da_db_integer(answer, 0, "n") : 0;
    if (n > 0)
        da_fsck_tell(fsck, DA_FSCK_ROW_BROKEN, child, FALSE,
                     "%" G_GINT64_FORMAT " rows name rows of table %s that are not there", n,
                     da_db_text(questions, row, "parent"));
    return answer != NULL;
}

gboolean da_fsck_rows(DaFsck *fsck, GError **error)
{
    g_autoptr(PGresult) questions = da_db_query(fsck->db, error, QUESTIONS, NULL);
    for (int i = 0; questions && i < PQntuples(questions); i++)
        if (!da_fsck_goes_on(fsck, error) || !ask(fsck, questions, i, error))
            return FALSE;
    return questions != NULL;
}
