#include "cli.h"

#include <dangan/error.h>
#include <dangan/fixity.h>
#include <stdio.h>
#include <string.h>

#define VERB "fixity"
#define SEE "see dangan fixity --help"

typedef struct {
    char *archive, *budget;
    int jobs;
    gboolean all, due, json;
} Options;

static void options_clear(Options *options)
{
    g_free(options->archive);
    g_free(options->budget);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"budget", 0, 0, G_OPTION_ARG_STRING, &options->budget,
         "how long or how much: 30min, 2h, 200GB (default: to the end of the round) / 时间或数据量",
         "N"},
        {"all", 0, 0, G_OPTION_ARG_NONE, &options->all,
         "begin a round anew, whatever was checked lately / 重新开始一轮", NULL},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &options->jobs,
         "threads that read (default: one a core) / 线程数", "N"},
        {"due", 0, 0, G_OPTION_ARG_NONE, &options->due,
         "check nothing, show what is overdue / 只列出逾期未检的", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "",
        "Reads objects and compares them with their digests, those first that were not looked at for "
        "longest. A run goes on with the round that is under way. Damaged objects come back from "
        "the second copy (second-copy in dangan.conf).\n"
        "读取对象并核对摘要, 最久未检者优先; 接着上次的一轮继续; 损坏者由第二副本修复。\n\n"
        "Exit status: 0 all whole or repaired, 1 something is damaged and not repaired (--due: or "
        "overdue), 2 wrong use, 4 the machine failed.",
        "dangan fixity --archive /srv/archive --budget 30min\n  dangan fixity --archive "
        "/srv/archive --due",
        error);
}

/* --- budget ---------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *unit;
    guint64 times;
    gboolean bytes;
} units[] = {
    {"s", 1, FALSE},         {"min", 60, FALSE},       {"h", 3600, FALSE},
    {"MB", 1000000, TRUE},   {"GB", 1000000000, TRUE}, {"TB", 1000000000000, TRUE},
};

static gboolean read_budget(const char *text, DaFixityOptions *options, GError **error)
{
    char *unit = NULL;
    guint64 n = text ? g_ascii_strtoull(text, &unit, 10) : 0;
    if (!text)
        return TRUE;
    for (guint i = 0; g_ascii_isdigit(*text) && n > 0 && i < G_N_ELEMENTS(units); i++) {
        guint64 value = 0;
        if (g_ascii_strcasecmp(unit, units[i].unit) != 0 ||
            !g_uint64_checked_mul(&value, n, units[i].times) || value > G_MAXINT64 / G_USEC_PER_SEC)
            continue;
        options->budget_bytes = units[i].bytes ? value : 0;
        options->budget_s = units[i].bytes ? 0 : (gint64)value;
        return TRUE;
    }
    return da_error_set(error, DA_ERROR_USAGE,
                        "'%s' is no budget: a number with s, min, h, MB, GB or TB; " SEE, text);
}

/* --- what is due ----------------------------------------------------------------------------------------------------- */

static json_t *due_json(const DaFixityDue *due, guint days)
{
    return json_pack(
        "{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:i, s:s?, s:I}", "days", (int)days, "objects",
        (json_int_t)due->objects, "never_checked", (json_int_t)due->never, "overdue",
        (json_int_t)due->overdue, "versions", (json_int_t)due->versions, "versions_overdue",
        (json_int_t)due->versions_overdue, "damaged", (json_int_t)due->damaged, "oldest_check",
        due->oldest, "round", (int)due->round, "round_begun", due->round_begun, "round_remaining",
        (json_int_t)due->round_remaining);
}

#define N "%" G_GUINT64_FORMAT

static void print_due(const DaFixityDue *due, guint days)
{
    gboolean chinese = da_cli_chinese();
    printf(chinese ? "对象 " N ": 入库后未检 " N ", 逾期 (超过 %u 天) " N ", 损坏 " N "\n"
                     "卷版本 " N ": 清单摘要逾期未复算 " N " (FIX-001)\n"
                   : N " objects: " N " not checked since their deposit, %u days overdue: " N
                       ", damaged: " N "\n" N " dossier versions: manifest not computed again in "
                       "time: " N " (FIX-001)\n",
           due->objects, due->never, days, due->overdue, due->damaged, due->versions,
           due->versions_overdue);
    if (due->oldest)
        printf(chinese ? "最早一次检查: %s\n" : "oldest check: %s\n", due->oldest);
    if (due->round)
        printf(chinese ? "第 %u 轮自 %s 起, 尚余 " N " 个对象\n"
                       : "round %u began %s; " N " objects are left\n",
               due->round, due->round_begun, due->round_remaining);
}

