#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../base/scratch.h"
#include "package_sample.h"

#include <dangan/bag.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/package.h>
#include <dangan/schema.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <libxml/xpathInternals.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define METS "METS.xml"
#define PREMIS "metadata/preservation/premis.xml"
#define DOSSIER "metadata/descriptive/dossier.xml"

static int begin(void **state)
{
    *state = scratch_begin();
    return 0;
}

static int end(void **state)
{
    scratch_end(*state);
    return 0;
}

static char *package_path(const char *folder)
{
    return g_build_filename(folder, "out", SAMPLE_ID, NULL);
}

/* Writes a dossier below folder/out. NULL with `error`, else the package digest. */
static char *write_dossier(const DaDossier *dossier, const char *folder, gboolean replace,
                           GError **error)
{
    g_autoptr(GBytes) xml = g_bytes_new_static("<profile/>", 10);
    g_autoptr(GBytes) report = g_bytes_new_static("{}", 2);
    DaProfile profile = {.xml = xml};
    g_autofree char *out = g_build_filename(folder, "out", NULL);
    g_autofree char *path = package_path(folder);
    char *digest = NULL;
    if (!da_dir_make(out, error))
        return NULL;
    return da_package_write(dossier, &profile, report, path, replace, &digest, error) ? digest
                                                                                      : NULL;
}

static char *write_sample(const char *folder, gboolean replace)
{
    g_autoptr(DaDossier) dossier = sample_dossier(folder);
    g_autoptr(GError) error = NULL;
    char *digest = write_dossier(dossier, folder, replace, &error);
    if (!digest)
        fail_msg("%s", error->message);
    return digest;
}

static char *payload_text(const char *folder, const char *inside, gsize *size)
{
    g_autofree char *package = package_path(folder);
    g_autofree char *payload = da_package_payload(SAMPLE_ID, inside);
    g_autofree char *path = g_build_filename(package, payload, NULL);
    char *text = NULL;
    assert_true(g_file_get_contents(path, &text, size, NULL));
    return text;
}

static xmlDoc *payload_xml(const char *folder, const char *inside)
{
    gsize size = 0;
    g_autofree char *text = payload_text(folder, inside, &size);
    xmlDoc *doc = da_xml_parse(text, size, inside, NULL);
    assert_non_null(doc);
    return doc;
}

/* --- what is written -------------------------------------------------------------------------------------------------- */

static void the_layout_is_as_promised(void **state)
{
    static const char *const files[] = {
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
        "data/" SAMPLE_ID "/METS.xml",
        "data/" SAMPLE_ID "/metadata/descriptive/dossier.xml",
        "data/" SAMPLE_ID "/metadata/preservation/premis.xml",
        "data/" SAMPLE_ID "/representations/master/data/4-1-1-001.jpg",
        "data/" SAMPLE_ID "/representations/master/data/4-1-1-002.tif",
        "data/" SAMPLE_ID "/representations/access/data/9-1-2-001.jpg",
        "data/" SAMPLE_ID "/representations/ocr/data/4-1-1-003.xml",
        "data/" SAMPLE_ID "/documentation/profile.xml",
        "data/" SAMPLE_ID "/documentation/ingest-report.json",
        "data/" SAMPLE_ID "/schemas/dossier.xsd",
    };
    g_autofree char *digest = write_sample(*state, FALSE);
    g_autofree char *package = package_path(*state);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(package, files[i], NULL);
        if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
            fail_msg("%s is missing", files[i]);
    }
    g_autoptr(GPtrArray) manifest = da_bag_read_manifest(package, "manifest-sha256.txt", NULL);
    assert_int_equal(manifest->len, 4 * 3 + 6);
    g_autofree char *again = da_bag_digest(package, NULL);
    assert_string_equal(digest, again);
    assert_true(da_package_is(package));
    assert_false(da_package_is(*state));
}

