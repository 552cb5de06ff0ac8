#include "broken_disk.h"
#include "fixture.h"
#include "scene.h"

#include <dangan/db.h>
#include <dangan/deposit.h>
#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/object.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* --- deposits -------------------------------------------------------------------------------------------------------- */

static Fixture *make_package(const char *title)
{
    Fixture *fixture = fixture_new();
    DaMaterial *material = fixture->dossier->materials->pdata[0];
    g_free(material->title);
    material->title = g_strdup(title);
    fixture_write(fixture);
    return fixture;
}

/* Another version of the same dossier. */
static void rewrite(Fixture *fixture, const char *title)
{
    DaMaterial *material = fixture->dossier->materials->pdata[0];
    g_free(material->title);
    material->title = g_strdup(title);
    assert_true(da_tree_remove(fixture->package, NULL));
    fixture_write(fixture);
}

/* What verification said, as often as a deposit is tried. */
static DaVerification *verified_again(const DaVerification *said)
{
    DaVerification *again = g_new0(DaVerification, 1);
    again->path = g_strdup(said->path);
    again->id = g_strdup(said->id);
    again->digest = g_strdup(said->digest);
    again->files = said->files;
    again->bytes = said->bytes;
    again->accepted = said->accepted;
    again->results = g_ptr_array_new();
    again->findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    again->materials = g_ptr_array_new();
    return again;
}

typedef struct {
    Fixture *fixture; /* borrowed */
    DaArchive *archive;
    PGconn *db;
    DaVerification *said;
} Deposit;

static gboolean try_deposit(const Deposit *deposit, GError **error)
{
    const DaDepositOptions options = {.district = "310104", .profile = deposit->fixture->profile};
    DaDepositResult result;
    gboolean done = da_deposit_verified(deposit->archive, deposit->db, deposit->fixture->package,
                                        &options, verified_again(deposit->said), &result, error);
    da_deposit_result_clear(&result);
    return done;
}

static char *profiles(void)
{
    return g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
}

static int run_deposit(const Scene *scene, const char *package, const char *profile, char **output)
{
    g_autofree char *folder = profiles();
    return scene_run(NULL, output, "deposit", "--archive", scene->dir, "--district", "310104",
                     "--profile-dir", folder, "--profile", profile, package, NULL);
}

static void must_run(const Scene *scene, const Fixture *fixture)
{
    g_autofree char *output = NULL;
    if (run_deposit(scene, fixture->package, "soe-retiree", &output) != 0)
        fail_msg("%s", output);
}

/* --- what must be so whatever happened ------------------------------------------------------------------------------- */

/* Every object is whole, every row names one, nothing lies in staging once the next has begun. */
static void must_be_whole(const Scene *scene, PGconn *db)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaObjectStore) store = da_object_store_open(scene->dir, &error);
    g_autoptr(DaObjectList) list = store ? da_object_list_begin(store, NULL, &error) : NULL;
    const DaObjectEntry *entry;
    while (list && (entry = da_object_list_next(list, &error)))
        if (!entry->sha256 || !da_object_stream(store, entry->sha256, NULL, NULL, &error))
            break;
    if (error)
        fail_msg("%s", error->message);
    g_autoptr(PGresult) rows = da_db_query(db, NULL, "SELECT sha256 FROM object", NULL);
    for (int i = 0; i < PQntuples(rows); i++)
        assert_true(da_object_has(store, PQgetvalue(rows, i, 0)));
    da_object_stage_free(da_object_stage_begin(store, NULL));
    g_autofree char *staging = g_build_filename(scene->dir, "staging", NULL);
    g_autoptr(GPtrArray) left = da_dir_list(staging, NULL);
    assert_int_equal(left->len, 0);
}

static guint versions(PGconn *db)
{
    g_autofree char *count = scene_ask(db, "SELECT count(*) FROM dossier_version");
    return (guint)g_ascii_strtoull(count, NULL, 10);
}

/* --- calls that fail ------------------------------------------------------------------------------------------------- */

