/* Bags. Source: RFC 8493 (BagIt 1.0) and the drafts 0.93 to 0.97; section numbers are the RFC's. */
#include "check.h"

#include <dangan/error.h>
#include <string.h>

static void add_fault(DaCheckRun *run, const DaBagFault *fault)
{
    DaFinding *finding = da_check_add(run, fault->file, fault->message, fault->message_zh);
    finding->row = fault->line;
    if (fault->found) {
        g_autofree char *valid = g_utf8_make_valid(fault->found, -1);
        da_finding_set(&finding->found, "%.300s", valid);
    }
    da_check_tell(run, fault->file);
}

static void add_faults(DaCheckRun *run, const GPtrArray *faults, DaBagFaultKind kind)
{
    for (guint i = 0; i < faults->len; i++) {
        const DaBagFault *fault = faults->pdata[i];
        if (fault->kind == kind && !da_check_is_told(run, fault->file))
            add_fault(run, fault);
    }
}

/* --- bagit.txt ----------------------------------------------------------------------------------------------------------- */

static gboolean has_word(char **words, const char *word)
{
    for (guint i = 0; words[i]; i++)
        if (!g_ascii_strcasecmp(words[i], word))
            return TRUE;
    return FALSE;
}

static void compare_declared(DaCheckRun *run, const char *value, char **allowed,
                             const char *message, const char *message_zh)
{
    if (!value || has_word(allowed, value))
        return;
    DaFinding *finding = da_check_add(run, "bagit.txt", message, message_zh);
    g_autofree char *wanted = g_strjoinv(", ", allowed);
    da_finding_set(&finding->found, "%.100s", value);
    da_finding_set(&finding->wanted, "%s", wanted);
    da_check_tell(run, "bagit.txt");
}

gboolean da_check_bag_declaration(DaCheckRun *run, GError **error)
{
    const DaBag *bag = run->subject->bag;
    g_auto(GStrv) versions = da_check_words(run, "versions", error);
    g_auto(GStrv) encodings = versions ? da_check_words(run, "encodings", error) : NULL;
    if (!encodings)
        return FALSE;
    add_faults(run, bag->declaration, DA_BAG_FAULT_BROKEN);
    compare_declared(run, bag->version, versions, "the version of BagIt is not allowed",
                     "BagIt 版本不允许");
    compare_declared(run, bag->encoding, encodings, "the encoding of tag files is not allowed",
                     "标签文件编码不允许");
    return TRUE;
}

/* --- manifests ----------------------------------------------------------------------------------------------------------- */

/* An algorithm that the profile does not allow, or that this program cannot compute, makes a manifest worth nothing. */
static void look_at_algorithms(DaCheckRun *run, char **allowed, guint *payload)
{
    const GPtrArray *manifests = run->subject->bag->manifests;
    for (guint i = 0; i < manifests->len; i++) {
        const DaBagManifest *manifest = manifests->pdata[i];
        if (manifest->hash < DA_HASH_N && has_word(allowed, da_hash_name(manifest->hash))) {
            *payload += !manifest->tag;
            continue;
        }
        DaFinding *finding = da_check_add(
            run, manifest->name, "the manifest's algorithm is not allowed", "清单的摘要算法不允许");
        g_autofree char *wanted = g_strjoinv(", ", allowed);
        da_finding_set(&finding->wanted, "%s", wanted);
        da_check_tell(run, manifest->name);
    }
}

gboolean da_check_bag_manifest(DaCheckRun *run, GError **error)
{
    guint payload = 0;
    g_auto(GStrv) allowed = da_check_words(run, "algorithms", error);
    if (!allowed)
        return FALSE;
    add_faults(run, run->subject->bag->faults, DA_BAG_FAULT_BROKEN);
    look_at_algorithms(run, allowed, &payload);
    if (payload || run->count)
        return TRUE;
    g_autofree char *wanted =
        g_strdup_printf("manifest-%s.txt", allowed[0] ? allowed[0] : "sha256");
    da_check_add(run, wanted, "there is no payload manifest", "没有载荷清单");
    da_check_tell(run, wanted);
    return TRUE;
}

gboolean da_check_bag_habits(DaCheckRun *run, GError **error)
{
    add_faults(run, run->subject->bag->faults, DA_BAG_FAULT_HABIT);
    add_faults(run, run->subject->bag->info_faults, DA_BAG_FAULT_HABIT);
    return TRUE;
}

/* Manifests that can be relied on: one of which a rule has said that it is broken would only repeat that file by file. */
static gboolean is_usable(const DaCheckRun *run, const DaBagManifest *manifest, gboolean tag)
{
    return manifest->tag == tag && manifest->hash < DA_HASH_N &&
           !da_check_is_told(run, manifest->name);
}

static gboolean needs_manifest(const DaCheckRun *run, GError **error)
{
    const GPtrArray *manifests = run->subject->bag->manifests;
    for (guint i = 0; i < manifests->len; i++)
        if (is_usable(run, manifests->pdata[i], FALSE))
            return TRUE;
    return da_error_set(error, DA_ERROR_INPUT,
                        "there is no payload manifest that can be relied on");
}