static void sha256sum_agrees(void **state)
{
    static const char *const manifests[] = {"manifest-sha256.txt", "tagmanifest-sha256.txt"};
    g_free(write_sample(*state, FALSE));
    g_autofree char *package = package_path(*state);
    for (gsize i = 0; i < G_N_ELEMENTS(manifests); i++) {
        const char *arguments[] = {"sha256sum", "--check",    "--strict",
                                   "--quiet",   manifests[i], NULL};
        int status = 1;
        assert_true(g_spawn_sync(package, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                                 NULL, NULL, &status, NULL));
        assert_int_equal(status, 0);
    }
}

static void mets_and_premis_are_valid(void **state)
{
    static const char *const documents[] = {METS, PREMIS};
    if (!da_schema_is_available(DA_SCHEMA_STANDARDS)) {
        print_message("# skipped: DANGAN_XSD is not set\n");
        skip();
    }
    g_free(write_sample(*state, FALSE));
    for (gsize i = 0; i < G_N_ELEMENTS(documents); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = payload_xml(*state, documents[i]);
        g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
        assert_true(da_schema_validate(DA_SCHEMA_STANDARDS, doc, faults, &error));
        if (faults->len > 0)
            fail_msg("%s: %s", documents[i], (const char *)g_ptr_array_index(faults, 0));
    }
}

/* Elements in document order. */
static GPtrArray *elements_of(xmlDoc *doc)
{
    GPtrArray *elements = g_ptr_array_new();
    g_ptr_array_add(elements, xmlDocGetRootElement(doc));
    for (guint i = 0; i < elements->len; i++) {
        xmlNode *node = g_ptr_array_index(elements, i);
        for (xmlNode *child = xmlFirstElementChild(node); child;
             child = xmlNextElementSibling(child))
            g_ptr_array_add(elements, child);
    }
    return elements;
}

static char *attribute_of(xmlNode *node, const char *name)
{
    g_autoptr(DaXmlChar) value = xmlGetNoNsProp(node, BAD_CAST name);
    return value ? g_strdup((const char *)value) : NULL;
}

static void each_reference_in_mets_has_its_target(void **state)
{
    static const char *const references[] = {"FILEID", "ADMID", "DMDID"};
    g_free(write_sample(*state, FALSE));
    g_autoptr(xmlDoc) doc = payload_xml(*state, METS);
    g_autoptr(GPtrArray) elements = elements_of(doc);
    g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guint followed = 0;
    for (guint i = 0; i < elements->len; i++) {
        char *id = attribute_of(g_ptr_array_index(elements, i), "ID");
        if (id && (xmlValidateNCName(BAD_CAST id, 0) != 0 || g_hash_table_contains(ids, id)))
            fail_msg("%s is no identifier or there twice", id);
        if (id)
            g_hash_table_add(ids, id);
    }
    for (guint i = 0; i < elements->len; i++)
        for (gsize k = 0; k < G_N_ELEMENTS(references); k++) {
            g_autofree char *id = attribute_of(g_ptr_array_index(elements, i), references[k]);
            if (id && !g_hash_table_contains(ids, id))
                fail_msg("%s=\"%s\" leads nowhere", references[k], id);
            followed += id != NULL;
        }
    /* 12 page files, 5 groups in the CSIP map, ADMID of 3 groups, ADMID and DMDID of the metadata, DMDID of the catalogue */
    assert_int_equal(followed, 12 + 5 + 3 + 2 + 1);
}

