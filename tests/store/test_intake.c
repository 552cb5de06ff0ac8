#include "keeping.h"

#include <dangan/bag.h>
#include <dangan/db.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/intake.h>
#include <dangan/object.h>
#include <dangan/reindex.h>
#include <dangan/retrieve.h>
#include <dangan/scope.h>
#include <dangan/signed.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A profile that wants no sample. */
#define PROFILE "bagit"
#define RECEIVED "SELECT count(*) FROM batch_package WHERE state = 'received'"

/* --- a delivery ------------------------------------------------------------------------------------------------------- */

typedef struct {
    char *folder;
    Fixture *fixture[2]; /* their packages stand in `folder` */
} Delivery;

static void move(Fixture *fixture, const char *folder)
{
    g_autofree char *to = g_build_filename(folder, fixture->dossier->id, NULL);
    assert_int_equal(g_rename(fixture->package, to), 0);
    g_free(fixture->package);
    fixture->package = g_steal_pointer(&to);
}

static Delivery *delivery_new(const Keeping *keeping)
{
    static guint made;
    Delivery *delivery = g_new0(Delivery, 1);
    g_autofree char *name = g_strdup_printf("delivery-%u", ++made);
    delivery->folder = g_build_filename(keeping->scene->folder, name, NULL);
    assert_int_equal(g_mkdir(delivery->folder, 0755), 0);
    for (guint i = 0; i < G_N_ELEMENTS(delivery->fixture); i++) {
        Fixture *fixture = delivery->fixture[i] = fixture_new();
        /* No two packages of all deliveries consist of the same files. */
        da_dossier_set(fixture->dossier, DA_FIELD_NOTE, fixture->dossier->id, DA_ORIGIN_PERSON,
                       "test");
        fixture_write(fixture);
        move(fixture, delivery->folder);
    }
    return delivery;
}

static void delivery_free(Delivery *delivery)
{
    for (guint i = 0; i < G_N_ELEMENTS(delivery->fixture); i++)
        fixture_free(delivery->fixture[i]);
    da_tree_remove(delivery->folder, NULL);
    g_free(delivery->folder);
    g_free(delivery);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Delivery, delivery_free)

static void rewrite(Fixture *fixture, const char *note)
{
    da_dossier_set(fixture->dossier, DA_FIELD_NOTE, note, DA_ORIGIN_PERSON, "test");
    assert_true(da_tree_remove(fixture->package, NULL));
    fixture_write(fixture);
}

/* --- the verbs ---------------------------------------------------------------------------------------------------------- */

static int receive(const Keeping *keeping, const char *fault, const char *folder, const char *batch,
                   char **output)
{
    return scene_run(fault, output, "receive", "--archive", keeping->scene->dir, "--profile",
                     PROFILE, "--district", "310104", "--batch", batch, folder, NULL);
}

static int accept_batch(const Keeping *keeping, const char *fault, const char *batch, char **output)
{
    return scene_run(fault, output, "accept", "--archive", keeping->scene->dir, "--profile",
                     PROFILE, batch, NULL);
}

static int give_back(const Keeping *keeping, const char *fault, const char *batch, char **output)
{
    return scene_run(fault, output, "return", "--archive", keeping->scene->dir, "--reason", "缺页",
                     batch, NULL);
}

static void assert_says(int status, int wanted, const char *output, const char *words)
{
    if (status != wanted || !strstr(output, words))
        fail_msg("status %d, wanted %d and '%s': %s", status, wanted, words, output);
}

#define assert_verb(call, wanted, words)                                                           \
    do {                                                                                           \
        g_autofree char *output = NULL;                                                            \
        int ended_with = (call);                                                                   \
        assert_says(ended_with, wanted, output, words);                                            \
    } while (0)

static void assert_fsck(const Keeping *keeping, const char *words)
{
    assert_verb(scene_run(NULL, &output, "fsck", "--archive", keeping->scene->dir, NULL), 0, words);
}

