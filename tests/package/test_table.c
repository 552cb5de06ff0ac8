#include "../base/scratch.h"
#include "table_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char *write_bytes(const char *folder, const char *name, const void *data, gsize size)
{
    char *path = g_build_filename(folder, name, NULL);
    assert_true(g_file_set_contents(path, data, (gssize)size, NULL));
    return path;
}

/* --- csv --------------------------------------------------------------------------------------------------------------- */

static void csv_is_read_as_people_write_it(void **state)
{
    static const struct {
        const char *label, *text, *encoding, *wanted;
    } cases[] = {
        {"plain", "a,b\r\nc,d\r\n", "UTF-8", "a|b/c|d/"},
        {"no end of line", "a,b\nc,d", "UTF-8", "a|b/c|d/"},
        {"lone returns", "a,b\rc,d\r", "UTF-8", "a|b/c|d/"},
        {"mark", "\xef\xbb\xbf类号,序号\n一,1\n", "UTF-8", "类号|序号/一|1/"},
        {"GB18030", "\xc0\xe0\xba\xc5,\xd0\xf2\xba\xc5\n\xd2\xbb,1\n", "GB18030",
         "类号|序号/一|1/"},
        {"GB18030 of four bytes", "\x95\x32\x82\x36,\xd0\xf2\n", "GB18030", "𠀀|序/"},
        {"semicolon", "a;b,c;d\n1;2;3\n", "UTF-8", "a|b,c|d/1|2|3/"},
        {"tab", "a\tb,c\td\n1\t2\t3\n", "UTF-8", "a|b,c|d/1|2|3/"},
        {"title row without separator", "title\na;b\n", "UTF-8", "title/a|b/"},
        {"quotes", "\"a,\"\"x\"\"\",\"b\nc\"\r\n", "UTF-8", "a,\"x\"|b\nc/"},
        {"quoted return", "\"a\r\nb\",c\n", "UTF-8", "a\r\nb|c/"},
        {"text behind a quote", "\"a\"b,c\n", "UTF-8", "ab|c/"},
        {"quote inside", "a\"b,c\n", "UTF-8", "a\"b|c/"},
        {"empty rows keep their number", "a,b\n\n\nc,d\n\n", "UTF-8", "a|b///c|d//"},
        {"empty cells", ",,a,,\n,,\n", "UTF-8", "||a//"},
        {"mixed ends of lines", "a,b\r\nc,d\ne,f\rg,h", "UTF-8", "a|b/c|d/e|f/g|h/"},
        {"blanks stay", " a ,b\n", "UTF-8", " a |b/"},
        {"only a mark", "\xef\xbb\xbf", "UTF-8", ""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = scratch_file(*state, "t.csv", cases[i].text);
        table_probe_shape(path, cases[i].label, cases[i].encoding, cases[i].wanted);
    }
}

static void csv_that_is_wrong_is_refused_with_the_place(void **state)
{
    static const struct {
        const char *label, *bytes;
        gsize size;
        const char *named;
    } cases[] = {
        {"empty", "", 0, "is empty"},
        {"zero byte", "a,b\n\0c", 6, "byte 5 is zero"},
        {"UTF-16",
         "\xff\xfe"
         "a\0,\0",
         6, "UTF-16"},
        {"control character", "a,b\nc,d\x1b\n", 9, "cell B2 (row 2): control character U+001B"},
        {"neither encoding", "a\n\xff\xff,b\n", 7, "neither UTF-8 (line 2) nor GB18030 (line 2)"},
        {"GB18030 cut in a character", "a,\xc0", 3, "neither"},
        {"open quote", "a,b\nc,\"d\n", 9, "row 2, column 2: a quote is never closed"},
        {"old Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", 12,
         "old Excel format; save it as xlsx"},
        {"password",
         "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0..", 44,
         "protected by a password"},
        {"PDF", "%PDF-1.7", 8, "no table"},
        {"broken zip", "PK\3\4garbage", 11, "t.csv"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = write_bytes(*state, "t.csv", cases[i].bytes, cases[i].size);
        table_probe_refused(path, cases[i].label, DA_ERROR_INPUT, cases[i].named);
    }
    table_probe_refused(*state, "folder", DA_ERROR_INPUT, "");
    g_autofree char *missing = g_build_filename(*state, "missing.csv", NULL);
    table_probe_refused(missing, "missing", DA_ERROR_NOT_FOUND, "");
}

static void csv_beyond_the_limits_is_refused(void **state)
{
    g_autofree char *rows = table_probe_repeated("a\n", DA_TABLE_MAX_ROWS + 1);
    g_autofree char *many_rows = scratch_file(*state, "rows.csv", rows);
    table_probe_refused(many_rows, "rows", DA_ERROR_LIMIT, "cell A200001");
    g_autofree char *columns = table_probe_repeated("a,", DA_TABLE_MAX_COLUMNS + 1);
    g_autofree char *many_columns = scratch_file(*state, "columns.csv", columns);
    table_probe_refused(many_columns, "columns", DA_ERROR_LIMIT, "cell IW1");
    g_autofree char *text = table_probe_repeated("字", 32768);
    g_autofree char *long_cell = scratch_file(*state, "cell.csv", text);
    table_probe_refused(long_cell, "long cell", DA_ERROR_LIMIT, "characters");
    g_autofree char *empty = table_probe_repeated("\n", DA_TABLE_MAX_ROWS * 2);
    g_autofree char *empty_rows = scratch_file(*state, "empty.csv", empty);
    g_autoptr(DaTable) table = da_table_read(empty_rows, NULL);
    assert_non_null(table);
    assert_int_equal(table->rows->len, DA_TABLE_MAX_ROWS);
    g_autofree char *huge = g_build_filename(*state, "huge.csv", NULL);
    assert_true(g_file_set_contents(huge, "a", 1, NULL));
    assert_int_equal(truncate(huge, (off_t)DA_TABLE_MAX_BYTES + 1), 0);
    table_probe_refused(huge, "huge", DA_ERROR_LIMIT, "");
}

static void mutated_csv_never_breaks_the_reader(void **state)
{
    g_autofree char *path = scratch_file(
        *state, "o.csv",
        "类号,序号,\"材料,\"\"名称\"\"\"\r\n一,1,\"职工\n登记表\"\r\n九-1,2,退休审批表\r\n");
    table_probe_mutate(*state, path, "m.csv");
}

/* --- writing ----------------------------------------------------------------------------------------------------------------- */

static GPtrArray *one_row(const char *const *cells)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    GPtrArray *row = g_ptr_array_new_with_free_func(g_free);
    for (; *cells; cells++)
        g_ptr_array_add(row, g_strdup(*cells));
    g_ptr_array_add(rows, row);
    return rows;
}

static void csv_is_written_for_spreadsheets(void **state)
{
    static const char *const cells[] = {"a",      "b,\"c\"", "=1+1", "-x", "@y",
                                        "两\n行", "",        " z",   NULL};
    g_autoptr(GPtrArray) rows = one_row(cells);
    g_autofree char *path = g_build_filename(*state, "w.csv", NULL);
    g_autofree char *text = NULL;
    assert_true(da_table_write_csv(path, rows, NULL));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, "\xef\xbb\xbf"
                              "a,\"b,\"\"c\"\"\",\"'=1+1\",\"'-x\",\"'@y\",\"两\n行\",,\" z\"\r\n");
    table_probe_shape(path, "read again", "UTF-8", "a|b,\"c\"|'=1+1|'-x|'@y|两\n行|| z/");
}

static void a_full_disk_is_told(void **state)
{
    static const char *const cells[] = {"a", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) rows = one_row(cells);
    g_autofree char *path = g_build_filename(*state, "no-such-folder", "w.csv", NULL);
    assert_false(da_table_write_csv(path, rows, &error));
    assert_true(error != NULL);
    char *mounted = scratch_mount(*state, "size=4k");
    if (!mounted)
        return;
    g_autofree char *filler = table_probe_repeated("x", 30000);
    const char *const many[] = {filler, NULL};
    g_autoptr(GPtrArray) large = one_row(many);
    g_autofree char *full = g_build_filename(mounted, "w.csv", NULL);
    g_clear_error(&error);
    assert_false(da_table_write_csv(full, large, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DISK));
    scratch_unmount(mounted);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, table_probe_begin, table_probe_end)
    const struct CMUnitTest tests[] = {
        CASE(csv_is_read_as_people_write_it),   CASE(csv_that_is_wrong_is_refused_with_the_place),
        CASE(csv_beyond_the_limits_is_refused), CASE(mutated_csv_never_breaks_the_reader),
        CASE(csv_is_written_for_spreadsheets),  CASE(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
