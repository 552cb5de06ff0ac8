#include "keeping.h"

#include <dangan/db.h>
#include <dangan/error.h>
#include <dangan/fixity.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MASTER "SELECT master_sha256 FROM page WHERE stem = '1-1-001' LIMIT 1"

static void run(Keeping *keeping, DaFixityOptions options, DaFixityResult *result)
{
    g_autoptr(GError) error = NULL;
    if (!da_fixity_run(keeping->archive, keeping->db, &options, result, &error))
        fail_msg("%s", error->message);
}

static guint64 objects(Keeping *keeping)
{
    g_autofree char *n = scene_ask(keeping->db, "SELECT count(*) FROM object");
    return g_ascii_strtoull(n, NULL, 10);
}

static void a_round_goes_on_from_run_to_run(void **state)
{
    Keeping *keeping = *state;
    guint64 all = objects(keeping), checked = 0;
    guint round = 0;
    assert_true(all > 10);
    for (guint n = 0; n < all; n++) {
        g_auto(DaFixityResult) result = {0};
        run(keeping, (DaFixityOptions){.budget_bytes = 1, .jobs = 2}, &result);
        assert_int_equal(result.checked, 1);
        assert_int_equal(result.remaining, all - n - 1);
        assert_true(n == 0 || result.round == round);
        round = result.round;
        checked += result.checked;
    }
    assert_int_equal(checked, all);
    assert_ask(keeping->db, "SELECT count(*) FROM object WHERE checked_at IS NULL", "0");
    assert_ask(keeping->db, "SELECT count(*) FROM fixity_round WHERE ended_at IS NULL", "0");
    g_auto(DaFixityResult) next = {0};
    run(keeping, (DaFixityOptions){0}, &next);
    assert_int_equal(next.round, round + 1);
    assert_int_equal(next.checked, all);
}

static void those_that_were_not_looked_at_for_longest_come_first(void **state)
{
    Keeping *keeping = *state;
    assert_true(da_db_run(keeping->db, NULL,
                          "UPDATE object SET checked_at = now() - interval '400 days'"
                          " WHERE sha256 = (" MASTER ")",
                          NULL));
    g_auto(DaFixityDue) due = {0};
    assert_true(da_fixity_due(keeping->db, 365, &due, NULL));
    assert_int_equal(due.overdue, 1);
    assert_non_null(due.oldest);
    g_auto(DaFixityResult) result = {0};
    run(keeping, (DaFixityOptions){.budget_bytes = 1}, &result);
    assert_ask(keeping->db,
               "SELECT checked_at > now() - interval '1 day' FROM object WHERE sha256 = (" MASTER
               ")",
               "t");
    g_auto(DaFixityResult) rest = {0};
    run(keeping, (DaFixityOptions){0}, &rest);
    assert_int_equal(rest.remaining, 0);
    assert_int_equal(rest.checked, objects(keeping) - 1);
}

/* FIX-001: a version whose own manifest was not computed again for a year. */
static void a_version_is_due_a_year_after_its_deposit(void **state)
{
    Keeping *keeping = *state;
    g_auto(DaFixityDue) due = {0}, later = {0};
    const char *age = "UPDATE dossier_version SET deposited_at = deposited_at - interval '2 years'"
                      " WHERE version = 1";
    assert_true(da_db_run(keeping->db, NULL, age, NULL));
    assert_true(da_fixity_due(keeping->db, 365, &due, NULL));
    assert_int_equal(due.versions, 2);
    assert_int_equal(due.versions_overdue, 0); /* checked above */
    assert_true(da_db_run(keeping->db, NULL,
                          "UPDATE object SET checked_at = NULL WHERE sha256 IN"
                          " (SELECT package_digest FROM dossier_version)",
                          NULL));
    assert_true(da_fixity_due(keeping->db, 365, &later, NULL));
    assert_int_equal(later.versions_overdue, 1);
    assert_int_equal(later.never, 2);
    assert_int_equal(
        scene_run(NULL, NULL, "fixity", "--archive", keeping->scene->dir, "--due", NULL), 1);
}

static const struct {
    const char *label;
    gboolean missing;
    const char *detail;
} harms[] = {
    {"a flipped bit", FALSE, "its digest is now"},
    {"no file", TRUE, "is not there"},
    {"an empty file", FALSE, "is empty"},
    {"a link", TRUE, "something else"},
};

static void harm(const char *path, guint kind)
{
    if (kind == 0)
        keeping_flip(path);
    else
        assert_int_equal(g_unlink(path), 0);
    if (kind == 2)
        assert_true(g_file_set_contents(path, "", 0, NULL));
    if (kind == 3)
        assert_int_equal(symlink("/etc/hostname", path), 0);
}

