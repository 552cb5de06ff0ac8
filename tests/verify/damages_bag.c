#include "fixture.h"

#include <dangan/file.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *bag_path(const Fixture *fixture, const char *name)
{
    return g_build_filename(fixture->package, name, NULL);
}

static void put_bag_file(const Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *path = bag_path(fixture, name);
    fixture_put(path, text, strlen(text));
}

static void remove_bag_file(const Fixture *fixture, const char *name)
{
    g_autofree char *path = bag_path(fixture, name);
    g_unlink(path);
}

/* The payload manifest with one line more, and a tag manifest that agrees. */
static void add_line(const Fixture *fixture, const char *line)
{
    g_autofree char *path = bag_path(fixture, "manifest-sha256.txt");
    g_autoptr(GBytes) bytes = fixture_read(path);
    g_autofree char *text = g_strdup_printf("%.*s%s", (int)g_bytes_get_size(bytes),
                                            (const char *)g_bytes_get_data(bytes, NULL), line);
    fixture_tag_file(fixture, "manifest-sha256.txt", text, TRUE);
}

/* The first line of the payload manifest again, its digest perhaps another one. */
static void repeat_line(const Fixture *fixture, char digit)
{
    g_autofree char *path = bag_path(fixture, "manifest-sha256.txt");
    g_autoptr(GBytes) bytes = fixture_read(path);
    const char *text = g_bytes_get_data(bytes, NULL);
    g_autofree char *line = g_strndup(text, (gsize)(strchr(text, '\n') - text) + 1);
    if (digit)
        line[0] = line[0] == digit ? '0' : digit;
    add_line(fixture, line);
}

static void listed_twice(Fixture *fixture)
{
    repeat_line(fixture, '\0');
}

static void two_digests(Fixture *fixture)
{
    repeat_line(fixture, '9');
}

static char *access_page(const Fixture *fixture)
{
    return fixture_path(fixture, "representations/access/data/1-1-001.jpg");
}

static void no_declaration(Fixture *fixture)
{
    remove_bag_file(fixture, "bagit.txt");
}

static void old_version(Fixture *fixture)
{
    fixture_tag_file(fixture, "bagit.txt",
                     "BagIt-Version: 0.93\nTag-File-Character-Encoding: UTF-8\n", TRUE);
}

static void declaration_with_bom(Fixture *fixture)
{
    fixture_tag_file(fixture, "bagit.txt",
                     "\xEF\xBB\xBF"
                     "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
                     TRUE);
}

static void declaration_with_a_blank(Fixture *fixture)
{
    fixture_tag_file(fixture, "bagit.txt",
                     "BagIt-Version : 1.0\nTag-File-Character-Encoding: UTF-8\n", TRUE);
}

static void declaration_of_one_line(Fixture *fixture)
{
    fixture_tag_file(fixture, "bagit.txt", "BagIt-Version: 1.0\n", TRUE);
}

static void declaration_of_three_lines(Fixture *fixture)
{
    fixture_tag_file(fixture, "bagit.txt",
                     "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\nMore: text\n", TRUE);
}

static void encoding_unknown(Fixture *fixture)
{
    fixture_tag_file(fixture, "bagit.txt",
                     "BagIt-Version: 1.0\nTag-File-Character-Encoding: ../../Klingon\n", TRUE);
}

static void no_manifest(Fixture *fixture)
{
    remove_bag_file(fixture, "manifest-sha256.txt");
}

static void manifest_without_sense(Fixture *fixture)
{
    fixture_tag_file(fixture, "manifest-sha256.txt", "this is no manifest\n", TRUE);
}

static void manifest_not_utf8(Fixture *fixture)
{
    add_line(fixture, "\xC4\xBF\xC2\xBC\n"); /* 目录 in GB18030 */
}

static void home_of_another(Fixture *fixture)
{
    add_line(fixture,
             "0000000000000000000000000000000000000000000000000000000000000000  ~root/x\n");
}

static void path_of_windows(Fixture *fixture)
{
    add_line(fixture,
             "0000000000000000000000000000000000000000000000000000000000000000  data\\..\\x\n");
}

static void md5_too(Fixture *fixture)
{
    fixture_tag_file(fixture, "manifest-md5.txt", "d41d8cd98f00b204e9800998ecf8427e  data/x\n",
                     TRUE);
}

static void checksum_tool(Fixture *fixture)
{
    g_autofree char *path = bag_path(fixture, "manifest-sha256.txt");
    g_autoptr(GBytes) bytes = fixture_read(path);
    g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    char *at = strstr(text, "  data");
    at[1] = '*';
    fixture_tag_file(fixture, "manifest-sha256.txt", text, TRUE);
}

