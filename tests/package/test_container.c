#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../base/scratch.h"
#include "zip_maker.h"

#include <archive.h>
#include <archive_entry.h>
#include <dangan/container.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int begin(void **state)
{
    *state = scratch_begin();
    return 0;
}

static int end(void **state)
{
    scratch_end(*state);
    return 0;
}

static char *put_file(const char *folder, const char *name, const GByteArray *bytes)
{
    char *path = g_build_filename(folder, name, NULL);
    assert_true(g_file_set_contents(path, (const char *)bytes->data, bytes->len, NULL));
    return path;
}

/* Unpacks below `folder`/out, which is made anew. */
static DaContainer *unpack(const char *folder, const char *path, const DaContainerLimits *limits)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *out = g_build_filename(folder, "out", NULL);
    assert_true(da_tree_remove(out, NULL));
    assert_true(da_dir_make(out, NULL));
    DaContainer *container = da_container_unpack(path, out, limits, &error);
    if (!container)
        fail_msg("%s", error->message);
    return container;
}

static void assert_content(const char *folder, const char *inside, const char *text)
{
    g_autofree char *path = g_build_filename(folder, "out", inside, NULL);
    g_autofree char *found = NULL;
    if (!g_file_get_contents(path, &found, NULL, NULL))
        fail_msg("%s was not unpacked", inside);
    assert_string_equal(found, text);
}

static void assert_kinds(const char *label, const DaContainer *container,
                         const DaContainerFaultKind *wanted, guint n)
{
    g_autoptr(GString) found = g_string_new(NULL);
    gboolean same = container->fault_count == n;
    for (guint i = 0; i < container->faults->len; i++) {
        const DaContainerFault *fault = container->faults->pdata[i];
        same = same && i < n && fault->kind == wanted[i];
        g_string_append_printf(found, " %s (%s: %s)", da_container_fault_name(fault->kind),
                               fault->member, fault->found);
    }
    if (!same)
        fail_msg("%s: found%s", label, found->str);
}

/* --- zip -------------------------------------------------------------------------------------------------------------- */

static ZipMaker *nth(GPtrArray *zip, guint n)
{
    return zip->pdata[n];
}

static void rename_member(GPtrArray *zip, guint n, const char *name)
{
    g_free(nth(zip, n)->name);
    nth(zip, n)->name = g_strdup(name);
}

static void encrypted(GPtrArray *zip)
{
    nth(zip, 0)->flags |= 1;
}

static void strange_method(GPtrArray *zip)
{
    nth(zip, 0)->method = 14;
}

static void wrong_crc(GPtrArray *zip)
{
    nth(zip, 1)->crc_error = 1;
}

static void claims_less(GPtrArray *zip)
{
    nth(zip, 1)->size_error = -7;
}

static void claims_more(GPtrArray *zip)
{
    nth(zip, 1)->size_error = 7;
}

static void local_size_differs(GPtrArray *zip)
{
    nth(zip, 0)->local_size_error = 1;
}

static void local_name_differs(GPtrArray *zip)
{
    nth(zip, 0)->local_name = g_strdup("../../etc/pwned");
}

static void overlap(GPtrArray *zip)
{
    rename_member(zip, 1, nth(zip, 0)->name);
    nth(zip, 1)->offset_of = 1;
}

static void hidden_between(GPtrArray *zip)
{
    nth(zip, 1)->before = g_bytes_new_static("nobody refers to me", 19);
}

static void bytes_before(GPtrArray *zip)
{
    nth(zip, 0)->before = g_bytes_new_static("PK\3\4 MZ", 7);
}

static void zip_inside(GPtrArray *zip)
{
    zip_member(zip, "档案/c.jpg", "PK\3\4 and so on");
}

static void rar_inside(GPtrArray *zip)
{
    zip_member(zip, "档案/c.dat", "Rar!\x1a\x07");
}

static void symbolic_link(GPtrArray *zip)
{
    nth(zip, 0)->mode = S_IFLNK | 0777;
}

static void device(GPtrArray *zip)
{
    nth(zip, 0)->mode = S_IFCHR | 0666;
}

static void absolute(GPtrArray *zip)
{
    rename_member(zip, 0, "/etc/pwned");
}

static void drive(GPtrArray *zip)
{
    rename_member(zip, 0, "C:/pwned.txt");
}

static void parent(GPtrArray *zip)
{
    rename_member(zip, 0, "档案/../../pwned");
}

