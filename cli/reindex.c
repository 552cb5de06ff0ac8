#include "cli.h"

#include <dangan/error.h>
#include <dangan/reindex.h>
#include <stdio.h>

#define VERB "reindex"
#define SEE "see dangan reindex --help"
#define N "%" G_GUINT64_FORMAT

typedef struct {
    char *archive;
    gboolean json;
} Options;

static void options_clear(Options *options)
{
    g_free(options->archive);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "",
        "Makes the database anew from the objects alone: all that was kept, delivered, received and "
        "moved. Accounts and logs are not in the objects: they stay where the old database is there. "
        "Works also where the folder pg/ is gone. Killed or stopped, it leaves the database as it "
        "was.\n仅由对象重建数据库; pg/ 丢失时亦可。账号与日志不在对象中。\n\n"
        "Exit status: 0 done, 2 wrong use, 4 a record is missing or damaged, or the machine failed.",
        "dangan reindex --archive /srv/archive", error);
}

static void print_result(const DaReindexResult *result, gboolean json)
{
    if (json) {
        da_cli_print_json(
            json_pack("{s:I, s:I, s:I, s:I, s:I, s:b}", "objects", (json_int_t)result->objects,
                      "records", (json_int_t)result->records, "dossiers",
                      (json_int_t)result->dossiers, "versions", (json_int_t)result->versions,
                      "aside", (json_int_t)result->aside, "new_database", result->made),
            FALSE);
        return;
    }
    gboolean chinese = da_cli_chinese();
    printf(chinese ? "由 " N " 条记录重建: " N " 卷, " N " 个版本 (查看 " N " 个文件)\n"
                   : "made anew from " N " records: " N " dossiers, " N " versions (" N
                     " files looked at)\n",
           result->records, result->dossiers, result->versions, result->objects);
    if (result->made)
        puts(chinese ? "新数据库没有账号: 用 dangan user 建立, 或由备份恢复"
                     : "the new database has no accounts: make them with dangan user, or restore a "
                       "backup");
}

static gboolean run(const Options *options, GError **error)
{
    if (!options->archive)
        return da_error_set(error, DA_ERROR_USAGE, "which archive? give --archive DIR; " SEE);
    gboolean chinese = da_cli_chinese();
    g_autoptr(DaProgress) progress = da_progress_new(stderr, chinese ? "条记录" : "records", 0);
    da_progress_chinese(progress, chinese);
    const DaReindexOptions wanted = {.progress = progress, .stop = da_cli_stop_flag()};
    DaReindexResult result;
    if (!da_reindex(options->archive, &wanted, &result, error))
        return FALSE;
    g_clear_pointer(&progress, da_progress_free);
    print_result(&result, options->json);
    return TRUE;
}

int da_cli_reindex(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    if (!parse(&argc, &argv, &options, &error))
        return da_cli_fail(VERB, error);
    if (argc != 1)
        da_error_set(&error, DA_ERROR_USAGE, "'%s' is too much; " SEE, argv[1]);
    else if (run(&options, &error))
        return 0;
    return da_cli_fail(VERB, error);
}
