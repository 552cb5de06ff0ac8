#include "fixture.h"
#include "scene.h"

#include <dangan/addition.h>
#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/xml.h>
#include <dangan/retrieve.h>
#include <dangan/schema.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define PREMIS "metadata/preservation/premis.xml"

/* A dossier that the archive holds, and materials that turned up later. */
typedef struct {
    DaArchive *archive;
    PGconn *db;
    Fixture *kept, *later;
} Holdings;

static void must_deposit(const Holdings *holdings)
{
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    const DaDepositOptions options = {.district = "310104", .profile = holdings->kept->profile};
    if (!da_deposit(holdings->archive, holdings->db, holdings->kept->package, &options, &result,
                    &error))
        fail_msg("%s", error->message);
    da_deposit_result_clear(&result);
}

/* Other writing than the dossier's, so that no page is there twice. */
static Fixture *later_package(const char *title, guint hand)
{
    Fixture *later = fixture_new();
    GPtrArray *materials = later->dossier->materials;
    g_ptr_array_set_size(materials, 0);
    DaMaterial *material = da_material_new();
    g_ptr_array_add(materials, material);
    material->class_code = g_strdup("9-1");
    material->sequence = 1;
    material->title = g_strdup(title);
    material->formed = (DaDate){1996, 3, 1};
    material->copies = material->pages_claimed = 1;
    fixture_add_page(later, material, hand);
    g_free(later->dossier->operator_name);
    later->dossier->operator_name = g_strdup("操作员丙");
    fixture_write(later);
    return later;
}

static Holdings *holdings_new(const Scene *scene)
{
    Holdings *holdings = g_new0(Holdings, 1);
    holdings->archive = scene_init(scene);
    holdings->db = scene_connect(holdings->archive);
    holdings->kept = fixture_new();
    fixture_write(holdings->kept);
    holdings->later = later_package("工资晋级审批表", 5);
    must_deposit(holdings);
    return holdings;
}

static void holdings_free(Holdings *holdings)
{
    PQfinish(holdings->db);
    da_archive_free(holdings->archive);
    fixture_free(holdings->kept);
    fixture_free(holdings->later);
    g_free(holdings);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Holdings, holdings_free)

static gboolean add(const Holdings *holdings, const Fixture *later, const char *dossier,
                    DaDepositResult *result, GError **error)
{
    const DaAdditionOptions options = {.dossier = dossier,
                                       .by = "档案员乙",
                                       .from = "虚构街道办",
                                       .profile = holdings->kept->profile};
    return da_addition_deposit(holdings->archive, holdings->db, later->package, &options, result,
                               error);
}

static void must_add(const Holdings *holdings, const Fixture *later, DaDepositResult *result)
{
    g_autoptr(GError) error = NULL;
    if (!add(holdings, later, NULL, result, &error))
        fail_msg("%s", error->message);
}

static guint folders_at_work(const Scene *scene)
{
    g_autofree char *work = g_build_filename(scene->dir, "staging", NULL);
    g_autoptr(GPtrArray) names = da_dir_list(work, NULL);
    return names ? names->len : 0;
}

static char *retrieve(const Scene *scene, const Holdings *holdings, guint version)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strdup_printf("version-%u", version);
    char *path = g_build_filename(scene->folder, name, holdings->kept->dossier->id, NULL);
    if (!da_retrieve(holdings->archive, holdings->db, holdings->kept->dossier->id, version, path,
                     &error))
        fail_msg("%s", error->message);
    return path;
}

static GBytes *master_of(const char *package, const char *id, const char *stem)
{
    g_autofree char *inside = da_package_page_file(id, DA_FILE_MASTER, stem, "jpg");
    g_autofree char *path = g_build_filename(package, inside, NULL);
    return fixture_read(path);
}

/* What PREMIS of a package says at an XPath. */
static char *premis(const char *package, const char *id, const char *path)
{
    g_autofree char *inside = da_package_payload(id, PREMIS);
    g_autofree char *place = g_build_filename(package, inside, NULL);
    g_autoptr(GBytes) bytes = fixture_read(place);
    g_autoptr(xmlDoc) doc =
        da_xml_parse(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "premis.xml", NULL);
    assert_non_null(doc);
    g_autoptr(xmlXPathContext) context = xmlXPathNewContext(doc);
    xmlXPathRegisterNs(context, BAD_CAST "p", BAD_CAST "http://www.loc.gov/premis/v3");
    g_autofree char *wanted = g_strdup_printf("string(%s)", path);
    g_autoptr(xmlXPathObject) found = xmlXPathEvalExpression(BAD_CAST wanted, context);
    assert_non_null(found);
    return g_strdup((const char *)found->stringval);
}