static void damage_stands_until_somebody_brings_the_object_back(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *sha256 = scene_ask(keeping->db, MASTER);
    g_autofree char *path = keeping_object_path(keeping->scene->dir, sha256);
    g_autofree char *kept = g_build_filename(keeping->scene->folder, "kept", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(harms); i++) {
        g_autofree char *copy = g_strdup_printf("cp -p '%s' '%s'", path, kept);
        g_autofree char *back = g_strdup_printf("cp -p --remove-destination '%s' '%s'", kept, path);
        g_auto(DaFixityResult) first = {0}, again = {0}, whole = {0};
        assert_int_equal(system(copy), 0);
        harm(path, i);
        run(keeping, (DaFixityOptions){.anew = TRUE}, &first);
        assert_int_equal(first.unrepaired, 1);
        const DaFixityDamage *damage = first.damages->pdata[0];
        assert_string_equal(damage->sha256, sha256);
        assert_int_equal(damage->missing, harms[i].missing);
        if (!strstr(damage->detail, harms[i].detail))
            fail_msg("%s: %s", harms[i].label, damage->detail);
        assert_non_null(strstr(damage->where, "page 1-1-001 (master)"));
        run(keeping, (DaFixityOptions){.budget_bytes = 1},
            &again); /* known ones are looked at first */
        assert_int_equal(again.unrepaired, 1);
        assert_string_equal(((DaFixityDamage *)again.damages->pdata[0])->found_at,
                            damage->found_at);
        assert_int_equal(system(back), 0);
        run(keeping, (DaFixityOptions){0}, &whole);
        assert_int_equal(whole.unrepaired, 0);
        assert_int_equal(whole.whole_again, 1);
    }
    assert_ask(keeping->db, "SELECT count(*) FROM object_damage", "0");
    assert_ask(keeping->db, "SELECT string_agg(event, ' ' ORDER BY number) FROM object_event",
               "damaged whole missing whole damaged whole missing whole");
}

static void the_second_copy_repairs_unless_it_is_damaged_as_well(void **state)
{
    Keeping *keeping = *state;
    keeping_backup(keeping);
    g_autofree char *sha256 = scene_ask(keeping->db, MASTER);
    g_autofree char *path = keeping_object_path(keeping->scene->dir, sha256);
    g_autofree char *copy = keeping_object_path(keeping->copy, sha256);
    for (guint i = 0; i < G_N_ELEMENTS(harms); i++) {
        g_auto(DaFixityResult) refused = {0}, repaired = {0}, whole = {0};
        harm(path, i);
        keeping_flip(copy);
        run(keeping, (DaFixityOptions){.anew = TRUE, .second_copy = keeping->copy}, &refused);
        assert_int_equal(refused.unrepaired, 1);
        assert_non_null(
            strstr(((DaFixityDamage *)refused.damages->pdata[0])->detail, "damaged as well"));
        keeping_flip(copy);
        run(keeping, (DaFixityOptions){.second_copy = keeping->copy}, &repaired);
        assert_int_equal(repaired.damages->len, 1);
        assert_int_equal(repaired.unrepaired, 0);
        run(keeping, (DaFixityOptions){.anew = TRUE}, &whole);
        assert_int_equal(whole.damages->len, 0);
    }
    assert_ask(keeping->db, "SELECT count(*) FROM object_event WHERE event = 'repaired'", "4");
}

static void killed_between_any_two_steps_the_next_run_goes_on(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *sha256 = scene_ask(keeping->db, MASTER);
    g_autofree char *path = keeping_object_path(keeping->scene->dir, sha256);
    assert_true(da_archive_configure(keeping->scene->dir, "second-copy", keeping->copy, NULL));
    assert_int_equal(scene_run("kill:fixity.told", NULL, "fixity", "--archive", keeping->scene->dir,
                               "--all", NULL),
                     -SIGKILL);
    g_autofree char *output = NULL;
    assert_int_equal(
        scene_run(NULL, &output, "fixity", "--archive", keeping->scene->dir, "--json", NULL), 0);
    assert_non_null(strstr(output, "\"checked\": 0"));
    assert_non_null(strstr(output, "\"remaining\": 0"));
    keeping_flip(path);
    assert_int_equal(
        scene_run("kill:repair.aside", NULL, "fixity", "--archive", keeping->scene->dir, NULL),
        -SIGKILL);
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    assert_int_equal(scene_run(NULL, NULL, "fixity", "--archive", keeping->scene->dir, NULL), 0);
    assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void two_runs_at_once_are_refused(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(PGconn) other = scene_connect(keeping->archive);
    assert_true(da_db_run(other, NULL, "SELECT pg_advisory_lock(hashtext('dangan fixity'))", NULL));
    const DaFixityOptions options = {0};
    g_auto(DaFixityResult) result = {0};
    g_autoptr(GError) error = NULL;
    assert_false(da_fixity_run(keeping->archive, keeping->db, &options, &result, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
}

static void a_budget_that_is_none_is_refused(void **state)
{
    Keeping *keeping = *state;
    static const char *const wrong[] = {
        "", "0min", "-1h", "min", "3", "5 days", "99999999999999TB"};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        int status = scene_run(NULL, NULL, "fixity", "--archive", keeping->scene->dir, "--budget",
                               wrong[i], NULL);
        if (status != 2)
            fail_msg("'%s': %d", wrong[i], status);
    }
    static const char *const right[] = {"1s", "2MIN", "1h", "5MB", "1gb", "3TB"};
    for (guint i = 0; i < G_N_ELEMENTS(right); i++)
        assert_int_equal(scene_run(NULL, NULL, "fixity", "--archive", keeping->scene->dir,
                                   "--budget", right[i], NULL),
                         0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_goes_on_from_run_to_run),
        cmocka_unit_test(those_that_were_not_looked_at_for_longest_come_first),
        cmocka_unit_test(a_version_is_due_a_year_after_its_deposit),
        cmocka_unit_test(damage_stands_until_somebody_brings_the_object_back),
        cmocka_unit_test(the_second_copy_repairs_unless_it_is_damaged_as_well),
        cmocka_unit_test(killed_between_any_two_steps_the_next_run_goes_on),
        cmocka_unit_test(two_runs_at_once_are_refused),
        cmocka_unit_test(a_budget_that_is_none_is_refused),
    };
    return cmocka_run_group_tests_name("fixity", tests, keeping_begin, keeping_end);
}