static gboolean show_due(const DaArchive *archive, PGconn *db, gboolean json, int *status,
                         GError **error)
{
    guint days = (guint)da_config_integer(da_archive_config(archive), "fixity-days");
    g_auto(DaFixityDue) due = {0};
    if (!da_fixity_due(db, days, &due, error))
        return FALSE;
    if (json)
        da_cli_print_json(due_json(&due, days), FALSE);
    else
        print_due(&due, days);
    *status = due.overdue || due.versions_overdue || due.damaged ? 1 : 0;
    return TRUE;
}

/* --- the run --------------------------------------------------------------------------------------------------------- */

static json_t *result_json(const DaFixityResult *result, double seconds)
{
    json_t *damages = json_array();
    for (guint i = 0; i < result->damages->len; i++) {
        const DaFixityDamage *damage = result->damages->pdata[i];
        json_array_append_new(
            damages, json_pack("{s:s, s:s, s:b, s:s, s:s, s:s?}", "sha256", damage->sha256, "state",
                               damage->missing ? "missing" : "damaged", "repaired",
                               damage->repaired, "detail", damage->detail, "found_at",
                               damage->found_at, "where", damage->where));
    }
    return json_pack("{s:i, s:I, s:I, s:I, s:i, s:i, s:b, s:f, s:o}", "round", (int)result->round,
                     "checked", (json_int_t)result->checked, "bytes", (json_int_t)result->bytes,
                     "remaining", (json_int_t)result->remaining, "unrepaired",
                     (int)result->unrepaired, "whole_again", (int)result->whole_again, "stopped",
                     result->stopped, "seconds", seconds, "damages", damages);
}

static void print_damage(const DaFixityDamage *damage)
{
    gboolean chinese = da_cli_chinese();
    const char *state = damage->repaired  ? chinese ? "已修复" : "repaired"
                        : damage->missing ? chinese ? "缺失" : "MISSING"
                                          : chinese ? "损坏" : "DAMAGED";
    printf("%s %s: %s\n", state, damage->sha256, damage->detail);
    if (damage->where)
        printf(chinese ? "  所属: %s\n" : "  it belongs to %s\n", damage->where);
    if (!damage->repaired)
        printf(chinese ? "  自 %s 起; 请由备份取回该对象, 再运行 dangan fixity\n"
                       : "  since %s; bring this object back from a backup, then run dangan fixity "
                         "again\n",
               damage->found_at);
}

static void print_result(const DaFixityResult *result, double seconds)
{
    for (guint i = 0; i < result->damages->len; i++)
        print_damage(result->damages->pdata[i]);
    double megabytes = (double)result->bytes / 1e6;
    printf(da_cli_chinese()
               ? "第 %u 轮: 已检 " N " 个对象 %.1f MB (%.0f MB/s), 未修复 %u, 尚余 " N "\n"
               : "round %u: " N " objects checked, %.1f MB (%.0f MB/s); not repaired: %u; left in "
                 "this round: " N "\n",
           result->round, result->checked, megabytes, seconds > 0 ? megabytes / seconds : 0,
           result->unrepaired, result->remaining);
}

static gboolean check(DaArchive *archive, PGconn *db, const Options *options,
                      DaFixityOptions *wanted, int *status, GError **error)
{
    gboolean chinese = da_cli_chinese();
    g_autoptr(DaProgress) progress = da_progress_new(stderr, chinese ? "个对象" : "objects", 0);
    da_progress_chinese(progress, chinese);
    wanted->second_copy = da_config_text(da_archive_config(archive), "second-copy");
    wanted->stop = da_cli_stop_flag();
    wanted->progress = progress;
    g_auto(DaFixityResult) result = {0};
    gint64 begin = g_get_monotonic_time();
    if (!da_fixity_run(archive, db, wanted, &result, error))
        return FALSE;
    g_clear_pointer(&progress, da_progress_free);
    double seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
    if (options->json)
        da_cli_print_json(result_json(&result, seconds), FALSE);
    else
        print_result(&result, seconds);
    *status = result.unrepaired > 0 ? 1 : 0;
    return !result.stopped || da_error_set(error, DA_ERROR_CANCELLED,
                                           "stopped; the same command goes on from here");
}

static gboolean run(const Options *options, int *status, GError **error)
{
    DaFixityOptions wanted = {.anew = options->all, .jobs = (guint)options->jobs};
    if (!options->archive)
        return da_error_set(error, DA_ERROR_USAGE, "which archive? give --archive DIR; " SEE);
    if (options->jobs < 0 || options->jobs > 1024)
        return da_error_set(error, DA_ERROR_USAGE, "--jobs is out of range (1 to 1024); " SEE);
    if (!read_budget(options->budget, &wanted, error))
        return FALSE;
    g_autoptr(DaArchive) archive = da_archive_open(options->archive, error);
    g_autoptr(PGconn) db = archive ? da_archive_connect(archive, error) : NULL;
    if (!db)
        return FALSE;
    return options->due ? show_due(archive, db, options->json, status, error)
                        : check(archive, db, options, &wanted, status, error);
}

int da_cli_fixity(int argc, char **argv)
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
