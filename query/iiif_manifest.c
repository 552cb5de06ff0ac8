#include "iiif_manifest.h"

#include <dangan/handle/json.h>
#include <dangan/pyramid.h>
#include <string.h>

#define ALTO_PROFILE "http://www.loc.gov/standards/alto/v4"

/* --- pieces ---------------------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

static guint number_of(const json_t *object, const char *member)
{
    return (guint)json_integer_value(json_object_get(object, member));
}

/* {"zh": […], "en": […]} */
static json_t *both(const char *zh, const char *en)
{
    return json_pack("{s:[s], s:[s]}", "zh", zh, "en", en);
}

/* Of no language: numbers, names. */
static json_t *plain(const char *text)
{
    return json_pack("{s:[s]}", "none", text ? text : "");
}

G_GNUC_PRINTF(1, 2)
static json_t *address(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    return json_string(text);
}

/* --- canvases -------------------------------------------------------------------------------------------------------- */

/* What is shown of a page: its access image, or where it has none the master. */
typedef struct {
    char *image; /* address of the service */
    guint width_px, height_px;
} Shown;

static Shown shown_of(const char *base, const json_t *page)
{
    gboolean access = json_is_true(json_object_get(page, "access"));
    return (Shown){
        .image = g_strdup_printf("%s/%s%s", base, text_of(page, "page"), access ? "" : "_master"),
        .width_px = number_of(page, access ? "width_px" : "master_width_px"),
        .height_px = number_of(page, access ? "height_px" : "master_height_px")};
}

static json_t *image_of(const Shown *shown, guint width, guint height)
{
    gboolean whole = width == shown->width_px;
    g_autofree char *size = whole ? g_strdup("max") : g_strdup_printf("%u,", width);
    return json_pack("{s:o, s:s, s:s, s:i, s:i, s:[{s:s, s:s, s:s}]}", "id",
                     address("%s/full/%s/0/default.jpg", shown->image, size), "type", "Image",
                     "format", "image/jpeg", "width", (int)width, "height", (int)height, "service",
                     "id", shown->image, "type", "ImageService3", "profile", "level2");
}

/* The level of the pyramid that is one tile. */
static json_t *thumbnail_of(const Shown *shown)
{
    guint width = shown->width_px, height = shown->height_px;
    while (MAX(width, height) > DA_PYRAMID_TILE_PX) {
        width = (width + 1) / 2;
        height = (height + 1) / 2;
    }
    return image_of(shown, width, height);
}

static void add_text(json_t *canvas, const char *base, const char *page)
{
    json_object_set_new(canvas, "seeAlso",
                        json_pack("[{s:o, s:s, s:s, s:s, s:o}]", "id",
                                  address("%s/%s/alto.xml", base, page), "type", "Dataset",
                                  "format", "application/xml", "profile", ALTO_PROFILE, "label",
                                  both("识别文字", "Recognized text")));
    json_object_set_new(canvas, "annotations",
                        json_pack("[{s:o, s:s}]", "id", address("%s/%s/lines.json", base, page),
                                  "type", "AnnotationPage"));
}

static json_t *canvas_of(const char *base, const json_t *page)
{
    const char *id = text_of(page, "page");
    Shown shown = shown_of(base, page);
    json_t *painting = json_pack(
        "{s:o, s:s, s:s, s:o, s:o}", "id", address("%s/%s/image", base, id), "type", "Annotation",
        "motivation", "painting", "body", image_of(&shown, shown.width_px, shown.height_px),
        "target", address("%s/%s/canvas", base, id));
    json_t *canvas =
        json_pack("{s:o, s:s, s:o, s:i, s:i, s:[o], s:[{s:o, s:s, s:[o]}]}", "id",
                  address("%s/%s/canvas", base, id), "type", "Canvas", "label",
                  plain(text_of(page, "stem")), "width", (int)shown.width_px, "height",
                  (int)shown.height_px, "thumbnail", thumbnail_of(&shown), "items", "id",
                  address("%s/%s/page", base, id), "type", "AnnotationPage", "items", painting);
    if (json_is_true(json_object_get(page, "text")))
        add_text(canvas, base, id);
    g_free(shown.image);
    return canvas;
}

/* --- ranges ---------------------------------------------------------------------------------------------------------- */