static void later_materials_make_a_new_version(void **state)
{
    g_autoptr(Holdings) holdings = holdings_new(*state);
    const char *id = holdings->kept->dossier->id;
    DaDepositResult result;
    must_add(holdings, holdings->later, &result);
    assert_false(result.unchanged);
    assert_int_equal(result.version, 2);
    assert_string_equal(result.dossier_id, id);
    da_deposit_result_clear(&result);
    assert_ask(holdings->db,
               "SELECT string_agg(stem, ' ' ORDER BY position) FROM page WHERE version = 2",
               "1-1-001 1-1-002 9-1-1-001 9-1-2-001");
    assert_ask(holdings->db, "SELECT count(*) FROM dossier", "1");
    assert_ask(holdings->db, "SELECT district || version FROM dossier", "3101042");
    assert_int_equal(folders_at_work(*state), 0);

    g_autofree char *before = retrieve(*state, holdings, 1), *after = retrieve(*state, holdings, 2);
    const char *const stems[] = {"1-1-001", "1-1-002", "9-1-1-001"};
    for (guint i = 0; i < G_N_ELEMENTS(stems); i++) {
        g_autoptr(GBytes) old = master_of(before, id, stems[i]);
        g_autoptr(GBytes) new = master_of(after, id, stems[i]);
        assert_true(g_bytes_equal(old, new));
    }
    g_autoptr(GBytes) brought =
        master_of(holdings->later->package, holdings->later->dossier->id, "9-1-1-001");
    g_autoptr(GBytes) taken = master_of(after, id, "9-1-2-001");
    assert_true(g_bytes_equal(brought, taken));
}

