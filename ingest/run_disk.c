/* Is there room for the night's work? Better said in the evening than found out at three. */
#include "run.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* A side's access image, thumbnail, text and measures, generously: a colour A4 at 300 dpi and quality 85 takes 0.5 to 1 MB. */
#define SIDE_BYTES ((guint64)1 << 20)
/* … as PNG. */
#define SIDE_LOSSLESS_BYTES ((guint64)12 << 20)
/* … and at the least: a bitonal or blank one. */
#define SIDE_LEAST_BYTES ((guint64)100 << 10)
#define MB 1000000

static guint64 size_of(const char *path)
{
    struct stat about;
    return stat(path, &about) ? 0 : (guint64)about.st_size;
}

/* What lies in the folder of kept work already; a package is made of links to it. */
static guint64 kept_bytes(const DaRunDossier *dossier)
{
    g_autoptr(GPtrArray) names = da_dir_list(dossier->state_dir, NULL);
    guint64 sum = 0;
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *path = g_build_filename(dossier->state_dir, names->pdata[i], NULL);
        sum += size_of(path);
    }
    return sum;
}

static guint64 without(guint64 need, guint64 kept)
{
    return need - MIN(need, kept);
}

gboolean da_run_check_disk(const DaRun *run, GError **error)
{
    struct statvfs disk;
    guint64 least = 0, likely = 0;
    guint64 side_bytes = run->profile->access_lossless ? SIDE_LOSSLESS_BYTES : SIDE_BYTES;
    for (guint i = 0; i < run->dossiers->len; i++) {
        const DaRunDossier *dossier = g_ptr_array_index(run->dossiers, i);
        guint64 scans = 0, kept = kept_bytes(dossier);
        for (guint s = 0; s < dossier->scans->len; s++)
            scans += size_of(g_array_index(dossier->scans, DaRunScan, s).path);
        least += without(scans + dossier->pending * SIDE_LEAST_BYTES, kept);
        likely += without(scans + dossier->pending * side_bytes, kept);
    }
    if (statvfs(run->options->out, &disk))
        return da_error_set_errno(error, errno, "cannot look at the disk of '%s'",
                                  run->options->out);
    guint64 free_bytes = (guint64)disk.f_bavail * disk.f_frsize;
    if (free_bytes < least)
        return da_error_set(error, DA_ERROR_DISK,
                            "'%s' has %" G_GUINT64_FORMAT
                            " MB free, the batch needs %" G_GUINT64_FORMAT
                            " MB at least; make space or name another folder with --out",
                            run->options->out, free_bytes / MB, least / MB + 1);
    if (free_bytes < likely)
        da_progress_line(run->options->progress,
                         run->options->chinese ? "磁盘可能不足：剩余 %" G_GUINT64_FORMAT
                                                 " MB，约需 %" G_GUINT64_FORMAT " MB"
                                               : "the disk may become full: %" G_GUINT64_FORMAT
                                                 " MB are free, about %" G_GUINT64_FORMAT
                                                 " MB will be needed",
                         free_bytes / MB, likely / MB);
    return TRUE;
}
