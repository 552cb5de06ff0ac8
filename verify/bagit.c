#include "bagit.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <string.h>

#define DECLARATION_MAX_BYTES 4096
#define MANIFEST_MAX_BYTES ((gsize)64 << 20)
#define INFO_MAX_BYTES ((gsize)1 << 20)

typedef struct {
    DaBag *bag;
    DaBagReader reader;
    gpointer data;
} Opening;

/* --- free -------------------------------------------------------------------------------------------------------------- */

static void line_free(gpointer data)
{
    DaBagLine *line = data;
    g_free(line->path);
    g_free(line->literal);
    g_free(line->digest);
    g_free(line);
}

static void fault_free(gpointer data)
{
    DaBagFault *fault = data;
    g_free(fault->file);
    g_free(fault->found);
    g_free(fault);
}

static void manifest_free(gpointer data)
{
    DaBagManifest *manifest = data;
    g_free(manifest->name);
    g_hash_table_unref(manifest->by_path);
    g_ptr_array_unref(manifest->lines);
    g_free(manifest);
}

void da_bag_free(DaBag *bag)
{
    if (!bag)
        return;
    g_free(bag->version);
    g_free(bag->encoding);
    g_free(bag->info_name);
    g_ptr_array_unref(bag->manifests);
    g_ptr_array_unref(bag->info);
    g_ptr_array_unref(bag->declaration);
    g_ptr_array_unref(bag->faults);
    g_ptr_array_unref(bag->info_faults);
    g_free(bag);
}

/* --- tag files -------------------------------------------------------------------------------------------------------- */

static DaBagFault *add_fault(GPtrArray *faults, DaBagFaultKind kind, const char *file, guint line,
                             const char *message, const char *message_zh)
{
    DaBagFault *fault = g_new0(DaBagFault, 1);
    *fault = (DaBagFault){kind, g_strdup(file), line, message, message_zh, NULL};
    g_ptr_array_add(faults, fault);
    return fault;
}

/* What the machine does not read is an error; what the bag does not have or is too large for is the bag's fault. */
static gboolean read_bytes(const Opening *opening, const char *name, gsize max_bytes,
                           GPtrArray *faults, GBytes **bytes, GError **error)
{
    GError *problem = NULL;
    *bytes = opening->reader(name, max_bytes, opening->data, &problem);
    if (*bytes)
        return TRUE;
    if (g_error_matches(problem, DA_ERROR, DA_ERROR_DISK) ||
        g_error_matches(problem, DA_ERROR, DA_ERROR_SYSTEM)) {
        g_propagate_error(error, problem);
        return FALSE;
    }
    DaBagFault *fault =
        add_fault(faults, DA_BAG_FAULT_BROKEN, name, 0, "the tag file is missing or cannot be read",
                  "标签文件缺失或无法读取");
    fault->found = g_strdup(problem->message);
    g_error_free(problem);
    return TRUE;
}

