#include "password.h"

#include "cli.h"

#include <dangan/error.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_LINE_MAX 4096

void da_cli_password_forget(char *password)
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

static char *read_password(GError **error)
{
    char *password = read_line();
    if (!password)
        da_error_set(error, DA_ERROR_USAGE, "no password on standard input");
    return password;
}

char *da_cli_password(const char *account, GError **error)
{
    g_autofree char *words =
        g_strdup_printf(da_cli_chinese() ? "%s 的密码: " : "password of %s: ", account);
    return isatty(STDIN_FILENO) ? prompt(words) : read_password(error);
}

char *da_cli_password_new(GError **error)
{
    gboolean chinese = da_cli_chinese();
    if (!isatty(STDIN_FILENO))
        return read_password(error);
    char *first = prompt(chinese ? "密码: " : "password: ");
    char *second = prompt(chinese ? "再输一次: " : "again: ");
    gboolean equal = first && second && strcmp(first, second) == 0;
    da_cli_password_forget(second);
    if (equal)
        return first;
    da_cli_password_forget(first);
    da_error_set(error, DA_ERROR_USAGE, "the two passwords differ; nothing was changed");
    return NULL;
}