static void home(GPtrArray *zip)
{
    rename_member(zip, 0, "~/pwned");
}

static void control(GPtrArray *zip)
{
    rename_member(zip, 0, "档案/a\nb");
}

static void too_long(GPtrArray *zip)
{
    g_autofree char *name = g_strnfill(300, 'x');
    rename_member(zip, 0, name);
}

static void no_name(GPtrArray *zip)
{
    rename_member(zip, 0, "");
}

static void duplicate(GPtrArray *zip)
{
    rename_member(zip, 1, nth(zip, 0)->name);
}

static void file_as_folder(GPtrArray *zip)
{
    rename_member(zip, 1, "档案/a.txt/b.txt");
}

static void other_case(GPtrArray *zip)
{
    rename_member(zip, 1, "档案/A.TXT");
}

static void folder_in_other_case(GPtrArray *zip)
{
    rename_member(zip, 0, "Data/a.txt");
    rename_member(zip, 1, "data/b.txt");
}

static void other_normalization(GPtrArray *zip)
{
    rename_member(zip, 0, "e\xcc\x81");
    rename_member(zip, 1, "\xc3\xa9");
}

static void gbk(GPtrArray *zip)
{
    rename_member(zip, 0, "\xb5\xb5\xb0\xb8/a.txt"); /* 档案 */
    nth(zip, 0)->flags = 0;
}

static void neither(GPtrArray *zip)
{
    rename_member(zip, 0, "\xff\xff.txt");
}

static void backslash(GPtrArray *zip)
{
    rename_member(zip, 0, "档案\\a.txt");
}

static void folder_with_content(GPtrArray *zip)
{
    rename_member(zip, 0, "档案/c/");
}

typedef struct {
    const char *label;
    void (*spoil)(GPtrArray *zip);
    DaContainerFaultKind kind;
} ZipCase;

static const ZipCase zip_cases[] = {
    {"encrypted", encrypted, DA_CONTAINER_ENCRYPTED},
    {"compressed by another method", strange_method, DA_CONTAINER_METHOD},
    {"wrong CRC", wrong_crc, DA_CONTAINER_CHECKSUM},
    {"claims less than it holds", claims_less, DA_CONTAINER_DISAGREES},
    {"claims more than it holds", claims_more, DA_CONTAINER_DISAGREES},
    {"another size in the local header", local_size_differs, DA_CONTAINER_DISAGREES},
    {"another name in the local header", local_name_differs, DA_CONTAINER_DISAGREES},
    {"two entries, one member", overlap, DA_CONTAINER_DUPLICATE},
    {"bytes between members", hidden_between, DA_CONTAINER_HIDDEN},
    {"bytes before the first member", bytes_before, DA_CONTAINER_HIDDEN},
    {"a zip inside, called jpg", zip_inside, DA_CONTAINER_NESTED},
    {"a rar inside", rar_inside, DA_CONTAINER_NESTED},
    {"a symbolic link", symbolic_link, DA_CONTAINER_LINK},
    {"a device", device, DA_CONTAINER_SPECIAL},
    {"an absolute name", absolute, DA_CONTAINER_ABSOLUTE},
    {"a drive letter", drive, DA_CONTAINER_ABSOLUTE},
    {"a name with ..", parent, DA_CONTAINER_PARENT},
    {"a name with ~", home, DA_CONTAINER_UNSAFE},
    {"a control character", control, DA_CONTAINER_UNSAFE},
    {"a name too long for the disk", too_long, DA_CONTAINER_UNSAFE},
    {"an empty name", no_name, DA_CONTAINER_UNSAFE},
    {"a name twice", duplicate, DA_CONTAINER_DUPLICATE},
    {"a file that is a folder too", file_as_folder, DA_CONTAINER_DUPLICATE},
    {"names that differ in case", other_case, DA_CONTAINER_COLLISION},
    {"folders that differ in case", folder_in_other_case, DA_CONTAINER_COLLISION},
    {"names that differ in normalization", other_normalization, DA_CONTAINER_COLLISION},
    {"a name in GBK", gbk, DA_CONTAINER_GBK},
    {"a name in no encoding", neither, DA_CONTAINER_ENCODING},
    {"backslashes", backslash, DA_CONTAINER_BACKSLASH},
    {"a folder with content", folder_with_content, DA_CONTAINER_DISAGREES},
};

