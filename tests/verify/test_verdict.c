#include "invented.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void fill(Invented *delivery)
{
    invented_init(delivery);
    invented_add_many(delivery, 0, 40, "虚构机械厂", "甲");
}

static DaVerdict *reach(const Invented *delivery, DaSample *sample, char **lists)
{
    g_autoptr(GError) error = NULL;
    DaVerdict *verdict = da_verdict_reach(delivery->all, sample, lists, delivery->profile, &error);
    if (!verdict)
        fail_msg("%s", error->message);
    return verdict;
}

static gboolean has_reason(const DaVerdict *verdict, const char *rule)
{
    for (guint i = 0; i < verdict->reasons->len; i++)
        if (!strcmp(((const DaFinding *)verdict->reasons->pdata[i])->rule, rule))
            return TRUE;
    return FALSE;
}

/* One course of an acceptance: what is wrong, what people say, and what comes of it. */
typedef struct {
    const char *label;
    void (*delivery)(Invented *delivery); /* before the sample is drawn; NULL */
    void (*people)(DaSample *sample);     /* all is judged good before; NULL */
    DaOutcome outcome;
    const char *reason; /* rule that must be among the reasons; NULL = no reason at all */
} Course;

static void wrong_image(Invented *d)
{
    invented_find(d, d->all->pdata[7], "IMG-001", "9-1-1-001");
}

static void warning(Invented *d)
{
    invented_find(d, d->all->pdata[7], "CAT-006", NULL);
}

static void missing_dossier(Invented *d)
{
    invented_find(d, d->all->pdata[d->all->len - 1], "LST-003", NULL);
}

static void other_digest(Invented *d)
{
    invented_find(d, d->all->pdata[d->all->len - 1], "PKG-008", NULL);
}

static void one_error_allowed(Invented *d)
{
    invented_set(d, "ACC-001", "max-errors", "1");
    wrong_image(d);
}

static void unread_package(Invented *d)
{
    invented_add(d, "broken", NULL, NULL, 0, 0)->accepted = FALSE;
}

static void rule_not_run(Invented *d)
{
    invented_set_outcome(d->all->pdata[3], "IMG-003", DA_RULE_NOT_RUN);
}

static void rule_that_may_be_left(Invented *d)
{
    invented_set_outcome(d->all->pdata[3], "PKG-010", DA_RULE_NOT_RUN);
}

static void no_list(Invented *d)
{
    g_ptr_array_remove_index(d->all, d->all->len - 1);
}

static void turned_page(Invented *d)
{
    invented_find(d, d->all->pdata[30], "QLT-002", "9-1-1-001");
}

static void pale_page(Invented *d)
{
    invented_find(d, d->all->pdata[30], "QLT-005", "9-1-1-001");
}

static void nobody_judged(DaSample *s)
{
    invented_judge(s, NULL, DA_JUDGEMENT_OPEN);
}

static void one_is_open(DaSample *s)
{
    invented_item(s, "QLT-011", 3)->judgement = DA_JUDGEMENT_OPEN;
}

static void a_wrong_material(DaSample *s)
{
    invented_item(s, "ACC-003", 0)->judgement = DA_JUDGEMENT_BAD;
}

static void a_wrong_material_and_one_open(DaSample *s)
{
    a_wrong_material(s);
    one_is_open(s);
}

static void forms_lack(DaSample *s)
{
    invented_judge(s, "ACC-006", DA_JUDGEMENT_BAD);
}

static void nothing_applies(DaSample *s)
{
    invented_judge(s, "QLT-014", DA_JUDGEMENT_NOT_APPLICABLE);
}

static void confirmed_turn(DaSample *s)
{
    invented_judge(s, "QLT-002", DA_JUDGEMENT_BAD);
}

static void confirmed_blur(DaSample *s)
{
    invented_judge(s, "QLT-005", DA_JUDGEMENT_BAD);
}

static void open_turn(DaSample *s)
{
    invented_judge(s, "QLT-002", DA_JUDGEMENT_OPEN);
}