/* What a line of a manifest means on this disk: the path, its literal form (a name that only looks escaped), or a twin in another
 * Unicode form, which file systems make when they copy. NULL = there is none. */
static const DaEntry *entry_of_line(const DaSubject *subject, GHashTable *folded,
                                    const DaBagLine *line)
{
    const DaEntry *entry = da_subject_entry(subject, line->path);
    if (!entry && line->literal)
        entry = da_subject_entry(subject, line->literal);
    if (!entry) {
        g_autofree char *normal = g_utf8_normalize(line->path, -1, G_NORMALIZE_NFC);
        entry = normal ? g_hash_table_lookup(folded, normal) : NULL;
    }
    return entry && entry->kind == DA_ENTRY_FILE ? entry : NULL;
}

/* Files by the composed form of their names, where that is another one. */
static GHashTable *composed_names(const DaSubject *subject)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < subject->entries->len; i++) {
        DaEntry *entry = subject->entries->pdata[i];
        char *normal = g_utf8_validate(entry->path, -1, NULL)
                           ? g_utf8_normalize(entry->path, -1, G_NORMALIZE_NFC)
                           : NULL;
        if (normal)
            g_hash_table_insert(names, normal, entry);
    }
    return names;
}

static void add_missing(DaCheckRun *run, const DaBagManifest *manifest, const DaBagLine *line)
{
    if (da_check_is_told(run, line->path))
        return;
    DaFinding *finding =
        da_check_add(run, line->path, "a file of the manifest is missing", "清单所列文件缺失");
    da_finding_set(&finding->wanted, "%s", manifest->name);
    finding->row = line->line;
    da_check_tell(run, line->path);
}

/* The files that a manifest lists and that are there; what is missing is a finding. */
static GHashTable *listed_files(DaCheckRun *run, const DaBagManifest *manifest, GHashTable *folded)
{
    GHashTable *listed = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < manifest->lines->len; i++) {
        const DaBagLine *line = manifest->lines->pdata[i];
        const DaEntry *entry = entry_of_line(run->subject, folded, line);
        if (entry)
            g_hash_table_add(listed, (gpointer)entry);
        else
            add_missing(run, manifest, line);
    }
    return listed;
}

static void add_unlisted(DaCheckRun *run, const char *manifest, const DaEntry *entry)
{
    DaFinding *finding = da_check_add(run, entry->shown, "a payload file is not in the manifest",
                                      "载荷文件未列入清单");
    da_finding_set(&finding->wanted, "%s", manifest);
    da_check_tell(run, entry->path);
}

/* Payload files that the table of entries does not hold. */
static void look_for_unlisted(DaCheckRun *run, const char *manifest, GHashTable *listed)
{
    const DaSubject *subject = run->subject;
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (entry->kind != DA_ENTRY_FOLDER && da_subject_is_payload(entry->path) &&
            !g_hash_table_contains(listed, entry) && !da_check_is_told(run, entry->path))
            add_unlisted(run, manifest, entry);
    }
}

static void add_all(GHashTable *any, GHashTable *listed)
{
    GHashTableIter iterator;
    gpointer entry;
    g_hash_table_iter_init(&iterator, listed);
    while (g_hash_table_iter_next(&iterator, &entry, NULL))
        g_hash_table_add(any, entry);
}

/* §3: complete = every listed file is there, and every payload file is listed: in each manifest by 1.0, in one of them before. */
gboolean da_check_bag_complete(DaCheckRun *run, GError **error)
{
    const DaBag *bag = run->subject->bag;
    if (!needs_manifest(run, error))
        return FALSE;
    gboolean in_each = !bag->minor || bag->minor >= 100;
    g_autoptr(GHashTable) folded = composed_names(run->subject);
    g_autoptr(GHashTable) any = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < bag->manifests->len; i++) {
        const DaBagManifest *manifest = bag->manifests->pdata[i];
        if (!is_usable(run, manifest, FALSE))
            continue;
        g_autoptr(GHashTable) listed = listed_files(run, manifest, folded);
        add_all(any, listed);
        if (in_each)
            look_for_unlisted(run, manifest->name, listed);
    }
    if (!in_each)
        look_for_unlisted(run, "manifest", any);
    return TRUE;
}

/* --- digests ------------------------------------------------------------------------------------------------------------- */

static void compare_digest(DaCheckRun *run, const DaBagManifest *manifest, const DaBagLine *line,
                           const DaEntry *entry)
{
    const char *digest = da_subject_digest(entry, manifest->hash);
    if (!g_strcmp0(digest, line->digest) || da_check_is_told(run, entry->path))
        return;
    DaFinding *finding =
        digest ? da_check_add(run, entry->shown, "the content differs from its digest",
                              "内容与摘要不符")
               : da_check_add(run, entry->shown, "the file cannot be read", "文件无法读取");
    da_finding_set(&finding->found, "%s %s", digest ? da_hash_name(manifest->hash) : "",
                   digest ? digest : entry->facts.fault);
    da_finding_set(&finding->wanted, "%s", line->digest);
    char *stem = NULL;
    if (da_subject_kind(run->subject, entry->path, &stem) != DA_FILE_N)
        da_finding_set(&finding->page, "%s", stem);
    g_free(stem);
    da_check_tell(run, entry->path);
}