static void each_spoilt_zip_has_its_fault(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(zip_cases); i++) {
        const ZipCase *c = &zip_cases[i];
        g_autoptr(GPtrArray) zip = zip_new();
        c->spoil(zip);
        g_autoptr(GByteArray) bytes = zip_make(zip);
        g_autofree char *path = put_file(*state, "x.zip", bytes);
        g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
        const DaContainerFaultKind two[] = {c->kind, DA_CONTAINER_DISAGREES};
        assert_kinds(c->label, container, two, c->spoil == overlap ? 2 : 1);
        gboolean fatal = da_container_fault_severity(c->kind) >= DA_SEVERITY_ERROR;
        assert_int_equal(container->whole, !fatal);
    }
}

static void nothing_is_written_outside_the_folder(void **state)
{
    static void (*const spoils[])(GPtrArray *) = {absolute, drive, parent, home, symbolic_link};
    for (guint i = 0; i < G_N_ELEMENTS(spoils); i++) {
        g_autoptr(GPtrArray) zip = zip_new();
        spoils[i](zip);
        g_autoptr(GByteArray) bytes = zip_make(zip);
        g_autofree char *path = put_file(*state, "x.zip", bytes);
        g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
        assert_int_equal(container->files, 1);
        assert_content(*state, "档案/b.txt", "second member, deflated deflated deflated");
        g_autoptr(GPtrArray) names = da_dir_list(*state, NULL);
        assert_int_equal(names->len, 2); /* the zip and out/ */
    }
}

static void good_zips_of_every_shape_are_whole(void **state)
{
    for (guint shape = 0; shape < 8; shape++) {
        g_autoptr(GPtrArray) zip = zip_new();
        ZipMaker *empty = zip_member(zip, "档案/空/", "");
        empty->mode = shape & 1 ? S_IFDIR | 0755 : 0;
        for (guint i = 0; i < 2; i++) {
            nth(zip, i)->descriptor = (shape & 2) != 0;
            nth(zip, i)->zip64 = (shape & 4) != 0;
            nth(zip, i)->mode = shape & 1 ? S_IFREG | 0644 : 0;
        }
        g_autoptr(GByteArray) bytes = zip_make(zip);
        g_autofree char *path = put_file(*state, "x.zip", bytes);
        assert_int_equal(da_container_format(path), DA_CONTAINER_ZIP);
        g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
        assert_kinds("good zip", container, NULL, 0);
        assert_true(container->whole);
        assert_int_equal(container->files, 2);
        assert_content(*state, "档案/a.txt", "first member, stored");
        assert_content(*state, "档案/b.txt", "second member, deflated deflated deflated");
        g_autofree char *folder = g_build_filename(*state, "out/档案/空", NULL);
        assert_true(g_file_test(folder, G_FILE_TEST_IS_DIR));
    }
}

static void names_in_gbk_are_understood(void **state)
{
    g_autoptr(GPtrArray) zip = zip_new();
    gbk(zip);
    g_autoptr(GByteArray) bytes = zip_make(zip);
    g_autofree char *path = put_file(*state, "x.zip", bytes);
    g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
    assert_true(container->whole);
    assert_content(*state, "档案/a.txt", "first member, stored");
}

static void a_unicode_path_field_counts(void **state)
{
    static const guint8 field[] = {0x75, 0x70, 12,   0,    1,    0xa1, 0xd1, 0x80,
                                   0x1b, 0xe6, 0xa1, 0xa3, 0xe6, 0xa1, 0x88, '1'};
    g_autoptr(GPtrArray) zip = zip_new();
    rename_member(zip, 0, "ab");
    nth(zip, 0)->flags = 0;
    g_autofree guint8 *extra = g_memdup2(field, sizeof field);
    extra[5] = 0x6d, extra[6] = 0x48, extra[7] = 0x83, extra[8] = 0x9e; /* CRC-32 of "ab" */
    nth(zip, 0)->extra = g_bytes_new(extra, sizeof field);
    g_autoptr(GByteArray) bytes = zip_make(zip);
    g_autofree char *path = put_file(*state, "x.zip", bytes);
    g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
    assert_kinds("Unicode path", container, NULL, 0);
    assert_content(*state, "档案1", "first member, stored");
}

/* Whatever is cut off, the archive is refused and nothing crashes. */
static void a_zip_cut_anywhere_is_refused(void **state)
{
    g_autoptr(GPtrArray) zip = zip_new();
    nth(zip, 1)->descriptor = TRUE;
    g_autoptr(GByteArray) bytes = zip_make(zip);
    for (guint length = bytes->len; length-- > 0;) {
        g_byte_array_set_size(bytes, length);
        g_autofree char *path = put_file(*state, "x.zip", bytes);
        da_container_format(path);
        g_autoptr(GError) error = NULL;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        g_autoptr(DaContainer) container =
            da_container_unpack_here(fd, NULL, &DA_CONTAINER_LIMITS, &error);
        close(fd);
        assert_non_null(container);
        assert_false(container->whole);
    }
}

