#include "table_probe.h"

#include "../base/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

int table_probe_begin(void **state)
{
    *state = scratch_begin();
    return 0;
}

int table_probe_end(void **state)
{
    scratch_end(*state);
    return 0;
}

/* Rows joined by "/", cells by "|". */
static char *shape_of(const DaTable *table)
{
    GString *shape = g_string_new(NULL);
    for (guint r = 0; r < table->rows->len; r++) {
        const GPtrArray *cells = table->rows->pdata[r];
        for (guint c = 0; c < cells->len; c++)
            g_string_append_printf(shape, "%s%s", c ? "|" : "", (const char *)cells->pdata[c]);
        g_string_append_c(shape, '/');
    }
    return g_string_free(shape, FALSE);
}

void table_probe_shape(const char *path, const char *label, const char *encoding,
                       const char *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaTable) table = da_table_read(path, &error);
    if (!table)
        fail_msg("%s: %s", label, error->message);
    g_autofree char *shape = shape_of(table);
    if (strcmp(shape, wanted) || strcmp(table->encoding, encoding))
        fail_msg("%s (%s): %s", label, table->encoding, shape);
}

void table_probe_refused(const char *path, const char *label, DaErrorCode code, const char *named)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaTable) table = da_table_read(path, &error);
    if (table)
        fail_msg("%s was read", label);
    g_autofree char *base = g_path_get_basename(path);
    if (!g_error_matches(error, DA_ERROR, (int)code) || !strstr(error->message, named) ||
        !strstr(error->message, base))
        fail_msg("%s: %s", label, error->message);
}

char *table_probe_repeated(const char *text, guint times)
{
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < times; i++)
        g_string_append(all, text);
    return g_string_free(all, FALSE);
}

void table_probe_mutate(const char *folder, const char *original, const char *name)
{
    g_autofree char *data = NULL;
    gsize size = 0;
    g_autoptr(GRand) rand = g_rand_new_with_seed(20260102);
    assert_true(g_file_get_contents(original, &data, &size, NULL));
    g_autofree char *path = g_build_filename(folder, name, NULL);
    gint64 until = g_get_monotonic_time() + 3 * G_USEC_PER_SEC;
    for (guint round = 0; round < 3000 && g_get_monotonic_time() < until; round++) {
        g_autofree char *bytes = g_memdup2(data, size);
        for (gint n = g_rand_int_range(rand, 1, 5); n > 0; n--)
            bytes[g_rand_int_range(rand, 0, (gint32)size)] = (char)g_rand_int_range(rand, 0, 256);
        gsize length = round % 3 ? size : (gsize)g_rand_int_range(rand, 0, (gint32)size);
        GError *error = NULL;
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, length, file), length);
        assert_int_equal(fclose(file), 0);
        g_autoptr(DaTable) table = da_table_read(path, &error);
        assert_true((table == NULL) == (error != NULL));
        g_clear_error(&error);
    }
}
