#include "package_parts.h"
#include "xmlout.h"

#include <dangan/carrier.h>
#include <dangan/error.h>
#include <dangan/fault.h>
#include <dangan/file.h>
#include <dangan/staging.h>
#include <gio/gio.h>
#include <string.h>

#define RECORDS "电子档案"
#define OTHER "其他"
#define UNDATED "无日期"

typedef struct {
    const DaDossier *dossier;
    const char *root;
    GString *sums; /* sha256sum's form, in the order of writing */
    DaCarrierWritten *written;
} Carrier;

static gboolean write_text(const Carrier *carrier, const char *inside, const char *text, gsize size,
                           GError **error)
{
    g_autofree char *path = g_build_filename(carrier->root, inside, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    if (!da_dir_make(folder, error) || !da_file_write(path, text, size, error))
        return FALSE;
    g_string_append_printf(carrier->sums, "%s  %s\n", da_digest_bytes(text, size).hex, inside);
    return TRUE;
}

static gboolean write_bytes(const Carrier *carrier, const char *inside, GBytes *bytes,
                            GError **error)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    return write_text(carrier, inside, data, size, error);
}

/* --- catalogues --------------------------------------------------------------------------------------------------------------- */

/* "电子档案/1988/9-1/9-1-2": year of formation, class, material. */
static char *folder_of(const DaMaterial *material)
{
    g_autofree char *year =
        material->formed.year ? g_strdup_printf("%04u", material->formed.year) : g_strdup(UNDATED);
    return g_strdup_printf(RECORDS "/%s/%s/%s-%u", year, material->class_code, material->class_code,
                           material->sequence);
}

static const char *number_of(const Carrier *carrier)
{
    return da_dossier_get(carrier->dossier, DA_FIELD_ARCHIVAL_NUMBER);
}

typedef struct {
    guint order;
    const char *number, *title, *date, *name, *note;
} Row;

static void put(DaXmlOut *out, const char *element, const char *text)
{
    da_xmlout_element(out, element, text ? text : "");
}

static void put_row(DaXmlOut *out, const char *element, const Row *row)
{
    da_xmlout_open(out, element);
    da_xmlout_elementf(out, "顺序号", "%u", row->order);
    put(out, "档号", row->number);
    put(out, "责任者", NULL);
    put(out, "题名", row->title);
    put(out, "日期", row->date);
    put(out, "密级", NULL);
    put(out, "电子档案名称", row->name);
    put(out, "备注", row->note);
    da_xmlout_close(out);
}

static gboolean write_dossier_list(const Carrier *carrier, GError **error)
{
    g_autoptr(DaXmlOut) out = da_xmlout_new();
    const char *person = da_dossier_get(carrier->dossier, DA_FIELD_NAME);
    g_autofree char *title = g_strconcat(person ? person : "", "人事档案", NULL);
    da_xmlout_open(out, "案卷目录");
    put_row(out, "案卷",
            &(Row){.order = 1,
                   .number = number_of(carrier),
                   .title = title,
                   .name = RECORDS,
                   .note = da_dossier_get(carrier->dossier, DA_FIELD_NOTE)});
    g_autoptr(GBytes) xml = da_xmlout_finish(out);
    return write_bytes(carrier, "案卷目录.XML", xml, error);
}

static gboolean write_material_list(const Carrier *carrier, GError **error)
{
    g_autoptr(DaXmlOut) out = da_xmlout_new();
    da_xmlout_open(out, "文件目录");
    for (guint i = 0; i < carrier->dossier->materials->len; i++) {
        const DaMaterial *material = carrier->dossier->materials->pdata[i];
        const char *number = number_of(carrier);
        g_autofree char *own =
            number ? g_strdup_printf("%s-%s-%u", number, material->class_code, material->sequence)
                   : NULL;
        g_autofree char *date = da_date_format(material->formed);
        g_autofree char *folder = folder_of(material);
        put_row(out, "文件",
                &(Row){.order = i + 1,
                       .number = own,
                       .title = material->title,
                       .date = date,
                       .name = folder,
                       .note = material->note});
    }
    g_autoptr(GBytes) xml = da_xmlout_finish(out);
    return write_bytes(carrier, "文件目录.XML", xml, error);
}

/* --- content -------------------------------------------------------------------------------------------------------------------- */

