#include "exchange_parts.h"

#include <dangan/container.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/identity.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Enterprise, year, person: more levels of folders hold no deliveries. */
#define FIND_DEPTH_MAX 4
#define XML_READ_MAX ((gsize)64 << 20)
/* Characters of an ID number, of today and of before 1999. */
#define NUMBER_LENGTH 18u
#define OLD_NUMBER_LENGTH 15u

/* --- findings ---------------------------------------------------------------------------------------------------------- */

DaFinding *da_exchange_report(DaExchange *exchange, const DaProfile *profile, const char *rule_id,
                              DaSeverity severity)
{
    const DaRule *rule = profile ? da_profile_rule(profile, rule_id) : NULL;
    DaFinding *finding = da_finding_new(rule_id, severity, exchange->name);
    finding->clause = g_strdup(rule ? rule->clause : NULL);
    g_ptr_array_add(exchange->findings, finding);
    return finding;
}

void da_exchange_say(DaFinding *finding, const char *message, const char *message_zh)
{
    g_free(finding->message);
    g_free(finding->message_zh);
    finding->message = g_strdup(message);
    finding->message_zh = g_strdup(message_zh);
}

void da_exchange_refuse(DaExchange *exchange, DaFinding *finding)
{
    finding->severity = MAX(finding->severity, DA_SEVERITY_ERROR);
    exchange->usable = FALSE;
}

void da_exchange_free(DaExchange *exchange)
{
    if (!exchange)
        return;
    g_free(exchange->name);
    da_dossier_free(exchange->dossier);
    g_ptr_array_unref(exchange->findings);
    g_free(exchange);
}

static DaExchange *exchange_new(const char *name)
{
    DaExchange *exchange = g_new0(DaExchange, 1);
    exchange->name = g_filename_display_name(name);
    exchange->findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    exchange->usable = TRUE;
    return exchange;
}

/* --- a zip ---------------------------------------------------------------------------------------------------------------- */

static void report_container(DaExchange *exchange, const DaProfile *profile,
                             const DaContainer *container)
{
    for (guint i = 0; i < container->faults->len; i++) {
        const DaContainerFault *fault = container->faults->pdata[i];
        DaFinding *finding = da_exchange_report(
            exchange, profile, da_container_fault_is_name(fault->kind) ? "PKG-002" : "PKG-001",
            da_container_fault_severity(fault->kind));
        da_exchange_say(finding, da_container_fault_text(fault->kind),
                        da_container_fault_text_zh(fault->kind));
        g_free(finding->file);
        finding->file = g_strdup(fault->member);
        finding->found = g_strdup(fault->found);
    }
}

/* TRUE when the content of the zip lies in `work`. */
static gboolean unpack(DaExchange *exchange, const DaProfile *profile, const char *path,
                       const char *work, GError **error)
{
    DaContainerLimits limits = DA_CONTAINER_LIMITS;
    if (!da_dir_make(work, error))
        return FALSE;
    if (da_container_format(path) == DA_CONTAINER_ZIP) {
        g_autoptr(DaContainer) container = da_container_unpack(path, work, &limits, error);
        if (!container)
            return FALSE;
        report_container(exchange, profile, container);
        exchange->usable = container->whole;
        return TRUE;
    }
    DaFinding *finding = da_exchange_report(exchange, profile, "PKG-001", DA_SEVERITY_FATAL);
    da_exchange_say(finding, "it is no zip; GB/T 33870 is delivered as a zip or a folder",
                    "不是 zip 文件；交换包应为 zip 或文件夹");
    da_exchange_refuse(exchange, finding);
    return TRUE;
}

/* --- the XML --------------------------------------------------------------------------------------------------------------- */

static gboolean is_xml(const char *name)
{
    gsize length = strlen(name);
    return length > 4 && !g_ascii_strcasecmp(name + length - 4, ".xml");
}

static char *folder_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? g_strndup(name, (gsize)(slash - name)) : g_strdup("");
}

static char *stem_of(const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
    const char *dot = strrchr(base, '.');
    return dot ? g_strndup(base, (gsize)(dot - base)) : g_strdup(base);
}