typedef struct {
    BrokenCall call;
    int reason;
    gboolean lasting;
    gboolean harmless; /* cleaning up only: whoever comes next does it */
} Breakage;

static const Breakage breakages[] = {
    {BROKEN_CREATE, ENOSPC, TRUE, FALSE}, {BROKEN_WRITE, ENOSPC, TRUE, FALSE},
    {BROKEN_WRITE, EIO, FALSE, FALSE},    {BROKEN_READ, EIO, FALSE, FALSE},
    {BROKEN_CLOSE, EIO, FALSE, FALSE},    {BROKEN_MODE, EROFS, FALSE, FALSE},
    {BROKEN_FOLDER, EDQUOT, TRUE, FALSE}, {BROKEN_RENAME, EACCES, TRUE, FALSE},
    {BROKEN_SYNC, EIO, FALSE, FALSE},     {BROKEN_REMOVE, EIO, TRUE, TRUE},
};

/* Lets each call of the kind fail in turn, until a deposit comes through without one; returns how many there were. */
static guint walk(const Scene *scene, const Deposit *deposit, const Breakage *breakage)
{
    const char *name = broken_disk_name(breakage->call);
    guint before = versions(deposit->db);
    for (guint nth = 1;; nth++) {
        g_autoptr(GError) error = NULL;
        broken_disk_begin(breakage->call, nth, breakage->reason, breakage->lasting);
        gboolean done = try_deposit(deposit, &error);
        gboolean struck = broken_disk_end();
        if (done && struck && !breakage->harmless)
            fail_msg("%s %u failed and the deposit says that it is done", name, nth);
        if (!done && (!struck || da_error_exit_status(error) != 4))
            fail_msg("%s %u: %s", name, nth, error->message);
        must_be_whole(scene, deposit->db);
        assert_int_equal(versions(deposit->db), done ? before + 1 : before);
        if (done)
            return breakage->harmless ? nth : nth - 1;
    }
}

static void whatever_call_fails_the_archive_is_whole_and_the_next_deposit_completes(void **state)
{
    const Scene *scene = *state;
    g_autoptr(Fixture) fixture = make_package("登记表");
    g_autoptr(DaArchive) archive = scene_init(scene);
    g_autoptr(PGconn) db = scene_connect(archive);
    for (guint i = 0; i < G_N_ELEMENTS(breakages); i++) {
        g_autofree char *title = g_strdup_printf("登记表 %u", i);
        rewrite(fixture, title);
        g_autoptr(DaVerification) said = fixture_verify(fixture);
        assert_true(said->accepted);
        const Deposit deposit = {fixture, archive, db, said};
        guint calls = walk(scene, &deposit, &breakages[i]);
        print_message("# %s: %s %u times\n", broken_disk_name(breakages[i].call),
                      g_strerror(breakages[i].reason), calls);
        assert_true(calls > 0);
    }
}

static void reads_and_writes_that_are_cut_short_go_on(void **state)
{
    const Scene *scene = *state;
    g_autoptr(Fixture) fixture = make_package("登记表");
    g_autoptr(DaArchive) archive = scene_init(scene);
    g_autoptr(PGconn) db = scene_connect(archive);
    g_autoptr(DaVerification) said = fixture_verify(fixture);
    const Deposit deposit = {fixture, archive, db, said};
    g_autoptr(GError) error = NULL;
    broken_disk_begin(BROKEN_SHORT, 1, 0, TRUE);
    gboolean done = try_deposit(&deposit, &error);
    assert_true(broken_disk_end());
    if (!done)
        fail_msg("%s", error->message);
    must_be_whole(scene, db);
}

/* --- the database goes away ------------------------------------------------------------------------------------------ */

