#include "exchange_parts.h"
#include "exchange_stem.h"

#include <string.h>

/* Images that are named one by one where many have no place. */
#define NAMED_MAX 100u
/* 页号 has three digits. */
#define PAGES_MAX 999u

/* --- departures that many images share: one finding, with an example and a count ------------------------------------------- */

typedef enum {
    KIND_FOLDER,
    KIND_NO_FOLDER,
    KIND_NO_OPTIMISED,
    KIND_EXTRA,
    KIND_CASE,
    KIND_EXTENSION,
    KIND_NAME,
    KIND_DIGITS,
    KIND_ZERO,
    KIND_GAP,
    KIND_ENTRY,
    KIND_ORDER,
    KIND_UNLISTED,
    KIND_BY_NAME,
    KIND_ONE_LIST,
    KIND_PAIR,
    KIND_REPEATED,
    KIND_N
} Kind;

static const struct {
    const char *rule;
    DaSeverity severity;
    const char *message, *message_zh;
} kinds[KIND_N] = {
    [KIND_FOLDER] = {"PKG-004", DA_SEVERITY_WARNING,
                     "images do not lie in 图像数据/原始图像数据 and 图像数据/优化图像数据",
                     "图像未放在 图像数据/原始图像数据 和 图像数据/优化图像数据 中"},
    [KIND_NO_FOLDER] =
        {"PKG-004", DA_SEVERITY_WARNING,
         "there is no folder of original images; the images found were taken for originals",
         "没有原始图像数据文件夹，现有图像按原始图像处理"},
    [KIND_NO_OPTIMISED] = {"IMG-012", DA_SEVERITY_WARNING,
                           "original images have no optimised one beside them; the access image is "
                           "made from the original",
                           "部分原始图像没有对应的优化图像，利用图像由原始图像制作"},
    [KIND_EXTRA] = {"PKG-005", DA_SEVERITY_WARNING, "files do not belong here", "多余文件"},
    [KIND_CASE] = {"IMG-010", DA_SEVERITY_WARNING,
                   "names in the XML and of the files differ in case",
                   "XML 与文件的名称大小写不一致"},
    [KIND_EXTENSION] = {"IMG-010", DA_SEVERITY_WARNING,
                        "names in the XML and of the files differ in their extension",
                        "XML 与文件的扩展名不一致"},
    [KIND_NAME] = {"IMG-010", DA_SEVERITY_WARNING,
                   "images are not named 类号-序号-页号; their order is that of the XML",
                   "图像名称不是“类号-序号-页号”，顺序以 XML 为准"},
    [KIND_DIGITS] = {"IMG-010", DA_SEVERITY_WARNING, "页号 is not written with three digits",
                     "页号不是三位数字"},
    [KIND_ZERO] = {"IMG-011", DA_SEVERITY_WARNING, "页号 begins with 0; pages are numbered from 1",
                   "页号从 0 开始，已从 1 重新编号"},
    [KIND_GAP] = {"IMG-011", DA_SEVERITY_WARNING, "页号 has a gap; the pages are numbered on",
                  "页号不连续，已依次重新编号"},
    [KIND_ENTRY] = {"IMG-010", DA_SEVERITY_WARNING,
                    "images are named for another class or 序号 than their entry; the entry counts",
                    "图像名称的类号或序号与目录条目不符，以目录为准"},
    [KIND_ORDER] = {"XML-004", DA_SEVERITY_WARNING,
                    "the XML lists images out of the order of their 页号; 页号 counts",
                    "XML 中图像次序与页号不符，以页号为准"},
    [KIND_UNLISTED] =
        {"XML-004", DA_SEVERITY_WARNING,
         "images that the XML does not list complete the 页数 of their entry and were taken",
         "XML 未列出的图像恰好补足条目页数，已采用"},
    [KIND_BY_NAME] = {"XML-004", DA_SEVERITY_WARNING,
                      "the XML lists no images for an entry; those named for it were taken",
                      "条目未列图像，按图像名称采用"},
    [KIND_ONE_LIST] = {"XML-004", DA_SEVERITY_WARNING,
                       "the XML lists only one of the two images of a page",
                       "XML 只列出了一页的两个图像中的一个"},
    [KIND_PAIR] = {"IMG-012", DA_SEVERITY_WARNING,
                   "original and optimised images have different names; they were paired in order",
                   "原始图像与优化图像名称不同，按次序对应"},
    [KIND_REPEATED] = {"XML-004", DA_SEVERITY_WARNING,
                       "an entry lists the same image twice; it counts once",
                       "条目重复列出同一图像，只计一次"},
};

