#include "archive_backup.h"

#include "cli.h"

#include <dangan/backup.h>
#include <dangan/error.h>
#include <dangan/fsck.h>
#include <stdio.h>

#define VERB "archive"
#define N "%" G_GUINT64_FORMAT

static DaProgress *progress_new(void)
{
    gboolean chinese = da_cli_chinese();
    DaProgress *progress = da_progress_new(stderr, chinese ? "个对象" : "objects", 0);
    da_progress_chinese(progress, chinese);
    return progress;
}

static json_t *result_json(const DaBackupResult *result)
{
    json_t *faults = json_array();
    for (guint i = 0; i < result->faults->len; i++)
        json_array_append_new(faults, json_string(result->faults->pdata[i]));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:o}", "objects",
                     (json_int_t)result->objects, "bytes", (json_int_t)result->bytes, "copied",
                     (json_int_t)result->copied, "copied_bytes", (json_int_t)result->copied_bytes,
                     "failed", (json_int_t)result->failed, "destroyed",
                     (json_int_t)result->destroyed, "surplus", (json_int_t)result->surplus,
                     result->dump, "faults", faults);
}

static void print_result(const DaBackupResult *result, const char *place)
{
    gboolean chinese = da_cli_chinese();
    printf(chinese ? "%s: 对象 " N " 个, %.1f MB, 本次复制 " N " 个 %.1f MB\n"
                   : "%s: " N " objects, %.1f MB; copied now: " N ", %.1f MB\n",
           place, result->objects, (double)result->bytes / 1e6, result->copied,
           (double)result->copied_bytes / 1e6);
    if (result->destroyed)
        printf(chinese ? "已销毁案卷的对象 " N " 个, 已从备份中清除\n"
                       : N " objects of destroyed dossiers were removed from it\n",
               result->destroyed);
    if (result->surplus)
        printf(chinese ? "另有 " N " 个对象已不属于本库\n"
                       : N " objects in it are no longer the archive's\n",
               result->surplus);
    for (guint i = 0; i < result->faults->len; i++)
        printf(chinese ? "未能复制 %s\n" : "not copied: %s\n",
               (const char *)result->faults->pdata[i]);
    if (result->failed)
        printf(chinese ? N " 个对象未能复制; 运行 dangan fsck 与 dangan fixity\n"
                       : N " objects could not be copied; run dangan fsck and dangan fixity\n",
               result->failed);
}

static int finish(const DaBackupResult *result, const char *place, gboolean json)
{
    if (json)
        da_cli_print_json(result_json(result), FALSE);
    else
        print_result(result, place);
    return result->failed > 0 ? 3 : 0;
}

int da_cli_archive_backup(const char *dir, const char *to, guint keep, gboolean json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaProgress) progress = progress_new();
    g_autoptr(DaArchive) archive = da_archive_open(dir, &error);
    const DaBackupOptions options = {
        .keep = keep, .progress = progress, .stop = da_cli_stop_flag()};
    g_auto(DaBackupResult) result = {0};
    if (!archive || !da_backup(archive, to, &options, &result, &error))
        return da_cli_fail(VERB, error);
    g_clear_pointer(&progress, da_progress_free);
    return finish(&result, to, json);
}

static void tell(const DaFsckProblem *problem, gpointer data)
{
    fprintf(stderr, "%s %s: %s\n", da_fsck_kind_name(problem->kind), problem->subject,
            problem->detail);
}

/* What came out of a backup is looked at before anybody relies on it. */
static gboolean check(const char *dir, gboolean *clean, GError **error)
{
    g_autoptr(DaArchive) archive = da_archive_open(dir, error);
    g_autoptr(PGconn) db = archive ? da_archive_connect(archive, error) : NULL;
    const DaFsckOptions options = {.tell = tell};
    DaFsckResult result;
    if (!db || !da_fsck(archive, db, &options, &result, error))
        return FALSE;
    *clean = result.problems == 0;
    return TRUE;
}

int da_cli_archive_restore(const char *from, const char *dir, gboolean json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaProgress) progress = progress_new();
    const DaBackupOptions options = {.progress = progress, .stop = da_cli_stop_flag()};
    g_auto(DaBackupResult) result = {0};
    gboolean clean = FALSE;
    if (!da_restore(from, dir, &options, &result, &error) || !check(dir, &clean, &error))
        return da_cli_fail(VERB, error);
    g_clear_pointer(&progress, da_progress_free);
    int status = finish(&result, dir, json);
    return status == 0 && !clean ? 1 : status;
}