/* As UTF-8; NULL with a fault. A mark of byte order is allowed where the encoding has one. */
static char *decode(const DaBag *bag, GBytes *bytes, const char *name, GPtrArray *faults)
{
    gsize size = 0, written = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    const char *encoding = bag->encoding ? bag->encoding : "UTF-8";
    g_autofree char *text =
        size ? g_convert(data, (gssize)size, "UTF-8", encoding, NULL, &written, NULL)
             : g_strdup("");
    if (!text || strlen(text) != written) {
        DaBagFault *fault = add_fault(faults, DA_BAG_FAULT_BROKEN, name, 0,
                                      "the tag file is not in the encoding that bagit.txt declares",
                                      "标签文件编码与声明不符");
        fault->found = g_strdup(encoding);
        return NULL;
    }
    if (!g_str_has_prefix(text, "\xEF\xBB\xBF"))
        return g_steal_pointer(&text);
    if (!g_ascii_strncasecmp(encoding, "UTF-8", 5))
        add_fault(faults, DA_BAG_FAULT_HABIT, name, 0, "the tag file begins with a byte order mark",
                  "标签文件带有 BOM");
    return g_strdup(text + 3);
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

/* --- bagit.txt -------------------------------------------------------------------------------------------------------- */

static void declare(DaBag *bag, guint number, const char *line)
{
    static const char *const labels[] = {"BagIt-Version", "Tag-File-Character-Encoding"};
    char **values[] = {&bag->version, &bag->encoding};
    const char *label = number < 2 ? labels[number] : "";
    gsize length = strlen(label);
    if (number >= 2) {
        add_fault(bag->declaration, DA_BAG_FAULT_BROKEN, "bagit.txt", number + 1,
                  "bagit.txt has more than two lines", "bagit.txt 多于两行");
        return;
    }
    if (!g_str_has_prefix(line, label) || line[length] != ':') {
        DaBagFault *fault =
            add_fault(bag->declaration, DA_BAG_FAULT_BROKEN, "bagit.txt", number + 1,
                      "a line of bagit.txt is not what BagIt declares", "bagit.txt 的行与规定不符");
        fault->found = g_utf8_make_valid(line, -1);
        return;
    }
    const char *value = line + length + 1 + strspn(line + length + 1, " \t");
    *values[number] = g_utf8_make_valid(value, -1);
}

/* "0.93" to "0.97" and "1.0": 93 to 97 and 100. */
static guint minor_of(const char *version)
{
    guint64 minor = 0;
    if (!g_strcmp0(version, "1.0"))
        return 100;
    if (version && g_str_has_prefix(version, "0.") && strlen(version) == 4 &&
        g_ascii_string_to_unsigned(version + 2, 10, 93, 97, &minor, NULL))
        return (guint)minor;
    return 0;
}

/* A name and nothing that iconv would take for more (`//IGNORE`, a path). */
static gboolean is_convertible(const char *encoding)
{
    if (!*encoding ||
        strspn(encoding, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.:") != strlen(encoding))
        return FALSE;
    GIConv conversion = g_iconv_open("UTF-8", encoding);
    gboolean known = conversion != (GIConv)-1;
    if (known)
        g_iconv_close(conversion);
    return known;
}

/* §2.1.1: two lines in this order, always UTF-8, without a mark; 1.0 allows no blank before the colon or at a line's end. */
static gboolean read_declaration(const Opening *opening, GError **error)
{
    DaBag *bag = opening->bag;
    g_autoptr(GBytes) bytes = NULL;
    if (!read_bytes(opening, "bagit.txt", DECLARATION_MAX_BYTES, bag->declaration, &bytes, error))
        return FALSE;
    if (!bytes)
        return TRUE;
    g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    char *rest = text;
    guint number = 0;
    for (char *line = next_line(&rest); line; line = next_line(&rest))
        declare(bag, number++, line);
    if (number < 2 && !bag->declaration->len)
        add_fault(bag->declaration, DA_BAG_FAULT_BROKEN, "bagit.txt", 0,
                  "bagit.txt has fewer than two lines", "bagit.txt 少于两行");
    bag->minor = minor_of(bag->version);
    if (bag->encoding && !is_convertible(bag->encoding)) {
        DaBagFault *fault =
            add_fault(bag->declaration, DA_BAG_FAULT_BROKEN, "bagit.txt", 2,
                      "the encoding of tag files is not known", "无法识别标签文件编码");
        fault->found = g_steal_pointer(&bag->encoding);
    }
    return TRUE;
}

/* --- manifests --------------------------------------------------------------------------------------------------------- */

/* §2.1.3: 1.0 escapes CR, LF and %; the drafts CR and LF alone, and a % stands for itself. */
static char *unescape(const char *written, gboolean percent)
{
    GString *path = g_string_new(NULL);
    for (const char *p = written; *p;) {
        const char *tail = *p == '%' ? p + 1 : "";
        char plain = !g_ascii_strncasecmp(tail, "0D", 2)   ? '\r'
                     : !g_ascii_strncasecmp(tail, "0A", 2) ? '\n'
                     : percent && !strncmp(tail, "25", 2)  ? '%'
                                                           : '\0';
        g_string_append_c(path, plain ? plain : *p);
        p += plain ? 3 : 1;
    }
    return g_string_free(path, FALSE);
}

static gboolean is_hexadecimal(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isxdigit(text[i]))
            return FALSE;
    return length > 0;
}

typedef struct {
    DaBag *bag;
    DaBagManifest *manifest;
    GHashTable *folded; /* char *: paths so far, as a forgiving file system takes them */
    guint number;
} Place;

static void fault_at(const Place *place, DaBagFaultKind kind, const char *message,
                     const char *message_zh, const char *found)
{
    DaBagFault *fault = add_fault(place->bag->faults, kind, place->manifest->name, place->number,
                                  message, message_zh);
    fault->found = g_strndup(found, 300);
}

/* The path of a line without what checksum tools put before it. */
static const char *path_of(const Place *place, const char *path)
{
    if (*path == '*') {
        fault_at(place, DA_BAG_FAULT_HABIT, "a path with the `*` of a checksum tool",
                 "路径前带校验工具的星号", path);
        path++;
    }
    if (g_str_has_prefix(path, "./")) {
        fault_at(place, DA_BAG_FAULT_HABIT, "a path that begins with `./`", "路径以 ./ 开头", path);
        path += 2;
    }
    return path;
}

/* A path for the file system of the machine that reads it: never out of the bag. A line break is legal when escaped, and left to the
 * rule on names. */
static gboolean is_inside(const char *path)
{
    g_autofree char *plain = g_strdelimit(g_strdup(path), "\r\n", '_');
    return da_path_is_safe(plain);
}

/* A file that the manifest lists again. Source: 1.0 allows a file once; the drafts do not say, but two digests cannot both be right. */
static void add_again(const Place *place, const DaBagLine *line)
{
    const DaBagLine *other = g_hash_table_lookup(place->manifest->by_path, line->path);
    gboolean same = !strcmp(other->digest, line->digest);
    fault_at(place,
             same && place->bag->minor && place->bag->minor < 100 ? DA_BAG_FAULT_HABIT
                                                                  : DA_BAG_FAULT_BROKEN,
             same ? "the manifest lists a file twice" : "the manifest gives a file two digests",
             same ? "清单重复列出同一文件" : "清单中同一文件有两个不同摘要", line->path);
}

/* Two names that a file system without case, or with one Unicode form, takes for one. */
static void look_for_twin(const Place *place, const DaBagLine *line)
{
    g_autofree char *folded = da_bag_fold(line->path);
    if (!g_hash_table_add(place->folded, g_strdup(folded)))
        fault_at(place, DA_BAG_FAULT_HABIT, "two paths differ in case or Unicode form only",
                 "两个路径仅大小写或 Unicode 形式不同", line->path);
}

static void keep_line(const Place *place, const char *digest, gsize digits, const char *written)
{
    DaBagManifest *manifest = place->manifest;
    DaBagLine *line = g_new0(DaBagLine, 1);
    line->digest = g_ascii_strdown(digest, (gssize)digits);
    line->path = unescape(written, !place->bag->minor || place->bag->minor >= 100);
    line->literal = strcmp(line->path, written) ? g_strdup(written) : NULL;
    line->line = place->number;
    gboolean payload = g_str_has_prefix(line->path, "data/");
    const char *fault = NULL, *fault_zh = NULL;
    if (!is_inside(line->path)) {
        fault = "a path leads out of the bag or is not safe";
        fault_zh = "路径指向包外或不安全";
    } else if (payload == manifest->tag) {
        fault = manifest->tag ? "a tag manifest lists a payload file"
                              : "the manifest lists a file outside data/";
        fault_zh = manifest->tag ? "标签清单列入了载荷文件" : "载荷清单列入了 data/ 以外的文件";
    }
    if (fault) {
        fault_at(place, DA_BAG_FAULT_BROKEN, fault, fault_zh, line->path);
    } else if (g_hash_table_contains(manifest->by_path, line->path)) {
        add_again(place, line);
    } else {
        look_for_twin(place, line);
        g_ptr_array_add(manifest->lines, line);
        g_hash_table_insert(manifest->by_path, line->path, line);
        return;
    }
    line_free(line);
}

static void read_line(const Place *place, const char *text)
{
    gsize digits = strcspn(text, " \t");
    gsize blanks = strspn(text + digits, " \t");
    guint wanted =
        place->manifest->hash < DA_HASH_N ? da_hash_digits(place->manifest->hash) : (guint)digits;
    const char *path = text + digits + blanks;
    if (!is_hexadecimal(text, digits) || digits != wanted)
        fault_at(place, DA_BAG_FAULT_BROKEN,
                 "a line does not begin with a digest of the manifest's algorithm",
                 "清单行不以该算法的摘要开头", text);
    else if (!blanks || !*path)
        fault_at(place, DA_BAG_FAULT_BROKEN, "a line has no path after the digest",
                 "清单行缺少路径", text);
    else
        keep_line(place, text, digits, path_of(place, path));
}

static gboolean read_manifest(const Opening *opening, const char *name, gboolean tag,
                              GError **error)
{
    DaBag *bag = opening->bag;
    g_autoptr(GBytes) bytes = NULL;
    if (!read_bytes(opening, name, MANIFEST_MAX_BYTES, bag->faults, &bytes, error))
        return FALSE;
    g_autofree char *text = bytes ? decode(bag, bytes, name, bag->faults) : NULL;
    if (!text)
        return TRUE;
    const char *dash = strchr(name, '-');
    g_autofree char *algorithm = g_strndup(dash + 1, strlen(dash + 1) - strlen(".txt"));
    DaBagManifest *manifest = g_new0(DaBagManifest, 1);
    manifest->name = g_strdup(name);
    manifest->hash = da_hash_by_name(algorithm);
    manifest->tag = tag;
    manifest->lines = g_ptr_array_new_with_free_func(line_free);
    manifest->by_path = g_hash_table_new(g_str_hash, g_str_equal);
    g_ptr_array_add(bag->manifests, manifest);
    g_autoptr(GHashTable) folded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Place place = {bag, manifest, folded, 1};
    char *rest = text;
    for (char *line = next_line(&rest); line; line = next_line(&rest), place.number++)
        if (*line)
            read_line(&place, line);
    return TRUE;
}

static gboolean read_manifests(const Opening *opening, const GPtrArray *names, gboolean tag,
                               GError **error)
{
    const char *prefix = tag ? "tagmanifest-" : "manifest-";
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        if (g_str_has_prefix(name, prefix) && g_str_has_suffix(name, ".txt") &&
            !read_manifest(opening, name, tag, error))
            return FALSE;
    }
    return TRUE;
}

/* --- bag-info.txt ------------------------------------------------------------------------------------------------------- */

static void read_info_line(DaBag *bag, char *line, guint number)
{
    gboolean folded = *line == ' ' || *line == '\t';
    char *colon = strchr(line, ':');
    if (folded && bag->info->len) {
        char **value = (char **)&bag->info->pdata[bag->info->len - 1];
        char *longer = g_strconcat(*value, " ", g_strstrip(line), NULL);
        g_free(*value);
        *value = longer;
        return;
    }
    if (folded || !colon || colon == line) {
        DaBagFault *fault = add_fault(bag->info_faults, DA_BAG_FAULT_BROKEN, bag->info_name, number,
                                      "a line is neither `label: value` nor the rest of one",
                                      "行不是“标签: 值”，也不是续行");
        fault->found = g_strndup(line, 300);
        return;
    }
    *colon = '\0';
    /* The drafts allowed blanks around the label's end. */
    if (bag->minor >= 100 && colon > line && g_ascii_isspace(colon[-1]))
        add_fault(bag->info_faults, DA_BAG_FAULT_HABIT, bag->info_name, number,
                  "a blank before the colon", "冒号前有空格");
    g_ptr_array_add(bag->info, g_strstrip(g_strdup(line)));
    g_ptr_array_add(bag->info, g_strstrip(g_strdup(colon + 1)));
}

static gboolean read_info(const Opening *opening, const GPtrArray *names, GError **error)
{
    DaBag *bag = opening->bag;
    /* Up to draft 0.95 the file had another name. */
    const char *const known[] = {"bag-info.txt",
                                 bag->minor && bag->minor < 96 ? "package-info.txt" : NULL};
    for (guint i = 0; i < G_N_ELEMENTS(known) && !bag->info_name; i++)
        if (known[i] &&
            g_ptr_array_find_with_equal_func((GPtrArray *)names, known[i], g_str_equal, NULL))
            bag->info_name = g_strdup(known[i]);
    g_autoptr(GBytes) bytes = NULL;
    if (!bag->info_name)
        return TRUE;
    if (!read_bytes(opening, bag->info_name, INFO_MAX_BYTES, bag->info_faults, &bytes, error))
        return FALSE;
    g_autofree char *text = bytes ? decode(bag, bytes, bag->info_name, bag->info_faults) : NULL;
    char *rest = text;
    guint number = 1;
    for (char *line = text ? next_line(&rest) : NULL; line; line = next_line(&rest), number++)
        if (*line)
            read_info_line(bag, line, number);
    return TRUE;
}

/* --- opening ------------------------------------------------------------------------------------------------------------- */

DaBag *da_bag_open(const GPtrArray *names, DaBagReader reader, gpointer data, GError **error)
{
    g_autoptr(DaBag) bag = g_new0(DaBag, 1);
    const Opening opening = {bag, reader, data};
    bag->manifests = g_ptr_array_new_with_free_func(manifest_free);
    bag->info = g_ptr_array_new_with_free_func(g_free);
    bag->declaration = g_ptr_array_new_with_free_func(fault_free);
    bag->faults = g_ptr_array_new_with_free_func(fault_free);
    bag->info_faults = g_ptr_array_new_with_free_func(fault_free);
    if (!read_declaration(&opening, error) || !read_manifests(&opening, names, FALSE, error) ||
        !read_manifests(&opening, names, TRUE, error) || !read_info(&opening, names, error))
        return NULL;
    return g_steal_pointer(&bag);
}

const DaBagManifest *da_bag_manifest(const DaBag *bag, gboolean tag)
{
    for (guint i = 0; i < bag->manifests->len; i++) {
        const DaBagManifest *manifest = bag->manifests->pdata[i];
        if (manifest->tag == tag && manifest->hash < DA_HASH_N)
            return manifest;
    }
    return NULL;
}

guint da_bag_hashes(const DaBag *bag)
{
    guint bits = 0;
    for (guint i = 0; i < bag->manifests->len; i++) {
        const DaBagManifest *manifest = bag->manifests->pdata[i];
        if (manifest->hash < DA_HASH_N)
            bits |= 1u << manifest->hash;
    }
    return bits;
}

const char *da_bag_value(const DaBag *bag, const char *label)
{
    for (guint i = 0; i + 1 < bag->info->len; i += 2)
        if (!g_ascii_strcasecmp(bag->info->pdata[i], label))
            return bag->info->pdata[i + 1];
    return NULL;
}

char *da_bag_fold(const char *path)
{
    g_autofree char *cased = g_utf8_casefold(path, -1);
    return g_utf8_normalize(cased, -1, G_NORMALIZE_NFC);
}
