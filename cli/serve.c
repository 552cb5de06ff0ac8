#include "cli.h"

#include <dangan/error.h>
#include <dangan/service.h>
#include <stdio.h>

#define VERB "serve"

typedef struct {
    char *archive;
    char *listen;
} Options;

static void options_clear(Options *options)
{
    g_free(options->archive);
    g_free(options->listen);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"listen", 0, 0, G_OPTION_ARG_STRING, &options->listen,
         "address and port, loopback only, or unix:PATH (default: the archive's setting) / "
         "监听地址",
         "ADDRESS"},
        {NULL},
    };
    if (!da_cli_parse(
            argc, argv, entries, "",
            "Serves the reading room until Ctrl-C. For other machines put nginx in front.\n"
            "启动阅档室, 按 Ctrl-C 结束。",
            "dangan serve --archive /srv/archive --listen 127.0.0.1:8080", error))
        return FALSE;
    if (*argc > 1)
        return da_error_set(error, DA_ERROR_USAGE, "'%s' is too much; see dangan serve --help",
                            (*argv)[1]);
    return options->archive != NULL ||
           da_error_set(error, DA_ERROR_USAGE, "--archive is missing; see dangan serve --help");
}

static gboolean run(const Options *options, GError **error)
{
    const volatile sig_atomic_t *stop = da_cli_stop_flag();
    g_autoptr(DaArchive) archive = da_archive_open(options->archive, error);
    if (!archive)
        return FALSE;
    const char *listen =
        options->listen ? options->listen : da_config_text(da_archive_config(archive), "listen");
    g_autoptr(DaService) service = da_service_start(archive, listen, error);
    if (!service)
        return FALSE;
    printf(da_cli_chinese() ? "阅档室: %s\n" : "reading room: %s\n", da_service_address(service));
    fflush(stdout);
    /* A signal that comes between the look and the sleep costs at most this fifth of a second. */
    while (!*stop)
        g_usleep(G_USEC_PER_SEC / 5);
    return TRUE;
}

int da_cli_serve(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    return parse(&argc, &argv, &options, &error) && run(&options, &error)
               ? 0
               : da_cli_fail(VERB, error);
}