static void the_new_version_is_whole_and_says_what_was_added(void **state)
{
    g_autoptr(Holdings) holdings = holdings_new(*state);
    const char *id = holdings->kept->dossier->id;
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    must_add(holdings, holdings->later, &result);
    assert_true(result.verification->accepted);
    da_deposit_result_clear(&result);
    g_autofree char *after = retrieve(*state, holdings, 2);
    g_autoptr(DaVerification) verification =
        da_verify_package(after, holdings->kept->profile, &error);
    assert_non_null(verification);
    if (!verification->accepted)
        fail_msg("%s", ((DaFinding *)verification->findings->pdata[0])->message);

    static const struct {
        const char *path, *wanted;
    } says[] = {
        {"count(//p:event[p:eventType='accession'])", "1"},
        {"//p:event[p:eventType='accession']//p:linkingObjectIdentifierValue",
         "representations/master/data/9-1-2-001.jpg"},
        {"//p:agent[p:agentIdentifier/p:agentIdentifierValue=//p:event[p:eventType='accession']"
         "//p:linkingAgentIdentifierValue]/p:agentName",
         "档案员乙"},
        {"count(//p:event[p:eventType='capture'])", "2"},
        {"//p:agent[p:agentIdentifier/p:agentIdentifierValue='agent-operator-2']/p:agentName",
         "操作员丙"},
        {"//p:event[p:eventType='information package creation']/p:eventDateTime"
         " = //p:event[p:eventType='accession']/p:eventDateTime",
         "true"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(says); i++) {
        g_autofree char *said = premis(after, id, says[i].path);
        assert_string_equal(said, says[i].wanted);
    }
    g_autoptr(DaDossier) dossier = da_package_read(after, &error);
    assert_non_null(dossier);
    assert_string_equal(dossier->first_created, "2026-03-02T09:00:00Z");
    const DaMaterial *added = dossier->materials->pdata[2];
    assert_string_equal(added->title, "工资晋级审批表");
    assert_string_equal(added->addition->from, "虚构街道办");
}

static void the_same_materials_again_change_nothing(void **state)
{
    g_autoptr(Holdings) holdings = holdings_new(*state);
    DaDepositResult result;
    must_add(holdings, holdings->later, &result);
    da_deposit_result_clear(&result);
    must_add(holdings, holdings->later, &result);
    assert_true(result.unchanged);
    assert_int_equal(result.version, 2);
    da_deposit_result_clear(&result);
    assert_ask(holdings->db, "SELECT count(*) FROM dossier_version", "2");
}

static void another_persons_materials_are_refused(void **state)
{
    g_autoptr(Holdings) holdings = holdings_new(*state);
    g_autoptr(Fixture) other = fixture_new();
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    da_dossier_set(other->dossier, DA_FIELD_ID_NUMBER, "440524188001010014", DA_ORIGIN_LIST, NULL);
    da_dossier_set(other->dossier, DA_FIELD_BIRTH, "1880-01-01", DA_ORIGIN_LIST, NULL);
    da_dossier_set(other->dossier, DA_FIELD_SEX, "男", DA_ORIGIN_LIST, NULL);
    fixture_write(other);
    assert_false(add(holdings, other, NULL, &result, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
    da_deposit_result_clear(&result);
    g_clear_error(&error);
    assert_false(add(holdings, other, holdings->kept->dossier->id, &result, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
    assert_null(strstr(error->message, "440524"));
    da_deposit_result_clear(&result);
    assert_ask(holdings->db, "SELECT count(*) FROM dossier_version", "1");
    assert_int_equal(folders_at_work(*state), 0);
}

static void an_unknown_dossier_and_a_damaged_package_are_refused(void **state)
{
    g_autoptr(Holdings) holdings = holdings_new(*state);
    g_autoptr(GError) error = NULL;
    DaDepositResult result;
    assert_false(
        add(holdings, holdings->later, "33333333-3333-4333-8333-333333333333", &result, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
    da_deposit_result_clear(&result);
    g_clear_error(&error);
    assert_false(add(holdings, holdings->later, "../../etc", &result, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
    da_deposit_result_clear(&result);
    g_clear_error(&error);
    g_autofree char *page =
        fixture_path(holdings->later, "representations/master/data/9-1-1-001.jpg");
    fixture_put(page, "broken", 6);
    assert_false(add(holdings, holdings->later, NULL, &result, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    assert_true(result.verification->findings->len > 0);
    da_deposit_result_clear(&result);
    assert_ask(holdings->db, "SELECT count(*) FROM dossier_version", "1");
}

static int run_supplement(const Scene *scene, const Fixture *later, const char *fault,
                          char **output)
{
    g_autofree char *profiles =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    return scene_run(fault, output, "supplement", "--archive", scene->dir, "--by", "档案员乙",
                     "--profile-dir", profiles, later->package, NULL);
}

static void an_addition_that_was_killed_is_done_by_the_next(void **state)
{
    static const char *const points[] = {"kill:package.pages", "kill:addition.packaged",
                                         "kill:deposit.staged", "kill:deposit.rows",
                                         "kill:deposit.committed"};
    g_autoptr(Holdings) holdings = holdings_new(*state);
    for (guint i = 0; i < G_N_ELEMENTS(points); i++) {
        int status = run_supplement(*state, holdings->later, points[i], NULL);
        if (status != -SIGKILL)
            fail_msg("%s: exit status %d", points[i], status);
    }
    assert_ask(holdings->db, "SELECT version FROM dossier", "2");
    g_autofree char *output = NULL;
    assert_int_equal(run_supplement(*state, holdings->later, NULL, &output), 0);
    assert_non_null(strstr(output, "unchanged"));
    assert_ask(holdings->db, "SELECT version FROM dossier", "2");
    must_deposit(holdings); /* whoever brings objects next removes what the killed ones left */
    assert_int_equal(folders_at_work(*state), 0);
}

/* Both stand in the newest version, whichever came first. */
static void two_at_once_lose_nothing(void **state)
{
    g_autoptr(Holdings) holdings = holdings_new(*state);
    g_autoptr(Fixture) second = later_package("工资套改审批表", 7);
    pid_t child = fork();
    if (child == 0)
        _exit(run_supplement(*state, second, NULL, NULL));
    assert_int_equal(run_supplement(*state, holdings->later, NULL, NULL), 0);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_ask(holdings->db, "SELECT version FROM dossier", "3");
    assert_ask(holdings->db,
               "SELECT string_agg(title, ' ' ORDER BY title COLLATE \"C\") FROM material WHERE "
               "version = 3 AND class_code = '9-1'",
               "工资套改审批表 工资晋级审批表 工资调整审批表");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
        CASE(later_materials_make_a_new_version),
        CASE(the_new_version_is_whole_and_says_what_was_added),
        CASE(the_same_materials_again_change_nothing),
        CASE(another_persons_materials_are_refused),
        CASE(an_unknown_dossier_and_a_damaged_package_are_refused),
        CASE(an_addition_that_was_killed_is_done_by_the_next),
        CASE(two_at_once_lose_nothing),
    };
    return cmocka_run_group_tests_name("addition", tests, NULL, NULL);
}