/* One byte changed anywhere: what is believed has the content that was packed. */
static void a_zip_changed_anywhere_never_gives_other_content(void **state)
{
    g_autoptr(GPtrArray) zip = zip_new();
    g_autoptr(GByteArray) good = zip_make(zip);
    for (guint i = 0; i < good->len; i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        g_byte_array_append(bytes, good->data, good->len);
        bytes->data[i] ^= 0x41;
        g_autofree char *path = put_file(*state, "x.zip", bytes);
        g_autoptr(GError) error = NULL;
        g_autofree char *out = g_build_filename(*state, "out", NULL);
        assert_true(da_tree_remove(out, NULL));
        assert_true(da_dir_make(out, NULL));
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        g_autoptr(DaContainer) container =
            da_container_unpack_here(fd, out, &DA_CONTAINER_LIMITS, &error);
        close(fd);
        assert_non_null(container);
        if (!container->whole || container->fault_count)
            continue;
        assert_content(*state, "档案/a.txt", "first member, stored");
        assert_content(*state, "档案/b.txt", "second member, deflated deflated deflated");
    }
}

/* --- limits ----------------------------------------------------------------------------------------------------------- */

static void a_bomb_is_stopped(void **state)
{
    const gsize size = (gsize)80 << 20;
    g_autoptr(GPtrArray) zip = zip_new();
    ZipMaker *bomb = zip_member(zip, "档案/c.tif", "");
    g_bytes_unref(bomb->content);
    bomb->content = g_bytes_new_take(g_malloc0(size), size);
    bomb->deflate = TRUE;
    for (int honest = 0; honest < 2; honest++) {
        if (!honest)
            bomb->size_error = -(gint64)size + 100; /* says that it is small */
        else
            bomb->size_error = 0;
        g_autoptr(GByteArray) bytes = zip_make(zip);
        g_autofree char *path = put_file(*state, "x.zip", bytes);
        g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
        const DaContainerFaultKind kind = honest ? DA_CONTAINER_BOMB : DA_CONTAINER_DISAGREES;
        assert_kinds(honest ? "honest bomb" : "lying bomb", container, &kind, 1);
        assert_true(container->bytes < (1 << 20));
    }
}

static void limits_are_kept(void **state)
{
    g_autoptr(GPtrArray) zip = zip_new();
    g_autoptr(GByteArray) bytes = zip_make(zip);
    g_autofree char *path = put_file(*state, "x.zip", bytes);
    DaContainerLimits members = DA_CONTAINER_LIMITS;
    members.max_members = 1;
    g_autoptr(DaContainer) many = unpack(*state, path, &members);
    const DaContainerFaultKind too_many = DA_CONTAINER_TOO_MANY;
    assert_kinds("members", many, &too_many, 1);
    DaContainerLimits size = DA_CONTAINER_LIMITS;
    size.max_bytes = 40;
    g_autoptr(DaContainer) large = unpack(*state, path, &size);
    const DaContainerFaultKind bomb = DA_CONTAINER_BOMB;
    assert_kinds("bytes", large, &bomb, 1);
}

static void faults_beyond_the_kept_are_counted(void **state)
{
    g_autoptr(GPtrArray) zip = zip_new();
    for (guint i = 0; i < DA_CONTAINER_MAX_KEPT + 50; i++)
        zip_member(zip, "../x", "");
    g_autoptr(GByteArray) bytes = zip_make(zip);
    g_autofree char *path = put_file(*state, "x.zip", bytes);
    g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
    assert_int_equal(container->faults->len, DA_CONTAINER_MAX_KEPT);
    assert_int_equal(container->fault_count, DA_CONTAINER_MAX_KEPT + 50);
}

static void a_full_disk_is_said(void **state)
{
    char *mounted = scratch_mount(*state, "size=64k");
    if (!mounted)
        skip();
    g_autoptr(GPtrArray) zip = zip_new();
    g_autofree char *noise = g_strnfill(300000, 'x');
    zip_member(zip, "big", noise);
    g_autoptr(GByteArray) bytes = zip_make(zip);
    g_autofree char *path = put_file(*state, "x.zip", bytes);
    g_autoptr(GError) error = NULL;
    g_autoptr(DaContainer) container =
        da_container_unpack(path, mounted, &DA_CONTAINER_LIMITS, &error);
    assert_null(container);
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_DISK));
    scratch_unmount(mounted);
}

