#include "object_contract.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGE_BYTES ((gsize)5 << 20) /* more than a piece of any backend */

static const ContractBackend *backend;

typedef struct {
    char *place;
    char *folder; /* for files */
    DaObjectStore *store;
} Scene;

static int begin(void **state)
{
    Scene *scene = g_new0(Scene, 1);
    g_autoptr(GError) error = NULL;
    scene->place = backend->make();
    scene->folder = g_dir_make_tmp("dangan-contract-XXXXXX", NULL);
    scene->store = backend->open(scene->place, &error);
    if (!scene->store)
        print_error("%s\n", error->message);
    *state = scene;
    return scene->store ? 0 : -1;
}

static int end(void **state)
{
    Scene *scene = *state;
    da_object_store_free(scene->store);
    backend->destroy(scene->place);
    da_tree_remove(scene->folder, NULL);
    g_free(scene->place);
    g_free(scene->folder);
    g_free(scene);
    return 0;
}

static void must(gboolean done, const GError *error)
{
    if (!done)
        fail_msg("%s", error ? error->message : "no error");
}

static DaDigest put(DaObjectStore *store, const void *data, gsize size, guint64 *fresh)
{
    g_autoptr(GError) error = NULL;
    DaDigest digest = da_digest_bytes(data, size);
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(store, &error);
    must(stage && da_object_stage_bytes(stage, data, size, digest.hex, &error) &&
             da_object_stage_commit(stage, fresh, NULL, &error),
         error);
    return digest;
}

static DaDigest put_text(const Scene *scene, const char *text, guint64 *fresh)
{
    return put(scene->store, text, strlen(text), fresh);
}