static const Course courses[] = {
    {"all is good", NULL, NULL, DA_OUTCOME_ACCEPTED, NULL},
    {"a warning", warning, NULL, DA_OUTCOME_ACCEPTED, NULL},
    {"an automatic error", wrong_image, NULL, DA_OUTCOME_RETURNED, "ACC-001"},
    {"an automatic error, nothing judged", wrong_image, nobody_judged, DA_OUTCOME_RETURNED,
     "ACC-001"},
    {"a missing dossier", missing_dossier, NULL, DA_OUTCOME_RETURNED, "ACC-001"},
    {"another digest", other_digest, NULL, DA_OUTCOME_RETURNED, "ACC-001"},
    {"an error that the profile allows", one_error_allowed, NULL, DA_OUTCOME_ACCEPTED, NULL},
    {"a package that is none", unread_package, NULL, DA_OUTCOME_RETURNED, "ACC-001"},
    {"a rule that did not run", rule_not_run, NULL, DA_OUTCOME_OPEN, "ACC-001"},
    {"a rule that may be left", rule_that_may_be_left, NULL, DA_OUTCOME_ACCEPTED, NULL},
    {"no handover list", no_list, NULL, DA_OUTCOME_OPEN, "ACC-001"},
    {"nothing judged", NULL, nobody_judged, DA_OUTCOME_OPEN, "ACC-002"},
    {"one thing not judged", NULL, one_is_open, DA_OUTCOME_OPEN, "ACC-002"},
    {"a wrong material", NULL, a_wrong_material, DA_OUTCOME_RETURNED, "ACC-003"},
    {"a wrong material, the rest open", NULL, a_wrong_material_and_one_open, DA_OUTCOME_RETURNED,
     "ACC-003"},
    {"forms lack", NULL, forms_lack, DA_OUTCOME_RETURNED, "ACC-006"},
    {"what does not apply counts for nothing", NULL, nothing_applies, DA_OUTCOME_ACCEPTED, NULL},
    {"a suspicion that was none", turned_page, NULL, DA_OUTCOME_ACCEPTED, NULL},
    {"a suspicion that is open", turned_page, open_turn, DA_OUTCOME_OPEN, "ACC-007"},
    {"a suspicion of an error confirmed", turned_page, confirmed_turn, DA_OUTCOME_RETURNED,
     "ACC-007"},
    {"a suspicion of a warning confirmed", pale_page, confirmed_blur, DA_OUTCOME_ACCEPTED, NULL},
};

static void each_course_has_its_outcome(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(courses); i++) {
        const Course *course = &courses[i];
        g_auto(Invented) delivery = {0};
        fill(&delivery);
        if (course->delivery)
            course->delivery(&delivery);
        g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
        invented_judge(sample, NULL, DA_JUDGEMENT_GOOD);
        if (course->people)
            course->people(sample);
        g_autoptr(DaVerdict) verdict = reach(&delivery, sample, NULL);
        g_autofree char *text = da_verdict_text(verdict, sample, FALSE);
        if (verdict->outcome != course->outcome || verdict->escalated)
            fail_msg("%s: %s", course->label, text);
        if (course->reason ? !has_reason(verdict, course->reason) : verdict->reasons->len)
            fail_msg("%s: %s", course->label, text);
        g_autofree char *section = da_verdict_section(verdict, sample);
        assert_non_null(strstr(section, da_outcome_label_zh(course->outcome)));
        assert_true(!course->reason || strstr(section, course->reason));
        g_autofree char *chinese = da_verdict_text(verdict, sample, TRUE);
        assert_non_null(strstr(chinese, da_outcome_label_zh(course->outcome)));
    }
}

static void without_a_sample_the_verdict_is_open(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    g_autoptr(DaSample) sample = invented_draw(&delivery, NULL);
    g_autoptr(DaVerdict) verdict = reach(&delivery, sample, NULL);
    assert_int_equal(verdict->outcome, DA_OUTCOME_OPEN);
    assert_true(has_reason(verdict, "ACC-002"));
}

