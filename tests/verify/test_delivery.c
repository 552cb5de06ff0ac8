#include "fixture.h"

#include <dangan/error.h>
#include <dangan/exchange.h>
#include <dangan/file.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A written package; archives are unpacked below its folder/unpack, so that a test sees whether that is empty again. */
static Fixture *begin(void)
{
    Fixture *fixture = fixture_new();
    fixture_write(fixture);
    g_autofree char *unpack = g_build_filename(fixture->folder, "unpack", NULL);
    assert_true(da_dir_make(unpack, NULL));
    g_setenv("TMPDIR", unpack, TRUE);
    return fixture;
}

static void assert_cleaned(const Fixture *fixture)
{
    g_autofree char *unpack = g_build_filename(fixture->folder, "unpack", NULL);
    g_autoptr(GPtrArray) left = da_dir_list(unpack, NULL);
    assert_int_equal(left->len, 0);
}

/* Runs a shell line in the folder of the packages. */
static void shell(const Fixture *fixture, const char *line)
{
    g_autoptr(GError) error = NULL;
    const char *argv[] = {"/bin/sh", "-ec", line, NULL};
    int status = 0;
    if (!g_spawn_sync(fixture->folder, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
                      &status, &error) ||
        status)
        fail_msg("%s: %s", line, error ? error->message : "failed");
}

G_GNUC_PRINTF(2, 3)
static void packed(const Fixture *fixture, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    shell(fixture, line);
}

static DaVerification *verify_at(const Fixture *fixture, const char *name, const DaProfile *profile)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
    DaVerification *verification = da_verify_package(path, profile, &error);
    if (!verification)
        fail_msg("%s", error->message);
    assert_cleaned(fixture);
    return verification;
}

static void assert_accepted(const DaVerification *verification)
{
    for (guint i = 0; i < verification->findings->len; i++) {
        g_autofree char *line = da_finding_line(verification->findings->pdata[i], FALSE);
        print_message("# %s\n", line);
    }
    assert_true(verification->accepted);
}

static void packages_in_archives_are_accepted(void **state)
{
    static const char *const ways[] = {
        "tar cf x.tar %1$s",
        "tar --format=pax -cf x.tar ./%1$s",
        "tar cf %1$s.tar -C %1$s . && mv %1$s.tar y.tar && cp y.tar %1$s.tar && cp y.tar x.tar",
        ("/usr/bin/python3 -c \"import shutil; shutil.make_archive('x', 'zip', '.', '%1$s')\" && "
         "mv x.zip x.tar"),
    };
    g_autoptr(Fixture) fixture = begin();
    const char *id = fixture->dossier->id;
    g_autoptr(DaVerification) folder = fixture_verify(fixture);
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autoptr(GString) line = g_string_new(ways[i]);
        g_string_replace(line, "%1$s", id, 0);
        shell(fixture, line->str);
        /* A package without a folder of its own is named by its file. */
        g_autofree char *named = g_strconcat(id, ".tar", NULL);
        g_autoptr(DaVerification) verification =
            verify_at(fixture, i == 2 ? named : "x.tar", fixture->profile);
        assert_accepted(verification);
        assert_string_equal(verification->id, id);
        assert_string_equal(verification->digest, folder->digest);
        assert_int_equal(verification->files, folder->files);
        assert_int_equal(fixture_result(verification, "PKG-001")->outcome, DA_RULE_PASSED);
    }
    assert_int_equal(fixture_result(folder, "PKG-001")->outcome, DA_RULE_NOT_RUN);
}

typedef struct {
    const char *label, *rule, *line; /* the line makes x.tar; %1$s is the package */
} Spoilt;

static const Spoilt spoilt[] = {
    {"cut off", "PKG-001", "tar cf y.tar %1$s && head -c 60000 y.tar > x.tar"},
    {"cut off at the end mark", "PKG-001",
     "tar cf y.tar --blocking-factor=1 %1$s && head -c -1024 y.tar > x.tar"},
    {"a symbolic link", "PKG-001", "ln -s /etc/passwd %1$s/data/l && tar cf x.tar %1$s"},
    {"two packages", "PKG-001", "cp -r %1$s other && tar cf x.tar %1$s other"},
    {"no package", "PKG-001", "mkdir -p e && echo hi > e/a && tar cf x.tar e"},
    {"compressed", "PKG-001", "tar czf x.tar %1$s"},
    {"an archive inside", "PKG-001", "tar cf %1$s/data/y.tar work && tar cf x.tar %1$s"},
    {"a zip cut off", "PKG-001",
     "/usr/bin/python3 -c \"import shutil; shutil.make_archive('y', 'zip', '.', '%1$s')\" && head "
     "-c 30000 y.zip > x.tar"},
    {"a name that leaves the folder", "PKG-002",
     "echo hi > evil && tar -P --transform=s,evil,../evil, -cf x.tar %1$s evil"},
    {"an absolute name", "PKG-002", "tar -P --transform=s,evil,/tmp/evil, -cf x.tar %1$s evil"},
    {"a name twice", "PKG-002", "tar cf x.tar %1$s %1$s/bagit.txt"},
    {"not an archive", "PKG-001", "echo hello > x.tar"},
    {"nothing", "PKG-001", ": > x.tar"},
};