static void assert_state(const Keeping *keeping, const char *batch, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaIntake) found = da_intake_find(keeping->db, batch, &error);
    if (!found)
        fail_msg("%s", error->message);
    if (strcmp(found->state, wanted) != 0)
        fail_msg("batch %s is %s, not %s", batch, found->state, wanted);
}

static guint objects_on_disk(const Keeping *keeping)
{
    g_autoptr(DaObjectStore) store = da_object_store_open(keeping->scene->dir, NULL);
    g_autoptr(DaObjectList) list = da_object_list_begin(store, NULL, NULL);
    guint n = 0;
    while (da_object_list_next(list, NULL))
        n++;
    return n;
}

/* --- from arrival to acceptance ------------------------------------------------------------------------------------------- */

static void a_batch_is_received_and_accepted(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    g_autofree char *receipt = g_build_filename(delivery->folder, "..", "arrival.json", NULL);
    g_autofree char *page = g_build_filename(delivery->folder, "..", "arrival.html", NULL);
    g_autofree char *dossiers = scene_ask(keeping->db, "SELECT count(*) FROM dossier");
    assert_verb(scene_run(NULL, &output, "receive", "--archive", keeping->scene->dir, "--profile",
                          PROFILE, "--district", "310104", "--batch", "甲-1", "--enterprise",
                          "虚构机械厂", "--receipt", receipt, delivery->folder, NULL),
                0, "batch 甲-1: 2 packages received, 0 known, 0 wrong");
    assert_state(keeping, "甲-1", "received");
    assert_ask(keeping->db, "SELECT count(*) FROM dossier", dossiers);
    assert_verb(scene_run(NULL, &output, "receipt", "check", receipt, page, "--package",
                          delivery->fixture[0]->package, "--package", delivery->fixture[1]->package,
                          NULL),
                0, "2 packages are as the receipts say");
    assert_fsck(keeping, "");
    assert_verb(accept_batch(keeping, NULL, "甲-1", &output), 0, "batch 甲-1: 2 dossiers accepted");
    assert_state(keeping, "甲-1", "accepted");
    assert_ask(
        keeping->db,
        "SELECT count(*) FROM batch_package p JOIN dossier_version v ON v.dossier = p.dossier AND"
        " v.version = p.version AND v.package_digest = p.package_digest JOIN record r ON r.number ="
        " p.decision WHERE p.batch = '甲-1' AND r.kind = 'acceptance'",
        "2");
    assert_ask(keeping->db, "SELECT count(*) FROM batch_object", "0");
    assert_fsck(keeping, "");
    g_autofree char *before = keeping_holdings(keeping->db);
    assert_verb(accept_batch(keeping, NULL, "甲-1", &output), 0, "accepted already: receipt No.");
    assert_verb(receive(keeping, NULL, delivery->folder, "甲-1", &output), 0,
                "0 packages received, 2 known");
    g_autofree char *after = keeping_holdings(keeping->db);
    assert_string_equal(before, after);
}

static void a_batch_received_twice_is_one(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    assert_verb(receive(keeping, NULL, delivery->folder, "twice", &output), 0,
                "2 packages received");
    g_autofree char *before = keeping_holdings(keeping->db);
    assert_verb(receive(keeping, NULL, delivery->folder, "twice", &output), 0,
                "it is in batch 'twice' already");
    assert_verb(receive(keeping, NULL, delivery->folder, "other", &output), 0,
                "batch twice: 0 packages received, 2 known");
    g_autofree char *after = keeping_holdings(keeping->db);
    assert_string_equal(before, after);
    g_autoptr(Delivery) more = delivery_new(keeping);
    assert_verb(receive(keeping, NULL, more->folder, "twice", &output), 2, "holds other packages");
    assert_verb(give_back(keeping, NULL, "twice", &output), 0, "2 packages returned");
}

static void who_looks_dossiers_up_sees_no_batch(void **state)
{
    static const char *const tables[] = {"batch", "batch_package", "batch_object", "batch_check",
                                         "held_object"};
    static const char *const scope[] = {"310104", NULL};
    Keeping *keeping = *state;
    g_autoptr(PGconn) reader = da_archive_connect_reader(keeping->archive, NULL);
    assert_true(da_scope_set(keeping->archive, reader, scope, NULL));
    assert_ask(reader, "SELECT count(*) > 0 FROM dossier", "t");
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM %s", tables[i]);
        assert_false(da_db_run(reader, NULL, sql, NULL));
    }
}