/* --- a failed sample ------------------------------------------------------------------------------------------------------------- */

/* Two of 40 dossiers are drawn: 12 pages. One bad page is more than 5 % of them, and less than 5 % of all 240. */
static void begin_escalation(Invented *delivery, DaSample **sample)
{
    fill(delivery);
    *sample = invented_draw(delivery, "x");
    assert_int_equal((*sample)->drawn, 2);
    invented_judge(*sample, NULL, DA_JUDGEMENT_GOOD);
    invented_item(*sample, "QLT-011", 0)->judgement = DA_JUDGEMENT_BAD;
}

static void a_failed_sample_escalates(void **state)
{
    g_auto(Invented) delivery = {0};
    g_autoptr(DaSample) sample = NULL;
    begin_escalation(&delivery, &sample);
    g_autoptr(DaVerdict) verdict = reach(&delivery, sample, NULL);
    assert_true(verdict->escalated);
    assert_int_equal(verdict->outcome, DA_OUTCOME_OPEN);
    assert_true(has_reason(verdict, "ACC-005"));
    assert_int_equal(sample->drawn, 40);
}

static void to_the_size_that_the_profile_says(void **state)
{
    g_auto(Invented) delivery = {0};
    g_autoptr(DaSample) sample = NULL;
    begin_escalation(&delivery, &sample);
    invented_set(&delivery, "ACC-005", "percent", "20");
    g_autoptr(DaVerdict) verdict = reach(&delivery, sample, NULL);
    assert_true(verdict->escalated);
    assert_int_equal(sample->drawn, 8);
}

/* The list of the larger sample, filled in: `bad` pages of it are bad. */
static char *filled_list(const Invented *delivery, guint bad)
{
    g_autoptr(DaSample) larger = invented_draw(delivery, "x");
    assert_true(da_sample_enlarge(larger, 100, NULL));
    invented_judge(larger, NULL, DA_JUDGEMENT_GOOD);
    g_autoptr(DaSample) first = invented_draw(delivery, "x");
    for (guint i = 0; i < bad; i++)
        invented_item(larger, "QLT-011", i)->judgement = DA_JUDGEMENT_BAD;
    /* The first sample must fail for the larger one to be asked for. */
    const char *key = invented_item(first, "QLT-011", 0)->key;
    for (guint i = 0; i < larger->items->len; i++) {
        DaSampleItem *item = larger->items->pdata[i];
        if (!strcmp(item->key, key))
            item->judgement = DA_JUDGEMENT_BAD;
        item->who = g_strdup("甲");
        item->when = g_strdup("2026-03-02");
    }
    char *path = g_build_filename(delivery->folder, "larger.csv", NULL);
    assert_true(da_sample_write(larger, path, TRUE, NULL));
    return path;
}

static void the_larger_sample_decides(void **state)
{
    static const struct {
        guint bad;
        DaOutcome outcome;
    } cases[] = {{1, DA_OUTCOME_ACCEPTED}, {30, DA_OUTCOME_RETURNED}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Invented) delivery = {0};
        fill(&delivery);
        g_autofree char *path = filled_list(&delivery, cases[i].bad);
        char *lists[] = {path, NULL};
        g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
        g_autoptr(DaVerdict) verdict = reach(&delivery, sample, lists);
        assert_true(verdict->escalated);
        assert_int_equal(verdict->outcome, cases[i].outcome);
    }
}

static void a_profile_without_escalation_returns_at_once(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    invented_without(&delivery, "ACC-005");
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    invented_judge(sample, NULL, DA_JUDGEMENT_GOOD);
    invented_item(sample, "QLT-011", 0)->judgement = DA_JUDGEMENT_BAD;
    g_autoptr(DaVerdict) verdict = reach(&delivery, sample, NULL);
    assert_false(verdict->escalated);
    assert_int_equal(verdict->outcome, DA_OUTCOME_RETURNED);
    assert_true(has_reason(verdict, "ACC-004"));
}

