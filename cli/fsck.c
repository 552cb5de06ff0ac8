#include "cli.h"

#include <dangan/error.h>
#include <dangan/fsck.h>
#include <dangan/handle/json.h>
#include <stdio.h>
#include <string.h>

#define VERB "fsck"
#define SEE "see dangan fsck --help"
#define N "%" G_GUINT64_FORMAT
#define LISTED_MAX 10000 /* in JSON: counts are of all */

typedef struct {
    char *archive;
    gboolean repair, sweep, json;
} Options;

/* What is shown while it runs. */
typedef struct {
    DaProgress *progress;
    json_t *list; /* NULL = lines */
} Show;

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
        {"repair", 0, 0, G_OPTION_ARG_NONE, &options->repair,
         "bring missing and damaged objects back from the second copy, make objects read-only / "
         "由第二副本修复",
         NULL},
        {"sweep", 0, 0, G_OPTION_ARG_NONE, &options->sweep,
         "remove what died deposits left, older than a day / 清除一天前中断的入库所遗", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "",
        "Compares the database with the objects: rows and objects both ways, manifests with rows, "
        "the chain of signed records link by link. Says for each problem what to do. The bytes of "
        "all objects are read by dangan fixity.\n核对数据库与对象: 行与对象双向、清单与行、记录链。\n\n"
        "Exit status: 0 no problem is left, 1 some are, 2 wrong use, 4 the machine failed.",
        "dangan fsck --archive /srv/archive\n  dangan fsck --archive /srv/archive --repair", error);
}

static void show(const DaFsckProblem *problem, gpointer data)
{
    Show *shown = data;
    if (!shown->list)
        da_progress_line(shown->progress, "%s%s %s: %s", problem->mended ? "mended " : "",
                         da_fsck_kind_name(problem->kind), problem->subject, problem->detail);
    else if (json_array_size(shown->list) < LISTED_MAX)
        json_array_append_new(
            shown->list, json_pack("{s:s, s:s, s:s, s:b, s:s}", "kind",
                                   da_fsck_kind_name(problem->kind), "subject", problem->subject,
                                   "detail", problem->detail, "mended", problem->mended, "mend",
                                   da_fsck_kind_mend(problem->kind, da_cli_chinese())));
}

static json_t *result_json(const DaFsckResult *result, json_t *list)
{
    json_t *counts = json_object();
    for (DaFsckKind kind = 0; kind < DA_FSCK_KIND_N; kind++)
        if (result->found[kind])
            json_object_set_new(counts, da_fsck_kind_name(kind),
                                json_integer((json_int_t)result->found[kind]));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o, s:O}", "objects",
                     (json_int_t)result->objects, "bytes", (json_int_t)result->bytes, "versions",
                     (json_int_t)result->versions, "records", (json_int_t)result->records, "young",
                     (json_int_t)result->young, "problem_count", (json_int_t)result->problems,
                     "mended", (json_int_t)result->mended, "swept", (json_int_t)result->swept,
                     "swept_bytes", (json_int_t)result->swept_bytes, "sweep_refused",
                     result->sweep_refused, "counts", counts, "problems", list);
}

static void print_result(const DaFsckResult *result)
{
    gboolean chinese = da_cli_chinese();
    for (DaFsckKind kind = 0; kind < DA_FSCK_KIND_N; kind++)
        if (result->found[kind])
            printf("%s (" N "): %s\n", da_fsck_kind_name(kind), result->found[kind],
                   da_fsck_kind_mend(kind, chinese));
    if (result->sweep_refused)
        puts(chinese ? "未清除: 数据库可能缺行, 无主对象也许是仅存的"
                     : "nothing was swept: rows may have been lost, and an object without one may "
                       "be all that is left");
    printf(chinese ? "对象 " N ", 版本 " N ", 记录 " N "; 问题 " N ", 已处理 " N ", 清除 " N "\n"
                   : N " objects, " N " versions, " N " records; " N " problems, " N
                       " mended, " N " leftovers swept\n",
           result->objects, result->versions, result->records, result->problems, result->mended,
           result->swept);
}

static gboolean run(const Options *options, int *status, GError **error)
{
    gboolean chinese = da_cli_chinese();
    if (!options->archive)
        return da_error_set(error, DA_ERROR_USAGE, "which archive? give --archive DIR; " SEE);
    g_autoptr(DaArchive) archive = da_archive_open(options->archive, error);
    g_autoptr(PGconn) db = archive ? da_archive_connect(archive, error) : NULL;
    if (!db)
        return FALSE;
    g_autoptr(json_t) list = json_array();
    g_autoptr(DaProgress) progress = da_progress_new(stderr, chinese ? "个对象" : "objects", 0);
    da_progress_chinese(progress, chinese);
    Show shown = {.progress = progress, .list = options->json ? list : NULL};
    const DaFsckOptions wanted = {
        .repair = options->repair,
        .sweep = options->sweep,
        .second_copy = da_config_text(da_archive_config(archive), "second-copy"),
        .stop = da_cli_stop_flag(),
        .progress = progress,
        .tell = show,
        .tell_data = &shown};
    DaFsckResult result;
    if (!da_fsck(archive, db, &wanted, &result, error))
        return FALSE;
    g_clear_pointer(&progress, da_progress_free);
    if (options->json)
        da_cli_print_json(result_json(&result, list), FALSE);
    else
        print_result(&result);
    *status = result.problems > result.mended ? 1 : 0;
    return TRUE;
}

int da_cli_fsck(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    int status = 0;
    if (!parse(&argc, &argv, &options, &error))
        return da_cli_fail(VERB, error);
    if (argc != 1)
        da_error_set(&error, DA_ERROR_USAGE, "'%s' is too much; " SEE, argv[1]);
    else if (run(&options, &status, &error))
        return status;
    return da_cli_fail(VERB, error);
}
