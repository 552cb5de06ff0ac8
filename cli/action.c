#include "action.h"

#include "intake.h"

#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <stdio.h>
#include <string.h>

static gboolean refuse(const char *verb, const DaCliAction *actions, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; actions[i].name; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "", actions[i].name);
    return da_error_set(error, DA_ERROR_USAGE,
                        "wanted: one of %s with what it needs, and --archive DIR; see dangan %s "
                        "--help",
                        names->str, verb);
}

static gboolean fits(const DaCliAction *action, int n, char **words)
{
    return n > 0 && !strcmp(words[0], action->name) && n - 1 >= action->least &&
           (action->most < 0 || n - 1 <= action->most);
}

gboolean da_cli_act(const char *verb, const DaCliAction *actions, const char *archive,
                    gconstpointer options, int n, char **words, int *status, GError **error)
{
    const DaCliAction *action = actions;
    while (action->name && !fits(action, n, words))
        action++;
    if (!action->name || !archive)
        return refuse(verb, actions, error);
    g_autoptr(DaArchive) opened = da_archive_open(archive, error);
    g_autoptr(PGconn) db = opened ? da_archive_connect(opened, error) : NULL;
    const DaCliCall call = {.archive = opened, .db = db, .options = options, .words = words + 1};
    return db && action->run(&call, status, error);
}

guint64 da_cli_record_number(const DaCliCall *call, const char *what, GError **error)
{
    guint64 number = 0;
    if (!g_ascii_string_to_unsigned(call->words[0], 10, 1, G_MAXINT64, &number, NULL))
        da_error_set(error, DA_ERROR_USAGE, "'%s' is no number of a %s", call->words[0], what);
    return number;
}

gboolean da_cli_tell_record(const DaCliCall *call, guint64 record, const char *path, gboolean json,
                            const char *words, const char *words_zh, GError **error)
{
    if (!record || !da_cli_receipt_write(call->archive, call->db, record, path, error))
        return FALSE;
    if (json)
        da_cli_print_json(json_pack("{s:I}", "record", (json_int_t)record), FALSE);
    else
        printf("%s%" G_GUINT64_FORMAT "\n", da_cli_chinese() ? words_zh : words, record);
    return TRUE;
}