static void a_batch_is_called_by_a_name_that_can_be_said(void **state)
{
    static const char *const bad[] = {"", "-x", "a/b", "11010519491231002X", "a\nb", "\xff"};
    Keeping *keeping = *state;
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *option = g_strdup_printf("--batch=%s", bad[i]);
        g_autofree char *output = NULL;
        int status = scene_run(NULL, &output, "receive", "--archive", keeping->scene->dir,
                               "--district", "310104", option, delivery->folder, NULL);
        assert_int_equal(status, 2);
    }
    assert_ask(keeping->db, RECEIVED, "0");
}

/* --- what is wrong ------------------------------------------------------------------------------------------------------ */

static void wrong_packages_are_named_and_the_rest_is_received(void **state)
{
    static const char *const surplus[] = {"more.txt", "more-\xff.txt"};
    Keeping *keeping = *state;
    static const struct {
        const char *label, *words;
    } cases[] = {{"missing", "1 files that its manifests list are not there"},
                 {"changed", "digest"},
                 {"extra", "more.txt"},
                 {"name", "more-"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Delivery) delivery = delivery_new(keeping);
        Fixture *bad = delivery->fixture[0];
        g_autofree char *image = fixture_path(bad, "representations/access/data/1-1-001.jpg");
        g_autofree char *more = fixture_path(bad, surplus[i == 3]);
        if (i == 0)
            assert_int_equal(g_unlink(image), 0);
        else if (i == 1)
            keeping_flip(image);
        else
            assert_true(g_file_set_contents(more, "x", 1, NULL));
        assert_verb(receive(keeping, NULL, delivery->folder, cases[i].label, &output), 3,
                    cases[i].words);
        assert_state(keeping, cases[i].label, "received");
        assert_ask(keeping->db, RECEIVED, "1");
        assert_verb(give_back(keeping, NULL, cases[i].label, &output), 0, "1 packages returned");
    }
    assert_fsck(keeping, "");
}

static void folders_without_packages_are_wrong_input(void **state)
{
    Keeping *keeping = *state;
    g_autofree char *empty = g_build_filename(keeping->scene->folder, "empty-\xe9", NULL);
    assert_int_equal(g_mkdir(empty, 0755), 0);
    g_autofree char *records = scene_ask(keeping->db, "SELECT count(*) FROM record");
    assert_verb(receive(keeping, NULL, empty, "none", &output), 2, "empty-");
    assert_verb(receive(keeping, NULL, "/no/such", "none", &output), 2, "/no/such");
    assert_verb(accept_batch(keeping, NULL, "none", &output), 2, "no batch 'none'");
    assert_verb(accept_batch(keeping, NULL, "\xff", &output), 2, "no batch");
    assert_verb(give_back(keeping, NULL, "none", &output), 2, "no batch 'none'");
    assert_ask(keeping->db, "SELECT count(*) FROM record", records);
}

static void of_one_id_one_package_waits(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    assert_verb(receive(keeping, NULL, delivery->folder, "first", &output), 0,
                "2 packages received");
    rewrite(delivery->fixture[0], "改过");
    move(delivery->fixture[0], delivery->folder);
    assert_verb(receive(keeping, NULL, delivery->folder, "second", &output), 3,
                "waits in batch 'first'");
    assert_verb(accept_batch(keeping, NULL, "first", &output), 0, "2 dossiers");
    assert_verb(receive(keeping, NULL, delivery->folder, "second", &output), 0,
                "1 packages received, 1 known");
    assert_verb(accept_batch(keeping, NULL, "second", &output), 0, "1 dossiers");
    g_autofree char *sql =
        g_strdup_printf("SELECT string_agg(batch || ' ' || version, ', ' ORDER BY version)"
                        " FROM batch_package WHERE package = '%s'",
                        delivery->fixture[0]->dossier->id);
    assert_ask(keeping->db, sql, "first 1, second 2");
}