/* --- tar -------------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *text;
    mode_t type;
    const char *target;
} TarMember;

/* `format` is a libarchive function; the two good members come first. */
static char *make_tar(const char *folder, int format, const TarMember *more)
{
    char *path = g_build_filename(folder, "x.tar", NULL);
    struct archive *archive = archive_write_new();
    archive_write_set_format(archive, format);
    archive_write_set_bytes_per_block(archive, 0); /* no padding at the end */
    assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
    const TarMember good[] = {{"./id/", NULL, AE_IFDIR},
                              {"./id/a.txt", "first", AE_IFREG},
                              {"id/b.txt", "second", AE_IFREG}};
    for (guint i = 0; i < G_N_ELEMENTS(good) + (more != NULL); i++) {
        const TarMember *member = i < G_N_ELEMENTS(good) ? &good[i] : more;
        struct archive_entry *entry = archive_entry_new();
        archive_entry_copy_pathname(entry, member->name);
        archive_entry_set_filetype(entry, member->type);
        archive_entry_set_perm(entry, 0644);
        if (member->type == AE_IFLNK)
            archive_entry_copy_symlink(entry, member->target);
        else if (member->target)
            archive_entry_copy_hardlink(entry, member->target);
        gsize size = member->text && !member->target ? strlen(member->text) : 0;
        archive_entry_set_size(entry, (la_int64_t)size);
        assert_true(archive_write_header(archive, entry) >= ARCHIVE_WARN);
        if (size)
            archive_write_data(archive, member->text, size);
        archive_entry_free(entry);
    }
    archive_write_close(archive);
    archive_write_free(archive);
    return path;
}

static const int tar_formats[] = {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE,
                                  ARCHIVE_FORMAT_TAR_GNUTAR};

static void good_tars_are_whole(void **state)
{
    const TarMember long_name = {
        "id/一个很长的文件夹名一个很长的文件夹名一个很长的文件夹名/"
        "一个很长的文件名一个很长的文件名一个很长的文件名一个很长的文件名.txt",
        "long", AE_IFREG};
    for (guint i = 0; i < G_N_ELEMENTS(tar_formats); i++) {
        const TarMember *more = i ? &long_name : NULL; /* ustar has no room for it */
        g_autofree char *path = make_tar(*state, tar_formats[i], more);
        assert_int_equal(da_container_format(path), DA_CONTAINER_TAR);
        g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
        assert_kinds("good tar", container, NULL, 0);
        assert_int_equal(container->files, more ? 3 : 2);
        assert_content(*state, "id/a.txt", "first");
        assert_content(*state, "id/b.txt", "second");
        if (more)
            assert_content(*state, long_name.name, "long");
    }
}

static void each_spoilt_tar_has_its_fault(void **state)
{
    const struct {
        TarMember member;
        DaContainerFaultKind kind;
    } cases[] = {
        {{"id/l", NULL, AE_IFLNK, "/etc/passwd"}, DA_CONTAINER_LINK},
        {{"id/h", NULL, AE_IFREG, "/etc/passwd"}, DA_CONTAINER_LINK},
        {{"id/h", NULL, AE_IFREG, "../out/id/a.txt"}, DA_CONTAINER_LINK},
        {{"id/f", NULL, AE_IFIFO}, DA_CONTAINER_SPECIAL},
        {{"id/d", NULL, AE_IFCHR}, DA_CONTAINER_SPECIAL},
        {{"/etc/pwned", "x", AE_IFREG}, DA_CONTAINER_ABSOLUTE},
        {{"id/../../pwned", "x", AE_IFREG}, DA_CONTAINER_PARENT},
        {{"id/a.txt", "x", AE_IFREG}, DA_CONTAINER_DUPLICATE},
        {{"id/A.txt", "x", AE_IFREG}, DA_CONTAINER_COLLISION},
        {{"id/\xb5\xb5\xb0\xb8", "x", AE_IFREG}, DA_CONTAINER_GBK},
        {{"id/c.jpg", "PK\3\4", AE_IFREG}, DA_CONTAINER_NESTED},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = make_tar(*state, ARCHIVE_FORMAT_TAR_GNUTAR, &cases[i].member);
        g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
        assert_kinds(cases[i].member.name, container, &cases[i].kind, 1);
        assert_content(*state, "id/a.txt", "first");
    }
}

