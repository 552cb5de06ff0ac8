/*
 * Deliveries without an XML: a folder named by the ID number holds images named 类号-序号-页号, and a catalogue where its maker wrote one. Person and
 * pages come from the names; what nobody wrote (sex, birth, without a catalogue titles and dates) stays missing.
 */
#include "exchange_parts.h"
#include "exchange_stem.h"

#include <dangan/error.h>
#include <dangan/handover.h>
#include <dangan/identity.h>
#include <string.h>

typedef struct {
    DaExchange *exchange;
    const DaProfile *profile;
    const DaScheme *scheme;
    GPtrArray *files; /* DaFormFile *, borrowed */
    char *base;       /* folder of the person inside the delivery; "" = the delivery itself */
} Named;

static DaFinding *fault(const Named *named, const char *rule, DaSeverity severity, const char *file)
{
    DaFinding *finding = da_exchange_report(named->exchange, named->profile, rule, severity);
    finding->file = g_strdup(file);
    return finding;
}

/* --- whose it is ------------------------------------------------------------------------------------------------------- */

/* A valid ID number at the end of a name; `person` is what stands before it. The caller owns both. */
static char *valid_number(const char *name, char **person)
{
    g_autofree char *before = NULL;
    g_autofree char *number = da_exchange_number_in(name, &before);
    if (!number || da_id_number_check(number) != DA_IDENTITY_OK)
        return NULL;
    *person = g_steal_pointer(&before);
    return g_steal_pointer(&number);
}

/* The one folder that everything lies in; NULL = there is none. */
static char *only_folder(const GPtrArray *files)
{
    g_autofree char *only = NULL;
    for (guint i = 0; i < files->len; i++) {
        const char *name = ((const DaFormFile *)files->pdata[i])->name;
        const char *slash = strchr(name, '/');
        gsize length = slash ? (gsize)(slash - name) : 0;
        if (!length || (only && (strncmp(only, name, length) || only[length])))
            return NULL;
        if (!only)
            only = g_strndup(name, length);
    }
    return g_steal_pointer(&only);
}

static char *delivery_stem(const DaExchange *exchange)
{
    gboolean zip =
        g_str_has_suffix(exchange->name, ".zip") || g_str_has_suffix(exchange->name, ".ZIP");
    return g_strndup(exchange->name, strlen(exchange->name) - (zip ? 4 : 0));
}

/* The folder inside counts before the delivery around it. */
static char *find_number(Named *named, char **person)
{
    g_autofree char *delivery = delivery_stem(named->exchange);
    g_autofree char *folder = only_folder(named->files);
    char *number = folder ? valid_number(folder, person) : NULL;
    named->base = number ? g_steal_pointer(&folder) : g_strdup("");
    return number ? number : valid_number(delivery, person);
}

/* --- catalogue --------------------------------------------------------------------------------------------------------- */

static gboolean lies_in_base(const Named *named, const DaFormFile *file)
{
    gsize length = *named->base ? strlen(named->base) + 1 : 0;
    return !strchr(file->name + length, '/');
}

static gboolean is_table(const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    return g_str_has_suffix(lower, ".xlsx") || g_str_has_suffix(lower, ".csv") ||
           g_str_has_suffix(lower, ".xls");
}

/* The catalogue: the file of the profile's name, else the only table there is. It leaves the files. */
static char *take_catalogue(Named *named, const char *folder, GError **error)
{
    g_autofree char *place = g_build_filename(folder, named->base, NULL);
    g_autofree char *path = da_list_find(place, named->profile->catalogue, error);
    guint tables = 0, index = 0;
    if (!path && error && *error)
        return NULL;
    for (guint i = 0; i < named->files->len; i++) {
        const DaFormFile *file = named->files->pdata[i];
        if (!lies_in_base(named, file) || !is_table(file->name) ||
            (path && strcmp(path, file->path)))
            continue;
        tables++;
        index = i;
    }
    if (tables != 1)
        return NULL;
    const DaFormFile *table = named->files->pdata[index];
    if (!path) {
        DaFinding *finding = fault(named, "LST-001", DA_SEVERITY_WARNING, table->name);
        da_exchange_say(finding, "the catalogue has another name; it was read as the only table",
                        "目录文件名不符合规定，因只有这一个表格，按目录读取");
        finding->wanted = g_strdup(named->profile->catalogue->file);
    }
    char *found = g_strdup(table->path);
    g_ptr_array_remove_index(named->files, index);
    return found;
}

/* Rows that name no pages of their own cannot be packaged. */
static void check_materials(const Named *named, const GPtrArray *materials, const char *file)
{
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < materials->len; i++) {
        const DaMaterial *material = materials->pdata[i];
        if (*material->class_code && material->sequence &&
            g_hash_table_add(taken,
                             g_strdup_printf("%s-%u", material->class_code, material->sequence)))
            continue;
        DaFinding *finding =
            fault(named, *material->class_code ? "CAT-002" : "CAT-001", DA_SEVERITY_ERROR, file);
        finding->row = material->row;
        da_exchange_say(finding,
                        "the row has no class and 序号 of its own: its images cannot be told",
                        "该行没有唯一的类号和序号，无法对应图像");
        da_exchange_refuse(named->exchange, finding);
    }
}