static void mets_names_each_file_with_its_digest(void **state)
{
    g_free(write_sample(*state, FALSE));
    g_autofree char *package = package_path(*state);
    g_autoptr(xmlDoc) doc = payload_xml(*state, METS);
    g_autoptr(GPtrArray) elements = elements_of(doc);
    g_autoptr(GPtrArray) manifest = da_bag_read_manifest(package, "manifest-sha256.txt", NULL);
    g_autoptr(GHashTable) sums = g_hash_table_new(g_str_hash, g_str_equal);
    guint named = 0;
    for (guint i = 0; i < manifest->len; i++) {
        DaBagEntry *entry = g_ptr_array_index(manifest, i);
        g_hash_table_insert(sums, entry->path, entry->sha256);
    }
    for (guint i = 0; i < elements->len; i++) {
        xmlNode *node = g_ptr_array_index(elements, i);
        g_autoptr(DaXmlChar) href =
            xmlGetNsProp(node, BAD_CAST "href", BAD_CAST "http://www.w3.org/1999/xlink");
        if (!href)
            continue;
        xmlNode *holder = g_str_equal((const char *)node->name, "FLocat") ? node->parent : node;
        g_autofree char *sum = attribute_of(holder, "CHECKSUM");
        g_autofree char *path = da_package_payload(SAMPLE_ID, (const char *)href);
        assert_string_equal(sum, g_hash_table_lookup(sums, path));
        named++;
    }
    assert_int_equal(named, manifest->len - 1); /* all but METS itself */
}

/* Fails unless the XPath expression over METS ("m:") or PREMIS ("p:") is true. */
static void expect(xmlDoc *doc, const char *expression)
{
    g_autoptr(xmlXPathContext) context = xmlXPathNewContext(doc);
    xmlXPathRegisterNs(context, BAD_CAST "m", BAD_CAST "http://www.loc.gov/METS/");
    xmlXPathRegisterNs(context, BAD_CAST "p", BAD_CAST "http://www.loc.gov/premis/v3");
    xmlXPathRegisterNs(context, BAD_CAST "csip",
                       BAD_CAST "https://DILCIS.eu/XML/METS/CSIPExtensionMETS");
    g_autofree char *boolean = g_strdup_printf("boolean(%s)", expression);
    g_autoptr(xmlXPathObject) result = xmlXPathEvalExpression(BAD_CAST boolean, context);
    assert_non_null(result);
    if (!result->boolval)
        fail_msg("not so: %s", expression);
}

static void mets_has_the_shape_of_csip(void **state)
{
    static const char *const said[] = {
        "/m:mets[@OBJID='" SAMPLE_ID
        "'][@TYPE][contains(@PROFILE,'E-ARK-SIP')][@csip:CONTENTINFORMATIONTYPE]",
        "//m:metsHdr[@CREATEDATE='2026-03-01T08:30:00Z'][@csip:OAISPACKAGETYPE='SIP']",
        "//m:agent[@ROLE='CREATOR'][@TYPE='OTHER'][@OTHERTYPE='SOFTWARE'][m:name='dangan']/"
        "m:note[@csip:NOTETYPE='SOFTWARE VERSION']",
        "//m:dmdSec/m:mdRef[@LOCTYPE='URL'][@SIZE][@CREATED][@CHECKSUM][@CHECKSUMTYPE='SHA-256']",
        "//m:digiprovMD/m:mdRef[@MDTYPE='PREMIS']",
        "count(//m:fileGrp) = 5",
        "count(//m:fileGrp[starts-with(@USE,'Representations/')]/"
        "m:file[@ID][@MIMETYPE][@SIZE][@CREATED][@CHECKSUM]"
        "[@CHECKSUMTYPE]/m:FLocat[@LOCTYPE='URL']) = 12",
        "//m:file[@ID='file-master-4-1-1-002'][@MIMETYPE='image/"
        "tiff'][@CREATED='2026-02-03T09:00:00Z']",
        "//m:structMap[@LABEL='CSIP'][@TYPE='PHYSICAL']/m:div[@ID][@LABEL='" SAMPLE_ID
        "']/m:div[@LABEL='Metadata']"
        "[@ADMID][@DMDID]",
        "//m:structMap[@LABEL='CSIP']//m:div[@LABEL='Representations/access']/"
        "m:fptr[@FILEID='group-access']",
    };
    g_free(write_sample(*state, FALSE));
    g_autoptr(xmlDoc) doc = payload_xml(*state, METS);
    for (gsize i = 0; i < G_N_ELEMENTS(said); i++)
        expect(doc, said[i]);
}

