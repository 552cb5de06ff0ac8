/* Malicious software is found by a scanner that the site has: the profile names its command. Source: DA/T 70-2018 4-2. */
#include "check.h"

#include <dangan/error.h>
#include <string.h>
#include <sys/wait.h>

/* What scanners by convention answer: clamscan(1), clamdscan(1). */
enum { CLEAN = 0, INFECTED = 1 };

#define MAX_SHOWN 500

/* The command's words with the package's path at their end, where `{path}` does not say another place. */
static char **command_line(char **words, const char *path)
{
    g_autoptr(GStrvBuilder) line = g_strv_builder_new();
    gboolean placed = FALSE;
    for (guint i = 0; words[i]; i++) {
        gboolean here = !strcmp(words[i], "{path}");
        g_strv_builder_add(line, here ? path : words[i]);
        placed = placed || here;
    }
    if (!placed)
        g_strv_builder_add(line, path);
    return g_strv_builder_end(line);
}

/* A scanner that is not there, or fails, has found nothing out. */
gboolean da_check_virus_scan(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) words = da_check_words(run, "command", error);
    if (!words)
        return FALSE;
    g_autofree char *program = words[0] ? g_find_program_in_path(words[0]) : NULL;
    if (!program)
        return da_error_set(
            error, DA_ERROR_NOT_FOUND,
            "the scanner '%s' is not installed; name one in the parameter 'command'",
            words[0] ? words[0] : "");
    g_auto(GStrv) line = command_line(words, run->subject->path);
    g_autofree char *said = NULL, *complaint = NULL;
    int status = 0;
    g_autoptr(GError) problem = NULL;
    if (!g_spawn_sync(NULL, line, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDIN_FROM_DEV_NULL, NULL,
                      NULL, &said, &complaint, &status, &problem))
        return da_error_set(error, DA_ERROR_INPUT, "cannot run '%s': %s", words[0],
                            problem->message);
    int answer = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (answer == CLEAN)
        return TRUE;
    g_autofree char *text = g_utf8_make_valid(answer == INFECTED ? said : complaint, -1);
    if (answer != INFECTED)
        return da_error_set(error, DA_ERROR_INPUT, "'%s' ended with %d: %.*s", words[0], answer,
                            MAX_SHOWN, g_strstrip(text));
    DaFinding *finding =
        da_check_add(run, NULL, "the scanner found malicious software", "发现病毒或恶意程序");
    da_finding_set(&finding->found, "%.*s", MAX_SHOWN, g_strstrip(text));
    return TRUE;
}
