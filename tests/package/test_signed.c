#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/signed.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char *folder;

static int make_folder(void **state)
{
    folder = g_dir_make_tmp("dangan-signed-XXXXXX", NULL);
    return folder == NULL;
}

static int remove_folder(void **state)
{
    da_tree_remove(folder, NULL);
    g_free(folder);
    return 0;
}

static char *key_path(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* The private key of that name, made where there is none. */
static DaSignKey *key_named(const char *name, DaSignAlgorithm algorithm)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = key_path(name);
    if (!g_file_test(path, G_FILE_TEST_EXISTS) && !da_sign_key_make(path, algorithm, &error))
        fail_msg("%s", error->message);
    DaSignKey *key = da_sign_key_load(path, &error);
    if (!key)
        fail_msg("%s", error->message);
    return key;
}

static char *signed_with(const DaSignKey *key)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) document = json_pack("{s:s, s:s, s:i, s:[s, s]}", "kind", "test", "outcome",
                                           "returned", "pages", 12, "texts", "退休审批表", "\"\\/");
    char *text = da_signed_text(document, "验收员甲", key, &error);
    if (!text)
        fail_msg("%s", error->message);
    return text;
}

static const DaSignAlgorithm every_algorithm[] = {DA_SIGN_ED25519, DA_SIGN_SM2};
static const char *const key_names[] = {"ed25519", "sm2"};

static void what_was_signed_is_unaltered(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(every_algorithm); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DaSignKey) key = key_named(key_names[i], every_algorithm[i]);
        g_autofree char *text = signed_with(key);
        g_autofree char *path = key_path(key_names[i]);
        g_autofree char *public_path = g_strconcat(path, ".pub", NULL);
        g_autoptr(DaSignKey) public = da_sign_key_load_public(public_path, &error);
        assert_non_null(public);
        g_autoptr(DaSigned) checked = da_signed_check(text, strlen(text), public, &error);
        if (!checked)
            fail_msg("%s: %s", key_names[i], error->message);
        assert_string_equal(checked->kind, "test");
        assert_string_equal(checked->signed_by, "验收员甲");
        assert_int_equal(checked->algorithm, every_algorithm[i]);
        g_autofree char *fingerprint = da_sign_key_fingerprint(key);
        assert_string_equal(checked->fingerprint, fingerprint);
        assert_int_equal(json_integer_value(json_object_get(checked->document, "pages")), 12);
    }
}

/* Any byte, be it of the document, the signature, the key or the layout. */
static void a_changed_byte_is_an_error(void **state)
{
    g_autoptr(DaSignKey) key = key_named("ed25519", DA_SIGN_ED25519);
    g_autofree char *text = signed_with(key);
    gsize size = strlen(text);
    for (gsize i = 0; i < size; i++) {
        g_autoptr(GError) error = NULL;
        char kept = text[i];
        text[i] = kept == '7' ? '8' : '7';
        g_autoptr(DaSigned) checked = da_signed_check(text, size, NULL, &error);
        if (checked)
            fail_msg("byte %" G_GSIZE_FORMAT " was changed unseen", i);
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
        text[i] = kept;
    }
}

static void a_document_cut_off_is_an_error(void **state)
{
    g_autoptr(DaSignKey) key = key_named("ed25519", DA_SIGN_ED25519);
    g_autofree char *text = signed_with(key);
    for (gsize size = 0; size < strlen(text); size++) {
        g_autoptr(GError) error = NULL;
        assert_null(da_signed_check(text, size, NULL, &error));
        assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    }
}

typedef struct {
    const char *label, *from, *to, *says;
} Edit;

static const Edit edits[] = {
    {"another outcome", "\"returned\"", "\"accepted\"", "altered after it was signed"},
    {"another signer", "验收员甲", "验收员乙", "altered after it was signed"},
    {"a blank more", "{\n  \"document\"", "{\n   \"document\"", "written anew"},
    {"a member beside it", "\"signature\": {", "\"note\": 1,\n  \"signature\": {", "written anew"},
    {"a member twice", "\"outcome\"", "\"outcome\": \"accepted\", \"outcome\"", "not whole"},
    {"another fingerprint", "\"key\": \"", "\"key\": \"0", "not the one that it names"},
    {"another algorithm", "Ed25519", "SM2-SM3", "not the one that it names"},
    {"a key that is none", "\"public_key\": \"", "\"public_key\": \"AAAA", "cannot be read"},
    {"no signature", "\"signature\"", "\"signatur\"", "no signed document"},
    {"no document", "\"document\"", "\"dokument\"", "no signed document"},
};

