/* Are the chains of the audit whole? */
#include "audit_entry.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <string.h>

#define TOLD_MAX 100u

typedef struct {
    DaProgress *progress;
    DaAuditResult *result;
    GHashTable *marks; /* "district number" → digest, of checkpoints */
    char *district;    /* that is being read; NULL = none yet */
    guint64 last;      /* its last number */
    char *digest;      /* and digest */
    guint told;
} Check;

static void check_clear(Check *check)
{
    g_free(check->district);
    g_free(check->digest);
    g_hash_table_unref(check->marks);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Check, check_clear)

void da_audit_result_clear(DaAuditResult *result)
{
    g_clear_pointer(&result->problems, g_ptr_array_unref);
}

G_GNUC_PRINTF(3, 4)
static void tell(Check *check, const char *district, const char *format, ...)
{
    if (check->told++ >= TOLD_MAX)
        return;
    va_list list;
    va_start(list, format);
    g_autofree char *words = g_strdup_vprintf(format, list);
    va_end(list);
    g_ptr_array_add(check->result->problems, g_strdup_printf("district '%s': %s", district, words));
}

static char *mark_of(const char *district, guint64 number)
{
    return g_strdup_printf("%s %" G_GUINT64_FORMAT, district, number);
}

/* --- one entry after the other --------------------------------------------------------------------------------------- */

static guint64 number_of(const json_t *entry)
{
    return (guint64)json_integer_value(json_object_get(entry, "number"));
}

static const char *text_of(const json_t *entry, const char *member)
{
    return json_string_value(json_object_get(entry, member));
}

static void begin_district(Check *check, const char *district)
{
    g_free(check->district);
    g_free(check->digest);
    check->district = g_strdup(district);
    check->digest = g_strdup("");
    check->last = 0;
    check->told = 0;
    check->result->districts++;
}

static void check_place(Check *check, const json_t *entry)
{
    guint64 number = number_of(entry);
    if (number > check->last + 1)
        tell(check, check->district,
             "entries %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " are missing", check->last + 1,
             number - 1);
    else if (strcmp(text_of(entry, "former"), check->digest) != 0)
        tell(check, check->district,
             "entry %" G_GUINT64_FORMAT " does not follow the one before it", number);
}

static void check_digest(Check *check, const json_t *entry, const char *told)
{
    guint64 number = number_of(entry);
    g_autofree char *mark = mark_of(check->district, number);
    g_autofree char *digest = da_audit_entry_digest(entry);
    const char *kept = g_hash_table_lookup(check->marks, mark);
    if (strcmp(digest, told) != 0)
        tell(check, check->district, "entry %" G_GUINT64_FORMAT " was changed", number);
    else if (kept && strcmp(kept, told) != 0)
        tell(check, check->district,
             "entry %" G_GUINT64_FORMAT " is not the one that a checkpoint has seen", number);
}

static gboolean take(const json_t *read, gpointer data, GError **error)
{
    Check *check = data;
    g_autoptr(json_t) entry = json_copy((json_t *)read);
    g_autofree char *digest = g_strdup(text_of(read, "digest"));
    json_object_del(entry, "digest");
    if (g_strcmp0(check->district, text_of(entry, "district")) != 0)
        begin_district(check, text_of(entry, "district"));
    check_place(check, entry);
    check_digest(check, entry, digest);
    check->last = number_of(entry);
    g_free(check->digest);
    check->digest = g_steal_pointer(&digest);
    check->result->entries++;
    da_progress_add(check->progress, 1);
    return TRUE;
}

/* --- checkpoints ----------------------------------------------------------------------------------------------------- */

static void note_marks(Check *check, const json_t *checkpoint)
{
    size_t i;
    json_t *head;
    json_array_foreach(json_object_get(checkpoint, "districts"), i, head)
    {
        const char *district = text_of(head, "district"), *digest = text_of(head, "digest");
        if (district && digest)
            g_hash_table_insert(check->marks, mark_of(district, number_of(head)), g_strdup(digest));
    }
}

/* What a checkpoint has seen and is not there any more. */
static gboolean check_ends(Check *check, PGconn *db, const json_t *checkpoint, GError **error)
{
    size_t i;
    json_t *head;
    json_array_foreach(json_object_get(checkpoint, "districts"), i, head)
    {
        const char *district = text_of(head, "district");
        g_autoptr(PGresult) last = da_db_query(
            db, error, "SELECT coalesce(max(number), 0) AS last FROM audit WHERE district = $1",
            district ? district : "", NULL);
        if (!last)
            return FALSE;
        guint64 there = (guint64)da_db_integer(last, 0, "last");
        check->told = 0;
        if (there < number_of(head))
            tell(check, district,
                 "it ends with entry %" G_GUINT64_FORMAT ", and the checkpoint of %s has seen "
                 "entry %" G_GUINT64_FORMAT,
                 there, text_of(checkpoint, "signed_at"), number_of(head));
    }
    return TRUE;
}

gboolean da_audit_verify(PGconn *db, const GPtrArray *checkpoints, DaProgress *progress,
                         DaAuditResult *result, GError **error)
{
    static const DaAuditFilter all = {0};
    *result = (DaAuditResult){.problems = g_ptr_array_new_with_free_func(g_free),
                              .checkpoints = checkpoints ? checkpoints->len : 0};
    g_auto(Check) check = {.progress = progress,
                           .result = result,
                           .marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    g_autoptr(PGresult) n = da_db_query(db, error, "SELECT count(*) AS n FROM audit", NULL);
    if (!n)
        return FALSE;
    da_progress_total(progress, (guint64)da_db_integer(n, 0, "n"));
    for (guint i = 0; i < result->checkpoints; i++)
        note_marks(&check, checkpoints->pdata[i]);
    if (!da_audit_read(db, &all, take, &check, error))
        return FALSE;
    for (guint i = 0; i < result->checkpoints; i++)
        if (!check_ends(&check, db, checkpoints->pdata[i], error))
            return FALSE;
    return TRUE;
}