static guint depth_of(const char *name)
{
    guint depth = 0;
    for (; *name; name++)
        depth += *name == '/';
    return depth;
}

/* The XML files that lie highest; others belong to something inside. */
static GPtrArray *find_xml(const GPtrArray *files)
{
    GPtrArray *found = g_ptr_array_new();
    guint depth = G_MAXUINT;
    for (guint i = 0; i < files->len; i++) {
        const DaFormFile *file = files->pdata[i];
        if (!is_xml(file->name) || depth_of(file->name) > depth)
            continue;
        if (depth_of(file->name) < depth)
            g_ptr_array_set_size(found, 0);
        depth = depth_of(file->name);
        g_ptr_array_add(found, files->pdata[i]);
    }
    return found;
}

void da_exchange_refuse_without_xml(DaExchange *exchange, const DaProfile *profile)
{
    DaFinding *finding = da_exchange_report(exchange, profile, "PKG-004", DA_SEVERITY_ERROR);
    da_exchange_say(
        finding,
        "there is no XML, and it is no folder of images that is named by an ID number; "
        "scans with a catalogue are for dangan ingest",
        "没有 XML 文件，也不是以身份号码命名的图像文件夹；带目录的扫描件请用 dangan ingest");
    da_exchange_refuse(exchange, finding);
}

/* Among several, the one that is named like its folder or the delivery. */
static const DaFormFile *choose_xml(DaExchange *exchange, const DaProfile *profile,
                                    const GPtrArray *found)
{
    const DaFormFile *chosen = found->len == 1 ? found->pdata[0] : NULL;
    g_autofree char *delivery = stem_of(exchange->name);
    for (guint i = 0; found->len > 1 && i < found->len; i++) {
        const DaFormFile *file = found->pdata[i];
        g_autofree char *folder = folder_of(file->name);
        g_autofree char *folder_name = g_path_get_basename(folder);
        g_autofree char *stem = stem_of(file->name);
        if (!chosen && (!strcmp(stem, folder_name) || !strcmp(stem, delivery) ||
                        !strcmp(stem, exchange->name)))
            chosen = file;
    }
    if (chosen && found->len == 1)
        return chosen;
    DaFinding *finding = da_exchange_report(exchange, profile, "PKG-004",
                                            chosen ? DA_SEVERITY_WARNING : DA_SEVERITY_ERROR);
    if (chosen)
        da_exchange_say(finding,
                        "there are several XML files; the one named like its folder was read",
                        "有多个 XML 文件，读取了与文件夹同名的一个");
    else
        da_exchange_say(finding, "there are several XML files and none is named like its folder",
                        "有多个 XML 文件，且没有与文件夹同名的");
    if (!chosen)
        da_exchange_refuse(exchange, finding);
    return chosen;
}

GPtrArray *da_exchange_files_below(DaExchange *exchange, const DaProfile *profile,
                                   const GPtrArray *files, const char *base)
{
    g_autofree char *prefix = g_strconcat(base, "/", NULL);
    GPtrArray *below = g_ptr_array_new();
    const DaFormFile *outside = NULL;
    guint n = 0;
    for (guint i = 0; i < files->len; i++) {
        DaFormFile *file = files->pdata[i];
        if (!*base || g_str_has_prefix(file->name, prefix)) {
            g_ptr_array_add(below, file);
        } else {
            outside = file;
            n++;
        }
    }
    if (!outside)
        return below;
    DaFinding *finding = da_exchange_report(exchange, profile, "PKG-005", DA_SEVERITY_WARNING);
    da_finding_set(&finding->message, "files lie outside the folder of the person (%u)", n);
    da_finding_set(&finding->message_zh, "个人文件夹之外有多余文件（%u 个）", n);
    g_free(finding->file);
    finding->file = g_strdup(outside->name);
    return below;
}

/* --- whose it is ------------------------------------------------------------------------------------------------------------ */