static void the_catalogue_map_is_the_paper_order(void **state)
{
    static const char *const said[] = {
        "count(//m:structMap[@TYPE='LOGICAL']/m:div/m:div[@TYPE='class']) = 2",
        "//m:div[@TYPE='class'][@ORDER='1'][@LABEL='4-1']/"
        "m:div[@TYPE='material'][@ORDER='1'][@LABEL='4-1-1']",
        "//m:div[@TYPE='class'][@ORDER='2'][@LABEL='9-1']/m:div[@ORDER='2'][@LABEL='9-1-2']/"
        "m:div[@LABEL='9-1-2-001']",
        "//m:div[@LABEL='4-1-1']/m:div[3][@ORDER='3'][@TYPE='blank page'][@LABEL='4-1-1-003']",
        "//m:div[@LABEL='4-1-1-002']/m:fptr[1][@FILEID='file-master-4-1-1-002']/"
        "following-sibling::m:fptr"
        "[@FILEID='file-access-4-1-1-002']/following-sibling::m:fptr[@FILEID='file-ocr-4-1-1-002']",
    };
    g_free(write_sample(*state, FALSE));
    g_autoptr(xmlDoc) doc = payload_xml(*state, METS);
    for (gsize i = 0; i < G_N_ELEMENTS(said); i++)
        expect(doc, said[i]);
}

static void premis_tells_what_was_done(void **state)
{
    static const char *const said[] = {
        "count(//p:object) = 1 + 3 + 12",
        "//p:event[p:eventType='capture'][p:eventDateTime='2026-02-02T09:00:00Z']",
        "//p:event[p:eventType='capture']//p:linkingAgentIdentifierValue[.='agent-operator']",
        "count(//p:event[p:eventType='orientation correction']//p:eventDetail) = 1",
        "//p:eventDetail[.='4-1-1-001: lay 90 degrees clockwise, turned upright; confidence 0.97']",
        "//p:eventDetail[.='4-1-1-001: lay -1.25 degrees clockwise, levelled by one resampling']",
        "//p:event[p:eventType='cropping']//p:eventDetail[contains(., 'at 12, 34 of the upright')]",
        "//p:event[p:eventType='deskewing']//p:linkingObjectIdentifierValue"
        "[.='representations/access/data/4-1-1-001.jpg']",
        "count(//p:event[p:eventType='unpacking']//p:linkingObjectIdentifier) = 1",
        "//p:event[p:eventType='text recognition']//p:eventOutcomeDetailNote"
        "[.='3 sides; mean confidence 0.85 over 2 with text']",
        "//p:event[p:eventType='message digest calculation']",
        "//p:event[p:eventType='information package "
        "creation'][p:eventDateTime='2026-03-01T08:30:00Z']",
        "//p:event[p:eventType='modification'][p:eventDateTime='2026-02-27']"
        "[count(.//p:eventDetail) = 2]//p:eventDetail[.='4-1-1-002: turn set to 90 by a person']",
        "count(//p:event[p:eventDateTime='2026-02-27']//p:linkingObjectIdentifier) = 1",
        "//p:event[p:eventDateTime='2026-02-27']//p:linkingAgentIdentifierValue"
        "[. = //p:agent[p:agentName='王某'][p:agentType='person']//p:agentIdentifierValue]",
        "//p:event[p:eventType='metadata modification'][p:eventDateTime='2026-02-28T10:00:00Z']"
        "//p:linkingAgentIdentifierValue[.='agent-operator']",
        "//p:eventDetail[.='4-1-1-002: scanned again']",
        "count(//p:agent[p:agentType='person']) = 3",
        "//p:agent[p:agentName='dangan'][p:agentType='software'][p:agentVersion]",
        "//p:agent[p:agentName='tesseract 5.3.0 chi_sim']",
        "//p:agent[p:agentName='Testscan 9000'][p:agentType='hardware']",
        "not(//p:linkingAgentIdentifierValue[not(. = //p:agentIdentifierValue)])",
        "not(//p:linkingObjectIdentifierValue[not(. = //p:objectIdentifierValue)])",
        "not(//p:relatedObjectIdentifier[p:relatedObjectIdentifierType='package "
        "path']/p:relatedObjectIdentifierValue"
        "[not(. = //p:objectIdentifierValue)])",
    };
    g_free(write_sample(*state, FALSE));
    g_autoptr(xmlDoc) doc = payload_xml(*state, PREMIS);
    for (gsize i = 0; i < G_N_ELEMENTS(said); i++)
        expect(doc, said[i]);
}