static gboolean read_catalogue(Named *named, const char *path, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autofree char *file = g_path_get_basename(path);
    g_autofree char *shown = g_filename_display_name(file);
    g_autoptr(GPtrArray) materials =
        da_catalogue_read(path, named->profile, named->scheme->name, named->exchange->name,
                          named->exchange->findings, &wrong);
    if (!materials && da_error_exit_status(wrong) == 4) {
        g_propagate_error(error, g_steal_pointer(&wrong));
        return FALSE;
    }
    if (!materials || !materials->len) {
        DaFinding *finding = fault(named, "XML-003", DA_SEVERITY_ERROR, shown);
        da_finding_set(&finding->message, "the catalogue cannot be read: %s",
                       wrong ? wrong->message : "it has no row");
        da_finding_set(&finding->message_zh, "目录无法读取：%s",
                       wrong ? wrong->message : "没有条目");
        da_exchange_refuse(named->exchange, finding);
        return TRUE;
    }
    check_materials(named, materials, shown);
    g_ptr_array_unref(named->exchange->dossier->materials);
    named->exchange->dossier->materials = g_steal_pointer(&materials);
    return TRUE;
}

/* --- without a catalogue ------------------------------------------------------------------------------------------------ */

static int place_of(const DaScheme *scheme, const char *code)
{
    for (guint i = 0; i < scheme->classes->len; i++)
        if (!strcmp(((const DaClass *)scheme->classes->pdata[i])->code, code))
            return (int)i;
    return -1;
}

static gint compare_materials(gconstpointer a, gconstpointer b, gpointer scheme)
{
    const DaMaterial *first = *(DaMaterial *const *)a, *second = *(DaMaterial *const *)b;
    int class = place_of(scheme, first->class_code) - place_of(scheme, second->class_code);
    return class ? class : (int)first->sequence - (int)second->sequence;
}

static gboolean has_material(const GPtrArray *materials, const DaStem *stem)
{
    for (guint i = 0; i < materials->len; i++) {
        const DaMaterial *material = materials->pdata[i];
        if (!strcmp(material->class_code, stem->class_code) && material->sequence == stem->sequence)
            return TRUE;
    }
    return FALSE;
}

static void add_material(const Named *named, const DaFormFile *file, const DaStem *stem)
{
    GPtrArray *materials = named->exchange->dossier->materials;
    const DaClass *class = da_scheme_class(named->scheme, stem->class_code);
    if (has_material(materials, stem))
        return;
    if (!class || !class->holds) {
        DaFinding *finding = fault(named, "CAT-001", DA_SEVERITY_ERROR, file->name);
        da_finding_set(&finding->message, "the class is none that holds materials in the scheme %s",
                       named->scheme->name);
        da_finding_set(&finding->message_zh, "类号在分类方案 %s 中不存在或不能放材料",
                       named->scheme->name);
        finding->found = g_strdup(stem->class_code);
        da_exchange_refuse(named->exchange, finding);
    }
    DaMaterial *material = da_material_new();
    material->class_code = g_strdup(stem->class_code);
    material->sequence = stem->sequence;
    material->title = g_strdup("");
    g_ptr_array_add(materials, material);
}

static guint read_stems(const Named *named)
{
    guint stems = 0;
    for (guint i = 0; i < named->files->len; i++) {
        const DaFormFile *file = named->files->pdata[i];
        g_autofree char *name = g_path_get_basename(file->name);
        DaStem stem;
        if (!da_stem_read(name, &stem))
            continue;
        stems++;
        add_material(named, file, &stem);
    }
    return stems;
}

/* Materials as the names of the images tell them: a draft, since nobody has written a catalogue. */
static void draft_materials(const Named *named)
{
    DaDossier *dossier = named->exchange->dossier;
    dossier->draft = TRUE;
    if (read_stems(named)) {
        g_ptr_array_sort_with_data(dossier->materials, compare_materials, (gpointer)named->scheme);
        DaFinding *finding = fault(named, "CAT-013", DA_SEVERITY_WARNING, NULL);
        da_exchange_say(finding,
                        "there is no catalogue; materials are those that the names of the images "
                        "tell, without title, date and 页数",
                        "没有目录；材料按图像名称确定，名称、形成时间和页数均缺失");
        da_finding_set(&finding->mend, "put the catalogue into the folder and import it again");
        da_finding_set(&finding->mend_zh, "把目录放入文件夹后重新导入");
        return;
    }
    DaFinding *finding = fault(named, "IMG-010", DA_SEVERITY_ERROR, NULL);
    da_exchange_say(
        finding, "no image is named 类号-序号-页号; scans with a catalogue are for dangan ingest",
        "图像名称都不是“类号-序号-页号”；带目录的扫描件请用 dangan ingest");
    da_exchange_refuse(named->exchange, finding);
}