char *da_exchange_number_in(const char *name, char **person)
{
    gsize length = strlen(name), digits = 0;
    while (
        digits < length && digits < NUMBER_LENGTH &&
        (g_ascii_isdigit(name[length - digits - 1]) || (!digits && strchr("xX", name[length - 1]))))
        digits++;
    if (digits != NUMBER_LENGTH && digits != OLD_NUMBER_LENGTH)
        return NULL;
    *person = g_strndup(name, length - digits);
    char *number = da_id_number_normalize(name + length - digits);
    char *upgraded = da_id_number_upgrade(number);
    if (!upgraded)
        return number;
    g_free(number);
    return upgraded;
}

static DaFinding *report_name(DaExchange *exchange, const DaProfile *profile, DaSeverity severity,
                              const char *name, const char *message, const char *message_zh)
{
    DaFinding *finding = da_exchange_report(exchange, profile, "PKG-003", severity);
    da_exchange_say(finding, message, message_zh);
    g_free(finding->found);
    finding->found = g_strdup(name);
    return finding;
}

/* A name of the delivery against what the XML says. */
static void check_name(DaExchange *exchange, const DaProfile *profile, const char *name)
{
    const char *number = da_dossier_get(exchange->dossier, DA_FIELD_ID_NUMBER);
    const char *person = da_dossier_get(exchange->dossier, DA_FIELD_NAME);
    g_autofree char *named = NULL;
    g_autofree char *named_number = da_exchange_number_in(name, &named);
    if (!named_number) {
        report_name(exchange, profile, DA_SEVERITY_WARNING, name,
                    "a name is not 姓名 and 公民身份号码", "名称不是“姓名+公民身份号码”");
        return;
    }
    if (number && strcmp(number, named_number)) {
        DaFinding *finding =
            report_name(exchange, profile, DA_SEVERITY_FATAL, name,
                        "the ID number in the name is not the one in the XML: whose dossier is it?",
                        "名称中的身份号码与 XML 不一致，无法确定档案归属");
        finding->wanted = g_strdup(number);
        da_exchange_refuse(exchange, finding);
    } else if (!*named) {
        report_name(exchange, profile, DA_SEVERITY_WARNING, name,
                    "a name is the ID number alone; the form wants 姓名 before it",
                    "名称只有身份号码，前面应有姓名");
    } else if (person && strcmp(person, named)) {
        DaFinding *finding = report_name(exchange, profile, DA_SEVERITY_ERROR, name,
                                         "the person in the name is not the one in the XML",
                                         "名称中的姓名与 XML 不一致");
        finding->wanted = g_strdup(person);
    }
    if (number || da_id_number_check(named_number) != DA_IDENTITY_OK)
        return;
    report_name(exchange, profile, DA_SEVERITY_WARNING, name,
                "the XML has no ID number; the one in the name was taken",
                "XML 没有身份号码，采用名称中的号码");
    da_dossier_set(exchange->dossier, DA_FIELD_ID_NUMBER, named_number, DA_ORIGIN_DERIVED,
                   "name of the delivery");
}

static char *without_zip(const char *name)
{
    gsize length = strlen(name);
    gboolean zip = length > 4 && !g_ascii_strcasecmp(name + length - 4, ".zip");
    return g_strndup(name, zip ? length - 4 : length);
}

/* Delivery, folder and XML have one name; where they differ, each is looked at. */
static void check_names(DaExchange *exchange, const DaProfile *profile, gboolean zip,
                        const char *base, const char *xml)
{
    g_autofree char *delivery = without_zip(exchange->name);
    g_autofree char *last = g_path_get_basename(base);
    g_autofree char *stem = stem_of(xml);
    const char *folder = *base ? last : zip ? NULL : delivery;
    check_name(exchange, profile, delivery);
    if (!folder)
        report_name(exchange, profile, DA_SEVERITY_WARNING, "",
                    "the zip holds no folder named like it", "zip 内没有同名文件夹");
    else if (strcmp(folder, delivery))
        check_name(exchange, profile, folder);
    if (!strcmp(stem, folder ? folder : delivery))
        return;
    report_name(exchange, profile, DA_SEVERITY_WARNING, stem,
                "the XML is not named like its folder", "XML 与文件夹不同名");
    g_autofree char *person = NULL;
    g_autofree char *number = da_exchange_number_in(stem, &person);
    if (number)
        check_name(exchange, profile, stem);
}