static void a_capture_date_that_nobody_knows_is_not_invented(void **state)
{
    g_autoptr(DaDossier) dossier = sample_dossier(*state);
    for (guint m = 0; m < dossier->materials->len; m++) {
        const DaMaterial *material = g_ptr_array_index(dossier->materials, m);
        for (guint p = 0; p < material->pages->len; p++)
            g_clear_pointer(&((DaPage *)g_ptr_array_index(material->pages, p))->captured, g_free);
    }
    g_autofree char *digest = write_dossier(dossier, *state, FALSE, NULL);
    assert_non_null(digest);
    g_autoptr(xmlDoc) doc = payload_xml(*state, PREMIS);
    expect(doc, "//p:event[p:eventType='capture'][p:eventDateTime='unknown']");
}

static void persons_titles_and_paths_stand_in_dossier_xml_alone(void **state)
{
    static const char *const documents[] = {METS, PREMIS};
    g_free(write_sample(*state, FALSE));
    g_autofree char *dossier = payload_text(*state, DOSSIER, NULL);
    assert_non_null(strstr(dossier, SAMPLE_NAME));
    assert_null(strstr(dossier, *state));
    for (gsize i = 0; i < G_N_ELEMENTS(documents); i++) {
        const char *hidden[] = {SAMPLE_NAME, SAMPLE_ID_NUMBER, SAMPLE_TITLE, "J019-2026-0007",
                                *state};
        g_autofree char *text = payload_text(*state, documents[i], NULL);
        for (gsize k = 0; k < G_N_ELEMENTS(hidden); k++)
            if (strstr(text, hidden[k]))
                fail_msg("%s shows %s", documents[i], hidden[k]);
    }
}

static void the_same_dossier_gives_the_same_bytes(void **state)
{
    g_autofree char *first = write_sample(*state, FALSE);
    g_autofree char *package = package_path(*state);
    assert_true(da_tree_remove(package, NULL));
    g_usleep(1100 * 1000); /* another second on the clock */
    g_autofree char *second = write_sample(*state, FALSE);
    assert_string_equal(first, second);
}

/* --- reading ---------------------------------------------------------------------------------------------------------- */

static void what_was_written_is_read(void **state)
{
    g_free(write_sample(*state, FALSE));
    g_autofree char *package = package_path(*state);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaDossier) dossier = da_package_read(package, &error);
    if (!dossier)
        fail_msg("%s", error->message);
    assert_string_equal(da_dossier_get(dossier, DA_FIELD_NAME), SAMPLE_NAME);
    assert_int_equal(da_dossier_sides(dossier), 4);
    const DaMaterial *material = g_ptr_array_index(dossier->materials, 0);
    for (guint i = 0; i < material->pages->len; i++) {
        const DaPage *page = g_ptr_array_index(material->pages, i);
        for (DaFileKind kind = 0; kind < DA_FILE_N; kind++) {
            DaDigest found;
            assert_true(g_path_is_absolute(page->file[kind].path));
            assert_true(da_digest_file(page->file[kind].path, &found, NULL, NULL));
            assert_string_equal(found.hex, page->file[kind].sha256);
        }
    }
}

/* Ways to make a package none. */
static void no_declaration(const char *package)
{
    g_autofree char *path = g_build_filename(package, "bagit.txt", NULL);
    g_unlink(path);
}

static void two_payloads(const char *package)
{
    g_autofree char *path = g_build_filename(package, "data", "other", NULL);
    g_mkdir(path, 0755);
}

