#include "cli.h"

#include <dangan/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gboolean da_cli_parse(int *argc, char ***argv, const GOptionEntry *entries, const char *arguments,
                      const char *about, const char *example, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(arguments);
    g_autofree char *program = g_strdup_printf("dangan %s", (*argv)[0]);
    g_autofree char *description = g_strdup_printf("Example / 例:\n  %s\n", example);
    g_set_prgname(program);
    g_option_context_set_summary(context, about);
    g_option_context_set_description(context, description);
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) wrong = NULL;
    if (g_option_context_parse(context, argc, argv, &wrong))
        return TRUE;
    g_set_error(error, DA_ERROR, DA_ERROR_USAGE, "%s; see %s --help", wrong->message, program);
    return FALSE;
}

int da_cli_fail(const char *verb, const GError *error)
{
    fprintf(stderr, "dangan %s: %s\n", verb, error->message);
    return da_error_exit_status(error);
}

void da_cli_print_json(json_t *value, gboolean compact)
{
    json_dumpf(value, stdout, compact ? JSON_COMPACT : JSON_INDENT(2));
    putchar('\n');
    json_decref(value);
}

static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number)
{
    stop_requested = 1;
    if (signal_number == SIGINT)
        signal(SIGINT, SIG_DFL);
}

const volatile sig_atomic_t *da_cli_stop_flag(void)
{
    struct sigaction action = {.sa_handler = request_stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &stop_requested;
}

gboolean da_cli_chinese(void)
{
    static const char *const variables[] = {"DANGAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};
    for (guint i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *value = g_getenv(variables[i]);
        if (value && *value)
            return g_str_has_prefix(value, "zh");
    }
    return FALSE;
}