/* --- reading ----------------------------------------------------------------------------------------------------------------- */

static const DaScheme *scheme_of(const DaProfile *profile, const char *scheme, GError **error)
{
    const DaScheme *found = da_profile_scheme(profile, scheme);
    if (!found)
        da_error_set(error, DA_ERROR_USAGE, "profile '%s' has no class scheme '%s'", profile->name,
                     scheme ? scheme : "");
    return found;
}

/* The delivery without an XML; its name and that of the folder in it are one. */
static gboolean read_named(DaExchange *exchange, const DaProfile *profile, const DaScheme *scheme,
                           const char *folder, GPtrArray *files, GError **error)
{
    g_autofree char *base = NULL;
    if (!da_exchange_read_named(exchange, profile, scheme, folder, files, &base, error))
        return FALSE;
    if (!base)
        return TRUE;
    g_autofree char *delivery = without_zip(exchange->name);
    g_autofree char *last = g_path_get_basename(base);
    check_name(exchange, profile, *base ? last : delivery);
    if (*base && strcmp(last, delivery))
        check_name(exchange, profile, delivery);
    return TRUE;
}

static gboolean read_folder(DaExchange *exchange, const DaProfile *profile, const DaScheme *scheme,
                            const char *folder, gboolean zip, GError **error)
{
    g_autoptr(GPtrArray) files = da_exchange_list(exchange, profile, folder, error);
    if (!files)
        return FALSE;
    g_autoptr(GPtrArray) xmls = find_xml(files);
    if (!xmls->len)
        return read_named(exchange, profile, scheme, folder, files, error);
    const DaFormFile *xml = choose_xml(exchange, profile, xmls);
    if (!xml)
        return TRUE;
    g_autoptr(GBytes) bytes = da_file_read(xml->path, XML_READ_MAX, error);
    if (!bytes)
        return FALSE;
    g_autofree char *base = folder_of(xml->name);
    g_autofree char *file = g_path_get_basename(xml->name);
    g_autoptr(DaFormDocument) document = da_exchange_parse(exchange, profile, bytes, file);
    if (!document)
        return TRUE;
    da_exchange_describe(exchange, profile, scheme, document, file);
    if (exchange->usable)
        check_names(exchange, profile, zip, base, xml->name);
    g_autoptr(GPtrArray) below = da_exchange_files_below(exchange, profile, files, base);
    da_exchange_place(exchange, profile, document, below, base);
    return TRUE;
}

DaExchange *da_exchange_read_as(const char *name, const char *path, const char *work,
                                const DaProfile *profile, const char *scheme_name, GError **error)
{
    struct stat found;
    const DaScheme *scheme = scheme_of(profile, scheme_name, error);
    if (!scheme)
        return NULL;
    if (stat(path, &found) != 0) {
        g_autofree char *shown = g_filename_display_name(path);
        da_error_set_errno(error, errno, "cannot read delivery '%s'", shown);
        return NULL;
    }
    g_autoptr(DaExchange) exchange = exchange_new(name);
    gboolean zip = !S_ISDIR(found.st_mode);
    if (zip && !unpack(exchange, profile, path, work, error))
        return NULL;
    if (exchange->usable && !read_folder(exchange, profile, scheme, zip ? work : path, zip, error))
        return NULL;
    return g_steal_pointer(&exchange);
}

DaExchange *da_exchange_read(const char *path, const char *work, const DaProfile *profile,
                             const char *scheme, GError **error)
{
    g_autofree char *plain = g_canonicalize_filename(path, NULL);
    g_autofree char *name = g_path_get_basename(plain);
    return da_exchange_read_as(name, plain, work, profile, scheme, error);
}

DaExchange *da_exchange_read_xml(GBytes *xml, const char *name, const DaProfile *profile,
                                 const char *scheme_name)
{
    DaExchange *exchange = exchange_new(name);
    const DaScheme *scheme = da_profile_scheme(profile, scheme_name);
    g_autoptr(DaFormDocument) document = da_exchange_parse(exchange, profile, xml, name);
    if (document && scheme)
        da_exchange_describe(exchange, profile, scheme, document, name);
    return exchange;
}

/* --- many -------------------------------------------------------------------------------------------------------------------- */

