#include "cli.h"

#include <dangan/archive.h>
#include <dangan/error.h>
#include <stdio.h>
#include <string.h>

#define VERB "archive"
#define EXAMPLE                                                                                    \
    "dangan archive init /srv/archive --district 310104\n  dangan archive status /srv/archive"

typedef struct {
    char *district;
    gboolean json;
} Options;

static int report_made(const char *dir)
{
    printf(da_cli_chinese() ? "档案库已就绪: %s\n" : "archive is ready: %s\n", dir);
    return 0;
}

static int fail(const GError *error)
{
    return da_cli_fail(VERB, error);
}

static int init(const char *dir, const Options *options)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaArchive) archive = da_archive_init(dir, &error);
    if (!archive ||
        (options->district && !da_archive_configure(dir, "district", options->district, &error)))
        return fail(error);
    return report_made(dir);
}

static int start(const char *dir, const Options *options)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaArchive) archive = da_archive_open(dir, &error);
    return archive ? report_made(dir) : fail(error);
}

static int stop(const char *dir, const Options *options)
{
    g_autoptr(GError) error = NULL;
    if (!da_archive_stop(dir, &error))
        return fail(error);
    printf(da_cli_chinese() ? "档案库已停止: %s\n" : "archive is stopped: %s\n", dir);
    return 0;
}

static json_t *status_json(const DaArchiveStatus *status)
{
    return json_pack("{s:b, s:i, s:i, s:I, s:I, s:I, s:I, s:s, s:s?}", "running", status->running,
                     "pid", status->pid, "schema_version", (int)status->schema_version, "dossiers",
                     (json_int_t)status->dossiers, "pages", (json_int_t)status->pages, "objects",
                     (json_int_t)status->objects, "bytes", (json_int_t)status->bytes, "socket",
                     status->socket_dir, "server_version", status->server_version);
}

static void print_status(const DaArchiveStatus *status)
{
    gboolean chinese = da_cli_chinese();
    if (!status->running) {
        puts(chinese ? "数据库未运行" : "the database does not run");
        return;
    }
    g_autofree char *size = g_format_size(status->bytes);
    printf(chinese ? "数据库运行中: 进程 %d, PostgreSQL %s, 表结构 %u\n"
                     "案卷 %" G_GUINT64_FORMAT ", 页面 %" G_GUINT64_FORMAT
                     ", 对象 %" G_GUINT64_FORMAT " (%s)\n"
                   : "database runs: process %d, PostgreSQL %s, schema %u\n"
                     "%" G_GUINT64_FORMAT " dossiers, %" G_GUINT64_FORMAT
                     " pages, %" G_GUINT64_FORMAT " objects (%s)\n",
           status->pid, status->server_version, status->schema_version, status->dossiers,
           status->pages, status->objects, size);
}

static int status(const char *dir, const Options *options)
{
    g_autoptr(GError) error = NULL;
    DaArchiveStatus found;
    gboolean known = da_archive_status(dir, &found, &error);
    if (known && options->json)
        da_cli_print_json(status_json(&found), FALSE);
    else if (known)
        print_status(&found);
    da_archive_status_clear(&found);
    return known ? 0 : fail(error);
}

static const struct {
    const char *name;
    int (*run)(const char *dir, const Options *options);
} actions[] = {{"init", init}, {"start", start}, {"stop", stop}, {"status", status}};

int da_cli_archive(int argc, char **argv)
{
    Options options = {0};
    const GOptionEntry entries[] = {
        {"district", 0, 0, G_OPTION_ARG_STRING, &options.district,
         "init: district of deposits that name none (GB/T 2260) / 缺省接收区划代码", "CODE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "status: as JSON / 输出 JSON", NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;
    gboolean parsed =
        da_cli_parse(&argc, &argv, entries, "init|start|stop|status DIR",
                     "Makes the archive folder with its database, starts and stops the database, "
                     "says how it stands.\n建立档案库及其数据库, 启动、停止数据库, 查看状态。",
                     EXAMPLE, &error);
    g_autofree G_GNUC_UNUSED char *district = options.district;
    if (!parsed)
        return fail(error);
    for (guint i = 0; argc == 3 && i < G_N_ELEMENTS(actions); i++)
        if (!strcmp(argv[1], actions[i].name))
            return actions[i].run(argv[2], &options);
    da_error_set(&error, DA_ERROR_USAGE,
                 "wanted is one of init, start, stop, status and one folder; see dangan archive "
                 "--help");
    return fail(error);
}