static void each_edit_says_what_is_wrong(void **state)
{
    g_autoptr(DaSignKey) key = key_named("ed25519", DA_SIGN_ED25519);
    g_autofree char *text = signed_with(key);
    for (guint i = 0; i < G_N_ELEMENTS(edits); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) edited = g_string_new(text);
        assert_int_equal(g_string_replace(edited, edits[i].from, edits[i].to, 1), 1);
        g_autoptr(DaSigned) checked = da_signed_check(edited->str, edited->len, NULL, &error);
        if (checked || !strstr(error->message, edits[i].says))
            fail_msg("%s: %s", edits[i].label, checked ? "unseen" : error->message);
    }
}

static void another_key_is_told_apart(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DaSignKey) key = key_named("ed25519", DA_SIGN_ED25519);
    g_autoptr(DaSignKey) other = key_named("other", DA_SIGN_ED25519);
    g_autofree char *text = signed_with(key);
    assert_null(da_signed_check(text, strlen(text), other, &error));
    assert_non_null(strstr(error->message, "another key"));
    /* Signed again by somebody else it is whole, but not what was expected. */
    g_autofree char *forged = signed_with(other);
    g_autoptr(DaSigned) whole = da_signed_check(forged, strlen(forged), NULL, NULL);
    assert_non_null(whole);
    assert_null(da_signed_check(forged, strlen(forged), key, NULL));
}

static void the_signature_of_one_algorithm_is_none_of_another(void **state)
{
    g_autoptr(DaSignKey) first = key_named("ed25519", DA_SIGN_ED25519);
    g_autoptr(DaSignKey) second = key_named("sm2", DA_SIGN_SM2);
    g_autofree char *value = da_sign_bytes(second, "abc", 3, NULL);
    assert_true(da_sign_fits(second, "abc", 3, value));
    assert_false(da_sign_fits(second, "abd", 3, value));
    assert_false(da_sign_fits(first, "abc", 3, value));
    assert_false(da_sign_fits(second, "abc", 3, ""));
    assert_false(da_sign_fits(second, "abc", 3, "***"));
}

static void a_private_key_is_for_its_owner_alone(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = key_path("mine");
    g_autofree char *public_path = g_strconcat(path, ".pub", NULL);
    GStatBuf found;
    assert_true(da_sign_key_make(path, DA_SIGN_ED25519, &error));
    assert_int_equal(g_stat(path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
    assert_false(da_sign_key_make(path, DA_SIGN_ED25519, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_CONFLICT));
    g_clear_error(&error);
    assert_int_equal(g_chmod(path, 0640), 0);
    assert_null(da_sign_key_load(path, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DENIED));
    g_clear_error(&error);
    assert_int_equal(g_chmod(public_path, 0600), 0);
    assert_null(da_sign_key_load(public_path, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_INPUT));
    g_autoptr(DaSignKey) public = da_sign_key_load_public(public_path, NULL);
    assert_null(da_sign_bytes(public, "abc", 3, NULL));
    assert_null(da_sign_key_load("/nowhere/key", NULL));
    assert_null(da_sign_key_load_public("/nowhere/key", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_signed_is_unaltered),
        cmocka_unit_test(a_changed_byte_is_an_error),
        cmocka_unit_test(a_document_cut_off_is_an_error),
        cmocka_unit_test(each_edit_says_what_is_wrong),
        cmocka_unit_test(another_key_is_told_apart),
        cmocka_unit_test(the_signature_of_one_algorithm_is_none_of_another),
        cmocka_unit_test(a_private_key_is_for_its_owner_alone),
    };
    return cmocka_run_group_tests_name("signed", tests, make_folder, remove_folder);
}