/* What the archive kept is not what came: the archive says so, and does not blame the enterprise. */
static void objects_that_changed_while_they_waited_are_named(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    assert_verb(receive(keeping, NULL, delivery->folder, "damaged", &output), 0,
                "2 packages received");
    g_autofree char *inside = da_package_payload(delivery->fixture[0]->dossier->id, "METS.xml");
    g_autofree char *mets = g_build_filename(delivery->fixture[0]->package, inside, NULL);
    DaDigest digest;
    assert_true(da_digest_file(mets, &digest, NULL, NULL));
    g_autofree char *path = keeping_object_path(keeping->scene->dir, digest.hex);
    keeping_flip(path);
    assert_verb(accept_batch(keeping, NULL, "damaged", &output), 4, digest.hex);
    assert_state(keeping, "damaged", "received");
    keeping_flip(path);
    g_autofree char *aside = g_strconcat(path, ".aside", NULL);
    assert_int_equal(g_rename(path, aside), 0);
    assert_verb(accept_batch(keeping, NULL, "damaged", &output), 4, digest.hex);
    assert_verb(scene_run(NULL, &output, "fsck", "--archive", keeping->scene->dir, NULL), 1,
                "object-missing");
    assert_int_equal(g_rename(aside, path), 0);
    assert_verb(accept_batch(keeping, NULL, "damaged", &output), 0, "2 dossiers");
}

/* --- returning ------------------------------------------------------------------------------------------------------------ */

static void what_is_returned_leaves_its_record_alone(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    guint before = objects_on_disk(keeping);
    assert_verb(receive(keeping, NULL, delivery->folder, "back", &output), 0,
                "2 packages received");
    assert_true(objects_on_disk(keeping) > before + 3);
    assert_verb(scene_run(NULL, &output, "return", "--archive", keeping->scene->dir, "--reason",
                          "缺页", "--package", delivery->fixture[1]->dossier->id, "back", NULL),
                0, "1 packages returned");
    assert_verb(scene_run(NULL, &output, "return", "--archive", keeping->scene->dir, "--reason",
                          "缺页", "--package", keeping->fixture->dossier->id, "back", NULL),
                2, "no package");
    assert_state(keeping, "back", "received");
    assert_fsck(keeping, "");
    assert_verb(scene_run(NULL, &output, "return", "--archive", keeping->scene->dir, "back", NULL),
                2, "--reason");
    assert_verb(give_back(keeping, NULL, "back", &output), 0, "1 packages returned");
    assert_int_equal(objects_on_disk(keeping), before + 3); /* an arrival, two returns */
    assert_ask(keeping->db, "SELECT count(*) FROM batch_object", "0");
    g_autofree char *records = scene_ask(keeping->db, "SELECT count(*) FROM record");
    assert_verb(give_back(keeping, NULL, "back", &output), 0, "they were already");
    assert_verb(accept_batch(keeping, NULL, "back", &output), 2, "was returned");
    assert_ask(keeping->db, "SELECT count(*) FROM record", records);
    assert_fsck(keeping, "");
    /* And may come again. */
    assert_verb(receive(keeping, NULL, delivery->folder, "again", &output), 0,
                "2 packages received");
    assert_verb(accept_batch(keeping, NULL, "again", &output), 0, "2 dossiers");
    assert_verb(give_back(keeping, NULL, "again", &output), 2, "it is accepted");
}

static void what_a_dossier_holds_too_stays(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    g_autofree char *only = g_build_filename(delivery->folder, "..", "only", NULL);
    assert_verb(receive(keeping, NULL, delivery->folder, "shared", &output), 0,
                "2 packages received");
    const DaProfile *profile = delivery->fixture[0]->profile;
    assert_non_null(profile);
    assert_verb(scene_run(NULL, &output, "deposit", "--archive", keeping->scene->dir, "--profile",
                          PROFILE, "--district", "310104", delivery->fixture[0]->package, NULL),
                0, "1");
    assert_verb(give_back(keeping, NULL, "shared", &output), 0, "2 packages returned");
    g_autoptr(GError) error = NULL;
    if (!da_retrieve(keeping->archive, keeping->db, delivery->fixture[0]->dossier->id, 1, only,
                     &error))
        fail_msg("%s", error->message);
    assert_fsck(keeping, "");
}

