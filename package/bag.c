#include <dangan/bag.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <string.h>

/* 200 bytes a line: more than 300,000 files. */
#define MANIFEST_MAX_BYTES ((gsize)64 << 20)
#define BAG_INFO_MAX_BYTES ((gsize)1 << 20)

#define DECLARATION "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

void da_bag_entry_free(DaBagEntry *entry)
{
    if (!entry)
        return;
    g_free(entry->path);
    g_free(entry->sha256);
    g_free(entry);
}

/* --- reading a manifest -------------------------------------------------------------------------------------------- */

/* Only these three are ever escaped; every other `%` stands for itself. Source: RFC 8493 §2.1.3. */
static char *unescape(const char *written)
{
    GString *path = g_string_new(NULL);
    for (const char *p = written; *p;) {
        const char *tail = *p == '%' ? p + 1 : "";
        char plain = g_ascii_strncasecmp(tail, "0D", 2) == 0   ? '\r'
                     : g_ascii_strncasecmp(tail, "0A", 2) == 0 ? '\n'
                     : strncmp(tail, "25", 2) == 0             ? '%'
                                                               : '\0';
        g_string_append_c(path, plain ? plain : *p);
        p += plain ? 3 : 1;
    }
    return g_string_free(path, FALSE);
}

static char *escape(const char *path)
{
    GString *written = g_string_new(NULL);
    for (const char *p = path; *p; p++)
        if (*p == '\r' || *p == '\n' || *p == '%')
            g_string_append_printf(written, "%%%02X", (guint)*p);
        else
            g_string_append_c(written, *p);
    return g_string_free(written, FALSE);
}

/* Returns what is wrong with the line, NULL = nothing. */
static const char *parse_line(const char *line, gboolean tag, DaBagEntry *entry)
{
    gsize digits = strcspn(line, " \t");
    gsize blanks = strspn(line + digits, " \t");
    const char *path = line + digits + blanks;
    if (blanks > 0 && *path == '*')
        path++;
    entry->sha256 = g_ascii_strdown(line, (gssize)digits);
    entry->path = unescape(path);
    if (!da_digest_is_valid(entry->sha256))
        return "does not begin with 64 hexadecimal digits";
    if (blanks == 0 || *path == '\0')
        return "has no path after the digest";
    if (!da_path_is_safe(entry->path))
        return "has an unsafe path";
    if (tag && g_str_has_prefix(entry->path, "data/"))
        return "names a payload file in a tag manifest";
    if (!tag && !g_str_has_prefix(entry->path, "data/"))
        return "names a file outside data/";
    return NULL;
}

/* The next line of `*rest` (LF, CR or CRLF), cut out in place; NULL at the end. */
static char *next_line(char **rest)
{
    char *line = *rest;
    if (*line == '\0')
        return NULL;
    char *end = line + strcspn(line, "\r\n");
    *rest = end + (end[0] == '\r' && end[1] == '\n' ? 2 : *end ? 1 : 0);
    *end = '\0';
    return line;
}

/* The text of a tag file; a NUL byte in it is refused, because everything after it would go unread. */
static char *read_tag_file(const char *folder, const char *name, gsize max_bytes, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GBytes) bytes = da_file_read(path, max_bytes, error);
    if (!bytes)
        return NULL;
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    if (size > 0 && memchr(data, '\0', size)) {
        da_error_set(error, DA_ERROR_INPUT, "cannot read '%s': it holds a NUL byte", name);
        return NULL;
    }
    return g_strndup(size > 0 ? data : "", size);
}