typedef struct {
    GPtrArray *files;    /* DaFormFile *, borrowed */
    GHashTable *by_name; /* folded name → DaFormFile * */
    GHashTable *by_stem; /* folded stem → DaFormFile *; NULL = two files have it */
    GHashTable *used;    /* DaFormFile * */
} ImageSet;

typedef struct {
    DaExchange *exchange;
    const DaProfile *profile;
    const DaFormDocument *document;
    gsize base_length;
    ImageSet original, optimised;
    gboolean
        missing; /* an image of the entry at hand is not there: what follows from that is not said again */
    guint count[KIND_N];
    char *example[KIND_N];
} Placing;

/* One page on its way into the material. */
typedef struct {
    const char *name;
    gboolean has_stem;
    DaStem stem;
    const DaFormFile *original, *optimised;
} Item;

static void note(Placing *placing, Kind kind, const char *example)
{
    if (!placing->count[kind]++)
        placing->example[kind] = g_strdup(example);
}

static DaFinding *fault(const Placing *placing, const char *rule, DaSeverity severity,
                        const char *file)
{
    DaFinding *finding = da_exchange_report(placing->exchange, placing->profile, rule, severity);
    g_free(finding->file);
    finding->file = g_strdup(file);
    return finding;
}

static void tell_notes(Placing *placing)
{
    for (Kind kind = 0; kind < KIND_N; kind++) {
        if (!placing->count[kind])
            continue;
        DaFinding *finding =
            fault(placing, kinds[kind].rule, kinds[kind].severity, placing->example[kind]);
        da_finding_set(&finding->message, "%s (%u)", kinds[kind].message, placing->count[kind]);
        da_finding_set(&finding->message_zh, "%s（%u 处）", kinds[kind].message_zh,
                       placing->count[kind]);
        g_free(placing->example[kind]);
    }
}

/* --- the two sets of images ------------------------------------------------------------------------------------------------ */

static void set_init(ImageSet *set)
{
    set->files = g_ptr_array_new();
    set->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    set->by_stem = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    set->used = g_hash_table_new(NULL, NULL);
}

static void set_clear(ImageSet *set)
{
    g_ptr_array_unref(set->files);
    g_hash_table_unref(set->by_name);
    g_hash_table_unref(set->by_stem);
    g_hash_table_unref(set->used);
}

static const char *base_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static void set_add(Placing *placing, ImageSet *set, DaFormFile *file)
{
    const char *base = base_of(file->name);
    char *stem = da_stem_key(base);
    gboolean twice = g_hash_table_contains(set->by_stem, stem);
    g_hash_table_replace(set->by_stem, stem, twice ? NULL : file);
    g_ptr_array_add(set->files, file);
    if (g_hash_table_insert(set->by_name, da_stem_fold(base), file))
        return;
    DaFinding *finding =
        fault(placing, "PKG-002", DA_SEVERITY_ERROR, file->name + placing->base_length);
    da_exchange_say(finding, "two images of one set have the same name, or differ in case alone",
                    "同一组中有两个名称相同或仅大小写不同的图像");
    da_exchange_refuse(placing->exchange, finding);
}

static gboolean is_image_name(const char *base)
{
    static const char *const extensions[] = {".jpg", ".jpeg", ".tif", ".tiff", ".png"};
    g_autofree char *folded = g_ascii_strdown(base, -1);
    for (guint i = 0; i < G_N_ELEMENTS(extensions); i++)
        if (g_str_has_suffix(folded, extensions[i]))
            return TRUE;
    return FALSE;
}

/* The set by the folders above a file. `strict` = they are those of the form. */
static DaForm set_of(const char *inside, gboolean *strict)
{
    g_auto(GStrv) part = g_strsplit(inside, "/", -1);
    guint n = g_strv_length(part);
    for (guint i = 0; i + 1 < n; i++) {
        DaForm form = da_form_folder(part[i], strict);
        if (form == DA_FORM_N)
            continue;
        *strict = *strict && i == 1 && n == 3 && !strcmp(part[0], DA_FORM_IMAGES);
        return form;
    }
    return DA_FORM_N;
}

static void sort_file(Placing *placing, DaFormFile *file, GPtrArray *loose)
{
    const char *inside = file->name + placing->base_length;
    gboolean strict = FALSE;
    DaForm form = set_of(inside, &strict);
    if (!is_image_name(base_of(inside))) {
        if (strchr(inside, '/') || !g_str_has_suffix(inside, ".xml"))
            note(placing, KIND_EXTRA, inside);
        return;
    }
    if (form == DA_FORM_N) {
        g_ptr_array_add(loose, file);
        return;
    }
    if (!strict)
        note(placing, KIND_FOLDER, inside);
    set_add(placing, form == DA_FORM_ORIGINAL ? &placing->original : &placing->optimised, file);
}