/* --- killed, stopped, at once ----------------------------------------------------------------------------------------------- */

typedef int (*Verb)(const Keeping *keeping, const char *fault, const char *batch, char **output);

typedef struct {
    const char *point, *state; /* of the batch after it; NULL = there is none */
} Kill;

/* Killed at one point after the other, the same command comes to its end as if nothing had been. */
static void assert_killed(const Keeping *keeping, const Kill *kills, const char *batch, Verb verb,
                          const char *ended)
{
    for (const Kill *kill = kills; kill->point; kill++) {
        int status = verb(keeping, kill->point, batch, NULL);
        g_autoptr(DaIntake) found = da_intake_find(keeping->db, batch, NULL);
        const char *state = found ? found->state : NULL;
        if (status != -SIGKILL || g_strcmp0(state, kill->state) != 0)
            fail_msg("%s: ended with %d, and the batch is %s", kill->point, status, state);
    }
    assert_verb(verb(keeping, NULL, batch, &output), 0, "");
    assert_state(keeping, batch, ended);
    assert_fsck(keeping, "");
}

static const char *delivered;

static int receive_delivered(const Keeping *keeping, const char *fault, const char *batch,
                             char **output)
{
    return receive(keeping, fault, delivered, batch, output);
}

static void killed_anywhere_the_same_command_goes_on(void **state)
{
    Keeping *keeping = *state;
    static const Kill receiving[] = {{"kill:deposit.renaming:5", NULL},
                                     {"kill:receive.kept:2", NULL},
                                     {"kill:receive.recording", NULL},
                                     {"kill:record.kept", NULL},
                                     {"kill:receive.recorded", "received"},
                                     {NULL}},
                      returning[] = {{"kill:return.recording", "received"},
                                     {"kill:record.kept", "received"},
                                     {"kill:return.recorded", "returned"},
                                     {"kill:return.removing:3", "returned"},
                                     {"kill:return.removed", "returned"},
                                     {NULL}},
                      accepting[] = {{"kill:accept.checked:2", "received"},
                                     {"kill:deposit.staged", "received"},
                                     {"kill:deposit.rows", "received"},
                                     {"kill:accept.deposited", "accepting"},
                                     {"kill:accept.recording", "accepting"},
                                     {"kill:record.kept", "accepting"},
                                     {"kill:accept.recorded", "accepted"},
                                     {"kill:return.removed", "accepted"},
                                     {NULL}};
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    delivered = delivery->folder;
    assert_killed(keeping, receiving, "killed", receive_delivered, "received");
    assert_killed(keeping, returning, "killed", give_back, "returned");
    assert_ask(keeping->db, "SELECT count(*) FROM batch_object", "0");
    assert_killed(keeping, receiving, "killed-2", receive_delivered, "received");
    assert_killed(keeping, accepting, "killed-2", accept_batch, "accepted");
    assert_ask(keeping->db,
               "SELECT count(*) || ' ' || count(DISTINCT p.decision) FROM batch_package p JOIN"
               " dossier_version v ON v.dossier = p.dossier AND v.version = p.version WHERE p.batch"
               " = 'killed-2'",
               "2 1");
}

