#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/object.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
    char *dir;
    DaObjectStore *store;
} Scene;

static int begin(void **state)
{
    Scene *scene = g_new0(Scene, 1);
    scene->dir = g_dir_make_tmp("dangan-object-XXXXXX", NULL);
    g_autofree char *objects = g_build_filename(scene->dir, "objects", NULL);
    g_autofree char *staging = g_build_filename(scene->dir, "staging", NULL);
    g_mkdir(objects, 0755);
    g_mkdir(staging, 0755);
    scene->store = da_object_store_open(scene->dir, NULL);
    *state = scene;
    return scene->store ? 0 : -1;
}

static int end(void **state)
{
    Scene *scene = *state;
    da_object_store_free(scene->store);
    da_tree_remove(scene->dir, NULL);
    g_free(scene->dir);
    g_free(scene);
    return 0;
}

static char *put(Scene *scene, const char *text, guint64 *fresh)
{
    DaDigest digest = da_digest_bytes(text, strlen(text));
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(scene->store, NULL);
    assert_true(da_object_stage_bytes(stage, text, strlen(text), digest.hex, NULL));
    assert_true(da_object_stage_commit(stage, fresh, NULL, NULL));
    return g_strdup(digest.hex);
}

static char *place_of(const Scene *scene, const char *sha256)
{
    return g_strdup_printf("%s/objects/%.2s/%.2s/%s", scene->dir, sha256, sha256 + 2, sha256);
}

static guint staged(const Scene *scene)
{
    g_autofree char *folder = g_build_filename(scene->dir, "staging", NULL);
    g_autoptr(GPtrArray) names = da_dir_list(folder, NULL);
    return names->len;
}

static void an_object_comes_back_as_it_went(void **state)
{
    static const char *const texts[] = {"", "档案", "x"};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        guint64 fresh = 0, size = 0;
        g_autofree char *sha256 = put(*state, texts[i], &fresh);
        assert_int_equal(fresh, 1);
        assert_true(da_object_has(((Scene *)*state)->store, sha256));
        g_autoptr(GBytes) bytes = da_object_read(((Scene *)*state)->store, sha256, NULL);
        assert_int_equal(g_bytes_get_size(bytes), strlen(texts[i]));
        int fd = da_object_open(((Scene *)*state)->store, sha256, &size, NULL);
        assert_true(fd >= 0);
        close(fd);
        assert_int_equal(size, strlen(texts[i]));
        g_autofree char *place = place_of(*state, sha256);
        struct stat found;
        assert_int_equal(stat(place, &found), 0);
        assert_int_equal(found.st_mode & 07777, 0444);
    }
    assert_int_equal(staged(*state), 0);
}

static void put_refuses_a_wrong_digest(void **state)
{
    Scene *scene = *state;
    DaDigest other = da_digest_bytes("other", 5);
    g_autofree char *file = g_build_filename(scene->dir, "file", NULL);
    assert_true(g_file_set_contents(file, "text", -1, NULL));
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(scene->store, NULL);
    g_autoptr(GError) by_bytes = NULL, by_file = NULL;
    assert_false(da_object_stage_bytes(stage, "text", 4, other.hex, &by_bytes));
    assert_true(g_error_matches(by_bytes, DA_ERROR, DA_ERROR_INPUT));
    assert_false(da_object_stage_file(stage, file, other.hex, &by_file));
    assert_true(g_error_matches(by_file, DA_ERROR, DA_ERROR_INPUT));
    assert_false(da_object_has(scene->store, other.hex));
}

static void a_file_is_copied_and_never_linked(void **state)
{
    Scene *scene = *state;
    g_autofree char *file = g_build_filename(scene->dir, "file", NULL);
    assert_true(g_file_set_contents(file, "before", -1, NULL));
    DaDigest digest = da_digest_bytes("before", 6);
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(scene->store, NULL);
    assert_true(da_object_stage_file(stage, file, digest.hex, NULL));
    assert_true(da_object_stage_file(stage, file, digest.hex, NULL)); /* twice is once */
    assert_true(da_object_stage_commit(stage, NULL, NULL, NULL));
    FILE *in_place = fopen(file, "r+");
    fputs("after!", in_place);
    fclose(in_place);
    g_autoptr(GBytes) kept = da_object_read(scene->store, digest.hex, NULL);
    assert_memory_equal(g_bytes_get_data(kept, NULL), "before", 6);
}