static GPid begin_deposit(const Scene *scene, const Fixture *fixture, const char *fault)
{
    g_autofree char *folder = profiles();
    const char *const argv[] = {g_getenv("DANGAN_BIN"), "deposit", "--archive",     scene->dir,
                                "--district",           "310104",  "--profile-dir", folder,
                                fixture->package,       NULL};
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "DANGAN_FAULT", fault, TRUE);
    GPid pid = 0;
    assert_true(g_spawn_async(NULL, (char **)(gpointer)argv, environment,
                              G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                                  G_SPAWN_STDERR_TO_DEV_NULL,
                              NULL, NULL, &pid, NULL));
    return pid;
}

/* Its exit status, or minus the signal that ended it. */
static int wait_for(GPid pid)
{
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void restart(const Scene *scene)
{
    assert_true(da_archive_stop(scene->dir, NULL));
}

static void pull_the_plug(const Scene *scene)
{
    int server = scene_pid(scene);
    assert_true(server > 0);
    assert_int_equal(kill(server, SIGQUIT), 0);
    for (guint i = 0; i < 500 && kill(server, 0) == 0; i++)
        g_usleep(10000);
}

static void a_database_that_goes_away_at_any_step_loses_nothing(void **state)
{
    static const struct {
        const char *point;
        void (*harm)(const Scene *scene);
        gboolean done; /* it was committed before */
    } cases[] = {
        {"stop:deposit.verified", restart, FALSE},
        {"stop:deposit.staged", pull_the_plug, FALSE},
        {"stop:deposit.renamed", pull_the_plug, FALSE},
        {"stop:deposit.rows", pull_the_plug, FALSE},
        {"stop:deposit.rows", restart, FALSE},
        {"stop:deposit.committed", pull_the_plug, TRUE},
    };
    const Scene *scene = *state;
    g_autoptr(Fixture) fixture = make_package("登记表");
    g_autoptr(DaArchive) archive = scene_init(scene);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *title = g_strdup_printf("登记表 %u", i);
        rewrite(fixture, title);
        int status = -1;
        GPid pid = begin_deposit(scene, fixture, cases[i].point);
        assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
        assert_true(WIFSTOPPED(status));
        cases[i].harm(scene);
        kill(pid, SIGCONT);
        int ended = wait_for(pid);
        if (ended != (cases[i].done ? 0 : 4))
            fail_msg("%s: %d", cases[i].point, ended);
        g_clear_pointer(&archive, da_archive_free);
        archive = da_archive_open(scene->dir, NULL); /* starts it */
        g_autoptr(PGconn) db = scene_connect(archive);
        assert_int_equal(versions(db), cases[i].done ? i + 1 : i);
        must_be_whole(scene, db);
        must_run(scene, fixture);
        assert_int_equal(versions(db), i + 1);
    }
}

/* --- objects that are hurt ------------------------------------------------------------------------------------------- */

static char *place_of_access_image(const Scene *scene, PGconn *db)
{
    g_autofree char *sha256 =
        scene_ask(db, "SELECT access_sha256 FROM page ORDER BY version, position LIMIT 1");
    return g_strdup_printf("%s/objects/%.2s/%.2s/%s", scene->dir, sha256, sha256 + 2, sha256);
}

/* In a file of its own: packages are linked to what they were made of. */
static void flip_a_bit(const char *place)
{
    g_autofree char *bytes = NULL;
    gsize size = 0;
    assert_true(g_file_get_contents(place, &bytes, &size, NULL));
    bytes[size / 2] ^= 1;
    assert_true(g_file_set_contents(place, bytes, (gssize)size, NULL));
}

static void a_flipped_bit_is_said_and_no_version_rests_on_it(void **state)
{
    const Scene *scene = *state;
    g_autoptr(Fixture) fixture = make_package("登记表");
    g_autoptr(DaArchive) archive = scene_init(scene);
    g_autoptr(PGconn) db = scene_connect(archive);
    must_run(scene, fixture);
    g_autofree char *place = place_of_access_image(scene, db);
    g_autofree char *sha256 = g_path_get_basename(place);
    flip_a_bit(place);
    rewrite(fixture, "登记表 2"); /* the same images */
    g_autofree char *output = NULL;
    assert_int_equal(run_deposit(scene, fixture->package, "soe-retiree", &output), 4);
    assert_non_null(strstr(output, sha256));
    assert_non_null(strstr(output, "damaged"));
    assert_int_equal(versions(db), 1);
    /* What a person does: the damaged file goes, and the same command brings it again. */
    assert_int_equal(g_remove(place), 0);
    must_run(scene, fixture);
    assert_int_equal(versions(db), 2);
    must_be_whole(scene, db);
}