static void rows_that_nobody_asked_for_are_refused(void **state)
{
    g_auto(Invented) delivery = {0};
    g_autoptr(GError) error = NULL;
    fill(&delivery);
    g_autofree char *path = g_build_filename(delivery.folder, "other.csv", NULL);
    char *lists[] = {path, NULL};
    g_autoptr(DaSample) other = invented_draw(&delivery, "y");
    invented_judge(other, NULL, DA_JUDGEMENT_GOOD);
    assert_true(da_sample_write(other, path, TRUE, NULL));
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    assert_null(da_verdict_reach(delivery.all, sample, lists, delivery.profile, &error));
    assert_non_null(strstr(error->message, "was not asked"));
}

static void a_profile_without_rules_for_a_verdict_says_so(void **state)
{
    g_auto(Invented) delivery = {0};
    g_autoptr(GError) error = NULL;
    fill(&delivery);
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    invented_without(&delivery, "ACC-001");
    assert_null(da_verdict_reach(delivery.all, sample, NULL, delivery.profile, &error));
    assert_non_null(strstr(error->message, "soe-retiree"));
    invented_without(&delivery, "ACC-002");
    g_clear_error(&error);
    assert_null(da_sample_draw(delivery.all, delivery.profile, "x", &error));
    assert_non_null(strstr(error->message, "soe-retiree"));
}

/* --- the document -------------------------------------------------------------------------------------------------------------- */

static DaSignKey *key_of(const Invented *delivery)
{
    g_autofree char *path = g_build_filename(delivery->folder, "key", NULL);
    assert_true(da_sign_key_make(path, DA_SIGN_ED25519, NULL));
    return da_sign_key_load(path, NULL);
}

/* A signed verdict on a delivery with a finding whose text would be markup. */
static char *signed_verdict(Invented *delivery, const DaSignKey *key)
{
    g_autoptr(GError) error = NULL;
    warning(delivery);
    DaFinding *finding = ((DaVerification *)delivery->all->pdata[7])->findings->pdata[0];
    da_finding_set(&finding->message_zh, "<script>alert(1)</script>");
    da_finding_set(&finding->found, "11010519491231002X");
    g_autoptr(DaSample) sample = invented_draw(delivery, "种子");
    g_autoptr(DaVerdict) verdict = reach(delivery, sample, NULL);
    json_t *document = da_verdict_json(verdict, delivery->all, sample, delivery->profile);
    char *text = da_signed_text(document, "某区档案馆", key, &error);
    json_decref(document);
    if (!text)
        fail_msg("%s", error->message);
    return text;
}

static GBytes *bytes_of(const char *text)
{
    return g_bytes_new(text, strlen(text));
}

static void the_document_names_all_that_it_rests_on(void **state)
{
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    g_autoptr(DaSignKey) key = key_of(&delivery);
    g_autofree char *text = signed_verdict(&delivery, key);
    g_autoptr(GBytes) file = bytes_of(text);
    g_autoptr(DaSigned) checked = da_verdict_check(file, key, NULL);
    assert_non_null(checked);
    static const char *const members[] = {"outcome",  "reasons", "profile",    "counts",
                                          "packages", "rules",   "judgements", "findings",
                                          "handover", "sample",  "signed_by",  "signed_at"};
    for (guint i = 0; i < G_N_ELEMENTS(members); i++)
        if (!json_object_get(checked->document, members[i]))
            fail_msg("no %s", members[i]);
    const json_t *profile = json_object_get(checked->document, "profile");
    assert_string_equal(json_string_value(json_object_get(profile, "version")),
                        delivery.profile->version);
    assert_int_equal(json_array_size(json_object_get(checked->document, "rules")),
                     delivery.profile->rules->len);
    assert_int_equal(json_array_size(json_object_get(checked->document, "packages")), 40);
    assert_null(strstr(text, "11010519491231002X"));
}

