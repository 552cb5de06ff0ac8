/* Runs a fuzz target over the files of a corpus, without libFuzzer: each input that ever mattered is a plain test. */
#include "target.h"

#include <glib.h>
#include <stdio.h>

static int replay(const char *path)
{
    char *data = NULL;
    gsize size = 0;
    if (!g_file_get_contents(path, &data, &size, NULL))
        return 0;
    /* Exactly as large as the input, so that a sanitizer sees the first byte behind it. */
    uint8_t *exact = g_memdup2(data, size);
    g_free(data);
    LLVMFuzzerTestOneInput(exact, size);
    g_free(exact);
    return 1;
}

int main(int argc, char **argv)
{
    int inputs = 0;
    for (int i = 1; i < argc; i++) {
        GDir *folder = g_dir_open(argv[i], 0, NULL);
        const char *name;
        while (folder && (name = g_dir_read_name(folder)) != NULL) {
            g_autofree char *path = g_build_filename(argv[i], name, NULL);
            inputs += replay(path);
        }
        if (folder)
            g_dir_close(folder);
    }
    printf("1..1\n%s 1 - %d inputs of the corpus\n", inputs ? "ok" : "not ok", inputs);
    return inputs ? 0 : 1;
}