/* The one that was stopped finds that another one has received its packages meanwhile. */
static void of_two_that_receive_the_same_one_wins(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    pid_t slow = fork();
    if (slow == 0)
        _exit(receive(keeping, "stop:receive.kept:2", delivery->folder, "slow", NULL) == 0 ? 0 : 1);
    /* The program is a child of the child: it is found by what it waits for. */
    g_autofree char *stopped = NULL;
    for (guint i = 0; i < 200 && !stopped; i++) {
        g_usleep(50000);
        g_autofree char *command = g_strdup_printf("pgrep -P %d", (int)slow);
        g_autofree char *child = NULL;
        if (!g_spawn_command_line_sync(command, &child, NULL, NULL, NULL) || !*g_strstrip(child))
            continue;
        g_autofree char *path = g_strdup_printf("/proc/%s/stat", child);
        g_autofree char *stat = NULL;
        if (g_file_get_contents(path, &stat, NULL, NULL) && strstr(stat, ") T "))
            stopped = g_strdup(child);
    }
    assert_non_null(stopped);
    assert_verb(receive(keeping, NULL, delivery->folder, "quick", &output), 0,
                "2 packages received");
    assert_int_equal(kill((pid_t)g_ascii_strtoll(stopped, NULL, 10), SIGCONT), 0);
    int ended = 0;
    assert_int_equal(waitpid(slow, &ended, 0), slow);
    assert_int_equal(WEXITSTATUS(ended), 0);
    assert_ask(keeping->db,
               "SELECT string_agg(DISTINCT batch, ' ') FROM batch_package WHERE state = 'received'",
               "quick");
    assert_verb(accept_batch(keeping, NULL, "quick", &output), 0, "2 dossiers");
}

/* --- verdicts ---------------------------------------------------------------------------------------------------------------- */