static gboolean place_master(const Carrier *carrier, const DaMaterial *material, const DaPage *page,
                             GError **error)
{
    const DaPageFile *file = &page->file[DA_FILE_MASTER];
    if (!file->path)
        return da_error_set(error, DA_ERROR_INPUT,
                            "cannot export page '%s': the package has no master of it", page->stem);
    g_autofree char *folder = folder_of(material);
    g_autofree char *inside = g_strdup_printf("%s/%s.%s", folder, page->stem, file->extension);
    g_autofree char *place = g_build_filename(carrier->root, inside, NULL);
    g_autofree char *above = g_path_get_dirname(place);
    DaDigest digest;
    guint64 size = 0;
    if (!da_dir_make(above, error) || !da_file_copy(file->path, place, error) ||
        !da_digest_file(place, &digest, &size, error)) {
        g_prefix_error(error, "cannot export page '%s': ", page->stem);
        return FALSE;
    }
    if (g_strcmp0(digest.hex, file->sha256))
        return da_error_set(
            error, DA_ERROR_INPUT,
            "cannot export page '%s': its master has changed since it was recorded; "
            "check the package with dangan verify",
            page->stem);
    g_string_append_printf(carrier->sums, "%s  %s\n", digest.hex, inside);
    carrier->written->files++;
    carrier->written->bytes += size;
    return TRUE;
}

static gboolean place_masters(const Carrier *carrier, GError **error)
{
    for (guint m = 0; m < carrier->dossier->materials->len; m++) {
        const DaMaterial *material = carrier->dossier->materials->pdata[m];
        for (guint p = 0; p < material->pages->len; p++)
            if (!place_master(carrier, material, material->pages->pdata[p], error))
                return FALSE;
    }
    return TRUE;
}

static gboolean write_other(const Carrier *carrier, GError **error)
{
    g_autoptr(GBytes) dossier = da_dossier_to_xml(carrier->dossier, error);
    g_autoptr(GBytes) schema =
        g_resources_lookup_data("/dangan/xsd/dossier.xsd", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    return dossier && write_bytes(carrier, OTHER "/dossier.xml", dossier, error) &&
           (!schema || write_bytes(carrier, OTHER "/dossier.xsd", schema, error));
}

/* For whoever finds the carrier with nothing else in the hand. */
static gboolean write_readme(const Carrier *carrier, GError **error)
{
    const DaDossier *dossier = carrier->dossier;
    const char *employer = da_dossier_get(dossier, DA_FIELD_EMPLOYER);
    const char *person = da_dossier_get(dossier, DA_FIELD_NAME);
    const char *number = number_of(carrier);
    g_autofree char *text = g_strdup_printf(
        "电子档案移交载体说明\r\n\r\n"
        "移交单位：%s\r\n内容：%s人事档案一卷\r\n档号：%s\r\n文件（件）数：%u\r\n"
        "图像数：%u\r\n字节数：%" G_GUINT64_FORMAT "\r\n制作时间：%s\r\n\r\n"
        "案卷目录.XML、文件目录.XML：目录，UTF-8 编码。\r\n"
        "电子档案/年度/类号/类号-序号/：扫描件原始图像，文件名为 类号-序号-页号。\r\n"
        "其他/dossier.xml：人员基本信息、目录和每页说明；dossier.xsd 为其结构定义。\r\n"
        "其他/sha256sum.txt：各文件的 SHA-256 校验值。\r\n\r\n"
        "读取条件：能显示 JPEG、TIFF、PNG 图像和 UTF-8 文本的任何软件；无加密，无压缩包。\r\n"
        "制作软件：dangan %s\r\n",
        employer ? employer : "", person ? person : "", number ? number : "",
        dossier->materials->len, carrier->written->files, carrier->written->bytes,
        dossier->created ? dossier->created : "", DANGAN_VERSION);
    return write_text(carrier, "说明文件.TXT", text, strlen(text), error);
}

static gboolean write_sums(const Carrier *carrier, GError **error)
{
    g_autofree char *path = g_build_filename(carrier->root, OTHER, "sha256sum.txt", NULL);
    return da_file_write(path, carrier->sums->str, carrier->sums->len, error);
}

gboolean da_carrier_write(const DaDossier *dossier, const char *path, gboolean replace,
                          DaCarrierWritten *written, GError **error)
{
    *written = (DaCarrierWritten){0};
    g_autofree char *shown = g_filename_display_name(path);
    if (!replace && g_file_test(path, G_FILE_TEST_EXISTS))
        return da_error_set(error, DA_ERROR_CONFLICT, "cannot make '%s': it exists already", shown);
    g_autoptr(DaStaging) staging = da_staging_new(path, error);
    if (!staging)
        return FALSE;
    g_autoptr(GString) sums = g_string_new(NULL);
    Carrier carrier = {
        .dossier = dossier, .root = da_staging_path(staging), .sums = sums, .written = written};
    if (!place_masters(&carrier, error) || !write_dossier_list(&carrier, error) ||
        !write_material_list(&carrier, error) || !write_other(&carrier, error) ||
        !write_readme(&carrier, error) || !write_sums(&carrier, error))
        return FALSE;
    da_fault_point("carrier.staged");
    return da_staging_commit(staging, replace, error);
}