static void sort_files(Placing *placing, const GPtrArray *files)
{
    g_autoptr(GPtrArray) loose = g_ptr_array_new();
    for (guint i = 0; i < files->len; i++)
        sort_file(placing, files->pdata[i], loose);
    gboolean bare = !placing->original.files->len;
    for (guint i = 0; i < loose->len; i++) {
        DaFormFile *file = loose->pdata[i];
        note(placing, bare ? KIND_NO_FOLDER : KIND_EXTRA, file->name + placing->base_length);
        if (bare)
            set_add(placing, &placing->original, file);
    }
    placing->exchange->images = placing->original.files->len + placing->optimised.files->len;
}

/* The file of a listed name: exactly, in another case, or with another extension. */
static const DaFormFile *look_up(Placing *placing, const ImageSet *set, const char *name)
{
    g_autofree char *folded = da_stem_fold(name);
    g_autofree char *stem = da_stem_key(name);
    const DaFormFile *file = g_hash_table_lookup(set->by_name, folded);
    if (file && strcmp(base_of(file->name), name))
        note(placing, KIND_CASE, name);
    if (file)
        return file;
    file = g_hash_table_lookup(set->by_stem, stem);
    if (file)
        note(placing, KIND_EXTENSION, name);
    return file;
}

static const DaFormFile *same_stem(const ImageSet *set, const char *name)
{
    g_autofree char *stem = da_stem_key(name);
    return g_hash_table_lookup(set->by_stem, stem);
}

/* --- one entry ------------------------------------------------------------------------------------------------------------- */

static gboolean lists_stem(const GPtrArray *names, const char *name)
{
    g_autofree char *wanted = da_stem_key(name);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *stem = da_stem_key(names->pdata[i]);
        if (!strcmp(stem, wanted))
            return TRUE;
    }
    return FALSE;
}

static void refuse_missing(Placing *placing, const DaFormEntry *entry, const char *name,
                           const char *message, const char *message_zh)
{
    DaFinding *finding = fault(placing, "XML-004", DA_SEVERITY_ERROR, name);
    finding->row = entry->line;
    da_exchange_say(finding, message, message_zh);
    finding->mend = g_strdup("ask the maker of the delivery for the image");
    finding->mend_zh = g_strdup("请交付方补交该图像");
    da_exchange_refuse(placing->exchange, finding);
    placing->missing = TRUE;
}

static void add_item(Placing *placing, GArray *items, const char *name, const DaFormFile *original,
                     const DaFormFile *optimised)
{
    Item item = {.name = name, .original = original, .optimised = optimised};
    item.has_stem = da_stem_read(name, &item.stem);
    g_array_append_val(items, item);
    g_hash_table_add(placing->original.used, (gpointer)original);
    if (optimised)
        g_hash_table_add(placing->optimised.used, (gpointer)optimised);
}

static gboolean is_used(const ImageSet *set, const DaFormFile *file)
{
    return g_hash_table_contains(set->used, file);
}

/* A page by one listed name; both its images are looked for. */
static void take_listed(Placing *placing, const DaFormEntry *entry, const char *name, GArray *items)
{
    const DaFormFile *original = entry->originals->len ? look_up(placing, &placing->original, name)
                                                       : same_stem(&placing->original, name);
    if (!original) {
        g_hash_table_add(placing->optimised.used, (gpointer)same_stem(&placing->optimised, name));
        refuse_missing(placing, entry, name, "an original image that the XML lists is not there",
                       "XML 列出的原始图像不存在");
        return;
    }
    for (guint i = 0; i < items->len; i++)
        if (g_array_index(items, Item, i).original == original) {
            note(placing, KIND_REPEATED, name);
            return;
        }
    if (is_used(&placing->original, original)) {
        refuse_missing(placing, entry, name, "two entries list the same image",
                       "两个条目列出了同一图像");
        return;
    }
    const DaFormFile *optimised = same_stem(&placing->optimised, name);
    if (optimised && is_used(&placing->optimised, optimised))
        optimised = NULL;
    if (!entry->originals->len || (optimised && !lists_stem(entry->optimised, name)))
        note(placing, KIND_ONE_LIST, name);
    add_item(placing, items, base_of(original->name), original, optimised);
}