static void info_without_labels(Fixture *fixture)
{
    fixture_bag_info(fixture, "this says nothing of anything\n");
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void path_traversal(Fixture *fixture)
{
    add_line(fixture, ZEROS "  data/../../../etc/passwd\n");
}

static void absolute_path(Fixture *fixture)
{
    add_line(fixture, ZEROS "  /etc/passwd\n");
}

static void manifest_lists_tag_file(Fixture *fixture)
{
    add_line(fixture, ZEROS "  bagit.txt\n");
}

static void missing_file(Fixture *fixture)
{
    g_autofree char *path = access_page(fixture);
    g_unlink(path);
}

static void extra_file(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "representations/access/data/1-1-003.jpg");
    g_autoptr(GBytes) jpeg = fixture_jpeg(100, 100, 300, 3);
    fixture_put(path, g_bytes_get_data(jpeg, NULL), g_bytes_get_size(jpeg));
}

static void flipped_byte(Fixture *fixture)
{
    g_autofree char *path = access_page(fixture);
    g_autoptr(GBytes) bytes = fixture_read(path);
    g_autofree guint8 *data = g_memdup2(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    data[g_bytes_get_size(bytes) / 2] ^= 1;
    fixture_put(path, data, g_bytes_get_size(bytes));
}

static void no_tag_manifest(Fixture *fixture)
{
    remove_bag_file(fixture, "tagmanifest-sha256.txt");
}

static void changed_tag_file(Fixture *fixture)
{
    g_autofree char *path = bag_path(fixture, "bag-info.txt");
    g_autoptr(GBytes) bytes = fixture_read(path);
    g_autofree char *text =
        g_strdup_printf("%.*sContact-Name: somebody\n", (int)g_bytes_get_size(bytes),
                        (const char *)g_bytes_get_data(bytes, NULL));
    fixture_tag_file(fixture, "bag-info.txt", text, FALSE);
}

static void unlisted_tag_file(Fixture *fixture)
{
    put_bag_file(fixture, "notes.txt", "no manifest knows me\n");
}

static void missing_tag_file(Fixture *fixture)
{
    remove_bag_file(fixture, "bag-info.txt");
}

static char *identifier(const Fixture *fixture)
{
    return g_strdup_printf("External-Identifier: %s\n", fixture->dossier->id);
}

static void no_oxum(Fixture *fixture)
{
    g_autofree char *text = identifier(fixture);
    fixture_tag_file(fixture, "bag-info.txt", text, TRUE);
}

static void wrong_oxum(Fixture *fixture)
{
    g_autofree char *text = identifier(fixture);
    g_autofree char *info = g_strconcat(text, "Payload-Oxum: 1.1\n", NULL);
    fixture_tag_file(fixture, "bag-info.txt", info, TRUE);
}

static void fetch_file(Fixture *fixture)
{
    put_bag_file(fixture, "fetch.txt", "http://127.0.0.1/ 1 data/x\n");
}

static void case_collision(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "representations/access/data/1-1-001.JPG");
    fixture_put(path, "x", 1);
}

static void normal_form_collision(Fixture *fixture)
{
    g_autofree char *composed = fixture_path(fixture, "documentation/\xC3\xA9.txt");
    g_autofree char *decomposed = fixture_path(fixture, "documentation/e\xCC\x81.txt");
    fixture_put(composed, "x", 1);
    fixture_put(decomposed, "x", 1);
}

static void name_not_utf8(Fixture *fixture)
{
    g_autofree char *bad = fixture_path(fixture, "documentation/\xC4\xBF\xC2\xBC\xC4.txt");
    fixture_put(bad, "x", 1);
}

static void name_with_newline(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "documentation/a\nb.txt");
    fixture_put(path, "x", 1);
}

static void renamed_folder(Fixture *fixture)
{
    char *other = g_strdup_printf("%s-copy", fixture->package);
    g_rename(fixture->package, other);
    g_free(fixture->package);
    fixture->package = other;
}

static void wrong_identifier(Fixture *fixture)
{
    g_autofree char *path = bag_path(fixture, "bag-info.txt");
    g_autoptr(GBytes) bytes = fixture_read(path);
    g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    char *at = strstr(text, "External-Identifier: ") + strlen("External-Identifier: ");
    *at = *at == 'f' ? 'e' : 'f';
    fixture_tag_file(fixture, "bag-info.txt", text, TRUE);
}

static void missing_part(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "metadata/preservation/premis.xml");
    g_autofree char *folder = fixture_path(fixture, "metadata/preservation");
    g_unlink(path);
    g_rmdir(folder);
}

static void place_unknown(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "metadata/notes.txt");
    fixture_put(path, "x", 1);
}

static void thumbs(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "representations/access/data/Thumbs.db");
    fixture_put(path, "x", 1);
}

static void apple_double(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "representations/access/data/._1-1-001.jpg");
    fixture_put(path, "x", 1);
}

static void empty_file(Fixture *fixture)
{
    g_autofree char *path = access_page(fixture);
    fixture_put(path, "", 0);
}

static void empty_folder(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "documentation/nothing");
    g_mkdir(path, 0755);
}

