#include "table_probe.h"
#include "xlsx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void xlsx_cells_are_what_people_see(void **state)
{
    static const struct {
        const char *label, *rows, *strings, *styles, *wanted;
    } cases[] = {
        {"shared and inline strings",
         "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c><c r=\"B1\" "
         "t=\"inlineStr\"><is><t>x</t></is></c></row>",
         "<si><t>零</t></si><si><t xml:space=\"preserve\"> 一 </t></si>", NULL, " 一 |x/"},
        {"runs without phonetics", "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>",
         "<si><r><rPr><b/></rPr><t>姓</t></r><r><t>名</t></r><rPh sb=\"0\" "
         "eb=\"1\"><t>xing</t></rPh></si>",
         NULL, "姓名/"},
        {"gaps", "<row r=\"2\"><c r=\"C2\"><v>1</v></c><c r=\"E2\"><v>2</v></c></row>", NULL, NULL,
         "/||1||2/"},
        {"no references", "<row><c><v>1</v></c><c/><c><v>3</v></c></row><row><c><v>4</v></c></row>",
         NULL, NULL, "1||3/4/"},
        {"empty inline string",
         "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"></c><c r=\"B1\"><v>1</v></c></row>", NULL, NULL,
         "|1/"},
        {"only formatted cells",
         "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"XFD1\" s=\"1\"/></row>"
         "<row r=\"1048576\"><c r=\"A1048576\" s=\"1\"/></row>",
         NULL, NULL, "1/"},
        {"numbers",
         "<row r=\"1\"><c r=\"A1\"><v>10.0</v></c><c r=\"B1\"><v>1.9620120E7</v></c>"
         "<c r=\"C1\"><v>0.10000000000000001</v></c><c r=\"D1\"><v>-3</v></c>"
         "<c r=\"E1\"><v>123456789012345</v></c></row>",
         NULL, NULL, "10|19620120|0.1|-3|123456789012345/"},
        {"numbers too long for a spreadsheet",
         "<row r=\"1\"><c r=\"A1\"><v>6.0612919620120474E+17</v></c>"
         "<c r=\"B1\"><v>606129196201204000</v></c><c r=\"C1\"><v>606129196201204759</v></c></row>",
         NULL, NULL, "6.0612919620120474E+17|6.06129196201204E+17|606129196201204759/"},
        {"dates",
         "<row r=\"1\"><c r=\"A1\" s=\"1\"><v>22666</v></c><c r=\"B1\" s=\"2\"><v>22666.75</v></c>"
         "<c r=\"C1\" s=\"3\"><v>22666</v></c><c r=\"D1\" s=\"4\"><v>22666</v></c>"
         "<c r=\"E1\" s=\"5\"><v>22666</v></c><c r=\"F1\" s=\"6\"><v>22666</v></c>"
         "<c r=\"G1\" s=\"1\"><v>19620120</v></c><c r=\"H1\" s=\"1\"><v>59</v></c>"
         "<c r=\"I1\" s=\"1\"><v>61</v></c><c r=\"J1\" s=\"99\"><v>5</v></c></row>",
         NULL,
         "<numFmts><numFmt numFmtId=\"176\" "
         "formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\"/>"
         "<numFmt numFmtId=\"177\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;\"/>"
         "<numFmt numFmtId=\"178\" formatCode=\"[Red]0.00&quot;day&quot;\"/>"
         "<numFmt numFmtId=\"179\" formatCode=\"yyyy\"/></numFmts>"
         "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"176\"/>"
         "<xf numFmtId=\"177\"/><xf numFmtId=\"178\"/><xf numFmtId=\"179\"/><xf "
         "numFmtId=\"57\"/></cellXfs>",
         "19620120|19620120|196201|22666|1962|196201|19620120|19000228|19000301|5/"},
        {"other types",
         "<row r=\"1\"><c r=\"A1\" t=\"b\"><v>1</v></c><c r=\"B1\" t=\"e\"><v>#N/A</v></c>"
         "<c r=\"C1\" t=\"str\"><f>A1</f><v>sum</v></c><c r=\"D1\" "
         "t=\"d\"><v>1962-01-20T00:00:00</v></c></row>",
         NULL, NULL, "TRUE|#N/A|sum|19620120/"},
        {"formulas give the value that was computed",
         "<row r=\"1\"><c r=\"A1\"><f>1+1</f><v>2</v></c><c r=\"B1\" t=\"str\"><f>A1&amp;\"\"</f><v>二</v></c>"
         "<c r=\"C1\"><f t=\"shared\" ref=\"C1:C2\" si=\"0\">A1*2</f><v>4</v></c><c r=\"D1\"><f>NOW()</f></c>"
         "<c r=\"E1\"><v>5</v></c></row><row r=\"2\"><c r=\"C2\"><f t=\"shared\" si=\"0\"/><v>8</v></c></row>",
         NULL, NULL, "2|二|4||5/||8/"},
        {"hidden rows are rows",
         "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\" hidden=\"1\"><c r=\"A2\"><v>2</v></c></row>", NULL,
         NULL, "1/2/"},
        {"cells merged downwards stand in each row that holds something else",
         "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>4</v></c><c r=\"B2\"><v>1</v></c></row>"
         "<row r=\"3\"><c r=\"B3\"><v>2</v></c></row><row r=\"4\"><c r=\"A4\"/></row><row r=\"5\"><c r=\"B5\"><v>9</v></c></row>"
         "</sheetData><mergeCells><mergeCell ref=\"A1:C1\"/><mergeCell ref=\"A2:A4\"/><mergeCell ref=\"x\"/>"
         "<mergeCell ref=\"B1:B1048576\"/></mergeCells><sheetData>",
         NULL, NULL, "1/4|1/4|2//|9/"},
        {"escapes",
         "<row r=\"1\"><c r=\"A1\" "
         "t=\"inlineStr\"><is><t>a_x000A_b_x005F_x_x00_</t></is></c></row>",
         NULL, NULL, "a\nb_x_x00_/"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path =
            xlsx_write(*state, "t.xlsx", cases[i].rows, cases[i].strings, cases[i].styles);
        table_probe_shape(path, cases[i].label, "xlsx", cases[i].wanted);
    }
}

static void hostile_xlsx_is_refused_with_the_place(void **state)
{
    static const struct {
        const char *label, *rows, *strings;
        DaErrorCode code;
        const char *named;
    } cases[] = {
        {"huge column", "<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>", NULL, DA_ERROR_LIMIT,
         "cell XFD1"},
        {"huge row", "<row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c></row>", NULL,
         DA_ERROR_LIMIT, "cell A1048576"},
        {"huge corner", "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>", NULL,
         DA_ERROR_LIMIT, "XFD1048576"},
        {"row beyond sense", "<row r=\"99999999999\"><c><v>1</v></c></row>", NULL, DA_ERROR_INPUT,
         "no row number"},
        {"row zero", "<row r=\"0\"><c><v>1</v></c></row>", NULL, DA_ERROR_INPUT, "no row number"},
        {"reference without sense", "<row r=\"1\"><c r=\"1A\"><v>1</v></c></row>", NULL,
         DA_ERROR_INPUT, "'1A'"},
        {"reference of another row", "<row r=\"1\"><c r=\"A2\"><v>1</v></c></row>", NULL,
         DA_ERROR_INPUT, "'A2'"},
        {"cell twice", "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"A1\"><v>2</v></c></row>", NULL,
         DA_ERROR_INPUT, "twice"},
        {"no such string", "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>7</v></c></row>",
         "<si><t>a</t></si>", DA_ERROR_INPUT, "cell A1: there is no shared string '7'"},
        {"negative string", "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>-1</v></c></row>",
         "<si><t>a</t></si>", DA_ERROR_INPUT, "shared string"},
        {"escaped control character",
         "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>_x0007_</t></is></c></row>", NULL,
         DA_ERROR_INPUT, "control character U+0007"},
        {"not well-formed", "<row r=\"1\"><c></row>", NULL, DA_ERROR_INPUT, "line 1"},
        {"unknown entity", "<row r=\"1\"><c><v>&a;</v></c></row>", NULL, DA_ERROR_INPUT, "Entity"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = xlsx_write(*state, "t.xlsx", cases[i].rows, cases[i].strings, NULL);
        table_probe_refused(path, cases[i].label, cases[i].code, cases[i].named);
    }
}

/* Days count from 1904 in tables of old Macs: the same number is another date. */
static void dates_of_1904_are_told_apart(void **state)
{
    static const char sheet[] = "<worksheet><sheetData><row><c s=\"1\"><v>21204</v></c></row></sheetData></worksheet>";
    static const char styles[] = "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
    static const char *const settings[] = {"", "<workbookPr date1904=\"1\"/>"};
    static const char *const wanted[] = {"19580119/", "19620120/"};
    for (guint i = 0; i < 2; i++) {
        g_autofree char *workbook = g_strdup_printf(
            "<workbook xmlns:r=\"r\">%s<sheets><sheet r:id=\"a\"/></sheets></workbook>", settings[i]);
        const char *const parts[] = {"xl/workbook.xml", workbook, "xl/_rels/workbook.xml.rels",
                                     "<Relationships><Relationship Id=\"a\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
                                     "xl/worksheets/sheet1.xml", sheet, "xl/styles.xml", styles, NULL};
        g_autofree char *path = g_build_filename(*state, "t.xlsx", NULL);
        xlsx_write_parts(path, parts, NULL);
        table_probe_shape(path, "1904", "xlsx", wanted[i]);
    }
}

static void an_xml_bomb_is_refused(void **state)
{
    static const char bomb[] =
        "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;\">"
        "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]>";
    static const char file_entity[] = "<!DOCTYPE a [<!ENTITY d SYSTEM \"file:///etc/hostname\">]>";
    static const char sheet[] = "<worksheet><sheetData><row><c t=\"str\"><v>&d;</v></c></row>"
                                "</sheetData></worksheet>";
    static const char *const names[] = {"xl/workbook.xml", "xl/worksheets/sheet1.xml"};
    for (guint where = 0; where < G_N_ELEMENTS(names); where++)
        for (guint which = 0; which < 2; which++) {
            const char *prolog = which ? file_entity : bomb;
            g_autofree char *workbook = g_strconcat(
                where == 0 ? prolog : "",
                "<workbook xmlns:r=\"r\"><sheets><sheet r:id=\"a\"/></sheets></workbook>", NULL);
            g_autofree char *bad_sheet = g_strconcat(where == 1 ? prolog : "", sheet, NULL);
            const char *const parts[] = {"xl/workbook.xml",
                                         workbook,
                                         "xl/_rels/workbook.xml.rels",
                                         "<Relationships><Relationship Id=\"a\" "
                                         "Target=\"worksheets/sheet1.xml\"/></Relationships>",
                                         "xl/worksheets/sheet1.xml",
                                         bad_sheet,
                                         NULL};
            g_autofree char *path = g_build_filename(*state, "bomb.xlsx", NULL);
            xlsx_write_parts(path, parts, NULL);
            table_probe_refused(path, names[where], DA_ERROR_INPUT, "line 1");
        }
}

static void a_zip_bomb_is_refused(void **state)
{
    g_autofree char *blanks = g_strnfill(DA_TABLE_MAX_BYTES + 1, ' ');
    g_autofree char *path = xlsx_write(*state, "bomb.xlsx", blanks, NULL, NULL);
    table_probe_refused(path, "zip bomb", DA_ERROR_LIMIT, "larger than");
}

/* One long string, shown in very many cells. */
static void strings_shared_too_often_are_refused(void **state)
{
    g_autofree char *text = table_probe_repeated("字", 30000);
    g_autofree char *string = g_strdup_printf("<si><t>%s</t></si>", text);
    g_autofree char *rows = table_probe_repeated("<row><c t=\"s\"><v>0</v></c></row>", 2000);
    g_autofree char *path = xlsx_write(*state, "many.xlsx", rows, string, NULL);
    table_probe_refused(path, "shared too often", DA_ERROR_LIMIT, "too much text");
}

static void zips_that_are_no_xlsx_are_refused(void **state)
{
    g_autofree char *path = g_build_filename(*state, "t.xlsx", NULL);
    const char *const other[] = {"word/document.xml", "<a/>", NULL};
    xlsx_write_parts(path, other, NULL);
    table_probe_refused(path, "docx", DA_ERROR_INPUT, "no xlsx");
    const char *const no_sheet[] = {"xl/workbook.xml", "<workbook><sheets/></workbook>",
                                    "xl/_rels/workbook.xml.rels", "<Relationships/>", NULL};
    xlsx_write_parts(path, no_sheet, NULL);
    table_probe_refused(path, "no sheet", DA_ERROR_INPUT, "no visible sheet");
    const char *const lost[] = {
        "xl/workbook.xml",
        "<workbook xmlns:r=\"r\"><sheets><sheet r:id=\"a\"/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels",
        "<Relationships><Relationship Id=\"a\" Target=\"../../../etc/passwd\"/></Relationships>",
        NULL};
    xlsx_write_parts(path, lost, NULL);
    table_probe_refused(path, "lost sheet", DA_ERROR_INPUT, "first sheet is missing");
    const char *const nothing[] = {NULL};
    xlsx_write_parts(path, nothing, NULL);
    table_probe_refused(path, "empty zip", DA_ERROR_INPUT, "no xlsx");
}

static void an_encrypted_zip_is_refused(void **state)
{
    g_autofree char *path = g_build_filename(*state, "t.xlsx", NULL);
    const char *const parts[] = {"xl/workbook.xml", "<workbook/>", NULL};
    xlsx_write_parts(path, parts, "zip:encryption=zipcrypt");
    table_probe_refused(path, "encrypted", DA_ERROR_INPUT, "password");
}

static void mutated_xlsx_never_breaks_the_reader(void **state)
{
    g_autofree char *path = xlsx_write(
        *state, "o.xlsx",
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>22666</v></c></row>"
        "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>x</t></is></c></row>",
        "<si><t>姓名</t></si>", "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>");
    table_probe_mutate(*state, path, "m.xlsx");
}

/* The zip guards its bytes by a CRC; here the XML itself is mutated. */
static void mutated_sheets_never_break_the_reader(void **state)
{
    static const char sheet[] =
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>22666</v></c></row>"
        "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><r><t>x</t></r></is></c></row>";
    g_autoptr(GRand) rand = g_rand_new_with_seed(20260103);
    gint64 until = g_get_monotonic_time() + 3 * G_USEC_PER_SEC;
    for (guint round = 0; round < 2000 && g_get_monotonic_time() < until; round++) {
        g_autofree char *mutated = g_strdup(sheet);
        for (gint n = g_rand_int_range(rand, 1, 4); n > 0; n--)
            mutated[g_rand_int_range(rand, 0, (gint32)strlen(sheet))] =
                (char)g_rand_int_range(rand, 32, 127);
        g_autofree char *path = xlsx_write(*state, "m.xlsx", mutated, "<si><t>a</t></si>", NULL);
        GError *error = NULL;
        g_autoptr(DaTable) table = da_table_read(path, &error);
        assert_true((table == NULL) == (error != NULL));
        g_clear_error(&error);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, table_probe_begin, table_probe_end)
    const struct CMUnitTest tests[] = {
        CASE(xlsx_cells_are_what_people_see),
        CASE(hostile_xlsx_is_refused_with_the_place),
        CASE(dates_of_1904_are_told_apart),
        CASE(an_xml_bomb_is_refused),
        CASE(a_zip_bomb_is_refused),
        CASE(strings_shared_too_often_are_refused),
        CASE(zips_that_are_no_xlsx_are_refused),
        CASE(an_encrypted_zip_is_refused),
        CASE(mutated_xlsx_never_breaks_the_reader),
        CASE(mutated_sheets_never_break_the_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
