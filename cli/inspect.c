#include "scans.h"

#include <dangan/image.h>
#include <dangan/inspect.h>
#include <stdio.h>
#include <string.h>

static json_t *look(GBytes *master, guint dpi, DaRecognizer *recognizer, GError **error)
{
    DaInspection inspection = {0};
    DaImageInfo info;
    g_autoptr(Pix) pix =
        da_image_probe(master, &info, error) ? da_image_decode(master, error) : NULL;
    gboolean reads = strcmp(da_recognizer_name(recognizer), "none") != 0;
    if (!pix || !da_inspect_page(pix, info.dpi_x ? info.dpi_x : dpi, reads ? recognizer : NULL,
                                 &inspection, error))
        return NULL;
    inspection.info = info;
    if (!info.dpi_x)
        inspection.info.dpi_x = inspection.info.dpi_y = dpi;
    return da_inspection_to_json(&inspection);
}

static void print_number(const json_t *side, const char *name, const char *label, int decimals,
                         const char *unit)
{
    const json_t *value = json_object_get(side, name);
    if (json_is_number(value))
        printf("  %-14s %.*f %s\n", label, decimals, json_number_value(value), unit);
    else
        printf("  %-14s unknown\n", label);
}

static void print(const json_t *side)
{
    const json_t *page = json_object_get(side, "page");
    printf("%s #%d\n", json_string_value(json_object_get(side, "file")),
           (int)json_integer_value(page));
    printf("  %-14s %d × %d px, %s\n", "size",
           (int)json_integer_value(json_object_get(side, "width_px")),
           (int)json_integer_value(json_object_get(side, "height_px")),
           json_string_value(json_object_get(side, "format")));
    print_number(side, "dpi_x", "resolution", 0, "dpi");
    printf("  %-14s %s\n", "blank", json_is_true(json_object_get(side, "blank")) ? "yes" : "no");
    print_number(side, "turn_cw_deg", "turn", 0, "° clockwise");
    print_number(side, "turn_confidence", "  sure", 2, "of 1");
    print_number(side, "skew_cw_deg", "skew", 2, "° clockwise");
    print_number(side, "blur_px", "edge width", 1, "px");
    print_number(side, "mean_grey", "mean grey", 0, "of 255");
    print_number(side, "contrast", "contrast", 0, "grey levels");
    print_number(side, "red_share", "seal red", 4, "of the sheet");
}

int da_cli_inspect(int argc, char **argv)
{
    const DaScanVerb verb = {
        .verb = "inspect",
        .about = "Says what is known of scanned sides: size, resolution, turn, skew, blank, blur, "
                 "seals. "
                 "Nothing is changed.\n扫描面的尺寸、分辨率、方向、偏斜、空白、清晰度、印章。",
        .example = "dangan inspect scan0001.jpg adf.tif --json",
        .engine = "auto",
        .look = look,
        .print = print};
    return da_cli_look_at_scans(&verb, argc, argv);
}