static void compare_digests(DaCheckRun *run, gboolean tag)
{
    const DaBag *bag = run->subject->bag;
    g_autoptr(GHashTable) folded = composed_names(run->subject);
    for (guint i = 0; i < bag->manifests->len; i++) {
        const DaBagManifest *manifest = bag->manifests->pdata[i];
        if (!is_usable(run, manifest, tag))
            continue;
        for (guint k = 0; k < manifest->lines->len; k++) {
            const DaBagLine *line = manifest->lines->pdata[k];
            const DaEntry *entry = entry_of_line(run->subject, folded, line);
            if (entry) /* else it is incompleteness, another rule */
                compare_digest(run, manifest, line, entry);
        }
    }
}

gboolean da_check_bag_digests(DaCheckRun *run, GError **error)
{
    if (!needs_manifest(run, error))
        return FALSE;
    compare_digests(run, FALSE);
    return TRUE;
}

/* --- tag manifests -------------------------------------------------------------------------------------------------------- */

static gboolean is_tag_manifest(const char *path)
{
    return g_str_has_prefix(path, "tagmanifest-") && g_str_has_suffix(path, ".txt");
}

static void look_for_unlisted_tags(DaCheckRun *run, GHashTable *listed)
{
    const DaSubject *subject = run->subject;
    for (guint i = 0; i < subject->entries->len; i++) {
        const DaEntry *entry = subject->entries->pdata[i];
        if (entry->kind != DA_ENTRY_FILE || da_subject_is_payload(entry->path) ||
            is_tag_manifest(entry->path) || g_hash_table_contains(listed, entry) ||
            da_check_is_told(run, entry->path))
            continue;
        da_check_add(run, entry->shown, "a tag file is not in the tag manifest",
                     "标签文件未列入标签清单");
        da_check_tell(run, entry->path);
    }
}

/* §2.2.1 leaves tag manifests to the sender. Where the parameter `required` is true every tag file must stand in one, since the package
 * digest is that of the tag manifest. */
gboolean da_check_bag_tag_manifest(DaCheckRun *run, GError **error)
{
    const DaBag *bag = run->subject->bag;
    gboolean required = !g_strcmp0(da_rule_text(run->rule, "required"), "true");
    g_autoptr(GHashTable) folded = composed_names(run->subject);
    g_autoptr(GHashTable) any = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < bag->manifests->len; i++) {
        const DaBagManifest *manifest = bag->manifests->pdata[i];
        if (!is_usable(run, manifest, TRUE))
            continue;
        g_autoptr(GHashTable) listed = listed_files(run, manifest, folded);
        add_all(any, listed);
    }
    compare_digests(run, TRUE);
    if (!required)
        return TRUE;
    if (da_bag_manifest(bag, TRUE)) {
        look_for_unlisted_tags(run, any);
    } else {
        da_check_add(run, "tagmanifest-sha256.txt", "there is no tag manifest", "没有标签清单");
        da_check_tell(run, "tagmanifest-sha256.txt");
    }
    return TRUE;
}

/* --- bag-info.txt --------------------------------------------------------------------------------------------------------- */

gboolean da_check_bag_info(DaCheckRun *run, GError **error)
{
    const DaBag *bag = run->subject->bag;
    if (!bag->info_name)
        return da_error_set(error, DA_ERROR_INPUT, "the bag has no bag-info.txt");
    add_faults(run, bag->info_faults, DA_BAG_FAULT_BROKEN);
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
    const char *said = da_bag_value(subject->bag, "Payload-Oxum");
    gboolean required = !g_strcmp0(da_rule_text(run->rule, "required"), "true");
    if (said ? !strcmp(said, counted) : !required)
        return said || da_error_set(error, DA_ERROR_INPUT, "the bag declares no Payload-Oxum");
    if (da_check_is_told_below(run, "data/") || da_check_is_told(run, "bag-info.txt"))
        return da_error_set(error, DA_ERROR_INPUT,
                            "the payload or bag-info.txt is not what the manifests say");
    DaFinding *finding = da_check_add(run, "bag-info.txt", "Payload-Oxum is not what was counted",
                                      "Payload-Oxum 与实际字节数、文件数不符");
    da_finding_set(&finding->found, "%s", said ? said : "—");
    da_finding_set(&finding->wanted, "%s", counted);
    return TRUE;
}

/* §2.2.3 lets a bag fetch files from the network: a delivered dossier is whole, and nobody tells us where to connect. */
gboolean da_check_bag_no_fetch(DaCheckRun *run, GError **error)
{
    if (da_subject_entry(run->subject, "fetch.txt")) {
        da_check_add(run, "fetch.txt", "the bag wants files from elsewhere",
                     "包中含 fetch.txt, 要求从外部取文件");
        da_check_tell(run, "fetch.txt");
    }
    return TRUE;
}
