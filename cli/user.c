#include "cli.h"
#include "password.h"

#include <dangan/account.h>
#include <dangan/archive.h>
#include <dangan/error.h>
#include <stdio.h>
#include <string.h>

#define VERB "user"
#define SEE "see dangan user --help"

static gboolean with_password(PGconn *db, const char *name,
                              gboolean (*set)(PGconn *, const char *, const char *, GError **),
                              GError **error)
{
    char *password = da_cli_password_new(error);
    gboolean done = password && set(db, name, password, error);
    da_cli_password_forget(password);
    return done;
}

static gboolean add(PGconn *db, const char *name, GError **error)
{
    return with_password(db, name, da_account_add, error);
}

static gboolean set_password(PGconn *db, const char *name, GError **error)
{
    return with_password(db, name, da_account_set_password, error);
}

static gboolean list(PGconn *db, const char *name, GError **error)
{
    g_autoptr(GPtrArray) names = da_account_list(db, error);
    for (guint i = 0; names && i < names->len; i++)
        puts(names->pdata[i]);
    return names != NULL;
}

static const struct {
    const char *name;
    gboolean needs_account;
    gboolean (*run)(PGconn *db, const char *account, GError **error);
} actions[] = {
    {"add", TRUE, add},
    {"list", FALSE, list},
    {"password", TRUE, set_password},
    {"remove", TRUE, da_account_remove},
};

static gboolean run(const char *dir, int n, char **words, GError **error)
{
    for (guint i = 0; n > 0 && i < G_N_ELEMENTS(actions); i++) {
        if (strcmp(words[0], actions[i].name))
            continue;
        if (n != (actions[i].needs_account ? 2 : 1))
            return da_error_set(error, DA_ERROR_USAGE,
                                actions[i].needs_account ? "'%s' needs one account name; " SEE
                                                         : "'%s' needs no account name; " SEE,
                                words[0]);
        g_autoptr(DaArchive) archive = da_archive_open(dir, error);
        g_autoptr(PGconn) db = archive ? da_archive_connect(archive, error) : NULL;
        return db && actions[i].run(db, n > 1 ? words[1] : NULL, error);
    }
    return da_error_set(error, DA_ERROR_USAGE,
                        "wanted is one of add, list, password, remove; " SEE);
}

int da_cli_user(int argc, char **argv)
{
    g_autofree char *dir = NULL;
    g_autoptr(GError) error = NULL;
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &dir, "the archive folder / 档案库文件夹", "DIR"},
        {NULL},
    };
    if (!da_cli_parse(
            &argc, &argv, entries, "add|list|password|remove [NAME]",
            "Accounts of the reading room. A password is asked for, or read as one line from "
            "standard input.\n阅档室账号: 添加、列出、改密码、删除。",
            "dangan user add --archive /srv/archive wang", &error))
        return da_cli_fail(VERB, error);
    if (!dir)
        da_error_set(&error, DA_ERROR_USAGE, "--archive is missing; " SEE);
    else if (run(dir, argc - 1, argv + 1, &error))
        return 0;
    return da_cli_fail(VERB, error);
}