static void an_object_that_has_gone_comes_back_with_its_package(void **state)
{
    const Scene *scene = *state;
    g_autoptr(Fixture) fixture = make_package("登记表");
    g_autoptr(DaArchive) archive = scene_init(scene);
    g_autoptr(PGconn) db = scene_connect(archive);
    must_run(scene, fixture);
    g_autofree char *place = place_of_access_image(scene, db);
    g_autofree char *sha256 = g_path_get_basename(place);
    assert_int_equal(g_remove(place), 0);
    g_autofree char *output = NULL;
    assert_int_equal(run_deposit(scene, fixture->package, "soe-retiree", &output), 0);
    assert_non_null(strstr(output, "1 objects had gone"));
    assert_int_equal(versions(db), 1);
    must_be_whole(scene, db);
    /* What was taken out with its row stays away. */
    assert_int_equal(g_remove(place), 0);
    assert_true(da_db_run(db, NULL, "SET session_replication_role = replica", NULL));
    assert_true(da_db_run(db, NULL, "DELETE FROM object WHERE sha256 = $1", sha256, NULL));
    must_run(scene, fixture);
    assert_false(g_file_test(place, G_FILE_TEST_EXISTS));
}

/* --- folders that cannot be written ---------------------------------------------------------------------------------- */

#define NOBODY 65534

/* Of objects alone: a database does not run as nobody. Exit status: 0 = refused as it should be. */
static int put_as_nobody(const char *dir)
{
    g_autoptr(GError) error = NULL;
    if (getuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        return 2;
    DaDigest digest = da_digest_bytes("text", 4);
    g_autoptr(DaObjectStore) store = da_object_store_open(dir, &error);
    g_autoptr(DaObjectStage) stage = store ? da_object_stage_begin(store, &error) : NULL;
    if (stage && da_object_stage_bytes(stage, "text", 4, digest.hex, &error) &&
        da_object_stage_commit(stage, NULL, NULL, &error))
        return 3;
    g_printerr("# %s\n", error->message);
    return da_error_exit_status(error) == 4 && strstr(error->message, "writable") ? 0 : 1;
}

static void a_folder_that_cannot_be_written_is_named(void **state)
{
    static const char *const folders[] = {"objects", "staging"};
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *dir = g_dir_make_tmp("dangan-store-XXXXXX", NULL);
        chmod(dir, 0755);
        for (guint f = 0; f < G_N_ELEMENTS(folders); f++) {
            g_autofree char *folder = g_build_filename(dir, folders[f], NULL);
            g_mkdir(folder, 0755);
            assert_int_equal(chmod(folder, f == i ? 0555 : 0777), 0);
        }
        pid_t child = fork();
        if (child == 0)
            _exit(put_as_nobody(dir));
        int status = wait_for(child);
        g_autoptr(DaObjectStore) store = da_object_store_open(dir, NULL);
        DaDigest digest = da_digest_bytes("text", 4);
        assert_false(da_object_has(store, digest.hex));
        da_tree_remove(dir, NULL);
        assert_int_equal(status, 0);
    }
}

/* --- a full disk ----------------------------------------------------------------------------------------------------- */

#define DISK_MB 400
#define STEP_BYTES ((gsize)8 << 10)
#define RESERVE_BYTES ((gsize)32 << 20)