static char *make_file(const Scene *scene, const char *text)
{
    char *path = g_build_filename(scene->folder, "file", NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

/* --- bringing and reading -------------------------------------------------------------------------------------------- */

static void an_object_comes_back_as_it_went(void **state)
{
    static const char *const texts[] = {"", "档案", "x"};
    Scene *scene = *state;
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        guint64 fresh = 0, size = 99;
        DaDigest digest = put_text(scene, texts[i], &fresh);
        assert_int_equal(fresh, 1);
        assert_true(da_object_has(scene->store, digest.hex));
        g_autoptr(GBytes) bytes = da_object_read(scene->store, digest.hex, NULL);
        assert_int_equal(g_bytes_get_size(bytes), strlen(texts[i]));
        assert_memory_equal(g_bytes_get_data(bytes, NULL), texts[i], strlen(texts[i]));
        int fd = da_object_open(scene->store, digest.hex, &size, NULL);
        assert_true(fd >= 0);
        close(fd);
        assert_int_equal(size, strlen(texts[i]));
        size = 99;
        assert_true(da_object_size(scene->store, digest.hex, &size, NULL));
        assert_int_equal(size, strlen(texts[i]));
    }
    assert_int_equal(backend->staged(scene->place), 0);
}

static void another_process_finds_it(void **state)
{
    Scene *scene = *state;
    DaDigest digest = put_text(scene, "kept", NULL);
    g_autoptr(DaObjectStore) other = backend->open(scene->place, NULL);
    g_autoptr(GBytes) bytes = da_object_read(other, digest.hex, NULL);
    assert_int_equal(g_bytes_get_size(bytes), 4);
}

static gboolean count(const void *piece, gsize size, gpointer data, GError **error)
{
    gsize *sums = data;
    sums[0] += size;
    sums[1]++;
    sums[2] = MAX(sums[2], size);
    return TRUE;
}

static gboolean refuse(const void *piece, gsize size, gpointer data, GError **error)
{
    ++*(guint *)data;
    return da_error_set(error, DA_ERROR_CANCELLED, "enough");
}

static void a_large_object_comes_in_pieces(void **state)
{
    Scene *scene = *state;
    g_autofree char *data = g_malloc(LARGE_BYTES);
    for (gsize i = 0; i < LARGE_BYTES; i++)
        data[i] = (char)(i * 2654435761u >> 24);
    DaDigest digest = put(scene->store, data, LARGE_BYTES, NULL);
    gsize sums[3] = {0};
    assert_true(da_object_stream(scene->store, digest.hex, count, sums, NULL));
    assert_int_equal(sums[0], LARGE_BYTES);
    assert_true(sums[1] > 1 && sums[2] < LARGE_BYTES);
    guint asked = 0;
    g_autoptr(GError) error = NULL;
    assert_false(da_object_stream(scene->store, digest.hex, refuse, &asked, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CANCELLED));
    assert_int_equal(asked, 1);
}

static void put_refuses_a_wrong_digest(void **state)
{
    Scene *scene = *state;
    DaDigest other = da_digest_bytes("other", 5);
    g_autofree char *file = make_file(scene, "text");
    {
        g_autoptr(DaObjectStage) stage = da_object_stage_begin(scene->store, NULL);
        g_autoptr(GError) by_bytes = NULL, by_file = NULL;
        assert_false(da_object_stage_bytes(stage, "text", 4, other.hex, &by_bytes));
        assert_true(g_error_matches(by_bytes, DA_ERROR, DA_ERROR_INPUT));
        assert_false(da_object_stage_file(stage, file, other.hex, &by_file));
        assert_true(g_error_matches(by_file, DA_ERROR, DA_ERROR_INPUT));
        assert_true(da_object_stage_commit(stage, NULL, NULL, NULL)); /* nothing of it stayed */
    }
    assert_false(da_object_has(scene->store, other.hex));
}

static DaObjectFile file_of(const Scene *scene, const char *name, const char *text,
                            const DaDigest *digest)
{
    DaObjectFile file = {g_build_filename(scene->folder, name, NULL), digest->hex};
    assert_true(g_file_set_contents(file.path, text, -1, NULL));
    return file;
}

static void many_files_come_at_once(void **state)
{
    enum { N = 40 };
    Scene *scene = *state;
    DaObjectFile files[N];
    DaDigest digests[N];
    for (guint i = 0; i < N; i++) {
        g_autofree char *name = g_strdup_printf("file-%u", i);
        g_autofree char *text = g_strdup_printf("text %u", i / 4); /* four files an object */
        digests[i] = da_digest_bytes(text, strlen(text));
        files[i] = file_of(scene, name, text, &digests[i]);
    }
    guint64 fresh = 0, bytes = 0;
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(scene->store, NULL);
    g_autoptr(GError) error = NULL;
    must(da_object_stage_files(stage, files, N, &error), error);
    assert_true(da_object_stage_commit(stage, &fresh, &bytes, NULL));
    assert_int_equal(fresh, N / 4);
    assert_int_equal(bytes, N / 4 * strlen("text 0"));
    for (guint i = 0; i < N; i++)
        assert_true(da_object_has(scene->store, digests[i].hex));
    for (guint i = 0; i < N; i++)
        g_free(files[i].path);
}

static void one_wrong_file_among_many_is_said(void **state)
{
    enum { N = 12 };
    Scene *scene = *state;
    DaDigest digest = da_digest_bytes("text", 4), other = da_digest_bytes("other", 5);
    DaObjectFile files[N];
    for (guint i = 0; i < N; i++) {
        g_autofree char *name = g_strdup_printf("file-%u", i);
        files[i] = file_of(scene, name, "text", i == 7 ? &other : &digest);
    }
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(scene->store, NULL);
    g_autoptr(GError) error = NULL;
    assert_false(da_object_stage_files(stage, files, N, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    assert_non_null(strstr(error->message, files[7].path));
    for (guint i = 0; i < N; i++)
        g_free(files[i].path);
}

static void a_file_that_is_not_there_is_said(void **state)
{
    Scene *scene = *state;
    DaDigest digest = da_digest_bytes("text", 4);
    g_autofree char *file = g_build_filename(scene->folder, "none", NULL);
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(scene->store, NULL);
    g_autoptr(GError) error = NULL;
    assert_false(da_object_stage_file(stage, file, digest.hex, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
}

static void a_file_that_changes_later_changes_no_object(void **state)
{
    Scene *scene = *state;
    g_autofree char *file = make_file(scene, "before");
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

static void a_placed_object_is_a_file_of_its_bytes(void **state)
{
    Scene *scene = *state;
    DaDigest digest = put_text(scene, "placed", NULL);
    g_autofree char *path = g_build_filename(scene->folder, "placed", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    assert_true(da_object_place_at(scene->store, digest.hex, path, NULL));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, "placed");
    assert_false(da_object_place_at(scene->store, digest.hex, path, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
}

/* --- damage ---------------------------------------------------------------------------------------------------------- */

static void what_is_there_is_not_written_again_but_looked_at(void **state)
{
    Scene *scene = *state;
    guint64 fresh = 9;
    DaDigest digest = put_text(scene, "kept", NULL);
    put_text(scene, "kept", &fresh);
    assert_int_equal(fresh, 0);
    backend->damage(scene->place, digest.hex);
    g_autofree char *file = make_file(scene, "kept");
    g_autoptr(GError) on_read = NULL, on_stream = NULL, by_bytes = NULL, by_file = NULL;
    assert_null(da_object_read(scene->store, digest.hex, &on_read));
    assert_true(g_error_matches(on_read, DA_ERROR, DA_ERROR_DISK));
    assert_false(da_object_stream(scene->store, digest.hex, NULL, NULL, &on_stream));
    assert_true(g_error_matches(on_stream, DA_ERROR, DA_ERROR_DISK));
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(scene->store, NULL);
    assert_false(da_object_stage_bytes(stage, "kept", 4, digest.hex, &by_bytes));
    assert_true(g_error_matches(by_bytes, DA_ERROR, DA_ERROR_DISK));
    assert_false(da_object_stage_file(stage, file, digest.hex, &by_file));
    assert_true(g_error_matches(by_file, DA_ERROR, DA_ERROR_DISK));
}

static void what_is_no_object_is_not_found(void **state)
{
    Scene *scene = *state;
    g_autofree char *none = g_strnfill(64, 'a'), *path = g_build_filename(scene->folder, "p", NULL);
    const char *const names[] = {none, "", "../../../../etc/passwd", "AB", "ab/cd"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) by_read = NULL, by_size = NULL, by_remove = NULL, by_place = NULL;
        guint64 size;
        assert_false(da_object_has(scene->store, names[i]));
        assert_null(da_object_read(scene->store, names[i], &by_read));
        assert_false(da_object_size(scene->store, names[i], &size, &by_size));
        assert_false(da_object_remove(scene->store, names[i], &by_remove));
        assert_false(da_object_place_at(scene->store, names[i], path, &by_place));
        const GError *const errors[] = {by_read, by_size, by_remove, by_place};
        for (guint e = 0; e < G_N_ELEMENTS(errors); e++)
            assert_true(g_error_matches(errors[e], DA_ERROR, DA_ERROR_NOT_FOUND));
    }
}

/* --- stages ---------------------------------------------------------------------------------------------------------- */

static void leftovers_of_the_dead_go_and_those_of_the_living_stay(void **state)
{
    Scene *scene = *state;
    g_autoptr(DaObjectStage) mine = da_object_stage_begin(scene->store, NULL);
    pid_t other = fork();
    if (other == 0) {
        DaObjectStore *store = backend->open(scene->place, NULL);
        DaObjectStage *stage = da_object_stage_begin(store, NULL);
        DaDigest digest = da_digest_bytes("lost", 4);
        _exit(stage && da_object_stage_bytes(stage, "lost", 4, digest.hex, NULL) ? 0 : 1);
    }
    int status = -1;
    waitpid(other, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(backend->staged(scene->place), 2);
    G_GNUC_UNUSED g_autoptr(DaObjectStage) next = da_object_stage_begin(scene->store, NULL);
    assert_int_equal(backend->staged(scene->place), 2); /* mine and next */
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
    assert_false(da_object_has(scene->store, digest.hex)); /* not before the commit */
    da_object_stage_free(stage);
    assert_int_equal(backend->staged(scene->place), 0);
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

/* --- all of them ----------------------------------------------------------------------------------------------------- */

static gint compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Digests in order. */
static GPtrArray *put_many(const Scene *scene, guint n)
{
    GPtrArray *digests = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(scene->store, NULL);
    for (guint i = 0; i < n; i++) {
        g_autofree char *text = g_strdup_printf("%0*u", (int)(1 + i % 7), i);
        DaDigest digest = da_digest_bytes(text, strlen(text));
        assert_true(da_object_stage_bytes(stage, text, strlen(text), digest.hex, NULL));
        g_ptr_array_add(digests, g_strdup(digest.hex));
    }
    assert_true(da_object_stage_commit(stage, NULL, NULL, NULL));
    g_ptr_array_sort(digests, compare);
    return digests;
}

static void must_list(const Scene *scene, const char *after, const GPtrArray *digests, guint from,
                      guint strays)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaObjectList) list = da_object_list_begin(scene->store, after, &error);
    must(list != NULL, error);
    const DaObjectEntry *entry;
    guint n = from, found = 0;
    while ((entry = da_object_list_next(list, &error))) {
        found += entry->sha256 == NULL;
        if (!entry->sha256)
            continue;
        assert_true(n < digests->len);
        assert_string_equal(entry->sha256, digests->pdata[n++]);
        guint64 size = 0;
        assert_true(da_object_size(scene->store, entry->sha256, &size, NULL));
        assert_int_equal(entry->size_bytes, size);
        assert_non_null(strstr(entry->where, entry->sha256));
    }
    must(!error, error);
    assert_int_equal(n, digests->len);
    assert_int_equal(found, strays);
}

static void all_are_listed_in_order(void **state)
{
    Scene *scene = *state;
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    must_list(scene, NULL, none, 0, 0);
    g_autoptr(GPtrArray) digests = put_many(scene, 300);
    must_list(scene, NULL, digests, 0, 0);
    backend->litter(scene->place);
    must_list(scene, NULL, digests, 0, 1);
}

static void a_list_goes_on_where_it_was(void **state)
{
    Scene *scene = *state;
    g_autoptr(GPtrArray) digests = put_many(scene, 300);
    for (guint i = 0; i < digests->len; i += 23)
        must_list(scene, digests->pdata[i], digests, i + 1, 0);
    must_list(scene, digests->pdata[digests->len - 1], digests, digests->len, 0);
    /* Between two, before the first and behind the last. */
    g_autofree char *first = g_strnfill(64, '0'), *last = g_strnfill(64, 'f');
    must_list(scene, first, digests, 0, 0);
    must_list(scene, last, digests, digests->len, 0);
    for (guint i = 0; i + 1 < digests->len; i += 31) {
        g_autofree char *between = g_strdup(digests->pdata[i]);
        between[63] = 'f';
        if (strcmp(between, digests->pdata[i]) > 0)
            must_list(scene, between, digests, i + 1, 0);
    }
}

static void a_removed_object_is_gone_and_can_come_again(void **state)
{
    Scene *scene = *state;
    DaDigest digest = put_text(scene, "leaves", NULL), stays = put_text(scene, "stays", NULL);
    guint64 fresh = 0;
    g_autoptr(GError) error = NULL;
    assert_true(da_object_remove(scene->store, digest.hex, NULL));
    assert_false(da_object_has(scene->store, digest.hex));
    assert_true(da_object_has(scene->store, stays.hex));
    assert_false(da_object_remove(scene->store, digest.hex, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
    put_text(scene, "leaves", &fresh);
    assert_int_equal(fresh, 1);
}

int object_contract_run(const ContractBackend *tested, const struct CMUnitTest *own, gsize n)
{
    static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
        CASE(an_object_comes_back_as_it_went),
        CASE(another_process_finds_it),
        CASE(a_large_object_comes_in_pieces),
        CASE(put_refuses_a_wrong_digest),
        CASE(many_files_come_at_once),
        CASE(one_wrong_file_among_many_is_said),
        CASE(a_file_that_is_not_there_is_said),
        CASE(a_file_that_changes_later_changes_no_object),
        CASE(a_placed_object_is_a_file_of_its_bytes),
        CASE(what_is_there_is_not_written_again_but_looked_at),
        CASE(what_is_no_object_is_not_found),
        CASE(leftovers_of_the_dead_go_and_those_of_the_living_stay),
        CASE(a_stage_without_a_commit_leaves_nothing),
        CASE(two_stages_of_one_object_agree),
        CASE(all_are_listed_in_order),
        CASE(a_list_goes_on_where_it_was),
        CASE(a_removed_object_is_gone_and_can_come_again),
#undef CASE
    };
    backend = tested;
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof tests[0]);
    g_array_append_vals(all, tests, G_N_ELEMENTS(tests));
    g_array_append_vals(all, own, (guint)n);
    /* What cmocka_run_group_tests_name() becomes; that one wants an array whose size the compiler knows. */
    return _cmocka_run_group_tests(tested->name, (const struct CMUnitTest *)(gpointer)all->data,
                                   all->len, NULL, NULL);
}