static void what_is_there_is_not_written_again_but_looked_at(void **state)
{
    Scene *scene = *state;
    guint64 fresh = 9;
    g_autofree char *sha256 = put(scene, "kept", NULL);
    g_autofree G_GNUC_UNUSED char *again = put(scene, "kept", &fresh);
    assert_int_equal(fresh, 0);
    g_autofree char *place = place_of(scene, sha256);
    chmod(place, 0644);
    assert_true(g_file_set_contents(place, "rotted", -1, NULL));
    g_autoptr(GError) on_read = NULL, on_stage = NULL;
    assert_null(da_object_read(scene->store, sha256, &on_read));
    assert_true(g_error_matches(on_read, DA_ERROR, DA_ERROR_DISK));
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(scene->store, NULL);
    assert_false(da_object_stage_bytes(stage, "kept", 4, sha256, &on_stage));
    assert_true(g_error_matches(on_stage, DA_ERROR, DA_ERROR_DISK));
}

static void what_is_no_object_is_not_found(void **state)
{
    Scene *scene = *state;
    g_autofree char *none = g_strnfill(64, 'a');
    const char *const names[] = {none, "", "../../../../etc/passwd", "AB", "ab/cd"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(da_object_has(scene->store, names[i]));
        assert_null(da_object_read(scene->store, names[i], &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
    }
}

static void leftovers_of_the_dead_go_and_those_of_the_living_stay(void **state)
{
    Scene *scene = *state;
    g_autoptr(DaObjectStage) mine = da_object_stage_begin(scene->store, NULL);
    pid_t other = fork();
    if (other == 0) {
        DaObjectStore *store = da_object_store_open(scene->dir, NULL);
        DaObjectStage *stage = da_object_stage_begin(store, NULL);
        DaDigest digest = da_digest_bytes("lost", 4);
        _exit(stage && da_object_stage_bytes(stage, "lost", 4, digest.hex, NULL) ? 0 : 1);
    }
    int status = -1;
    waitpid(other, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(staged(scene), 2);
    G_GNUC_UNUSED g_autoptr(DaObjectStage) next = da_object_stage_begin(scene->store, NULL);
    assert_int_equal(staged(scene), 2); /* mine and next */
    DaDigest digest = da_digest_bytes("alive", 5);
    assert_true(da_object_stage_bytes(mine, "alive", 5, digest.hex, NULL));
    assert_true(da_object_stage_commit(mine, NULL, NULL, NULL));
}

static void a_stage_without_a_commit_leaves_nothing(void **state)
{
    Scene *scene = *state;
    DaDigest digest = da_digest_bytes("gone", 4);
    DaObjectStage *stage = da_object_stage_begin(scene->store, NULL);
    assert_true(da_object_stage_bytes(stage, "gone", 4, digest.hex, NULL));
    da_object_stage_free(stage);
    assert_int_equal(staged(scene), 0);
    assert_false(da_object_has(scene->store, digest.hex));
}

static void two_stages_of_one_object_agree(void **state)
{
    Scene *scene = *state;
    DaDigest digest = da_digest_bytes("both", 4);
    guint64 first = 9, second = 9;
    g_autoptr(DaObjectStage) one = da_object_stage_begin(scene->store, NULL);
    g_autoptr(DaObjectStage) two = da_object_stage_begin(scene->store, NULL);
    assert_true(da_object_stage_bytes(one, "both", 4, digest.hex, NULL));
    assert_true(da_object_stage_bytes(two, "both", 4, digest.hex, NULL));
    assert_true(da_object_stage_commit(one, &first, NULL, NULL));
    assert_true(da_object_stage_commit(two, &second, NULL, NULL));
    assert_int_equal(first, 1);
    assert_int_equal(second, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
        CASE(an_object_comes_back_as_it_went),
        CASE(put_refuses_a_wrong_digest),
        CASE(a_file_is_copied_and_never_linked),
        CASE(what_is_there_is_not_written_again_but_looked_at),
        CASE(what_is_no_object_is_not_found),
        CASE(leftovers_of_the_dead_go_and_those_of_the_living_stay),
        CASE(a_stage_without_a_commit_leaves_nothing),
        CASE(two_stages_of_one_object_agree),
    };
    return cmocka_run_group_tests_name("object", tests, NULL, NULL);
}