/* Optimised images under names of their own are paired by their place, where there are as many. */
static void pair_optimised(Placing *placing, const DaFormEntry *entry, GArray *items)
{
    g_autoptr(GPtrArray) others = g_ptr_array_new();
    guint without = 0;
    for (guint i = 0; i < items->len; i++)
        without += !g_array_index(items, Item, i).optimised;
    for (guint i = 0; i < entry->optimised->len; i++) {
        const char *name = entry->optimised->pdata[i];
        const DaFormFile *file = look_up(placing, &placing->optimised, name);
        if (!file)
            refuse_missing(placing, entry, name,
                           "an optimised image that the XML lists is not there",
                           "XML 列出的优化图像不存在");
        else if (!is_used(&placing->optimised, file))
            g_ptr_array_add(others, (gpointer)file);
    }
    if (!others->len || without != items->len || others->len != items->len)
        return;
    for (guint i = 0; i < items->len; i++) {
        Item *item = &g_array_index(items, Item, i);
        item->optimised = others->pdata[i];
        g_hash_table_add(placing->optimised.used, (gpointer)item->optimised);
        note(placing, KIND_PAIR, item->name);
    }
}

/* Images that no entry lists, named for this one. */
static GPtrArray *named_for(Placing *placing, const DaMaterial *material)
{
    GPtrArray *found = g_ptr_array_new();
    for (guint i = 0; i < placing->original.files->len; i++) {
        DaFormFile *file = placing->original.files->pdata[i];
        DaStem stem;
        if (!is_used(&placing->original, file) && da_stem_read(base_of(file->name), &stem) &&
            !strcmp(stem.class_code, material->class_code) && stem.sequence == material->sequence)
            g_ptr_array_add(found, file);
    }
    return found;
}

static gboolean is_listed_anywhere(const Placing *placing, const char *name)
{
    for (guint i = 0; i < placing->document->entries->len; i++) {
        const DaFormEntry *entry = placing->document->entries->pdata[i];
        if (lists_stem(entry->originals, name))
            return TRUE;
    }
    return FALSE;
}

static void take_unlisted(Placing *placing, const DaMaterial *material, GArray *items)
{
    Kind kind = items->len ? KIND_UNLISTED : KIND_BY_NAME;
    if (placing->missing || (items->len && items->len >= material->pages_claimed))
        return;
    g_autoptr(GPtrArray) found = named_for(placing, material);
    if (items->len && items->len + found->len != material->pages_claimed)
        return;
    for (guint i = 0; i < found->len; i++) {
        const DaFormFile *file = found->pdata[i];
        const char *name = base_of(file->name);
        if (is_listed_anywhere(placing, name))
            continue;
        if (!placing->document->by_name)
            note(placing, kind, name);
        add_item(placing, items, name, file, same_stem(&placing->optimised, name));
    }
}

static int compare_items(gconstpointer a, gconstpointer b)
{
    const Item *left = a, *right = b;
    return left->stem.page < right->stem.page ? -1 : left->stem.page > right->stem.page;
}

/* 页号 says which page it is; the order of a list may be that of a folder. */
static void order_items(Placing *placing, const DaMaterial *material, GArray *items)
{
    gboolean all = TRUE, ascending = TRUE, distinct = TRUE;
    for (guint i = 0; i < items->len; i++) {
        const Item *item = &g_array_index(items, Item, i);
        all = all && item->has_stem;
        for (guint k = 0; k < i; k++)
            distinct = distinct && g_array_index(items, Item, k).stem.page != item->stem.page;
        ascending =
            ascending && (!i || g_array_index(items, Item, i - 1).stem.page < item->stem.page);
    }
    if (!items->len)
        return;
    const char *first = g_array_index(items, Item, 0).name;
    if (!all || !distinct) {
        note(placing, KIND_NAME, first);
        return;
    }
    if (!ascending) {
        note(placing, KIND_ORDER, first);
        g_array_sort(items, compare_items);
    }
    guint from = g_array_index(items, Item, 0).stem.page;
    guint to = g_array_index(items, Item, items->len - 1).stem.page;
    if (from == 0)
        note(placing, KIND_ZERO, first);
    if (from > 1 || to - from + 1 != items->len)
        note(placing, KIND_GAP, first);
}

static void check_name(Placing *placing, const DaMaterial *material, const Item *item)
{
    if (!item->has_stem)
        return;
    if (item->stem.page_digits != 3)
        note(placing, KIND_DIGITS, item->name);
    if (*material->class_code && material->sequence &&
        (strcmp(item->stem.class_code, material->class_code) ||
         item->stem.sequence != material->sequence))
        note(placing, KIND_ENTRY, item->name);
    const char *dot = strrchr(item->name, '.');
    g_autofree char *lower = dot ? g_ascii_strdown(dot, -1) : NULL;
    if (lower && strcmp(lower, dot))
        note(placing, KIND_CASE, item->name);
}