static void an_id_number_in_a_name_is_masked(void **state)
{
    g_auto(Invented) delivery = {0};
    invented_init(&delivery);
    DaVerification *package =
        invented_add(&delivery, "龚杉榕11010519491231002X.zip", "虚构机械厂", "甲", 1, 1);
    g_clear_pointer(&package->id, g_free);
    g_clear_pointer(&package->digest, g_free);
    g_autoptr(DaSample) sample = invented_draw(&delivery, "x");
    g_autoptr(DaVerdict) verdict = reach(&delivery, sample, NULL);
    json_t *document = da_verdict_json(verdict, delivery.all, sample, delivery.profile);
    g_autofree char *text = json_dumps(document, 0);
    json_decref(document);
    assert_null(strstr(text, "11010519491231002X"));
    assert_non_null(strstr(text, "110105*******1002"));
}

static void the_page_shows_what_was_signed_and_nothing_else(void **state)
{
    g_auto(Invented) delivery = {0};
    g_autoptr(GError) error = NULL;
    fill(&delivery);
    g_autoptr(DaSignKey) key = key_of(&delivery);
    g_autofree char *text = signed_verdict(&delivery, key);
    g_autofree char *html = da_verdict_html(text, &error);
    assert_null(strstr(html, "<script>alert"));
    assert_non_null(strstr(html, "待定"));
    assert_non_null(strstr(html, "某区档案馆"));
    g_autoptr(GBytes) file = bytes_of(html);
    g_autoptr(DaSigned) checked = da_verdict_check(file, key, &error);
    if (!checked)
        fail_msg("%s", error->message);
    const char *out = g_getenv("DANGAN_TEST_VERDICT");
    if (out)
        assert_true(g_file_set_contents(out, html, -1, NULL));
}

static void an_altered_page_is_an_error(void **state)
{
    static const struct {
        const char *label, *from, *to, *says;
    } edits[] = {
        {"another outcome", "<b>待定</b>", "<b>接收</b>", "does not show what was signed"},
        {"another signer", "某区档案馆</dd>", "另一馆</dd>", "does not show what was signed"},
        {"no document", "id=\"signed\"", "id=\"other\"", "carries no signed document"},
        {"cut off", "</script>\n</body>", "", "carries no signed document"},
    };
    g_auto(Invented) delivery = {0};
    fill(&delivery);
    g_autoptr(DaSignKey) key = key_of(&delivery);
    g_autofree char *text = signed_verdict(&delivery, key);
    g_autofree char *html = da_verdict_html(text, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(edits); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) edited = g_string_new(html);
        assert_int_equal(g_string_replace(edited, edits[i].from, edits[i].to, 1), 1);
        g_autoptr(GBytes) file = bytes_of(edited->str);
        g_autoptr(DaSigned) checked = da_verdict_check(file, key, &error);
        if (checked || !strstr(error->message, edits[i].says))
            fail_msg("%s: %s", edits[i].label, checked ? "unseen" : error->message);
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    }
    assert_null(da_verdict_html("{}", NULL));
    assert_null(da_verdict_html("no JSON", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_course_has_its_outcome),
        cmocka_unit_test(without_a_sample_the_verdict_is_open),
        cmocka_unit_test(a_failed_sample_escalates),
        cmocka_unit_test(to_the_size_that_the_profile_says),
        cmocka_unit_test(the_larger_sample_decides),
        cmocka_unit_test(a_profile_without_escalation_returns_at_once),
        cmocka_unit_test(rows_that_nobody_asked_for_are_refused),
        cmocka_unit_test(a_profile_without_rules_for_a_verdict_says_so),
        cmocka_unit_test(the_document_names_all_that_it_rests_on),
        cmocka_unit_test(an_id_number_in_a_name_is_masked),
        cmocka_unit_test(the_page_shows_what_was_signed_and_nothing_else),
        cmocka_unit_test(an_altered_page_is_an_error),
    };
    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