/* A signed verdict on the packages of a delivery, `n` of them. The caller owns the path. */
static char *verdict(const Delivery *delivery, guint n, const char *outcome,
                     const char *profile_sha256, const DaSignKey *key)
{
    json_t *packages = json_array();
    for (guint i = 0; i < n; i++) {
        g_autofree char *digest = da_bag_digest(delivery->fixture[i]->package, NULL);
        json_array_append_new(packages,
                              json_pack("{s:s, s:s}", "package", delivery->fixture[i]->dossier->id,
                                        "digest", digest));
    }
    g_autoptr(json_t) document = json_pack(
        "{s:s, s:s, s:{s:s, s:s, s:s}, s:{s:s, s:i, s:i}, s:o}", "kind", "acceptance-verdict",
        "outcome", outcome, "profile", "name", PROFILE, "version", "1", "sha256", profile_sha256,
        "sample", "seed", "7", "drawn", 1, "units", 2, "packages", packages);
    g_autofree char *text = da_signed_text(document, "某区档案馆", key, NULL);
    char *path = g_build_filename(delivery->folder, "..", "verdict.json", NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static DaSignKey *make_key(const Keeping *keeping, const char *name, DaSignAlgorithm algorithm,
                           char **public)
{
    g_autofree char *path = g_build_filename(keeping->scene->folder, name, NULL);
    assert_true(da_sign_key_make(path, algorithm, NULL));
    *public = g_strconcat(path, ".pub", NULL);
    return da_sign_key_load(path, NULL);
}

static void a_verdict_must_be_trusted_and_name_what_waits(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    g_autoptr(Delivery) other = delivery_new(keeping);
    g_autofree char *trusted = NULL, *strange = NULL;
    g_autoptr(DaSignKey) key = make_key(keeping, "verdict.key", DA_SIGN_ED25519, &trusted);
    g_autoptr(DaSignKey) stranger = make_key(keeping, "other.key", DA_SIGN_SM2, &strange);
    g_autoptr(DaProfile) profile = fixture_profile(PROFILE);
    g_autofree char *by = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, profile->xml);
    assert_verb(receive(keeping, NULL, delivery->folder, "judged", &output), 0,
                "2 packages received");
    const struct {
        const Delivery *delivery;
        guint n;
        const char *outcome, *profile;
        const DaSignKey *key;
        const char *words;
    } cases[] = {{delivery, 2, "accepted", by, stranger, "key"},
                 {delivery, 2, "returned", by, key, "its outcome is 'returned'"},
                 {delivery, 2, "accepted", "00", key, "of other text"},
                 {delivery, 1, "accepted", by, key, "no verdict names package"},
                 {other, 2, "accepted", by, key, "does not wait in this batch"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = verdict(cases[i].delivery, cases[i].n, cases[i].outcome,
                                        cases[i].profile, cases[i].key);
        assert_verb(scene_run(NULL, &output, "accept", "--archive", keeping->scene->dir,
                              "--profile", PROFILE, "--verdict", path, "--key", trusted, "judged",
                              NULL),
                    2, cases[i].words);
        assert_state(keeping, "judged", "received");
    }
    g_autofree char *path = verdict(delivery, 2, "accepted", by, key);
    assert_verb(scene_run(NULL, &output, "accept", "--archive", keeping->scene->dir, "--profile",
                          PROFILE, "--verdict", path, "judged", NULL),
                2, "whose verdict is to be trusted");
    assert_verb(scene_run(NULL, &output, "accept", "--archive", keeping->scene->dir, "--profile",
                          PROFILE, "--verdict", path, "--key", trusted, "judged", NULL),
                0, "2 dossiers");
    g_autoptr(GBytes) text = fixture_read(path);
    g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, text);
    g_autofree char *sql =
        g_strdup_printf("SELECT count(*) FROM object WHERE sha256 = '%s'", digest);
    assert_ask(keeping->db, sql, "1");
}

/* The default profile wants a sample, and refuses what its rules refuse. */
static void without_a_verdict_a_sample_is_due(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    g_autofree char *sampled = g_build_filename(delivery->folder, "..", "sampled.xml", NULL);
    g_autoptr(DaProfile) profile = fixture_profile(PROFILE);
    g_autofree char *text =
        g_strndup(g_bytes_get_data(profile->xml, NULL), g_bytes_get_size(profile->xml));
    char *end = strstr(text, "</rules>");
    assert_non_null(end);
    g_autoptr(GString) wanting = g_string_new_len(text, end - text);
    g_string_append(
        wanting,
        "<rule id=\"ACC-002\" check=\"accept-sample-size\" severity=\"fatal\" mode=\"sampled\""
        " scope=\"delivery\"><title>a sample</title><title-zh>抽检</title-zh><source>DA/T "
        "31-2017</source></rule>");
    g_string_append(wanting, end);
    assert_true(g_file_set_contents(sampled, wanting->str, -1, NULL));
    assert_verb(receive(keeping, NULL, delivery->folder, "due", &output), 0, "2 packages received");
    assert_verb(scene_run(NULL, &output, "accept", "--archive", keeping->scene->dir, "--profile",
                          sampled, "due", NULL),
                1, "a verdict is due");
    assert_state(keeping, "due", "received");
    g_autofree char *out = g_build_filename(delivery->folder, "..", "to-judge", NULL);
    assert_verb(scene_run(NULL, &output, "batches", "--archive", keeping->scene->dir, "due",
                          "--out", out, NULL),
                0, "2 wait");
    g_autofree char *judged = g_build_filename(out, delivery->fixture[1]->dossier->id, NULL);
    g_autofree char *digest = da_bag_digest(judged, NULL),
                    *wanted = da_bag_digest(delivery->fixture[1]->package, NULL);
    assert_string_equal(digest, wanted);
    assert_verb(scene_run(NULL, &output, "accept", "--archive", keeping->scene->dir, "--profile",
                          "soe-retiree", "due", NULL),
                1, "automatic rules refuse 2 packages");
    assert_verb(give_back(keeping, NULL, "due", &output), 0, "2 packages returned");
    g_autofree char *sql = g_strdup("SELECT count(*) > 0 FROM record WHERE kind = 'return' AND "
                                    "number = (SELECT max(decision) FROM"
                                    " batch_package WHERE batch = 'due')");
    assert_ask(keeping->db, sql, "t");
}

/* A package that the list has and did not come, and one that came and is not in it. */
static void a_list_that_differs_wants_a_verdict(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(Delivery) delivery = delivery_new(keeping);
    g_autofree char *list = g_build_filename(delivery->folder, "..", "delivery.csv", NULL);
    g_autofree char *digest = da_bag_digest(delivery->fixture[0]->package, NULL);
    g_autofree char *rows = g_strdup_printf("id,archival_number,files,bytes,digest\n%s,,,,%"
                                            "s\n0f9d3a54-6c1e-4d7b-8a02-5b7a1f0c9e99,,,,%s\n",
                                            delivery->fixture[0]->dossier->id, digest, digest);
    g_autofree char *receipt = g_build_filename(delivery->folder, "..", "differs.json", NULL);
    assert_true(g_file_set_contents(list, rows, -1, NULL));
    assert_verb(scene_run(NULL, &output, "receive", "--archive", keeping->scene->dir, "--district",
                          "310104", "--batch", "differs", "--handover", list, "--receipt", receipt,
                          delivery->folder, NULL),
                1, "lists and packages differ in 2 places");
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(receipt, &text, NULL, NULL));
    assert_non_null(strstr(text, "LST-003"));
    assert_verb(accept_batch(keeping, NULL, "differs", &output), 1, "a verdict is due");
    assert_verb(give_back(keeping, NULL, "differs", &output), 0, "2 packages returned");
}

