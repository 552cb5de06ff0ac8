/* What an image tells beside itself: where it was taken, with which camera, through which program. */
#include "check.h"

#include <string.h>

typedef struct {
    char **cameras, **editors;
} Origins;

/* The word that a text of the file contains, whatever its case; NULL = none. */
static const char *word_in(char **words, const char *text)
{
    g_autofree char *folded = text ? g_utf8_casefold(text, -1) : NULL;
    for (guint i = 0; folded && words[i]; i++) {
        g_autofree char *word = g_utf8_casefold(words[i], -1);
        if (strstr(folded, word))
            return words[i];
    }
    return NULL;
}

static gboolean visit_origin(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                             const DaEntry *entry, gconstpointer data, GError **error)
{
    const Origins *origins = data;
    const DaWalk *walk = entry->facts.walk;
    if (!walk)
        return TRUE;
    if (walk->has_gps)
        da_check_add_page(run, page, entry, "the image tells where it was taken",
                          "图像带有拍摄地点信息");
    if (word_in(origins->cameras, walk->make) || word_in(origins->cameras, walk->model)) {
        DaFinding *finding = da_check_add_page(
            run, page, entry, "the image comes from a camera or telephone", "图像由相机或手机拍摄");
        da_finding_set(&finding->found, "%s %s", walk->make ? walk->make : "",
                       walk->model ? walk->model : "");
    }
    const char *told = word_in(origins->editors, walk->software)  ? walk->software
                       : word_in(origins->editors, walk->comment) ? walk->comment
                                                                  : NULL;
    if (told) {
        DaFinding *finding = da_check_add_page(
            run, page, entry, "the image went through a picture editor", "图像经图片编辑软件处理");
        da_finding_set(&finding->found, "%s", told);
    }
    return TRUE;
}

gboolean da_check_image_origin(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) cameras = da_check_words(run, "cameras", error);
    g_auto(GStrv) editors = cameras ? da_check_words(run, "editors", error) : NULL;
    Origins origins = {cameras, editors};
    return editors && da_check_each_image(run, visit_origin, &origins, error);
}
