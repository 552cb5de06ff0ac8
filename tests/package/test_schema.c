#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../base/scratch.h"

#include <dangan/error.h>
#include <dangan/schema.h>
#include <string.h>

#define METS_BEGIN                                                                                 \
    "<mets xmlns='http://www.loc.gov/METS/' "                                                      \
    "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "                                       \
    "xsi:schemaLocation='http://www.loc.gov/METS/ file:///nowhere/mets.xsd' OBJID='x'>"
#define METS_STRUCTURE "<structMap><div/></structMap></mets>"

static void parse_reads_an_honest_document(void **state)
{
    static const struct {
        const char *label, *xml;
    } cases[] = {
        {"UTF-8", "<a>档案</a>"},
        {"with declaration", "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>档案</a>"},
        {"GB18030", "<?xml version=\"1.0\" encoding=\"GB18030\"?><a>\xb5\xb5\xb0\xb8</a>"},
        {"CDATA", "<a><![CDATA[档案]]></a>"},
        {"own five entities", "<a>档案&#x200B;</a>"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc =
            da_xml_parse(cases[i].xml, strlen(cases[i].xml), cases[i].label, &error);
        if (!doc)
            fail_msg("%s", error->message);
        g_autoptr(DaXmlChar) text = xmlNodeGetContent(xmlDocGetRootElement(doc));
        assert_true(g_str_has_prefix((const char *)text, "档案"));
    }
}

static void parse_refuses_what_is_broken_or_hostile(void **state)
{
    static const struct {
        const char *label, *xml, *says;
    } cases[] = {
        {"empty", "", "empty"},
        {"blank", "  \n ", "line 2"},
        {"no XML", "%PDF-1.4", "line 1"},
        {"truncated", "<a>\n<b>", "line 2"},
        {"two roots", "<a/><b/>", "line 1"},
        {"broken UTF-8", "<a>\xff\xfe\xfd</a>", "line 1"},
        {"control character", "<a>\x01</a>", "line 1"},
        {"plain DOCTYPE", "<!DOCTYPE a>\n<a/>", "document type"},
        {"external DTD", "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x.dtd\"><a/>", "document type"},
        {"external entity", "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><a>&e;</a>",
         "document type"},
        {"entities in entities",
         "<!DOCTYPE a [<!ENTITY b \"xxxxxxxxxx\"><!ENTITY c \"&b;&b;&b;&b;\"><!ENTITY d "
         "\"&c;&c;&c;\">]><a t='&d;'/>",
         "document type"},
        {"unknown entity", "<a>&nowhere;</a>", "line 1"},
        {"prefix without namespace", "<x:a/>", "line 1"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(da_xml_parse(cases[i].xml, strlen(cases[i].xml), cases[i].label, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        if (!strstr(error->message, cases[i].says) || !strstr(error->message, cases[i].label))
            fail_msg("%s: %s", cases[i].label, error->message);
    }
}

static void parse_refuses_a_tower_of_elements(void **state)
{
    g_autoptr(GString) xml = g_string_new(NULL);
    for (int i = 0; i < 100000; i++)
        g_string_append(xml, "<a>");
    g_autoptr(GError) error = NULL;
    assert_null(da_xml_parse(xml->str, xml->len, "tower", &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
}

static void parse_refuses_more_bytes_than_the_limit(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_null(da_xml_parse("<a/>", DA_XML_MAX_BYTES + 1, "large", &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_LIMIT));
}

static void our_own_schemas_are_there_and_compile(void **state)
{
    static const DaSchema ours[] = {DA_SCHEMA_DOSSIER, DA_SCHEMA_PROFILE};
    for (gsize i = 0; i < G_N_ELEMENTS(ours); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(xmlDoc) doc = da_xml_parse("<stranger/>", 11, "stranger", NULL);
        assert_true(da_schema_is_available(ours[i]));
        assert_true(da_schema_validate(ours[i], doc, faults, &error));
        assert_int_equal(faults->len, 1);
        assert_true(g_str_has_prefix(g_ptr_array_index(faults, 0), "line 1: "));
    }
}

/* --- standards: these run in order, because a compiled schema stays --------------------------------------------------- */

static char *standards;

static void standards_are_not_at_hand_without_their_folder(void **state)
{
    standards = g_strdup(g_getenv("DANGAN_XSD"));
    g_unsetenv("DANGAN_XSD");
    assert_false(da_schema_is_available(DA_SCHEMA_STANDARDS));
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(xmlDoc) doc = da_xml_parse("<a/>", 4, "a", NULL);
    assert_false(da_schema_validate(DA_SCHEMA_STANDARDS, doc, faults, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
    assert_non_null(strstr(error->message, "DANGAN_XSD"));
}

static void a_driver_may_load_only_what_lies_beside_it(void **state)
{
    static const char *const imports[] = {"missing.xsd",
                                          "../escape.xsd",
                                          "/etc/hostname",
                                          "file:///etc/hostname",
                                          "http://127.0.0.1:1/x.xsd",
                                          "http://www.loc.gov/standards/missing.xsd"};
    char *folder = scratch_begin();
    g_setenv("DANGAN_XSD", folder, TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(imports); i++) {
        g_autofree char *driver =
            g_strdup_printf("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>"
                            "<xs:import namespace='urn:x' schemaLocation='%s'/></xs:schema>",
                            imports[i]);
        g_free(scratch_file(folder, "driver.xsd", driver));
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(xmlDoc) doc = da_xml_parse("<a/>", 4, "a", NULL);
        assert_false(da_schema_validate(DA_SCHEMA_STANDARDS, doc, faults, &error));
        if (!strstr(error->message, imports[i]) || !strstr(error->message, "driver.xsd"))
            fail_msg("%s: %s", imports[i], error->message);
    }
    scratch_end(folder);
    g_unsetenv("DANGAN_XSD");
}

static guint loads;

static xmlParserInputPtr count_loads(const char *url, const char *id, xmlParserCtxtPtr parser)
{
    loads++;
    return NULL;
}

/* FALSE after saying so when the standards' schemas are not there. */
static gboolean have_standards(void)
{
    if (!standards) {
        print_message("# skipped: DANGAN_XSD is not set\n");
        skip();
        return FALSE;
    }
    g_setenv("DANGAN_XSD", standards, TRUE);
    return da_schema_is_available(DA_SCHEMA_STANDARDS);
}

static GPtrArray *faults_of(const char *xml)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *faults = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(xmlDoc) doc = da_xml_parse(xml, strlen(xml), "case", &error);
    assert_non_null(doc);
    if (!da_schema_validate(DA_SCHEMA_STANDARDS, doc, faults, &error))
        fail_msg("%s", error->message);
    return faults;
}

static void a_document_does_not_bring_its_own_schema(void **state)
{
    if (!have_standards())
        return;
    xmlExternalEntityLoader before = xmlGetExternalEntityLoader();
    xmlSetExternalEntityLoader(count_loads);
    g_autoptr(GPtrArray) faults = faults_of(METS_BEGIN METS_STRUCTURE);
    assert_int_equal(faults->len, 0);
    assert_int_equal(loads, 0);
    assert_ptr_equal(xmlGetExternalEntityLoader(), count_loads);
    xmlSetExternalEntityLoader(before);
}

static void validation_names_lines_and_faults(void **state)
{
    if (!have_standards())
        return;
    g_autoptr(GPtrArray) faults = faults_of(METS_BEGIN "\n<invented/>\n" METS_STRUCTURE);
    assert_int_equal(faults->len, 1);
    assert_true(g_str_has_prefix(g_ptr_array_index(faults, 0), "line 2: "));
    assert_non_null(strstr(g_ptr_array_index(faults, 0), "invented"));
}

static void validation_ends_its_list_somewhere(void **state)
{
    if (!have_standards())
        return;
    g_autoptr(GString) xml = g_string_new(METS_BEGIN "<fileSec><fileGrp>");
    for (int i = 0; i < 5000; i++)
        g_string_append(xml, "<file/>");
    g_string_append(xml, "</fileGrp></fileSec>" METS_STRUCTURE);
    g_autoptr(GPtrArray) faults = faults_of(xml->str);
    assert_int_equal(faults->len, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_reads_an_honest_document),
        cmocka_unit_test(parse_refuses_what_is_broken_or_hostile),
        cmocka_unit_test(parse_refuses_a_tower_of_elements),
        cmocka_unit_test(parse_refuses_more_bytes_than_the_limit),
        cmocka_unit_test(our_own_schemas_are_there_and_compile),
        cmocka_unit_test(standards_are_not_at_hand_without_their_folder),
        cmocka_unit_test(a_driver_may_load_only_what_lies_beside_it),
        cmocka_unit_test(a_document_does_not_bring_its_own_schema),
        cmocka_unit_test(validation_names_lines_and_faults),
        cmocka_unit_test(validation_ends_its_list_somewhere),
    };
    int failed = cmocka_run_group_tests_name("schema", tests, NULL, NULL);
    g_free(standards);
    return failed;
}