/* --- the whole ----------------------------------------------------------------------------------------------------------- */

static void describe_person(const Named *named, const char *number, const char *person)
{
    static const struct {
        DaField field;
        const char *name;
    } mandatory[] = {{DA_FIELD_NAME, "姓名"}, {DA_FIELD_SEX, "性别"}, {DA_FIELD_BIRTH, "出生日期"}};
    DaDossier *dossier = named->exchange->dossier;
    da_dossier_set(dossier, DA_FIELD_ID_NUMBER, number, DA_ORIGIN_DERIVED, "name of the delivery");
    if (*person)
        da_dossier_set(dossier, DA_FIELD_NAME, person, DA_ORIGIN_DERIVED, "name of the delivery");
    for (guint i = 0; i < G_N_ELEMENTS(mandatory); i++) {
        if (da_dossier_get(dossier, mandatory[i].field))
            continue;
        DaFinding *finding = fault(named, "XML-003", DA_SEVERITY_WARNING, NULL);
        da_finding_set(&finding->message, "the delivery does not say %s", mandatory[i].name);
        da_finding_set(&finding->message_zh, "交付中没有%s", mandatory[i].name);
    }
}

static gboolean is_of_the_form(const Named *named)
{
    g_autofree char *images = *named->base ? g_strdup_printf("%s/" DA_FORM_IMAGES "/", named->base)
                                           : g_strdup(DA_FORM_IMAGES "/");
    for (guint i = 0; i < named->files->len; i++)
        if (g_str_has_prefix(((const DaFormFile *)named->files->pdata[i])->name, images))
            return TRUE;
    return FALSE;
}

static void report_no_xml(const Named *named, gboolean catalogue)
{
    DaFinding *finding = fault(named, "PKG-004", DA_SEVERITY_ERROR, NULL);
    if (catalogue)
        da_exchange_say(finding,
                        "there is no XML; person, catalogue and pages were read from the name of "
                        "the folder, the table and the names of the images",
                        "没有 XML；人员、目录、页面分别取自文件夹名称、目录表格和图像名称");
    else
        da_exchange_say(finding,
                        "there is no XML; person and pages were read from the names of the folder "
                        "and of the images",
                        "没有 XML；人员、页面取自文件夹名称和图像名称");
}

/* One empty entry a material: its images are found by their names. */
static DaFormDocument *document_of(const GPtrArray *materials)
{
    DaFormDocument *document = da_form_document_new();
    document->by_name = TRUE;
    for (guint i = 0; i < materials->len; i++)
        da_form_document_add(document, ((const DaMaterial *)materials->pdata[i])->row);
    return document;
}

static gboolean describe(Named *named, const char *folder, const char *number, const char *person,
                         GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autofree char *catalogue = take_catalogue(named, folder, &wrong);
    if (wrong && da_error_exit_status(wrong) == 4) {
        g_propagate_error(error, g_steal_pointer(&wrong));
        return FALSE;
    }
    if (wrong) {
        DaFinding *finding = fault(named, "LST-001", DA_SEVERITY_ERROR, NULL);
        da_exchange_say(finding, wrong->message, wrong->message);
        da_exchange_refuse(named->exchange, finding);
        return TRUE;
    }
    if (!catalogue && is_of_the_form(named)) {
        da_exchange_refuse_without_xml(named->exchange, named->profile);
        return TRUE;
    }
    named->exchange->dossier = da_dossier_new();
    named->exchange->dossier->scheme = g_strdup(named->scheme->name);
    report_no_xml(named, catalogue != NULL);
    describe_person(named, number, person);
    if (!catalogue)
        draft_materials(named);
    return !catalogue || read_catalogue(named, catalogue, error);
}

gboolean da_exchange_read_named(DaExchange *exchange, const DaProfile *profile,
                                const DaScheme *scheme, const char *folder, GPtrArray *files,
                                char **base, GError **error)
{
    Named named = {.exchange = exchange, .profile = profile, .scheme = scheme, .files = files};
    g_autofree char *person = NULL;
    g_autofree char *number = find_number(&named, &person);
    g_autofree char *found G_GNUC_UNUSED = named.base;
    if (!number) {
        da_exchange_refuse_without_xml(exchange, profile);
        return TRUE;
    }
    if (!describe(&named, folder, number, person, error))
        return FALSE;
    if (!exchange->dossier || !exchange->usable)
        return TRUE;
    g_autoptr(DaFormDocument) document = document_of(exchange->dossier->materials);
    g_autoptr(GPtrArray) below = da_exchange_files_below(exchange, profile, files, named.base);
    da_exchange_place(exchange, profile, document, below, named.base);
    *base = g_strdup(named.base);
    return TRUE;
}