static void set_file(DaPage *page, DaFileKind kind, const DaFormFile *file)
{
    if (!file)
        return;
    const char *dot = strrchr(file->name, '.');
    g_autofree char *lower = g_ascii_strdown(dot ? dot + 1 : "", -1);
    page->file[kind].path = g_strdup(file->path);
    page->file[kind].size_bytes = file->size_bytes;
    page->file[kind].extension = g_strdup(!strcmp(lower, "jpeg")   ? "jpg"
                                          : !strcmp(lower, "tiff") ? "tif"
                                                                   : lower);
}

static void add_page(Placing *placing, DaMaterial *material, const Item *item)
{
    DaPage *page = da_page_new();
    page->side = material->pages->len + 1;
    page->stem = da_page_stem(material->class_code, material->sequence, page->side);
    set_file(page, DA_FILE_MASTER, item->original);
    set_file(page, DA_FILE_ACCESS, item->optimised);
    if (!item->optimised && !placing->missing)
        note(placing, KIND_NO_OPTIMISED, item->name);
    g_ptr_array_add(material->pages, page);
}

static void check_count(Placing *placing, const DaFormEntry *entry, const DaMaterial *material)
{
    guint found = material->pages->len, wanted = material->pages_claimed;
    if (placing->missing || (found && (found == wanted || !wanted)))
        return;
    DaFinding *finding = fault(placing, "XML-005", DA_SEVERITY_ERROR, NULL);
    finding->row = entry->line;
    da_exchange_say(finding, "页数 is not the number of images", "页数与图像数不一致");
    da_finding_set(&finding->found, "%u", found);
    da_finding_set(&finding->wanted, "%u", wanted);
    if (!found)
        da_exchange_refuse(placing->exchange, finding);
}

static void place_entry(Placing *placing, const DaFormEntry *entry, DaMaterial *material)
{
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(Item));
    const GPtrArray *names = entry->originals->len ? entry->originals : entry->optimised;
    placing->missing = FALSE;
    if (names->len > PAGES_MAX) {
        refuse_missing(placing, entry, NULL, "an entry lists more than 999 images",
                       "一个条目列出的图像超过 999 个");
        return;
    }
    for (guint i = 0; i < names->len; i++)
        take_listed(placing, entry, names->pdata[i], items);
    pair_optimised(placing, entry, items);
    take_unlisted(placing, material, items);
    order_items(placing, material, items);
    for (guint i = 0; i < items->len; i++) {
        check_name(placing, material, &g_array_index(items, Item, i));
        add_page(placing, material, &g_array_index(items, Item, i));
    }
    check_count(placing, entry, material);
}

/* An image that stands nowhere is a page that would be lost. */
static void refuse_left_over(Placing *placing, const ImageSet *set)
{
    guint named = 0;
    for (guint i = 0; i < set->files->len && named < NAMED_MAX; i++) {
        const DaFormFile *file = set->files->pdata[i];
        g_autofree char *folded = da_stem_fold(base_of(file->name));
        if (is_used(set, file) || g_hash_table_lookup(set->by_name, folded) != file)
            continue; /* the second of one name was refused already */
        DaFinding *finding =
            fault(placing, "XML-004", DA_SEVERITY_ERROR, file->name + placing->base_length);
        da_exchange_say(finding, "no entry of the catalogue has this image",
                        "目录中没有列出该图像");
        finding->mend = g_strdup("have it entered in the catalogue, or taken out");
        finding->mend_zh = g_strdup("补入目录，或从交付中去除");
        da_exchange_refuse(placing->exchange, finding);
        named++;
    }
}

void da_exchange_place(DaExchange *exchange, const DaProfile *profile,
                       const DaFormDocument *document, const GPtrArray *files, const char *base)
{
    Placing placing = {.exchange = exchange,
                       .profile = profile,
                       .document = document,
                       .base_length = *base ? strlen(base) + 1 : 0};
    set_init(&placing.original);
    set_init(&placing.optimised);
    sort_files(&placing, files);
    for (guint i = 0; i < document->entries->len; i++)
        place_entry(&placing, document->entries->pdata[i], exchange->dossier->materials->pdata[i]);
    refuse_left_over(&placing, &placing.original);
    refuse_left_over(&placing, &placing.optimised);
    tell_notes(&placing);
    set_clear(&placing.original);
    set_clear(&placing.optimised);
}
