#include "archive_backup.h"
#include "cli.h"

#include <dangan/archive.h>
#include <dangan/error.h>
#include <stdio.h>
#include <string.h>

#define VERB "archive"
#define EXAMPLE                                                                                    \
    "dangan archive init /srv/archive --district 310104\n  dangan archive status /srv/archive\n"     \
    "  dangan archive backup /srv/archive --to /mnt/usb/archive\n"                                  \
    "  dangan archive restore /mnt/usb/archive /srv/archive"

typedef struct {
    char *district, *to;
    int keep;
    gboolean json;
    const char *second; /* a second word of an action */
} Options;

static void options_clear(Options *options)
{
    g_free(options->district);
    g_free(options->to);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

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

static int backup(const char *dir, const Options *options)
{
    g_autoptr(GError) error = NULL;
    if (options->to && options->keep >= 0)
        return da_cli_archive_backup(dir, options->to, (guint)options->keep, options->json);
    da_error_set(&error, DA_ERROR_USAGE, "%s; see dangan archive --help",
                 options->to ? "--keep is out of range" : "where to? give --to PATH");
    return fail(error);
}

static int restore(const char *from, const Options *options)
{
    return da_cli_archive_restore(from, options->second, options->json);
}

static const struct {
    const char *name;
    int words; /* of the command line, the action among them */
    int (*run)(const char *dir, const Options *options);
} actions[] = {{"init", 2, init},     {"start", 2, start},   {"stop", 2, stop},
               {"status", 2, status}, {"backup", 2, backup}, {"restore", 3, restore}};

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"district", 0, 0, G_OPTION_ARG_STRING, &options->district,
         "init: district of deposits that name none (GB/T 2260) / 缺省接收区划代码", "CODE"},
        {"to", 0, 0, G_OPTION_ARG_FILENAME, &options->to,
         "backup: folder on another disk / 备份到", "PATH"},
        {"keep", 0, 0, G_OPTION_ARG_INT, &options->keep,
         "backup: dumps of the database to keep (default 7) / 保留的数据库转储份数", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json,
         "status, backup, restore: as JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "init|start|stop|status|backup DIR | restore PATH DIR",
        "Makes the archive folder with its database, starts and stops the database, says how it "
        "stands; copies all of it to another disk, what is new each time, and makes it anew from "
        "there.\n建立档案库及其数据库, 启动、停止数据库, 查看状态; 备份 (增量) 与恢复。",
        EXAMPLE, error);
}

int da_cli_archive(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    if (!parse(&argc, &argv, &options, &error))
        return fail(error);
    options.second = argc > 3 ? argv[3] : NULL;
    for (guint i = 0; argc > 2 && i < G_N_ELEMENTS(actions); i++)
        if (!strcmp(argv[1], actions[i].name) && argc == actions[i].words + 1)
            return actions[i].run(argv[2], &options);
    da_error_set(&error, DA_ERROR_USAGE,
                 "wanted is one of init, start, stop, status, backup and one folder, or restore and "
                 "two; see dangan archive --help");
    return fail(error);
}
