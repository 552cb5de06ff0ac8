/* Names and kinds of what lies in the package folder. */
#include "check.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <fnmatch.h>
#include <string.h>

gboolean da_check_safe_names(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    da_check_archive_faults(run, TRUE);
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (!da_path_is_safe(entry->path)) {
            da_check_tell(run, entry->path);
            da_check_add(run, entry->shown, "the name is not safe on every system",
                         "文件名不安全, 在其他系统上可能出错");
            continue;
        }
        char *key = da_bag_fold(entry->path);
        const char *twin = g_hash_table_lookup(seen, key);
        if (!twin) {
            g_hash_table_insert(seen, key, entry->path);
            continue;
        }
        g_free(key);
        da_check_tell(run, entry->path);
        da_check_tell(run, twin);
        DaFinding *finding =
            da_check_add(run, entry->shown, "two names differ in case or Unicode form only",
                         "两个文件名仅大小写或 Unicode 形式不同");
        da_finding_set(&finding->found, "%s", twin);
    }
    return TRUE;
}

static void compare_name(DaCheckRun *run, const char *file, const char *found, const char *message,
                         const char *message_zh)
{
    if (found && !strcmp(found, run->subject->name))
        return;
    DaFinding *finding = da_check_add(run, file, message, message_zh);
    da_finding_set(&finding->found, "%s", found ? found : "—");
    da_finding_set(&finding->wanted, "%s", run->subject->name);
}

/* CSIP1 and DESIGN "Package id": one name in all the places that carry it. */
gboolean da_check_folder_name(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    const char *external = da_bag_value(subject->bag, "External-Identifier");
    if (!da_check_is_told(run, "bag-info.txt"))
        compare_name(run, "bag-info.txt", external, "External-Identifier is not the folder's name",
                     "External-Identifier 与文件夹名不同");
    compare_name(run, "data", subject->id, "the folder below data/ has not the package's name",
                 "data/ 下的文件夹名与包名不同");
    if (subject->dossier)
        compare_name(run, "dossier.xml", subject->dossier->id,
                     "dossier.xml carries another package id",
                     "dossier.xml 中的包标识与文件夹名不同");
    if (subject->mets)
        compare_name(run, "METS.xml", subject->mets->objid, "OBJID of METS is another package id",
                     "METS 的 OBJID 与文件夹名不同");
    return TRUE;
}

static char *with_id(const char *pattern, const char *id)
{
    g_auto(GStrv) parts = g_strsplit(pattern, "{id}", -1);
    return g_strjoinv(id, parts);
}

static gboolean is_allowed(const DaSubject *subject, char **patterns, const char *path)
{
    for (guint i = 0; patterns[i]; i++) {
        g_autofree char *pattern = with_id(patterns[i], subject->id);
        if (!fnmatch(pattern, path, FNM_PATHNAME))
            return TRUE;
    }
    return FALSE;
}

gboolean da_check_package_tree(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    g_auto(GStrv) required = da_check_words(run, "required", error);
    g_auto(GStrv) allowed = required ? da_check_words(run, "allowed", error) : NULL;
    if (!allowed)
        return FALSE;
    for (guint i = 0; required[i]; i++) {
        g_autofree char *path = with_id(required[i], subject->id);
        if (da_subject_entry(subject, path) || da_check_is_told(run, path))
            continue;
        da_check_add(run, path, "a file or folder of the package is missing",
                     "包中缺少规定的文件或文件夹");
        da_check_tell(run, path);
    }
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (entry->kind == DA_ENTRY_FOLDER || is_allowed(subject, required, entry->path) ||
            is_allowed(subject, allowed, entry->path) || da_check_is_told(run, entry->path))
            continue;
        da_check_add(run, entry->shown, "the package has no place for this file",
                     "包结构中没有此文件的位置");
        da_check_tell(run, entry->path);
    }
    return TRUE;
}

gboolean da_check_foreign_files(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    g_auto(GStrv) patterns = da_check_words(run, "names", error);
    if (!patterns)
        return FALSE;
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        g_autofree char *name = g_path_get_basename(entry->path);
        for (guint k = 0; patterns[k]; k++) {
            if (fnmatch(patterns[k], name, FNM_CASEFOLD))
                continue;
            da_check_add(run, entry->shown, "a file that does not belong to a dossier",
                         "与档案无关的多余文件");
            da_check_tell(run, entry->path);
            break;
        }
    }
    return TRUE;
}

gboolean da_check_empty_files(DaCheckRun *run, GError **error)
{
    for (guint i = 0; i < run->subject->entries->len; i++) {
        const DaEntry *entry = run->subject->entries->pdata[i];
        gboolean empty = entry->kind == DA_ENTRY_FILE && !entry->size_bytes;
        if (empty && !da_check_is_told(run, entry->path)) {
            da_check_add(run, entry->shown, "the file is empty", "空文件");
            da_check_tell(run, entry->path);
        } else if (entry->empty_folder) {
            da_check_add(run, entry->shown, "the folder is empty", "空文件夹");
        }
    }
    return TRUE;
}

gboolean da_check_special_files(DaCheckRun *run, GError **error)
{
    const DaSubject *subject = run->subject;
    if (subject->walk_fault) {
        DaFinding *finding =
            da_check_add(run, NULL, "the folder cannot be walked to its end", "文件夹无法完整遍历");
        da_finding_set(&finding->found, "%s", subject->walk_fault);
    }
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (entry->kind == DA_ENTRY_LINK || entry->kind == DA_ENTRY_SPECIAL)
            da_check_tell(run, entry->path);
        if (entry->kind == DA_ENTRY_LINK)
            da_check_add(run, entry->shown, "a symbolic link may lead out of the package",
                         "符号链接可能指向包外");
        else if (entry->kind == DA_ENTRY_SPECIAL)
            da_check_add(run, entry->shown, "neither file nor folder", "既不是文件也不是文件夹");
    }
    return TRUE;
}