static gboolean has_suffix(const char *name, const char *const *suffixes)
{
    g_autofree char *folded = g_ascii_strdown(name, -1);
    for (; *suffixes; suffixes++)
        if (g_str_has_suffix(folded, *suffixes))
            return TRUE;
    return FALSE;
}

static gboolean is_number_name(const char *name)
{
    g_autofree char *person = NULL;
    g_autofree char *number = da_exchange_number_in(name, &person);
    return number && da_id_number_check(number) == DA_IDENTITY_OK;
}

/* Images and their folders make a folder a delivery, or the wreck of one. */
static gboolean holds_images(const char *folder, const GPtrArray *names)
{
    static const char *const suffixes[] = {".jpg", ".jpeg", ".tif", ".tiff", NULL};
    gboolean strict = FALSE;
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR)
                ? !strcmp(name, DA_FORM_IMAGES) || da_form_folder(name, &strict) != DA_FORM_N
                : has_suffix(name, suffixes))
            return TRUE;
    }
    return FALSE;
}

static gboolean holds_xml(const GPtrArray *names)
{
    for (guint i = 0; i < names->len; i++)
        if (is_xml(names->pdata[i]))
            return TRUE;
    return FALSE;
}

/* A folder that is named by a person's number, and holds neither archives nor another such folder: what is in it is this person's. */
static gboolean is_of_a_person(const char *folder, const GPtrArray *names)
{
    static const char *const archives[] = {".zip", ".rar", ".7z", NULL};
    g_autofree char *base = g_path_get_basename(folder);
    for (guint i = 0; i < names->len; i++)
        if (is_number_name(names->pdata[i]) || has_suffix(names->pdata[i], archives) ||
            is_xml(names->pdata[i]))
            return FALSE;
    return names->len && is_number_name(base);
}

static gboolean find_in(const char *folder, guint depth, GPtrArray *found, GError **error);

static gboolean find_among(const char *folder, const GPtrArray *names, guint depth,
                           GPtrArray *found, GError **error)
{
    static const char *const archives[] = {".zip", ".rar", ".7z", ".tar", ".gz", NULL};
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (name[0] == '.' || !strcmp(name, "__MACOSX"))
            continue;
        if (!g_file_test(path, G_FILE_TEST_IS_SYMLINK) && g_file_test(path, G_FILE_TEST_IS_DIR)) {
            if (!find_in(path, depth + 1, found, error))
                return FALSE;
        } else if (has_suffix(name, archives)) {
            g_ptr_array_add(found, g_steal_pointer(&path));
        }
    }
    return TRUE;
}

/* A folder with an XML and other folders may be a batch with a list beside: it is a delivery only when nothing inside is one. */
static gboolean find_in(const char *folder, guint depth, GPtrArray *found, GError **error)
{
    g_autoptr(GPtrArray) names = da_dir_list(folder, error);
    guint before = found->len;
    if (!names)
        return FALSE;
    gboolean delivery = depth == FIND_DEPTH_MAX || (!names->len && depth) ||
                        holds_images(folder, names) || is_of_a_person(folder, names);
    if (!delivery && !find_among(folder, names, depth, found, error))
        return FALSE;
    if (delivery || (found->len == before && holds_xml(names)))
        g_ptr_array_add(found, g_strdup(folder));
    return TRUE;
}

GPtrArray *da_exchange_find(const char *path, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *plain = g_canonicalize_filename(path, NULL);
    g_autofree char *shown = g_filename_display_name(path);
    if (!g_file_test(plain, G_FILE_TEST_EXISTS)) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "there is no '%s'", shown);
        return NULL;
    }
    if (!g_file_test(plain, G_FILE_TEST_IS_DIR))
        g_ptr_array_add(found, g_steal_pointer(&plain));
    else if (!find_in(plain, 0, found, error))
        return NULL;
    if (!found->len) {
        da_error_set(error, DA_ERROR_INPUT,
                     "'%s' holds no delivery: wanted are zips or folders with an XML and "
                     "图像数据, or folders of images named by ID number",
                     shown);
        return NULL;
    }
    return g_steal_pointer(&found);
}
