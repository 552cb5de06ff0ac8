#include "fsck_parts.h"

#include <dangan/db.h>
#include <dangan/error.h>

#define FROM_COPY                                                                                  \
    "bring the object back: --repair takes it from the second copy (second-copy in dangan.conf), "  \
    "else copy objects/ab/cd/<digest> from a backup"
#define FROM_COPY_ZH "取回该对象: --repair 由第二副本取回 (dangan.conf 的 second-copy), 或由备份复制"
#define REINDEX "objects are what counts: dangan reindex makes the rows anew from them"
#define REINDEX_ZH "以对象为准: dangan reindex 由对象重建数据库"

static const struct {
    const char *name, *mend, *mend_zh;
} kinds[DA_FSCK_KIND_N] = {
    [DA_FSCK_OBJECT_MISSING] = {"object-missing", FROM_COPY, FROM_COPY_ZH},
    [DA_FSCK_OBJECT_SIZE] = {"object-size", FROM_COPY, FROM_COPY_ZH},
    [DA_FSCK_OBJECT_MODE] = {"object-mode",
                             "find out who may have written there, run dangan fixity; --repair "
                             "takes the right to write away",
                             "查明谁曾可写入, 运行 dangan fixity; --repair 收回写权限"},
    [DA_FSCK_OBJECT_DAMAGED] = {"object-damaged", FROM_COPY, FROM_COPY_ZH},
    [DA_FSCK_LEFTOVER] = {"leftover",
                          "left by a deposit that died, and harmless; --sweep removes it",
                          "中断的入库所遗, 无害; --sweep 清除"},
    [DA_FSCK_FOREIGN] = {"foreign",
                         "it is none of the archive's: look at it and take it out of objects/",
                         "非本库之物: 查看后移出 objects/"},
    [DA_FSCK_MANIFEST_DAMAGED] = {"manifest-damaged", FROM_COPY, FROM_COPY_ZH},
    [DA_FSCK_MANIFEST_DIFFERS] = {"manifest-differs", REINDEX, REINDEX_ZH},
    [DA_FSCK_FILE_WITHOUT_ROW] = {"file-without-row", REINDEX, REINDEX_ZH},
    [DA_FSCK_RECORD_DAMAGED] = {"record-damaged", FROM_COPY, FROM_COPY_ZH},
    [DA_FSCK_RECORD_DIFFERS] = {"record-differs", REINDEX, REINDEX_ZH},
    [DA_FSCK_CHAIN_BROKEN] = {"chain-broken",
                              "a record was taken out or exchanged: compare with receipts and the "
                              "latest backup, bring the object back, then dangan reindex",
                              "有记录被抽走或替换: 与回执及最近备份核对, 取回对象后 dangan reindex"},
    [DA_FSCK_RECORD_LOST] = {"record-lost", "its rows are gone: run dangan reindex",
                             "数据库行已丢失: 运行 dangan reindex"},
    [DA_FSCK_RECORD_UNFINISHED] = {"record-unfinished",
                                   "the operation that made it did not come to its end: do it "
                                   "again; where it had been acknowledged, run dangan reindex",
                                   "该操作未完成: 重做一次; 如当时已答复完成, 运行 dangan reindex"},
    [DA_FSCK_VERSION_MISSING] = {"version-missing", REINDEX, REINDEX_ZH},
    [DA_FSCK_ROW_BROKEN] = {"row-broken", REINDEX, REINDEX_ZH},
};

const char *da_fsck_kind_name(DaFsckKind kind)
{
    return kinds[kind].name;
}

const char *da_fsck_kind_mend(DaFsckKind kind, gboolean chinese)
{
    return chinese ? kinds[kind].mend_zh : kinds[kind].mend;
}

void da_fsck_tell(DaFsck *fsck, DaFsckKind kind, const char *subject, gboolean mended,
                  const char *detail, ...)
{
    va_list list;
    va_start(list, detail);
    g_autofree char *text = g_strdup_vprintf(detail, list);
    va_end(list);
    g_autofree char *shown = g_filename_display_name(subject);
    const DaFsckProblem problem = {
        .kind = kind, .subject = shown, .detail = text, .mended = mended};
    fsck->result->found[kind]++;
    fsck->result->problems++;
    fsck->result->mended += mended;
    if (fsck->options->tell)
        fsck->options->tell(&problem, fsck->options->tell_data);
}

gboolean da_fsck_goes_on(const DaFsck *fsck, GError **error)
{
    const volatile sig_atomic_t *stop = fsck->options->stop;
    return !stop || !*stop || da_error_set(error, DA_ERROR_CANCELLED, "stopped");
}

/* Where rows may have been lost, an object without a row may be the only thing that is left of a dossier. */
static gboolean may_sweep(const DaFsckResult *result)
{
    static const DaFsckKind doubts[] = {
        DA_FSCK_MANIFEST_DAMAGED, DA_FSCK_MANIFEST_DIFFERS,  DA_FSCK_FILE_WITHOUT_ROW,
        DA_FSCK_RECORD_DAMAGED,   DA_FSCK_RECORD_DIFFERS,    DA_FSCK_CHAIN_BROKEN,
        DA_FSCK_RECORD_LOST,      DA_FSCK_RECORD_UNFINISHED, DA_FSCK_VERSION_MISSING,
        DA_FSCK_ROW_BROKEN,       DA_FSCK_OBJECT_MISSING};
    guint64 found = 0;
    for (guint i = 0; i < G_N_ELEMENTS(doubts); i++)
        found += result->found[doubts[i]];
    return found == 0 && result->versions > 0;
}

static gboolean check(DaFsck *fsck, GError **error)
{
    if (!da_fsck_rows(fsck, error) || !da_fsck_records(fsck, error) || !da_fsck_manifests(fsck, error) ||
        !da_fsck_batches(fsck, error) ||
        !da_fsck_objects(fsck, error))
        return FALSE;
    if (!fsck->options->sweep || fsck->result->found[DA_FSCK_LEFTOVER] == 0)
        return TRUE;
    fsck->result->sweep_refused = !may_sweep(fsck->result);
    return fsck->result->sweep_refused || da_fsck_sweep(fsck, error);
}

gboolean da_fsck(DaArchive *archive, PGconn *db, const DaFsckOptions *options, DaFsckResult *result,
                 GError **error)
{
    *result = (DaFsckResult){0};
    g_autoptr(PGconn) notes = da_archive_connect(archive, error);
    g_autoptr(DaObjectStore) store =
        notes ? da_object_store_open(da_archive_dir(archive), error) : NULL;
    g_autoptr(DaTransaction) snapshot = store ? da_transaction_begin(db, error) : NULL;
    DaFsck fsck = {.archive = archive,
                   .db = db,
                   .notes = notes,
                   .store = store,
                   .options = options,
                   .result = result};
    return snapshot &&
           da_db_run(notes, error, "CREATE TEMPORARY TABLE leftover (sha256 text PRIMARY KEY)",
                     NULL) &&
           da_db_run(db, error, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
                     NULL) &&
           check(&fsck, error);
}
