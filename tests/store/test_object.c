#include "object_contract.h"

#include <dangan/digest.h>
#include <dangan/file.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static char *make(void)
{
    char *dir = g_dir_make_tmp("dangan-object-XXXXXX", NULL);
    static const char *const folders[] = {"objects", "staging"};
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *folder = g_build_filename(dir, folders[i], NULL);
        g_mkdir(folder, 0755);
    }
    return dir;
}

static void destroy(const char *dir)
{
    da_tree_remove(dir, NULL);
}

static char *place_of(const char *dir, const char *sha256)
{
    return g_strdup_printf("%s/objects/%.2s/%.2s/%s", dir, sha256, sha256 + 2, sha256);
}

static void damage(const char *dir, const char *sha256)
{
    g_autofree char *place = place_of(dir, sha256);
    chmod(place, 0644);
    FILE *file = fopen(place, "r+");
    int first = fgetc(file);
    rewind(file);
    fputc(first ^ 1, file);
    fclose(file);
}

static void litter(const char *dir)
{
    g_autofree char *stray = g_build_filename(dir, "objects", "lost+found.txt", NULL);
    assert_true(g_file_set_contents(stray, "?", -1, NULL));
}

static guint staged(const char *dir)
{
    g_autofree char *folder = g_build_filename(dir, "staging", NULL);
    g_autoptr(GPtrArray) names = da_dir_list(folder, NULL);
    return names->len;
}

static const ContractBackend posix = {"object-posix", make,   destroy, da_object_store_open,
                                      damage,         litter, staged};

/* --- what only files promise ----------------------------------------------------------------------------------------- */

typedef struct {
    char *dir;
    DaObjectStore *store;
} Scene;

static int begin(void **state)
{
    Scene *scene = g_new0(Scene, 1);
    scene->dir = make();
    scene->store = da_object_store_open(scene->dir, NULL);
    *state = scene;
    return scene->store ? 0 : -1;
}

static int end(void **state)
{
    Scene *scene = *state;
    da_object_store_free(scene->store);
    destroy(scene->dir);
    g_free(scene->dir);
    g_free(scene);
    return 0;
}

static void an_object_is_a_read_only_file_of_its_own(void **state)
{
    Scene *scene = *state;
    g_autofree char *file = g_build_filename(scene->dir, "file", NULL);
    assert_true(g_file_set_contents(file, "text", -1, NULL));
    DaDigest digest = da_digest_bytes("text", 4), bytes = da_digest_bytes("bytes", 5);
    mode_t before = umask(0077);
    g_autoptr(DaObjectStage) stage = da_object_stage_begin(scene->store, NULL);
    assert_true(da_object_stage_file(stage, file, digest.hex, NULL));
    assert_true(da_object_stage_bytes(stage, "bytes", 5, bytes.hex, NULL));
    assert_true(da_object_stage_commit(stage, NULL, NULL, NULL));
    umask(before);
    const char *const digests[] = {digest.hex, bytes.hex};
    for (guint i = 0; i < G_N_ELEMENTS(digests); i++) {
        g_autofree char *place = place_of(scene->dir, digests[i]);
        struct stat found;
        assert_int_equal(stat(place, &found), 0);
        assert_int_equal(found.st_mode & 07777, 0444);
        assert_int_equal(found.st_nlink, 1);
    }
}

static void what_lies_in_the_wrong_folder_is_no_object(void **state)
{
    Scene *scene = *state;
    DaDigest digest = da_digest_bytes("text", 4);
    static const char *const folders[] = {"", "00", "00/00", "zz", "00/00/more"};
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *folder = g_build_filename(scene->dir, "objects", folders[i], NULL);
        g_autofree char *place = g_build_filename(folder, digest.hex, NULL);
        assert_true(da_dir_make(folder, NULL));
        assert_true(g_file_set_contents(place, "text", -1, NULL));
    }
    g_autoptr(DaObjectList) list = da_object_list_begin(scene->store, NULL, NULL);
    const DaObjectEntry *entry;
    guint strays = 0;
    while ((entry = da_object_list_next(list, NULL))) {
        assert_null(entry->sha256);
        assert_true(g_str_has_prefix(entry->where, "objects/"));
        strays++;
    }
    assert_int_equal(strays, 5); /* three files; the folders zz and more, as a whole */
    assert_false(da_object_has(scene->store, digest.hex));
}

static void a_link_is_no_object(void **state)
{
    Scene *scene = *state;
    DaDigest digest = da_digest_bytes("text", 4);
    g_autofree char *file = g_build_filename(scene->dir, "file", NULL);
    g_autofree char *place = place_of(scene->dir, digest.hex);
    g_autofree char *folder = g_path_get_dirname(place);
    assert_true(g_file_set_contents(file, "text", -1, NULL));
    assert_true(da_dir_make(folder, NULL));
    assert_int_equal(symlink(file, place), 0);
    assert_false(da_object_has(scene->store, digest.hex));
    assert_null(da_object_read(scene->store, digest.hex, NULL));
    g_autoptr(DaObjectList) list = da_object_list_begin(scene->store, NULL, NULL);
    const DaObjectEntry *entry = da_object_list_next(list, NULL);
    assert_non_null(entry);
    assert_null(entry->sha256);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
        CASE(an_object_is_a_read_only_file_of_its_own),
        CASE(what_lies_in_the_wrong_folder_is_no_object),
        CASE(a_link_is_no_object),
    };
    return object_contract_run(&posix, tests, G_N_ELEMENTS(tests));
}