/* --- what is kept of it -------------------------------------------------------------------------------------------------------- */

static void batches_outlive_the_database(void **state)
{
    Keeping *keeping = *state;
    g_autoptr(Delivery) waiting = delivery_new(keeping);
    assert_verb(receive(keeping, NULL, waiting->folder, "waiting", &output), 0,
                "2 packages received");
    g_autofree char *wanted = keeping_holdings(keeping->db);
    assert_non_null(strstr(wanted, "accepted"));
    assert_non_null(strstr(wanted, "returned"));
    const DaReindexOptions options = {0};
    g_autoptr(GError) error = NULL;
    DaReindexResult result;
    if (!da_reindex(keeping->scene->dir, &options, &result, &error))
        fail_msg("%s", error->message);
    g_autofree char *now = keeping_holdings(keeping->db);
    if (strcmp(now, wanted) != 0)
        fail_msg("the rows are\n%s\nnot\n%s", now, wanted);
    assert_fsck(keeping, "");
    /* A backup has what waits too. */
    keeping_backup(keeping);
    g_autofree char *one =
        scene_ask(keeping->db, "SELECT min(sha256) FROM held_object WHERE waiting");
    g_autofree char *copied = keeping_object_path(keeping->copy, one);
    assert_true(g_file_test(copied, G_FILE_TEST_IS_REGULAR));
    /* What a new database does not know, because an object was gone when it was made, shows. */
    g_autofree char *path = keeping_object_path(keeping->scene->dir, one);
    g_autofree char *aside = g_strconcat(path, ".aside", NULL);
    assert_int_equal(g_rename(path, aside), 0);
    assert_true(da_reindex(keeping->scene->dir, &options, &result, NULL));
    assert_int_equal(g_rename(aside, path), 0);
    assert_verb(scene_run(NULL, &output, "fsck", "--archive", keeping->scene->dir, NULL), 1,
                "of batch waiting");
    assert_true(da_reindex(keeping->scene->dir, &options, &result, NULL));
    assert_fsck(keeping, "");
    assert_verb(accept_batch(keeping, NULL, "waiting", &output), 0, "2 dossiers");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_received_and_accepted),
        cmocka_unit_test(a_batch_received_twice_is_one),
        cmocka_unit_test(who_looks_dossiers_up_sees_no_batch),
        cmocka_unit_test(a_batch_is_called_by_a_name_that_can_be_said),
        cmocka_unit_test(wrong_packages_are_named_and_the_rest_is_received),
        cmocka_unit_test(folders_without_packages_are_wrong_input),
        cmocka_unit_test(of_one_id_one_package_waits),
        cmocka_unit_test(objects_that_changed_while_they_waited_are_named),
        cmocka_unit_test(what_is_returned_leaves_its_record_alone),
        cmocka_unit_test(what_a_dossier_holds_too_stays),
        cmocka_unit_test(killed_anywhere_the_same_command_goes_on),
        cmocka_unit_test(of_two_that_receive_the_same_one_wins),
        cmocka_unit_test(a_verdict_must_be_trusted_and_name_what_waits),
        cmocka_unit_test(without_a_verdict_a_sample_is_due),
        cmocka_unit_test(a_list_that_differs_wants_a_verdict),
        cmocka_unit_test(batches_outlive_the_database),
    };
    return cmocka_run_group_tests(tests, keeping_begin, keeping_end);
}