/* A page that was straight has one file with two names: master and access image. */
static void a_hard_link_inside_is_another_name(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(tar_formats); i++) {
        const TarMember link = {"id/data/h.txt", NULL, AE_IFREG, "./id/a.txt"};
        g_autofree char *path = make_tar(*state, tar_formats[i], &link);
        g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
        assert_kinds("hard link", container, NULL, 0);
        assert_int_equal(container->files, 3);
        assert_int_equal(container->bytes, strlen("first") * 2 + strlen("second"));
        assert_content(*state, "id/data/h.txt", "first");
    }
}

static void a_tar_cut_anywhere_is_refused(void **state)
{
    g_autofree char *path = make_tar(*state, ARCHIVE_FORMAT_TAR_USTAR, NULL);
    g_autofree char *bytes = NULL;
    gsize size = 0;
    assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    for (gsize length = 0; length < size; length += 97) {
        assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        g_autoptr(DaContainer) container =
            da_container_unpack_here(fd, NULL, &DA_CONTAINER_LIMITS, NULL);
        close(fd);
        assert_non_null(container);
        if (container->whole)
            fail_msg("cut at %zu of %zu bytes it is whole", length, size);
    }
}

static void what_stands_behind_the_end_of_a_tar_is_said(void **state)
{
    g_autofree char *path = make_tar(*state, ARCHIVE_FORMAT_TAR_USTAR, NULL);
    g_autofree char *bytes = NULL;
    gsize size = 0;
    assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    g_autofree char *twice = g_malloc(2 * size);
    memcpy(twice, bytes, size);
    memcpy(twice + size, bytes, size);
    assert_true(g_file_set_contents(path, twice, (gssize)(2 * size), NULL));
    g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
    const DaContainerFaultKind hidden = DA_CONTAINER_HIDDEN;
    assert_kinds("two tars in one", container, &hidden, 1);
    assert_int_equal(container->files, 2);
}

/* --- neither ---------------------------------------------------------------------------------------------------------- */

static void other_archives_are_named(void **state)
{
    static const char *const texts[] = {"Rar!\x1a\x07\x01", "7z\xbc\xaf\x27\x1c", "\x1f\x8b\x08",
                                        "just text", ""};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *path = scratch_file(*state, "x", texts[i]);
        assert_int_equal(da_container_format(path), DA_CONTAINER_NONE);
        g_autoptr(DaContainer) container = unpack(*state, path, &DA_CONTAINER_LIMITS);
        const DaContainerFaultKind foreign = DA_CONTAINER_FOREIGN;
        assert_kinds(texts[i], container, &foreign, 1);
    }
}

static void what_is_no_file_is_an_error(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_int_equal(da_container_format(*state), DA_CONTAINER_NONE);
    assert_null(da_container_unpack("/nowhere/x.zip", NULL, &DA_CONTAINER_LIMITS, &error));
    assert_true(g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_spoilt_zip_has_its_fault, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_written_outside_the_folder, begin, end),
        cmocka_unit_test_setup_teardown(good_zips_of_every_shape_are_whole, begin, end),
        cmocka_unit_test_setup_teardown(names_in_gbk_are_understood, begin, end),
        cmocka_unit_test_setup_teardown(a_unicode_path_field_counts, begin, end),
        cmocka_unit_test_setup_teardown(a_zip_cut_anywhere_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_zip_changed_anywhere_never_gives_other_content, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_bomb_is_stopped, begin, end),
        cmocka_unit_test_setup_teardown(limits_are_kept, begin, end),
        cmocka_unit_test_setup_teardown(faults_beyond_the_kept_are_counted, begin, end),
        cmocka_unit_test_setup_teardown(a_full_disk_is_said, begin, end),
        cmocka_unit_test_setup_teardown(good_tars_are_whole, begin, end),
        cmocka_unit_test_setup_teardown(each_spoilt_tar_has_its_fault, begin, end),
        cmocka_unit_test_setup_teardown(a_hard_link_inside_is_another_name, begin, end),
        cmocka_unit_test_setup_teardown(a_tar_cut_anywhere_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(what_stands_behind_the_end_of_a_tar_is_said, begin, end),
        cmocka_unit_test_setup_teardown(other_archives_are_named, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_an_error, begin, end),
    };
    return cmocka_run_group_tests_name("container", tests, NULL, NULL);
}
