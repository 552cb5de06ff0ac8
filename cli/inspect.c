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

/* --- as text ------------------------------------------------------------------------------------------------------------ */

#define LABEL_WIDTH "16"

static const json_t *of(const json_t *side, const char *name)
{
    return json_object_get(side, name);
}

static int whole(const json_t *side, const char *name)
{
    return (int)json_integer_value(of(side, name));
}

static void print_size(const json_t *side)
{
    printf("  %-" LABEL_WIDTH "s %d × %d px, %s, %d × %d bit\n", "size", whole(side, "width_px"),
           whole(side, "height_px"), json_string_value(of(side, "format")), whole(side, "channels"),
           whole(side, "bits_per_sample"));
    printf("  %-" LABEL_WIDTH "s %d × %d dpi\n", "resolution", whole(side, "dpi_x"),
           whole(side, "dpi_y"));
}

/* How a member is said: a number with decimals and unit, a text, yes or no, boxes, points, the sides that are named, or mm a side. */
typedef enum { NUMBER, TEXT, FLAG, BOXES, CORNERS, NAMES, SIDES_MM } Kind;

static const struct {
    const char *name, *label;
    Kind kind;
    int decimals;
    const char *unit;
} lines[] = {
    {"paper", "paper", TEXT, 0, ""},
    {"sheet_width_mm", "sheet width", NUMBER, 0, "mm"},
    {"sheet_height_mm", "sheet height", NUMBER, 0, "mm"},
    {"sheet", "sheet corners", CORNERS, 0, ""},
    {"dpi_plausible", "plausible dpi", FLAG, 0, ""},
    {"likely_dpi", "likely dpi", NUMBER, 0, "dpi, by the size of the sheet"},
    {"enlarged", "enlarged", NUMBER, 2, "times after scanning"},
    {"real_dpi", "real dpi", NUMBER, 0, "dpi"},
    {"blank", "blank", FLAG, 0, ""},
    {"ink_share", "ink", NUMBER, 4, "of the sheet"},
    {"show_through", "show-through", NUMBER, 4, "of the sheet"},
    {"turn_cw_deg", "turn", NUMBER, 0, "° clockwise"},
    {"turn_confidence", "  sure", NUMBER, 2, "of 1"},
    {"skew_cw_deg", "skew", NUMBER, 2, "° clockwise"},
    {"skew_confidence", "  sure", NUMBER, 1, "best to worst; below 3 unknown"},
    {"line_ratio", "lines", NUMBER, 2, "rows to columns"},
    {"exposure", "exposure", TEXT, 0, ""},
    {"paper_grey", "paper grey", NUMBER, 0, "of 255"},
    {"ink_grey", "ink grey", NUMBER, 0, "of 255"},
    {"mean_grey", "mean grey", NUMBER, 0, "of 255"},
    {"contrast", "contrast", NUMBER, 0, "grey levels"},
    {"white_share", "burnt out", NUMBER, 4, "of the sheet"},
    {"black_share", "drowned", NUMBER, 4, "of the sheet"},
    {"blurred", "blurred", FLAG, 0, ""},
    {"blur_px", "  edge width", NUMBER, 1, "px"},
    {"bed_grey", "bed grey", NUMBER, 0, "of 255"},
    {"sheet_cut_mm", "sheet cut off", SIDES_MM, 0, ""},
    {"content_cut", "text cut off", NAMES, 0, ""},
    {"photographs", "photographs", BOXES, 0, ""},
    {"seals", "seals", BOXES, 0, ""},
    {"red_share", "seal red", NUMBER, 4, "of the sheet"},
};

static void print_boxes(const json_t *boxes)
{
    size_t i;
    json_t *box;
    printf("%zu", json_array_size(boxes));
    json_array_foreach(boxes, i, box)
        printf("%s %d × %d px at %d,%d", i ? "," : ":", whole(box, "w_px"), whole(box, "h_px"),
               whole(box, "x_px"), whole(box, "y_px"));
}

static void print_corners(const json_t *corners)
{
    size_t i;
    json_t *corner;
    json_array_foreach(corners, i, corner)
        printf("%s%.0f,%.0f", i ? "  " : "", json_number_value(json_array_get(corner, 0)),
               json_number_value(json_array_get(corner, 1)));
    printf(" px");
}

static void print_names(const json_t *names)
{
    size_t i;
    json_t *name;
    if (!json_array_size(names))
        printf("nowhere");
    json_array_foreach(names, i, name) printf("%s%s", i ? ", " : "", json_string_value(name));
}

static void print_sides(json_t *sides)
{
    const char *name;
    json_t *mm;
    gboolean begun = FALSE;
    json_object_foreach(sides, name, mm)
    {
        if (json_is_null(mm))
            printf("%s%s unknown", begun ? ", " : "", name);
        else if (json_number_value(mm) > 0)
            printf("%s%s %.0f mm", begun ? ", " : "", name, json_number_value(mm));
        else
            continue;
        begun = TRUE;
    }
    if (!begun)
        printf("nowhere");
}

static void print_line(const json_t *side, guint line)
{
    json_t *value = json_object_get(side, lines[line].name);
    printf("  %-" LABEL_WIDTH "s ", lines[line].label);
    if (json_is_null(value))
        printf("unknown");
    else if (lines[line].kind == NUMBER)
        printf("%.*f %s", lines[line].decimals, json_number_value(value), lines[line].unit);
    else if (lines[line].kind == TEXT)
        printf("%s", json_string_value(value));
    else if (lines[line].kind == FLAG)
        printf("%s", json_is_true(value) ? "yes" : "no");
    else if (lines[line].kind == BOXES)
        print_boxes(value);
    else if (lines[line].kind == CORNERS)
        print_corners(value);
    else if (lines[line].kind == NAMES)
        print_names(value);
    else
        print_sides(value);
    putchar('\n');
}

static void print(const json_t *side)
{
    printf("%s #%d\n", json_string_value(of(side, "file")), whole(side, "page"));
    print_size(side);
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
        print_line(side, i);
}

int da_cli_inspect(int argc, char **argv)
{
    const DaScanVerb verb = {
        .verb = "inspect",
        .about =
            "Says what is known of scanned sides: size, paper, real resolution, turn, skew, "
            "blank, exposure, blur, what is cut off, photographs, seals. Nothing is changed; "
            "docs/inspect.md says what each measure means.\n"
            "扫描面的尺寸、纸张、实际分辨率、方向、偏斜、空白、曝光、清晰度、裁切、照片、印章。",
        .example = "dangan inspect scan0001.jpg adf.tif --json",
        .engine = "auto",
        .look = look,
        .print = print};
    return da_cli_look_at_scans(&verb, argc, argv);
}