static void a_spoilt_archive_is_refused_by_one_rule(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(spoilt); i++) {
        g_autoptr(Fixture) fixture = begin();
        shell(fixture, "echo hi > evil");
        g_autoptr(GString) line = g_string_new(spoilt[i].line);
        g_string_replace(line, "%1$s", fixture->dossier->id, 0);
        shell(fixture, line->str);
        g_autoptr(DaVerification) verification = verify_at(fixture, "x.tar", fixture->profile);
        if (verification->accepted || !fixture_count(verification, spoilt[i].rule))
            fail_msg("%s: rule %s did not fire", spoilt[i].label, spoilt[i].rule);
        if (verification->findings->len != fixture_count(verification, spoilt[i].rule))
            fail_msg("%s: other rules fired too", spoilt[i].label);
        for (guint k = 0; k < verification->results->len; k++) {
            const DaRuleResult *result = verification->results->pdata[k];
            if (result->outcome == DA_RULE_PASSED)
                assert_true(!strcmp(result->rule->id, "PKG-001") ||
                            !strcmp(result->rule->id, "PKG-002"));
        }
    }
}

static void archives_are_found_beside_folders(void **state)
{
    g_autoptr(Fixture) fixture = begin();
    packed(fixture,
           "mkdir many && cp -r %1$s many/ && tar cf many/b.tar %1$s && echo x > many/c.rar && "
           "echo x > many/list.csv",
           fixture->dossier->id);
    g_autofree char *many = g_build_filename(fixture->folder, "many", NULL);
    g_autoptr(GPtrArray) found = da_verify_find(many, fixture->profile, NULL);
    assert_int_equal(found->len, 3);
    g_autoptr(GPtrArray) folders = da_verify_find(many, NULL, NULL);
    assert_int_equal(folders->len, 1);
}

/* --- GB/T 33870 --------------------------------------------------------------------------------------------------------- */

/* The fixture's dossier as x/<name>, a zip or a folder; returns the name. */
static char *write_exchange(const Fixture *fixture, const DaProfile *profile, gboolean folder)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaDossier) dossier = da_package_read(fixture->package, &error);
    g_autofree char *name = da_exchange_name(dossier, &error);
    char *inside = g_strdup_printf("x/%s%s", name, folder ? "" : ".zip");
    g_autofree char *path = g_build_filename(fixture->folder, inside, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    assert_true(da_dir_make(parent, NULL));
    DaExchangeOptions options = {.profile = profile, .folder = folder, .replace = TRUE};
    g_auto(DaExchangeWritten) written = {0};
    if (!da_exchange_write(dossier, path, &options, &written, &error))
        fail_msg("%s", error->message);
    return inside;
}

static void exchange_deliveries_are_accepted(void **state)
{
    g_autoptr(Fixture) fixture = begin();
    g_autoptr(DaProfile) profile = fixture_profile("gbt33870-2017");
    for (int folder = 0; folder < 2; folder++) {
        g_autofree char *name = write_exchange(fixture, profile, folder);
        g_autoptr(DaVerification) verification = verify_at(fixture, name, profile);
        assert_accepted(verification);
        assert_int_equal(verification->digest != NULL, !folder);
    }
    g_autofree char *many = g_build_filename(fixture->folder, "x", NULL);
    g_autoptr(GPtrArray) found = da_verify_find(many, profile, NULL);
    assert_int_equal(found->len, 2);
}

