#include "action.h"
#include "password.h"

#include <dangan/account.h>
#include <dangan/archive.h>
#include <dangan/error.h>
#include <stdio.h>
#include <string.h>

#define VERB "user"

static gboolean with_password(PGconn *db, const char *name,
                              gboolean (*set)(PGconn *, const char *, const char *, GError **),
                              GError **error)
{
    char *password = da_cli_password_new(error);
    gboolean done = password && set(db, name, password, error);
    da_cli_password_forget(password);
    return done;
}

static gboolean add(const DaCliCall *call, int *status, GError **error)
{
    return with_password(call->db, call->words[0], da_account_add, error);
}

static gboolean set_password(const DaCliCall *call, int *status, GError **error)
{
    return with_password(call->db, call->words[0], da_account_set_password, error);
}

static gboolean remove_account(const DaCliCall *call, int *status, GError **error)
{
    return da_account_remove(call->db, call->words[0], error);
}

/* "310104,310115", or "all". */
static gboolean set_districts(const DaCliCall *call, int *status, GError **error)
{
    g_auto(GStrv) districts = g_strsplit(call->words[1], ",", -1);
    gboolean all = !strcmp(call->words[1], "all");
    return da_account_set_districts(call->db, call->words[0],
                                    all ? NULL : (const char *const *)districts, error);
}

static gboolean list(const DaCliCall *call, int *status, GError **error)
{
    g_autoptr(GPtrArray) accounts = da_account_list(call->db, error);
    for (guint i = 0; accounts && i < accounts->len; i++) {
        const DaAccount *account = accounts->pdata[i];
        g_autofree char *districts =
            account->districts ? g_strjoinv(",", account->districts) : g_strdup("all");
        printf("%s\t%s\n", account->name, districts);
    }
    return accounts != NULL;
}

static const DaCliAction actions[] = {{"add", 1, 1, add},
                                      {"districts", 2, 2, set_districts},
                                      {"list", 0, 0, list},
                                      {"password", 1, 1, set_password},
                                      {"remove", 1, 1, remove_account},
                                      {NULL}};

int da_cli_user(int argc, char **argv)
{
    g_autofree char *dir = NULL;
    g_autoptr(GError) error = NULL;
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &dir, "the archive folder / 档案库文件夹", "DIR"},
        {NULL},
    };
    if (!da_cli_parse(
            &argc, &argv, entries,
            "add NAME | districts NAME CODE,CODE… | list | password NAME | remove NAME",
            "Accounts of the reading room. A password is asked for, or read as one line from "
            "standard input. A new account sees all districts of the archive; 'districts' says "
            "which "
            "it sees from then on ('all' for all).\n"
            "阅档室账号: 添加、可见区划、列出、改密码、删除。新账号可见全部区划。",
            "dangan user add --archive /srv/archive wang\n"
            "  dangan user districts --archive /srv/archive wang 310104,310115",
            &error))
        return da_cli_fail(VERB, error);
    int status = 0;
    if (!da_cli_act(VERB, actions, dir, NULL, argc - 1, argv + 1, &status, &error))
        return da_cli_fail(VERB, error);
    return status;
}