GPtrArray *da_bag_read_manifest(const char *folder, const char *name, GError **error)
{
    g_autofree char *text = read_tag_file(folder, name, MANIFEST_MAX_BYTES, error);
    if (!text)
        return NULL;
    g_autoptr(GPtrArray) entries =
        g_ptr_array_new_with_free_func((GDestroyNotify)da_bag_entry_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    gboolean tag = g_str_has_prefix(name, "tag");
    char *rest = text;
    guint number = 1;
    for (char *line = next_line(&rest); line; line = next_line(&rest), number++) {
        if (*line == '\0')
            continue;
        DaBagEntry *entry = g_new0(DaBagEntry, 1);
        g_ptr_array_add(entries, entry);
        const char *fault = parse_line(line, tag, entry);
        if (!fault && !g_hash_table_add(seen, entry->path))
            fault = "names a file a second time";
        if (fault) {
            da_error_set(error, DA_ERROR_INPUT, "cannot read '%s': line %u %s", name, number,
                         fault);
            return NULL;
        }
    }
    return g_steal_pointer(&entries);
}

/* --- bag-info ------------------------------------------------------------------------------------------------------ */

/* The value when `line` is "label: value". */
static char *value_of(const char *line, const char *label)
{
    const char *colon = strchr(line, ':');
    if (!colon)
        return NULL;
    g_autofree char *said = g_strstrip(g_strndup(line, (gsize)(colon - line)));
    return g_ascii_strcasecmp(said, label) == 0 ? g_strstrip(g_strdup(colon + 1)) : NULL;
}

char *da_bag_info(const char *folder, const char *label, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "bag-info.txt", NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return NULL;
    g_autofree char *text = read_tag_file(folder, "bag-info.txt", BAG_INFO_MAX_BYTES, error);
    if (!text)
        return NULL;
    char *value = NULL;
    char *rest = text;
    for (char *line = next_line(&rest); line; line = next_line(&rest)) {
        gboolean folded = *line == ' ' || *line == '\t';
        if (value && !folded)
            break;
        if (value) {
            char *longer = g_strconcat(value, " ", g_strstrip(line), NULL);
            g_free(value);
            value = longer;
        } else if (!folded) {
            value = value_of(line, label);
        }
    }
    return value;
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

static gint compare_paths(gconstpointer a, gconstpointer b)
{
    const DaBagEntry *left = *(DaBagEntry *const *)a, *right = *(DaBagEntry *const *)b;
    return strcmp(left->path, right->path);
}

static gboolean check_entry(const DaBagEntry *entry, GError **error)
{
    if (!g_str_has_prefix(entry->path, "data/") || !da_path_is_safe(entry->path))
        return da_error_set(error, DA_ERROR_INPUT,
                            "cannot write the bag: '%s' is no safe path below data/", entry->path);
    if (!entry->sha256 || !da_digest_is_valid(entry->sha256))
        return da_error_set(error, DA_ERROR_INPUT, "cannot write the bag: '%s' has no digest",
                            entry->path);
    return TRUE;
}

static gboolean write_tag_file(const char *folder, const char *name, const GString *text,
                               GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return da_file_write(path, text->str, text->len, error);
}

static gboolean write_payload_manifest(const char *folder, GPtrArray *payload, guint64 *bytes,
                                       GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_ptr_array_sort(payload, compare_paths);
    *bytes = 0;
    for (guint i = 0; i < payload->len; i++) {
        const DaBagEntry *entry = g_ptr_array_index(payload, i);
        if (!check_entry(entry, error))
            return FALSE;
        g_autofree char *written = escape(entry->path);
        g_string_append_printf(text, "%s  %s\n", entry->sha256, written);
        *bytes += entry->size_bytes;
    }
    return write_tag_file(folder, "manifest-sha256.txt", text, error);
}

static gboolean write_bag_info(const char *folder, const char *id, const char *created,
                               guint64 bytes, guint files, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "Bag-Software-Agent: dangan %s\n", DANGAN_VERSION);
    g_string_append_printf(text, "Bagging-Date: %.10s\n", created);
    g_string_append_printf(text, "External-Identifier: %s\n", id);
    g_string_append_printf(text, "Payload-Oxum: %" G_GUINT64_FORMAT ".%u\n", bytes, files);
    return write_tag_file(folder, "bag-info.txt", text, error);
}

static gboolean write_tag_manifest(const char *folder, GError **error)
{
    static const char *const listed[] = {"bag-info.txt", "bagit.txt", "manifest-sha256.txt"};
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(listed); i++) {
        DaDigest digest;
        g_autofree char *path = g_build_filename(folder, listed[i], NULL);
        if (!da_digest_file(path, &digest, NULL, error))
            return FALSE;
        g_string_append_printf(text, "%s  %s\n", digest.hex, listed[i]);
    }
    return write_tag_file(folder, "tagmanifest-sha256.txt", text, error);
}

gboolean da_bag_write(const char *folder, const char *id, const char *created, GPtrArray *payload,
                      GError **error)
{
    if (strpbrk(id, "\r\n") || strpbrk(created, "\r\n"))
        return da_error_set(error, DA_ERROR_INPUT,
                            "cannot write the bag: a line break in its identifier or date");
    g_autoptr(GString) declaration = g_string_new(DECLARATION);
    guint64 bytes = 0;
    return write_tag_file(folder, "bagit.txt", declaration, error) &&
           write_payload_manifest(folder, payload, &bytes, error) &&
           write_bag_info(folder, id, created, bytes, payload->len, error) &&
           write_tag_manifest(folder, error);
}

char *da_bag_digest(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "tagmanifest-sha256.txt", NULL);
    DaDigest digest;
    return da_digest_file(path, &digest, NULL, error) ? g_strdup(digest.hex) : NULL;
}