static void another_id(const char *package)
{
    g_autofree char *from = g_build_filename(package, "data", SAMPLE_ID, NULL);
    g_autofree char *to =
        g_build_filename(package, "data", "00000000-0b1e-4c7a-9a66-2f1f0c5b8e11", NULL);
    assert_int_equal(g_rename(from, to), 0);
}

static void change_dossier(const char *package, const char *from, const char *to)
{
    g_autofree char *path = g_build_filename(package, "data", SAMPLE_ID, DOSSIER, NULL);
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_non_null(strstr(text, from));
    g_autoptr(GString) changed = g_string_new(text);
    g_string_replace(changed, from, to, 0);
    assert_true(g_file_set_contents(path, changed->str, -1, NULL));
}

static void no_dossier(const char *package)
{
    g_autofree char *path = g_build_filename(package, "data", SAMPLE_ID, DOSSIER, NULL);
    g_unlink(path);
}

static void truncated_dossier(const char *package)
{
    g_autofree char *path = g_build_filename(package, "data", SAMPLE_ID, DOSSIER, NULL);
    g_autofree char *text = NULL;
    gsize size = 0;
    assert_true(g_file_get_contents(path, &text, &size, NULL));
    assert_true(g_file_set_contents(path, text, (gssize)size / 2, NULL));
}

static void climbing_stem(const char *package)
{
    change_dossier(package, "4-1-1-002", "../../../x");
}

static void fifo_for_dossier(const char *package)
{
    g_autofree char *path = g_build_filename(package, "data", SAMPLE_ID, DOSSIER, NULL);
    g_unlink(path);
    assert_int_equal(mkfifo(path, 0644), 0);
}