static const struct {
    const char *label, *rule, *line; /* the line spoils the delivery below x/ */
    gboolean accepted;               /* it is said, and refuses nothing */
} spoilt_exchanges[] = {
    {"an image is missing", "XML-004", "rm */图像数据/优化图像数据/9-1-1-001.jpg"},
    {"an image is no image", "IMG-001",
     "echo hello | tee */图像数据/优化图像数据/9-1-1-001.jpg >/dev/null"},
    {"another class", "CAT-001", "sed -i 's,<类号>9-1</类号>,<类号>77</类号>,' */*.xml"},
    {"the other sex", "PER-002", "sed -i 's,<性别>女,<性别>男,' */*.xml"},
    {"no XML", "PKG-004", "rm */*.xml"},
    {"broken XML", "XML-001", "echo '<数字档案>' | tee */*.xml >/dev/null"},
    {"a name of another person", "PKG-003", "sed -i 's,<姓名>龚杉榕,<姓名>龚杉树,' */*.xml"},
    {"an element of another name", "XML-002", "sed -i 's,材料名称>,材料题名>,g' */*.xml", TRUE},
    {"a blank before a value", "LST-002", "sed -i 's,<姓名>,<姓名> ,' */*.xml", TRUE},
    {"a name in upper case", "IMG-010",
     "for f in */图像数据/*/9-1-1-001.jpg; do mv \"$f\" \"${f%.jpg}.JPG\"; done", TRUE},
    {"a page number left out", "IMG-011",
     "for f in */图像数据/*/9-1-1-001.jpg; do mv \"$f\" \"${f%1.jpg}2.jpg\"; done; "
     "sed -i 's,9-1-1-001,9-1-1-002,' */*.xml",
     TRUE},
    {"no optimised image of a page", "IMG-012",
     "rm */图像数据/优化图像数据/9-1-1-001.jpg; "
     "sed -i 's,<优化图像数据>9-1-1-001.jpg</优化图像数据>,,' */*.xml",
     TRUE},
};

/* Errors of other rules; what cannot be read at all leaves the rest of the rules without ground. */
static void assert_alone(const char *label, const DaVerification *verification, const char *rule)
{
    for (guint i = 0; i < verification->findings->len; i++) {
        const DaFinding *finding = verification->findings->pdata[i];
        g_autofree char *line = da_finding_line(finding, FALSE);
        if (finding->severity >= DA_SEVERITY_ERROR && strcmp(finding->rule, rule))
            fail_msg("%s: also %s", label, line);
    }
}

static void a_spoilt_exchange_is_found_by_one_rule(void **state)
{
    g_autoptr(DaProfile) profile = fixture_profile("gbt33870-2017");
    for (guint i = 0; i < G_N_ELEMENTS(spoilt_exchanges); i++) {
        const char *label = spoilt_exchanges[i].label, *rule = spoilt_exchanges[i].rule;
        g_autoptr(Fixture) fixture = begin();
        g_autofree char *name = write_exchange(fixture, profile, TRUE);
        packed(fixture, "cd x && %s", spoilt_exchanges[i].line);
        g_autoptr(DaVerification) verification = verify_at(fixture, name, profile);
        if (!fixture_count(verification, rule))
            fail_msg("%s: rule %s did not fire", label, rule);
        assert_alone(label, verification, rule);
        if (verification->accepted != spoilt_exchanges[i].accepted)
            fail_msg("%s: was %s", label, verification->accepted ? "accepted" : "refused");
        assert_alone(label, verification, rule);
    }
    g_autoptr(Fixture) fixture = begin();
    g_autofree char *name = write_exchange(fixture, profile, FALSE);
    packed(fixture, "truncate -s 40000 '%s'", name);
    g_autoptr(DaVerification) verification = verify_at(fixture, name, profile);
    assert_false(verification->accepted);
    assert_int_equal(fixture_count(verification, "PKG-001"), 1);
}

/* Its images lie where its maker put them, and in a zip they are gone after verification. */
static void pages_of_an_exchange_are_shown(void **state)
{
    g_autoptr(DaProfile) profile = fixture_profile("gbt33870-2017");
    g_unsetenv("TMPDIR");
    for (int folder = 0; folder < 2; folder++) {
        g_autoptr(Fixture) fixture = fixture_new();
        g_autoptr(GBytes) coarse = fixture_jpeg(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX, 96, 3);
        fixture_page_bytes(fixture, fixture_page(fixture, 0, 0), DA_FILE_ACCESS, coarse, "jpg");
        fixture_write(fixture);
        g_autofree char *name = write_exchange(fixture, profile, folder);
        g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
        g_autoptr(GPtrArray) verifications =
            g_ptr_array_new_with_free_func((GDestroyNotify)da_verification_free);
        g_ptr_array_add(verifications, da_verify_package(path, profile, NULL));
        g_autofree char *html = da_verify_report_html(verifications, profile, NULL);
        assert_true(fixture_count(verifications->pdata[0], "IMG-003") > 0);
        assert_non_null(strstr(html, "data:image/jpeg;base64,/9j/"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packages_in_archives_are_accepted),
        cmocka_unit_test(a_spoilt_archive_is_refused_by_one_rule),
        cmocka_unit_test(archives_are_found_beside_folders),
        cmocka_unit_test(exchange_deliveries_are_accepted),
        cmocka_unit_test(a_spoilt_exchange_is_found_by_one_rule),
        cmocka_unit_test(pages_of_an_exchange_are_shown),
    };
    return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