static json_t *material_range(const char *base, const json_t *material)
{
    size_t i;
    json_t *page, *canvases = json_array();
    json_array_foreach(json_object_get(material, "pages"), i, page) json_array_append_new(
        canvases,
        json_pack("{s:o, s:s}", "id", address("%s/%s/canvas", base, text_of(page, "page")), "type",
                  "Canvas"));
    return json_pack("{s:o, s:s, s:o, s:o}", "id",
                     address("%s/range/%u", base, number_of(material, "number")), "type", "Range",
                     "label", plain(text_of(material, "title")), "items", canvases);
}

static json_t *class_range(const char *base, const json_t *class)
{
    size_t i;
    json_t *material, *materials = json_array();
    const char *name = text_of(class, "name");
    g_autofree char *label =
        g_strdup_printf("%s%s%s", text_of(class, "printed"), name ? " " : "", name ? name : "");
    json_array_foreach(json_object_get(class, "materials"), i, material)
        json_array_append_new(materials, material_range(base, material));
    return json_pack("{s:o, s:s, s:o, s:o}", "id",
                     address("%s/range/class-%s", base, text_of(class, "code")), "type", "Range",
                     "label", plain(label), "items", materials);
}

/* --- the manifest ---------------------------------------------------------------------------------------------------- */

static const char *field_of(const json_t *dossier, const char *name)
{
    size_t i;
    json_t *field;
    json_array_foreach(
        json_object_get(dossier, "fields"), i,
        field) if (!g_strcmp0(text_of(field, "field"), name)) return text_of(field, "value");
    return NULL;
}

static json_t *metadata_of(const json_t *dossier)
{
    static const char *const shown[][3] = {{"name", "姓名", "Name"},
                                           {"sex", "性别", "Sex"},
                                           {"birth", "出生日期", "Born"},
                                           {"employer", "所属单位", "Employer"},
                                           {"archival-number", "档号", "Archival number"}};
    json_t *metadata = json_array();
    for (guint i = 0; i < G_N_ELEMENTS(shown); i++) {
        const char *value = field_of(dossier, shown[i][0]);
        if (value)
            json_array_append_new(metadata,
                                  json_pack("{s:o, s:o}", "label", both(shown[i][1], shown[i][2]),
                                            "value", plain(value)));
    }
    return metadata;
}

static json_t *services_of(const char *base)
{
    return json_pack("[{s:o, s:s}, {s:o, s:s, s:s}]", "id", address("%s/search", base), "type",
                     "SearchService2", "@id", address("%s/search1", base), "@type",
                     "SearchService1", "profile", "http://iiif.io/api/search/1/search");
}

static void add_pages(const char *base, const json_t *class, json_t *canvases)
{
    size_t i, j;
    json_t *material, *page;
    json_array_foreach(json_object_get(class, "materials"), i, material)
        json_array_foreach(json_object_get(material, "pages"), j, page)
            json_array_append_new(canvases, canvas_of(base, page));
}

json_t *da_iiif_manifest(const char *base, const json_t *dossier)
{
    size_t i;
    json_t *class, *canvases = json_array(), *ranges = json_array();
    const char *name = field_of(dossier, "name");
    json_array_foreach(json_object_get(dossier, "classes"), i, class)
    {
        add_pages(base, class, canvases);
        json_array_append_new(ranges, class_range(base, class));
    }
    return json_pack(
        "{s:[ss], s:o, s:s, s:o, s:o, s:s, s:[s], s:{s:o, s:o}, s:o, s:o, s:[{s:o, s:s, s:o, "
        "s:o}]}",
        "@context", "http://iiif.io/api/search/2/context.json",
        "http://iiif.io/api/presentation/3/context.json", "id", address("%s/manifest.json", base),
        "type", "Manifest", "label", plain(name ? name : text_of(dossier, "dossier")), "metadata",
        metadata_of(dossier), "viewingDirection", "left-to-right", "behavior", "individuals",
        "requiredStatement", "label", both("查阅须知", "Terms of use"), "value",
        both("仅限本次查阅使用，不得外传；本次查阅已记录。",
             "For this consultation only, not to be passed on. It is on record."),
        "service", services_of(base), "items", canvases, "structures", "id",
        address("%s/range/catalogue", base), "type", "Range", "label", both("目录", "Catalogue"),
        "items", ranges);
}
