#include "scans.h"

#include <dangan/image.h>
#include <dangan/reading.h>
#include <stdio.h>

static json_t *look(GBytes *master, guint dpi, DaRecognizer *recognizer, GError **error)
{
    DaImageInfo info;
    g_autoptr(Pix) pix =
        da_image_probe(master, &info, error) ? da_image_decode(master, error) : NULL;
    guint known_dpi = info.dpi_x ? info.dpi_x : dpi;
    g_autoptr(DaPageText) text = pix ? da_reading_of_scan(pix, known_dpi, recognizer, error) : NULL;
    return text ? da_page_text_to_json(text) : NULL;
}

static void print(const json_t *side)
{
    size_t i;
    json_t *line;
    printf("== %s #%d (%s)\n", json_string_value(json_object_get(side, "file")),
           (int)json_integer_value(json_object_get(side, "page")),
           json_string_value(json_object_get(side, "engine")));
    json_array_foreach(json_object_get(side, "lines"), i, line)
        printf("%s\n", json_string_value(json_object_get(line, "text")));
}

int da_cli_ocr(int argc, char **argv)
{
    const DaScanVerb verb = {
        .verb = "ocr",
        .about = "Recognizes the text of scanned sides; a side that lies turned or tilted is read "
                 "upright, and places "
                 "are px of the image as given.\n识别扫描面的文字；坐标为原图像素。",
        .example = "dangan ocr scan0001.jpg --json",
        .engine = "auto",
        .look = look,
        .print = print};
    return da_cli_look_at_scans(&verb, argc, argv);
}