/* Leaves so many bytes free on the disk that `scene` lies on. */
static void leave_free(const Scene *scene, gsize bytes)
{
    struct statvfs disk;
    g_autofree char *ballast = g_build_filename(scene->folder, "ballast", NULL);
    g_remove(ballast);
    assert_int_equal(statvfs(scene->folder, &disk), 0);
    gsize available = disk.f_bavail * disk.f_frsize;
    int fd = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(posix_fallocate(fd, 0, (off_t)(available - bytes)), 0);
    close(fd);
}

static int end_small(void **state)
{
    const Scene *scene = *state;
    da_archive_stop(scene->dir, NULL);
    umount2(scene->folder, MNT_DETACH);
    return scene_end(state);
}

static gboolean mount_small(const char *folder)
{
    if (mount("tmpfs", folder, "tmpfs", 0, "mode=0755,size=" G_STRINGIFY(DISK_MB) "m") == 0)
        return TRUE;
    print_message("# LEFT OUT: a full disk needs a file system of its own, and nothing can be "
                  "mounted here\n");
    return FALSE;
}

/* Deposits with more and more room until it is enough; how often it was not. */
static guint fill_up(const Scene *scene, const Fixture *fixture, guint before)
{
    for (guint failures = 0;; failures++) {
        assert_true(failures < 1000);
        g_autofree char *output = NULL;
        leave_free(scene, failures * STEP_BYTES);
        int status = run_deposit(scene, fixture->package, "soe-retiree", &output);
        leave_free(scene, RESERVE_BYTES);
        g_autoptr(DaArchive) archive = da_archive_open(scene->dir, NULL);
        g_autoptr(PGconn) db = scene_connect(archive);
        assert_int_equal(versions(db), status == 0 ? before + 1 : before);
        must_be_whole(scene, db);
        if (status == 0)
            return failures;
        if (status != 4)
            fail_msg("%d: %s", status, output);
    }
}

static void a_full_disk_loses_nothing_and_the_next_deposit_completes(void **state)
{
    const Scene *scene = *state;
    if (!mount_small(scene->folder))
        skip();
    g_autoptr(Fixture) fixture = make_package("登记表");
    G_GNUC_UNUSED g_autoptr(DaArchive) archive = scene_init(scene);
    must_run(scene, fixture);
    rewrite(fixture, "登记表 2"); /* few new objects, so that small steps come through soon */
    guint failures = fill_up(scene, fixture, 1);
    print_message("# full %u times\n", failures);
    assert_true(failures > 1);
}

/* Objects lie elsewhere, so that only the database's own files find no room. */
static void a_full_disk_of_the_database_loses_nothing(void **state)
{
    static const char *const folders[] = {"objects", "staging"};
    const Scene *scene = *state;
    if (!mount_small(scene->folder))
        skip();
    g_autoptr(Fixture) fixture = make_package("登记表");
    g_autoptr(DaArchive) archive = scene_init(scene);
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *inside = g_build_filename(scene->dir, folders[i], NULL);
        g_autofree char *outside = g_build_filename(fixture->folder, folders[i], NULL);
        g_mkdir(outside, 0755);
        assert_true(da_tree_remove(inside, NULL));
        assert_int_equal(symlink(outside, inside), 0);
    }
    guint failures = fill_up(scene, fixture, 0);
    print_message("# the database's tables: full %u times\n", failures);
    assert_true(failures > 1);
    /* Its log: the next row begins a new file of it, and the server cannot go on. */
    rewrite(fixture, "登记表 2");
    g_autoptr(PGconn) db = scene_connect(archive);
    assert_true(da_db_run(db, NULL, "SELECT pg_switch_wal()", NULL));
    g_clear_pointer(&db, PQfinish);
    failures = fill_up(scene, fixture, 1);
    print_message("# its log: full %u times\n", failures);
}

/* --- several at once, and many --------------------------------------------------------------------------------------- */

