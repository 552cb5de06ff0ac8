/* Source: RFC 8493 (BagIt 1.0). */
#include "check.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <string.h>

#define MAX_DECLARATION_BYTES 4096

static gboolean is_file(const DaSubject *subject, const char *path)
{
    const DaEntry *entry = da_subject_entry(subject, path);
    return entry && entry->kind == DA_ENTRY_FILE;
}

/* §2.1.1: two lines, in this order, in UTF-8 without a byte order mark. */
gboolean da_check_bag_declaration(DaCheckRun *run, GError **error)
{
    const char *version = da_rule_text(run->rule, "version");
    if (!version)
        return da_error_set(error, DA_ERROR_INPUT, "rule %s has no parameter 'version'",
                            run->rule->id);
    if (!is_file(run->subject, "bagit.txt")) {
        da_check_add(run, "bagit.txt", "bagit.txt is missing", "缺少 bagit.txt");
        return TRUE;
    }
    g_autofree char *full = g_build_filename(run->subject->path, "bagit.txt", NULL);
    g_autoptr(GBytes) bytes = da_file_read(full, MAX_DECLARATION_BYTES, NULL);
    g_autofree char *wanted =
        g_strdup_printf("BagIt-Version: %s\nTag-File-Character-Encoding: UTF-8", version);
    g_autofree char *text =
        bytes ? g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)) : g_strdup("");
    g_auto(GStrv) lines = g_strsplit(text, "\r", -1);
    g_autofree char *found = g_strjoinv("", lines);
    if (!strcmp(g_strchomp(found), wanted))
        return TRUE;
    DaFinding *finding = da_check_add(run, "bagit.txt", "the bag declaration is not that of BagIt",
                                      "袋声明与 BagIt 规定不符");
    g_autofree char *valid = g_utf8_make_valid(found, -1);
    da_finding_set(&finding->found, "%.200s", valid);
    da_finding_set(&finding->wanted, "%s", wanted);
    return TRUE;
}

gboolean da_check_bag_manifest(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    if (!subject->manifest) {
        DaFinding *finding =
            da_check_add(run, "manifest-sha256.txt", "the manifest is missing or cannot be read",
                         "载荷清单缺失或无法读取");
        da_finding_set(&finding->found, "%s", subject->manifest_fault);
        return TRUE;
    }
    for (guint i = 0; i < subject->manifest->len; i++) {
        const DaBagEntry *entry = subject->manifest->pdata[i];
        if (!da_subject_is_payload(entry->path))
            da_check_add(run, entry->path, "the manifest lists a file outside data/",
                         "载荷清单列入了 data/ 以外的文件");
    }
    return TRUE;
}

static gboolean needs_manifest(const DaCheckRun *run, GError **error)
{
    return run->subject->manifest ||
           da_error_set(error, DA_ERROR_INPUT, "the manifest cannot be read: %s",
                        run->subject->manifest_fault);
}

/* §3: complete = every listed file is there, and every payload file is listed. */
gboolean da_check_bag_complete(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    if (!needs_manifest(run, error))
        return FALSE;
    for (guint i = 0; i < subject->manifest->len; i++) {
        const DaBagEntry *entry = subject->manifest->pdata[i];
        if (!is_file(subject, entry->path))
            da_check_add(run, entry->path, "a file of the manifest is missing", "清单所列文件缺失");
    }
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (entry->kind != DA_ENTRY_FOLDER && da_subject_is_payload(entry->path) &&
            !g_hash_table_contains(subject->listed, entry->path))
            da_check_add(run, entry->shown, "a payload file is not in the manifest",
                         "载荷文件未列入清单");
    }
    return TRUE;
}

static void compare_digest(DaCheckRun *run, const DaBagEntry *listed)
{
    const DaEntry *entry = da_subject_entry(run->subject, listed->path);
    if (!entry || entry->kind != DA_ENTRY_FILE)
        return; /* that is incompleteness, another rule */
    const DaFileFacts *facts = &entry->facts;
    if (facts->sha256 && !strcmp(facts->sha256, listed->sha256))
        return;
    DaFinding *finding =
        facts->sha256 ? da_check_add(run, entry->shown, "the content differs from its digest",
                                     "内容与摘要不符")
                      : da_check_add(run, entry->shown, "the file cannot be read", "文件无法读取");
    da_finding_set(&finding->found, "%s", facts->sha256 ? facts->sha256 : facts->fault);
    da_finding_set(&finding->wanted, "%s", listed->sha256);
}

gboolean da_check_bag_digests(DaCheckRun *run, GError **error)
{
    if (!needs_manifest(run, error))
        return FALSE;
    for (guint i = 0; i < run->subject->manifest->len; i++)
        compare_digest(run, run->subject->manifest->pdata[i]);
    return TRUE;
}

static gboolean is_listed(const GPtrArray *manifest, const char *path)
{
    for (guint i = 0; i < manifest->len; i++)
        if (!strcmp(((const DaBagEntry *)manifest->pdata[i])->path, path))
            return TRUE;
    return FALSE;
}

/* §2.2.1, stricter: the package digest is that of the tag manifest, so that every tag file must stand in it. */
gboolean da_check_bag_tag_manifest(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    const GPtrArray *listed = subject->tag_manifest;
    if (!listed) {
        DaFinding *finding =
            da_check_add(run, "tagmanifest-sha256.txt",
                         "the tag manifest is missing or cannot be read", "标签清单缺失或无法读取");
        da_finding_set(&finding->found, "%s", subject->tag_manifest_fault);
        return TRUE;
    }
    for (guint i = 0; i < listed->len; i++) {
        const DaBagEntry *entry = listed->pdata[i];
        if (!is_file(subject, entry->path))
            da_check_add(run, entry->path, "a file of the tag manifest is missing",
                         "标签清单所列文件缺失");
        compare_digest(run, entry);
    }
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (entry->kind == DA_ENTRY_FILE && !da_subject_is_payload(entry->path) &&
            strcmp(entry->path, "tagmanifest-sha256.txt") && !is_listed(listed, entry->path))
            da_check_add(run, entry->shown, "a tag file is not in the tag manifest",
                         "标签文件未列入标签清单");
    }
    return TRUE;
}

/* §2.2.2: Payload-Oxum = octets "." streams. */
gboolean da_check_bag_oxum(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    guint64 bytes = 0, files = 0;
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (entry->kind != DA_ENTRY_FILE || !da_subject_is_payload(entry->path))
            continue;
        bytes += entry->size_bytes;
        files++;
    }
    g_autofree char *counted =
        g_strdup_printf("%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT, bytes, files);
    g_autofree char *said =
        is_file(subject, "bag-info.txt") ? da_bag_info(subject->path, "Payload-Oxum", NULL) : NULL;
    if (said && !strcmp(said, counted))
        return TRUE;
    DaFinding *finding = da_check_add(run, "bag-info.txt", "Payload-Oxum is not what was counted",
                                      "Payload-Oxum 与实际字节数、文件数不符");
    da_finding_set(&finding->found, "%s", said ? said : "—");
    da_finding_set(&finding->wanted, "%s", counted);
    return TRUE;
}

/* §2.2.3 lets a bag fetch files from the network: a delivered dossier is whole, and nobody tells us where to connect. */
gboolean da_check_bag_no_fetch(DaCheckRun *run, GError **error)
{
    if (da_subject_entry(run->subject, "fetch.txt"))
        da_check_add(run, "fetch.txt", "the bag wants files from elsewhere",
                     "包中含 fetch.txt, 要求从外部取文件");
    return TRUE;
}
