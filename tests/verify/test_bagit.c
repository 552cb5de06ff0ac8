/* Bags of all versions, as their makers wrote them: a few small files each, judged by the profile `bagit`. */
#include "fixture.h"

#include <dangan/file.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define V(version) "BagIt-Version: " version "\nTag-File-Character-Encoding: UTF-8\n"
/* Digests of the file data/a.txt, which holds "a\n". */
#define MD5 "60b725f10c9c85c70d97880dfe8191b3"
#define SHA1 "3f786850e387550fdab836ed7e6dc881de23001b"
#define SHA256 "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"
#define SHA512                                                                                     \
    "162b0b32f02482d5aca0a7c93dd03ceac3acd7e410a5f18f3fb990fc958ae0df6f32233b91831eaf99ca581a8c4d" \
    "df9c8ba315ac482db6d4"                                                                         \
    "ea01cc7884a635be"

#define MAX_FILES 6

typedef struct {
    const char *label;
    const char *rule; /* NULL = the bag is good and nothing is found */
    gboolean good;    /* the finding is a warning: the bag is accepted */
    struct {
        const char *name, *text;
        gsize size; /* 0 = strlen */
    } files[MAX_FILES];
} Case;

static const Case cases[] = {
    {"0.93 with md5",
     NULL,
     TRUE,
     {{"bagit.txt", V("0.93")},
      {"manifest-md5.txt", MD5 "  data/a.txt\n"},
      {"package-info.txt", "Payload-Oxum: 2.1\n"}}},
    {"0.94 with sha1",
     NULL,
     TRUE,
     {{"bagit.txt", V("0.94")}, {"manifest-sha1.txt", SHA1 "  data/a.txt\n"}}},
    {"0.95",
     NULL,
     TRUE,
     {{"bagit.txt", V("0.95")}, {"manifest-sha256.txt", SHA256 "  data/a.txt\n"}}},
    {"0.96 with bag-info.txt",
     NULL,
     TRUE,
     {{"bagit.txt", V("0.96")},
      {"manifest-md5.txt", MD5 "  data/a.txt\n"},
      {"bag-info.txt", "Payload-Oxum: 2.1\n"}}},
    {"0.97 with two manifests",
     NULL,
     TRUE,
     {{"bagit.txt", V("0.97")},
      {"manifest-md5.txt", MD5 "  data/a.txt\n"},
      {"manifest-sha512.txt", SHA512 " data/a.txt\n"}}},
    {"1.0 with sha512",
     NULL,
     TRUE,
     {{"bagit.txt", V("1.0")}, {"manifest-sha512.txt", SHA512 "  data/a.txt\n"}}},
    {"lines that end in CR",
     NULL,
     TRUE,
     {{"bagit.txt", "BagIt-Version: 1.0\rTag-File-Character-Encoding: UTF-8\r"},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\r"},
      {"bag-info.txt", "A: b\rPayload-Oxum: 2.1\r"}}},
    {"lines that end in CRLF",
     NULL,
     TRUE,
     {{"bagit.txt", "BagIt-Version: 1.0\r\nTag-File-Character-Encoding: UTF-8\r\n"},
      {"manifest-sha256.txt", SHA256 "\tdata/a.txt\r\n"}}},
    {"no end of the last line",
     NULL,
     TRUE,
     {{"bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8"},
      {"manifest-sha256.txt", SHA256 "  data/a.txt"}}},
    {"repeated and folded labels",
     NULL,
     TRUE,
     {{"bagit.txt", V("1.0")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n"},
      {"bag-info.txt", "Contact-Name: one\nCONTACT-NAME: two\nExternal-Description: long\n  and "
                       "longer\n\tand more\npayload-oxum: 2.1\n"}}},
    {"tag files in UTF-16",
     NULL,
     TRUE,
     {{"bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-16\n"},
      {"manifest-md5.txt",
       "\xFE\xFF\0"
       "6\0"
       "0\0b\0"
       "7\0"
       "2\0"
       "5\0f\0"
       "1\0"
       "0\0c\0"
       "9\0c\0"
       "8\0"
       "5\0c\0"
       "7\0"
       "0\0d\0"
       "9\0"
       "7\0"
       "8\0"
       "8\0"
       "0\0d\0f\0e\0"
       "8\0"
       "1\0"
       "9\0"
       "1\0b\0"
       "3\0 \0d\0a\0t\0a\0/\0a\0.\0t\0x\0t\0\n",
       2 + 2 * 44}}},
    {"tag files in GB18030",
     NULL,
     TRUE,
     {{"bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: GB18030\n"},
      {"manifest-md5.txt", MD5 "  data/a.txt\n" MD5 "  data/\xC4\xBF\xC2\xBC.txt\n"},
      {"data/目录.txt", "a\n"}}},
    {"a file of another name in the manifest",
     "BAG-003",
     FALSE,
     {{"bagit.txt", V("0.97")}, {"manifest-md5.txt", MD5 "  data/a.txt\n" MD5 "  data/b.txt\n"}}},
    {"a name with an escape, 1.0",
     NULL,
     TRUE,
     {{"bagit.txt", V("1.0")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n" SHA256 "  data/100%25.txt\n"},
      {"data/100%.txt", "a\n"}}},
    {"a name with a percent sign, 0.97",
     NULL,
     TRUE,
     {{"bagit.txt", V("0.97")},
      {"manifest-md5.txt", MD5 "  data/a.txt\n" MD5 "  data/100%25.txt\n"},
      {"data/100%25.txt", "a\n"}}},
    {"a name in another Unicode form",
     NULL,
     TRUE,
     {{"bagit.txt", V("1.0")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n" SHA256 "  data/\xC3\xA9.txt\n"},
      {"data/e\xCC\x81.txt", "a\n"}}},
    {"the mark of md5sum",
     "BAG-009",
     TRUE,
     {{"bagit.txt", V("0.97")}, {"manifest-md5.txt", MD5 " *data/a.txt\n"}}},
    {"a leading dot",
     "BAG-009",
     TRUE,
     {{"bagit.txt", V("0.96")}, {"manifest-md5.txt", MD5 "  ./data/a.txt\n"}}},
    {"one file twice, 0.97",
     "BAG-009",
     TRUE,
     {{"bagit.txt", V("0.97")}, {"manifest-md5.txt", MD5 "  data/a.txt\n" MD5 "  data/a.txt\n"}}},
    {"one file twice, 1.0",
     "BAG-002",
     FALSE,
     {{"bagit.txt", V("1.0")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n" SHA256 "  data/a.txt\n"}}},
    {"two digests, 0.97",
     "BAG-002",
     FALSE,
     {{"bagit.txt", V("0.97")},
      {"manifest-md5.txt", MD5 "  data/a.txt\n00000000000000000000000000000000  data/a.txt\n"}}},
    {"names that differ in case",
     "BAG-009",
     TRUE,
     {{"bagit.txt", V("0.97")},
      {"manifest-md5.txt", MD5 "  data/b.txt\n" MD5 "  data/a.txt\n"},
      {"data/b.txt", "a\n"},
      {"manifest-sha1.txt", SHA1 "  data/a.txt\n" SHA1 "  ./data/b.txt\n"}}},
    {"a blank before the colon, 1.0",
     "BAG-009",
     TRUE,
     {{"bagit.txt", V("1.0")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n"},
      {"bag-info.txt", "Payload-Oxum : 2.1\n"}}},
    {"a blank before the colon, 0.97",
     NULL,
     TRUE,
     {{"bagit.txt", V("0.97")},
      {"manifest-md5.txt", MD5 "  data/a.txt\n"},
      {"bag-info.txt", "Payload-Oxum : 2.1\n"}}},
    {"a blank before the colon of bagit.txt",
     "BAG-001",
     FALSE,
     {{"bagit.txt", "BagIt-Version : 1.0\nTag-File-Character-Encoding: UTF-8\n"},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n"}}},
    {"version .97",
     "BAG-001",
     FALSE,
     {{"bagit.txt", V(".97")}, {"manifest-md5.txt", MD5 "  data/a.txt\n"}}},
    {"version 0.92",
     "BAG-001",
     FALSE,
     {{"bagit.txt", V("0.92")}, {"manifest-md5.txt", MD5 "  data/a.txt\n"}}},
    {"a byte order mark in bagit.txt",
     "BAG-001",
     FALSE,
     {{"bagit.txt", "\xEF\xBB\xBF" V("1.0")}, {"manifest-sha256.txt", SHA256 "  data/a.txt\n"}}},
    {"no encoding",
     "BAG-001",
     FALSE,
     {{"bagit.txt", "BagIt-Version: 0.97\n"}, {"manifest-md5.txt", MD5 "  data/a.txt\n"}}},
    {"not in the encoding that is declared",
     "BAG-002",
     FALSE,
     {{"bagit.txt", V("0.97")}, {"manifest-md5.txt", MD5 "  data/\xC4\xBF\xC2\xC4\n"}}},
    {"an algorithm nobody knows",
     "BAG-002",
     FALSE,
     {{"bagit.txt", V("1.0")}, {"manifest-crc32.txt", "ddeaa107  data/a.txt\n"}}},
    {"a digest of another length",
     "BAG-002",
     FALSE,
     {{"bagit.txt", V("1.0")}, {"manifest-sha256.txt", MD5 "  data/a.txt\n"}}},
    {"not in every manifest, 1.0",
     "BAG-003",
     FALSE,
     {{"bagit.txt", V("1.0")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n" SHA256 "  data/b.txt\n"},
      {"manifest-md5.txt", MD5 "  data/a.txt\n"},
      {"data/b.txt", "a\n"}}},
    {"not in every manifest, 0.97",
     NULL,
     TRUE,
     {{"bagit.txt", V("0.97")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n" SHA256 "  data/b.txt\n"},
      {"manifest-md5.txt", MD5 "  data/a.txt\n"},
      {"data/b.txt", "a\n"}}},
    {"md5 differs, sha256 does not",
     "BAG-004",
     FALSE,
     {{"bagit.txt", V("0.97")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n"},
      {"manifest-md5.txt", "00000000000000000000000000000000  data/a.txt\n"}}},
    {"parent folder",
     "BAG-002",
     FALSE,
     {{"bagit.txt", V("0.97")}, {"manifest-md5.txt", MD5 "  data/a.txt\n" MD5 "  data/../../a\n"}}},
    {"absolute path",
     "BAG-002",
     FALSE,
     {{"bagit.txt", V("0.97")}, {"manifest-md5.txt", MD5 "  data/a.txt\n" MD5 "  /tmp/a\n"}}},
    {"home folder",
     "BAG-002",
     FALSE,
     {{"bagit.txt", V("0.97")}, {"manifest-md5.txt", MD5 "  data/a.txt\n" MD5 "  ~/a\n"}}},
    {"drive letter",
     "BAG-002",
     FALSE,
     {{"bagit.txt", V("0.97")}, {"manifest-md5.txt", MD5 "  data/a.txt\n" MD5 "  C:\\a\n"}}},
    {"fetch.txt",
     "BAG-007",
     FALSE,
     {{"bagit.txt", V("1.0")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n"},
      {"fetch.txt", "http://127.0.0.1/ 2 data/a.txt\n"}}},
    {"a tag file that its manifest does not know",
     NULL,
     TRUE,
     {{"bagit.txt", V("1.0")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n"},
      {"tagmanifest-md5.txt", ""}}},
    {"a tag file that changed",
     "BAG-005",
     FALSE,
     {{"bagit.txt", V("1.0")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n"},
      {"tagmanifest-md5.txt", "00000000000000000000000000000000  bagit.txt\n"}}},
    {"wrong Oxum",
     "BAG-006",
     FALSE,
     {{"bagit.txt", V("1.0")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n"},
      {"bag-info.txt", "Payload-Oxum: 3.1\n"}}},
    {"bag-info.txt without labels",
     "BAG-008",
     FALSE,
     {{"bagit.txt", V("1.0")},
      {"manifest-sha256.txt", SHA256 "  data/a.txt\n"},
      {"bag-info.txt", "nothing\n"}}},
};

static void put(const char *folder, const char *name, const char *text, gsize size)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    assert_true(g_file_set_contents(path, text, (gssize)size, NULL));
}

static void make_bag(const char *folder, const Case *what)
{
    g_autofree char *data = g_build_filename(folder, "data", NULL);
    assert_true(da_dir_make(data, NULL));
    put(folder, "data/a.txt", "a\n", 2);
    for (guint i = 0; i < MAX_FILES && what->files[i].name; i++)
        put(folder, what->files[i].name, what->files[i].text,
            what->files[i].size ? what->files[i].size : strlen(what->files[i].text));
}

static void look(const Case *what, const DaVerification *verification)
{
    gboolean found = what->rule == NULL;
    for (guint i = 0; i < verification->findings->len; i++) {
        const DaFinding *finding = verification->findings->pdata[i];
        g_autofree char *line = da_finding_line(finding, FALSE);
        if (!what->rule || strcmp(finding->rule, what->rule))
            fail_msg("%s: %s (%s)", what->label, line, finding->found);
        found = TRUE;
    }
    if (!found)
        fail_msg("%s: %s did not fire", what->label, what->rule);
    if (verification->accepted != what->good)
        fail_msg("%s: %s", what->label, what->good ? "refused" : "accepted");
}

static void bags_of_every_version_are_judged(void **state)
{
    g_autofree char *profiles =
        g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "schemas", "profiles", NULL);
    g_autoptr(DaProfile) profile = da_profile_load("bagit", profiles, NULL);
    assert_non_null(profile);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *folder = g_dir_make_tmp("dangan-bag-XXXXXX", NULL);
        make_bag(folder, &cases[i]);
        g_autoptr(GError) error = NULL;
        g_autoptr(DaVerification) verification = da_verify_package(folder, profile, &error);
        if (!verification)
            fail_msg("%s: %s", cases[i].label, error->message);
        look(&cases[i], verification);
        da_tree_remove(folder, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bags_of_every_version_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