static void two_packages_of_one_dossier_at_once_are_two_versions(void **state)
{
    const Scene *scene = *state;
    g_autoptr(Fixture) one = make_package("登记表"), other = fixture_new();
    g_autofree char *folder = g_path_get_dirname(other->package);
    g_free(other->dossier->id);
    other->dossier->id = g_strdup(one->dossier->id);
    g_free(other->package);
    other->package = g_build_filename(folder, other->dossier->id, NULL);
    fixture_write(other);
    g_autoptr(DaArchive) archive = scene_init(scene);
    GPid pids[] = {begin_deposit(scene, one, ""), begin_deposit(scene, other, "")};
    for (guint i = 0; i < G_N_ELEMENTS(pids); i++)
        assert_int_equal(wait_for(pids[i]), 0);
    g_autoptr(PGconn) db = scene_connect(archive);
    assert_ask(db, "SELECT string_agg(version::text, ' ' ORDER BY version) FROM dossier_version",
               "1 2");
    assert_ask(db, "SELECT version FROM dossier", "2");
    must_be_whole(scene, db);
}

#define MANY 200

/* Packages of as many dossiers in one folder. */
static void write_many(Fixture *fixture, const char *folder)
{
    for (guint i = 0; i < MANY; i++) {
        g_free(fixture->dossier->id);
        g_free(fixture->package);
        fixture->dossier->id = g_strdup_printf("0f9d3a54-6c1e-4d7b-8a02-%012u", i);
        fixture->package = g_build_filename(folder, fixture->dossier->id, NULL);
        fixture_write(fixture);
    }
}

static char *inside_of_many(const char *folder, guint i, const char *inside)
{
    g_autofree char *id = g_strdup_printf("0f9d3a54-6c1e-4d7b-8a02-%012u", i);
    return g_build_filename(folder, id, "data", id, inside, NULL);
}

static void a_delivery_of_hundreds_goes_on_after_bad_ones(void **state)
{
    const Scene *scene = *state;
    g_autoptr(Fixture) fixture = fixture_new();
    g_autofree char *folder = g_build_filename(fixture->folder, "delivery", NULL);
    assert_true(da_dir_make(folder, NULL));
    write_many(fixture, folder);
    g_autofree char *flipped =
        inside_of_many(folder, 77, "representations/master/data/1-1-001.jpg");
    g_autofree char *gone = inside_of_many(folder, 123, "metadata/descriptive/dossier.xml");
    flip_a_bit(flipped);
    assert_int_equal(g_remove(gone), 0);
    g_autoptr(DaArchive) archive = scene_init(scene);
    g_autoptr(PGconn) db = scene_connect(archive);
    g_autofree char *output = NULL, *again = NULL;
    /* The plain rules of a bag: quick, and they let one person have many dossiers. */
    int status = run_deposit(scene, folder, "bagit", &output);
    if (status != 3)
        fail_msg("%d: %s", status, output);
    assert_non_null(strstr(output, "198 deposited, 0 unchanged, 2 failed"));
    assert_non_null(strstr(output, "000000000077"));
    assert_non_null(strstr(output, "000000000123"));
    assert_int_equal(versions(db), MANY - 2);
    must_be_whole(scene, db);
    assert_int_equal(run_deposit(scene, folder, "bagit", &again), 3);
    assert_non_null(strstr(again, "0 deposited, 198 unchanged, 2 failed"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
        CASE(whatever_call_fails_the_archive_is_whole_and_the_next_deposit_completes),
        CASE(reads_and_writes_that_are_cut_short_go_on),
        CASE(a_database_that_goes_away_at_any_step_loses_nothing),
        CASE(a_flipped_bit_is_said_and_no_version_rests_on_it),
        CASE(an_object_that_has_gone_comes_back_with_its_package),
        CASE(a_folder_that_cannot_be_written_is_named),
        cmocka_unit_test_setup_teardown(a_full_disk_loses_nothing_and_the_next_deposit_completes,
                                        scene_begin, end_small),
        cmocka_unit_test_setup_teardown(a_full_disk_of_the_database_loses_nothing, scene_begin,
                                        end_small),
        CASE(two_packages_of_one_dossier_at_once_are_two_versions),
        CASE(a_delivery_of_hundreds_goes_on_after_bad_ones),
    };
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