static void link_out(Fixture *fixture)
{
    g_autofree char *path = access_page(fixture);
    g_unlink(path);
    g_assert_cmpint(symlink("/etc/passwd", path), ==, 0);
}

static void linked_folder(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "documentation/etc");
    g_assert_cmpint(symlink("/etc", path), ==, 0);
}

static void fifo(Fixture *fixture)
{
    g_autofree char *path = access_page(fixture);
    g_unlink(path);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
}

static void link_as_bag_info(Fixture *fixture)
{
    remove_bag_file(fixture, "bag-info.txt");
    g_autofree char *path = bag_path(fixture, "bag-info.txt");
    g_assert_cmpint(symlink("/dev/zero", path), ==, 0);
}

static void deep_folders(Fixture *fixture)
{
    g_autoptr(GString) inside = g_string_new("documentation");
    for (int i = 0; i < 40; i++)
        g_string_append(inside, "/d");
    g_autofree char *path = fixture_path(fixture, inside->str);
    g_assert_cmpint(g_mkdir_with_parents(path, 0755), ==, 0);
}

const Damage damages_bag[] = {
    {"no bagit.txt", "BAG-001", .after = no_declaration},
    {"BagIt 0.93", "BAG-001", .after = old_version},
    {"bagit.txt with a byte order mark", "BAG-001", .after = declaration_with_bom},
    {"bagit.txt with a blank before the colon", "BAG-001", .after = declaration_with_a_blank},
    {"bagit.txt of one line", "BAG-001", .after = declaration_of_one_line},
    {"bagit.txt of three lines", "BAG-001", .after = declaration_of_three_lines},
    {"bagit.txt with an unknown encoding", "BAG-001", .after = encoding_unknown},
    {"no manifest", "BAG-002", .after = no_manifest},
    {"manifest without sense", "BAG-002", .after = manifest_without_sense},
    {"manifest in another encoding", "BAG-002", .after = manifest_not_utf8},
    {"a file listed twice", "BAG-002", .after = listed_twice},
    {"a file with two digests", "BAG-002", .after = two_digests},
    {"home folder in the manifest", "BAG-002", .after = home_of_another},
    {"backslashes in the manifest", "BAG-002", .after = path_of_windows},
    {"manifest of an algorithm that is not allowed", "BAG-002", .after = md5_too},
    {"path traversal in the manifest", "BAG-002", .after = path_traversal},
    {"absolute path in the manifest", "BAG-002", .after = absolute_path},
    {"tag file in the manifest", "BAG-002", .after = manifest_lists_tag_file},
    {"missing file", "BAG-003", .after = missing_file},
    {"extra file", "BAG-003", .after = extra_file},
    {"flipped byte", "BAG-004", .after = flipped_byte},
    {"no tag manifest", "BAG-005", .after = no_tag_manifest},
    {"changed tag file", "BAG-005", .after = changed_tag_file},
    {"unlisted tag file", "BAG-005", .after = unlisted_tag_file},
    {"missing tag file", "BAG-005", .after = missing_tag_file},
    {"wrong Oxum", "BAG-006", .after = wrong_oxum},
    {"no Oxum", "BAG-006", .after = no_oxum},
    {"bag-info.txt without labels", "BAG-008", .after = info_without_labels},
    {"manifest of a checksum tool", "BAG-009", .after = checksum_tool},
    {"fetch.txt", "BAG-007", .after = fetch_file},
    {"names that differ in case", "PKG-002", .after = case_collision, .reseal = RESEAL_BAG},
    {"names that differ in normal form", "PKG-002", .after = normal_form_collision,
     .reseal = RESEAL_BAG},
    {"a name that is not UTF-8", "PKG-002", .after = name_not_utf8},
    {"a name with a newline", "PKG-002", .after = name_with_newline},
    {"renamed folder", "PKG-003", .after = renamed_folder},
    {"wrong External-Identifier", "PKG-003", .after = wrong_identifier},
    {"missing part of the tree", "PKG-004", .after = missing_part, .reseal = RESEAL_BAG},
    {"file without a place", "PKG-004", .after = place_unknown, .reseal = RESEAL_BAG},
    {"Thumbs.db", "PKG-005", .after = thumbs, .reseal = RESEAL_BAG},
    {"AppleDouble", "PKG-005", .after = apple_double, .reseal = RESEAL_BAG},
    {"empty file", "PKG-006", .after = empty_file, .reseal = RESEAL_BAG},
    {"empty folder", "PKG-006", .after = empty_folder},
    {"symbolic link", "PKG-011", .after = link_out},
    {"linked folder", "PKG-011", .after = linked_folder},
    {"FIFO", "PKG-011", .after = fifo},
    {"bag-info.txt is a link to an endless device", "PKG-011", .after = link_as_bag_info},
    {"folders without end", "PKG-011", .after = deep_folders},
    {NULL},
};
