/* Which compression a TIFF uses. */
#include "check.h"

typedef struct {
    guint value;
    const char *name;
} Compression;

/* Source: TIFF 6.0 §8 (Compression) and the list of registered values in libtiff. */
static const Compression compressions[] = {
    {1, "none"},     {2, "rle"},      {3, "g3"},       {4, "g4"},          {5, "lzw"},
    {6, "old-jpeg"}, {7, "jpeg"},     {8, "deflate"},  {32946, "deflate"}, {32773, "packbits"},
    {34712, "jp2"},  {34925, "lzma"}, {50000, "zstd"}, {50001, "webp"},
};

static char *compression_name(guint value)
{
    for (guint i = 0; i < G_N_ELEMENTS(compressions); i++)
        if (compressions[i].value == value)
            return g_strdup(compressions[i].name);
    return g_strdup_printf("%u", value);
}

static gboolean visit_compression(DaCheckRun *run, const DaPage *page, DaFileKind kind,
                                  const DaEntry *entry, gconstpointer data, GError **error)
{
    const DaWalk *walk = entry->facts.walk;
    if (!walk || walk->format != DA_IMAGE_TIFF || !walk->compression)
        return TRUE;
    g_autofree char *name = compression_name(walk->compression);
    if (g_strv_contains(data, name))
        return TRUE;
    DaFinding *finding = da_check_add_page(
        run, page, entry, "the compression of the TIFF is not allowed", "TIFF 压缩方式不允许");
    g_autofree char *wanted = g_strjoinv(", ", (char **)data);
    da_finding_set(&finding->found, "%s", name);
    da_finding_set(&finding->wanted, "%s", wanted);
    return TRUE;
}

gboolean da_check_tiff_compression(DaCheckRun *run, GError **error)
{
    g_auto(GStrv) allowed = da_check_words(run, "compressions", error);
    return allowed && da_check_each_image(run, visit_compression, allowed, error);
}