static void what_is_no_package_is_refused(void **state)
{
    static const struct {
        const char *label;
        void (*spoil)(const char *package);
    } cases[] = {
        {"no bagit.txt", no_declaration},
        {"two payload folders", two_payloads},
        {"folder of another id", another_id},
        {"no dossier.xml", no_dossier},
        {"half a dossier.xml", truncated_dossier},
        {"stem that climbs", climbing_stem},
        {"FIFO", fifo_for_dossier},
    };
    g_autofree char *package = package_path(*state);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_free(write_sample(*state, TRUE));
        g_autoptr(GError) error = NULL;
        cases[i].spoil(package);
        if (da_package_read(package, &error))
            fail_msg("%s was read", cases[i].label);
        if (!g_error_matches(error, DA_ERROR, DA_ERROR_INPUT))
            fail_msg("%s: %s", cases[i].label, error->message);
    }
    g_autoptr(GError) error = NULL;
    assert_null(da_package_read("/nowhere/at/all", &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
}

/* --- what must not be written ------------------------------------------------------------------------------------------- */

static DaPage *first_page(DaDossier *dossier)
{
    return g_ptr_array_index(((DaMaterial *)g_ptr_array_index(dossier->materials, 0))->pages, 0);
}

static void take_text(char **member, const char *text)
{
    g_free(*member);
    *member = g_strdup(text);
}

static void other_digest(DaDossier *dossier)
{
    take_text(&first_page(dossier)->file[DA_FILE_ACCESS].sha256, da_digest_bytes("other", 5).hex);
}

static void other_size(DaDossier *dossier)
{
    first_page(dossier)->file[DA_FILE_OCR].size_bytes++;
}

static void no_digest(DaDossier *dossier)
{
    take_text(&first_page(dossier)->file[DA_FILE_MASTER].sha256, NULL);
}

static void no_path(DaDossier *dossier)
{
    take_text(&first_page(dossier)->file[DA_FILE_MASTER].path, NULL);
}

static void stem_climbs(DaDossier *dossier)
{
    take_text(&first_page(dossier)->stem, "../4-1-1-001");
}

static void stem_with_blank(DaDossier *dossier)
{
    take_text(&first_page(dossier)->stem, "4 1-1-001");
}

static void stem_twice(DaDossier *dossier)
{
    take_text(&first_page(dossier)->stem, "4-1-1-002");
}

static void extension_climbs(DaDossier *dossier)
{
    take_text(&first_page(dossier)->file[DA_FILE_MASTER].extension, "jpg/../../x");
}

static void id_of_another(DaDossier *dossier)
{
    take_text(&dossier->id, "00000000-0b1e-4c7a-9a66-2f1f0c5b8e11");
}

static void no_time(DaDossier *dossier)
{
    take_text(&dossier->created, NULL);
}

static void strange_capture(DaDossier *dossier)
{
    take_text(&first_page(dossier)->captured, "last Tuesday");
}

static void expect_nothing_in(const char *folder)
{
    g_autofree char *out = g_build_filename(folder, "out", NULL);
    g_autoptr(GPtrArray) names = da_dir_list(out, NULL);
    if (names && names->len > 0)
        fail_msg("left behind: %s", (const char *)g_ptr_array_index(names, 0));
}

static void a_wrong_dossier_is_not_written(void **state)
{
    static const struct {
        const char *label;
        void (*spoil)(DaDossier *dossier);
    } cases[] = {
        {"digest of another file", other_digest},
        {"size of another file", other_size},
        {"no digest", no_digest},
        {"no path", no_path},
        {"stem that climbs", stem_climbs},
        {"stem with a blank", stem_with_blank},
        {"stem twice", stem_twice},
        {"extension that climbs", extension_climbs},
        {"id of another folder", id_of_another},
        {"no time of creation", no_time},
        {"time of capture is none", strange_capture},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(DaDossier) dossier = sample_dossier(*state);
        g_autoptr(GError) error = NULL;
        cases[i].spoil(dossier);
        if (write_dossier(dossier, *state, FALSE, &error))
            fail_msg("%s was written", cases[i].label);
        if (!g_error_matches(error, DA_ERROR, DA_ERROR_INPUT))
            fail_msg("%s: %s", cases[i].label, error->message);
        assert_null(strstr(error->message, SAMPLE_NAME));
        expect_nothing_in(*state);
    }
}

static void a_missing_page_file_is_named(void **state)
{
    g_autoptr(DaDossier) dossier = sample_dossier(*state);
    g_autoptr(GError) error = NULL;
    g_unlink(first_page(dossier)->file[DA_FILE_ACCESS].path);
    assert_null(write_dossier(dossier, *state, FALSE, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
    assert_non_null(strstr(error->message, "access of page '4-1-1-001'"));
    expect_nothing_in(*state);
}

static void a_package_is_replaced_only_when_asked(void **state)
{
    g_autofree char *first = write_sample(*state, FALSE);
    g_autoptr(DaDossier) changed = sample_dossier(*state);
    g_autoptr(GError) error = NULL;
    take_text(&changed->created, "2026-03-02T08:30:00Z");
    assert_null(write_dossier(changed, *state, FALSE, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
    g_autofree char *package = package_path(*state);
    g_autofree char *untouched = da_bag_digest(package, NULL);
    assert_string_equal(untouched, first);
    g_autofree char *second = write_dossier(changed, *state, TRUE, NULL);
    g_autofree char *there = da_bag_digest(package, NULL);
    assert_string_equal(second, there);
    assert_string_not_equal(second, first);
    g_autofree char *out = g_build_filename(*state, "out", NULL);
    g_autoptr(GPtrArray) names = da_dir_list(out, NULL);
    assert_int_equal(names->len, 1);
}

static void a_full_disk_leaves_nothing_behind(void **state)
{
    char *small = scratch_mount(*state, "size=128k");
    if (!small)
        skip();
    g_autoptr(DaDossier) dossier = sample_dossier(*state);
    sample_grow(dossier, *state, 60); /* more than a page of the tmpfs each */
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(small, SAMPLE_ID, NULL);
    g_autofree char *digest = NULL;
    gboolean written = da_package_write(dossier, NULL, NULL, path, FALSE, &digest, &error);
    g_autoptr(GPtrArray) names = da_dir_list(small, NULL);
    scratch_unmount(small);
    assert_false(written);
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DISK));
    assert_int_equal(names->len, 0);
}

/* --- killed in the middle ------------------------------------------------------------------------------------------------- */

/* This program once more, to be killed at `point`: a fault point is read once a process. */
static void write_and_die(const char *folder, const char *point)
{
    g_autofree char *fault = g_strdup_printf("kill:%s", point);
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "DANGAN_FAULT", fault, TRUE);
    const char *arguments[] = {"/proc/self/exe", "--write", folder, NULL};
    int status = 0;
    assert_true(g_spawn_sync(NULL, (char **)arguments, environment, 0, NULL, NULL, NULL, NULL,
                             &status, NULL));
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        fail_msg("was not killed at %s", point);
}

static void a_killed_writer_leaves_no_half_package(void **state)
{
    static const struct {
        const char *point;
        gboolean there;
    } cases[] = {{"package.pages", FALSE}, {"package.staged", FALSE}, {"package.committed", TRUE}};
    g_autofree char *package = package_path(*state);
    g_autofree char *out = g_build_filename(*state, "out", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_true(da_tree_remove(out, NULL));
        write_and_die(*state, cases[i].point);
        assert_int_equal(g_file_test(package, G_FILE_TEST_EXISTS), cases[i].there);
        g_autofree char *digest = write_sample(*state, TRUE);
        g_autofree char *there = da_bag_digest(package, NULL);
        assert_string_equal(digest, there);
        g_autoptr(GPtrArray) names = da_dir_list(out, NULL);
        assert_int_equal(names->len, 1);
    }
}

static void a_killed_replacement_leaves_the_old_package(void **state)
{
    g_autofree char *package = package_path(*state);
    g_autofree char *first = write_sample(*state, FALSE);
    write_and_die(*state, "package.staged");
    g_autofree char *there = da_bag_digest(package, NULL);
    assert_string_equal(there, first);
    g_autoptr(DaDossier) dossier = da_package_read(package, NULL);
    assert_non_null(dossier);
}

int main(int count, char **argument)
{
    if (count == 3 && strcmp(argument[1], "--write") == 0) {
        g_free(write_sample(argument[2], TRUE));
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_layout_is_as_promised, begin, end),
        cmocka_unit_test_setup_teardown(sha256sum_agrees, begin, end),
        cmocka_unit_test_setup_teardown(mets_and_premis_are_valid, begin, end),
        cmocka_unit_test_setup_teardown(each_reference_in_mets_has_its_target, begin, end),
        cmocka_unit_test_setup_teardown(mets_names_each_file_with_its_digest, begin, end),
        cmocka_unit_test_setup_teardown(mets_has_the_shape_of_csip, begin, end),
        cmocka_unit_test_setup_teardown(the_catalogue_map_is_the_paper_order, begin, end),
        cmocka_unit_test_setup_teardown(premis_tells_what_was_done, begin, end),
        cmocka_unit_test_setup_teardown(a_capture_date_that_nobody_knows_is_not_invented, begin,
                                        end),
        cmocka_unit_test_setup_teardown(persons_titles_and_paths_stand_in_dossier_xml_alone, begin,
                                        end),
        cmocka_unit_test_setup_teardown(the_same_dossier_gives_the_same_bytes, begin, end),
        cmocka_unit_test_setup_teardown(what_was_written_is_read, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_package_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_wrong_dossier_is_not_written, begin, end),
        cmocka_unit_test_setup_teardown(a_missing_page_file_is_named, begin, end),
        cmocka_unit_test_setup_teardown(a_package_is_replaced_only_when_asked, begin, end),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing_behind, begin, end),
        cmocka_unit_test_setup_teardown(a_killed_writer_leaves_no_half_package, begin, end),
        cmocka_unit_test_setup_teardown(a_killed_replacement_leaves_the_old_package, begin, end),
    };
    return cmocka_run_group_tests_name("package", tests, NULL, NULL);
}
