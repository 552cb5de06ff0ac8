#include "cli.h"

#include <dangan/account.h>
#include <dangan/archive.h>
#include <dangan/error.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define VERB "user"
#define SEE "see dangan user --help"
#define PASSWORD_LINE_MAX 4096

static void forget(char *password)
{
    if (password)
        explicit_bzero(password, strlen(password));
    g_free(password);
}

/* One line of stdin without its end; NULL when there is none. */
static char *read_line(void)
{
    char line[PASSWORD_LINE_MAX];
    char *password = NULL;
    if (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = '\0';
        password = g_strdup(line);
    }
    explicit_bzero(line, sizeof line);
    return password;
}

static char *prompt(const char *words)
{
    struct termios before, silent;
    fputs(words, stderr);
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return read_line();
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    char *password = read_line();
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return password;
}

/* Asked for twice on a terminal, else the first line of stdin. Never an argument: those are seen by everybody. */
static char *ask_password(GError **error)
{
    gboolean chinese = da_cli_chinese();
    if (!isatty(STDIN_FILENO)) {
        char *password = read_line();
        if (!password)
            da_error_set(error, DA_ERROR_USAGE, "no password on standard input; " SEE);
        return password;
    }
    char *first = prompt(chinese ? "密码: " : "password: ");
    char *second = prompt(chinese ? "再输一次: " : "again: ");
    gboolean equal = first && second && strcmp(first, second) == 0;
    forget(second);
    if (equal)
        return first;
    forget(first);
    da_error_set(error, DA_ERROR_USAGE, "the two passwords differ; nothing was changed");
    return NULL;
}

static gboolean with_password(PGconn *db, const char *name,
                              gboolean (*set)(PGconn *, const char *, const char *, GError **),
                              GError **error)
{
    char *password = ask_password(error);
    gboolean done = password && set(db, name, password, error);
    forget(password);
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
