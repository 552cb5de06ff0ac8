#include "container.h"

#include <archive.h>
#include <archive_entry.h>
#include <dangan/error.h>
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>

#define CHUNK_BYTES 65536u
#define BLOCK_BYTES 512u
/* Two blocks of zeros end a tar. Source: POSIX.1-2017 pax, ustar. */
#define END_BYTES (2 * BLOCK_BYTES)

typedef struct archive DaArchive;
static void archive_clear(DaArchive *archive)
{
    archive_read_free(archive);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaArchive, archive_clear)

typedef struct {
    DaUnpack *unpack;
    guint64 at;
    GError *error;
    guint8 chunk[CHUNK_BYTES];
} Source;

static la_ssize_t on_read(struct archive *archive, void *data, const void **buffer)
{
    Source *source = data;
    gssize got = da_unpack_read(source->unpack, source->at, source->chunk, sizeof source->chunk,
                                &source->error);
    if (got < 0) {
        archive_set_error(archive, EIO, "cannot be read");
        return ARCHIVE_FATAL;
    }
    source->at += (guint64)got;
    *buffer = source->chunk;
    return got;
}

/* libarchive's words, as a fault of the fitting kind. */
static void note_failure(DaUnpack *unpack, DaArchive *archive, const char *member)
{
    const char *reason = archive_error_string(archive);
    gboolean cut = reason && strcasestr(reason, "truncated");
    gboolean sum = reason && strcasestr(reason, "checksum");
    da_unpack_fault(unpack,
                    cut   ? DA_CONTAINER_TRUNCATED
                    : sum ? DA_CONTAINER_CHECKSUM
                          : DA_CONTAINER_DAMAGED,
                    member, "%s", reason ? reason : "no reason given");
}

/* A link or special file is no member to write. */
static gboolean is_plain(DaUnpack *unpack, struct archive_entry *entry, const char *shown)
{
    mode_t type = archive_entry_filetype(entry);
    if (type == AE_IFLNK) {
        da_unpack_fault(unpack, DA_CONTAINER_LINK, shown, NULL);
        return FALSE;
    }
    if (type != AE_IFREG && type != AE_IFDIR) {
        da_unpack_fault(unpack, DA_CONTAINER_SPECIAL, shown, NULL);
        return FALSE;
    }
    return TRUE;
}

/* FALSE with an error, or without one after a fault that ends the archive. */
static gboolean copy_content(DaUnpack *unpack, DaArchive *archive, DaMember *member, GError **error)
{
    guint8 chunk[CHUNK_BYTES];
    la_ssize_t got;
    while ((got = archive_read_data(archive, chunk, sizeof chunk)) > 0)
        if (!da_member_write(unpack, member, chunk, (gsize)got, error))
            return FALSE;
    if (got == 0)
        return TRUE;
    note_failure(unpack, archive, member->shown);
    return FALSE;
}

/* tar writes a file with two names once: the second is a link to the first, which must be a member that was read before. */
static gboolean link_member(DaUnpack *unpack, DaMember *member, const char *target, GError **error)
{
    while (g_str_has_prefix(target, "./"))
        target += 2;
    if (!da_member_is_written(unpack, target)) {
        da_unpack_fault(unpack, DA_CONTAINER_LINK, member->shown, "%s", target);
        return TRUE;
    }
    return !member->path || da_member_link(unpack, member, target, error);
}

static gboolean read_member(DaUnpack *unpack, DaArchive *archive, struct archive_entry *entry,
                            GError **error)
{
    const char *name = archive_entry_pathname(entry), *target = archive_entry_hardlink(entry);
    g_auto(DaMember) member = DA_MEMBER_INIT;
    member.is_folder = archive_entry_filetype(entry) == AE_IFDIR;
    if (!da_unpack_count(unpack))
        return FALSE;
    da_member_name(unpack, name ? name : "", name ? strlen(name) : 0, FALSE, FALSE, &member);
    if (target)
        return link_member(unpack, &member, target, error);
    if (!is_plain(unpack, entry, member.shown))
        g_clear_pointer(&member.path, g_free);
    if (!da_member_begin(unpack, &member, error))
        return FALSE;
    gboolean copied = member.is_folder || copy_content(unpack, archive, &member, error);
    return da_member_end(unpack, &member, copied ? error : NULL) && copied;
}

/* What libarchive takes for the end must be the end: nothing but zeros, and enough of them. */
static gboolean check_end(DaUnpack *unpack, guint64 at, GError **error)
{
    guint8 chunk[CHUNK_BYTES];
    guint64 zeros = 0;
    for (;;) {
        gssize got = da_unpack_read(unpack, at + zeros, chunk, sizeof chunk, error);
        if (got < 0)
            return FALSE;
        if (got == 0)
            break;
        for (gssize i = 0; i < got; i++)
            if (chunk[i]) {
                da_unpack_fault(unpack, DA_CONTAINER_HIDDEN, NULL,
                                "data at byte %" G_GUINT64_FORMAT ", behind the end mark",
                                at + zeros + (guint64)i);
                return TRUE;
            }
        zeros += (guint64)got;
    }
    if (zeros < END_BYTES)
        da_unpack_fault(unpack, DA_CONTAINER_TRUNCATED, NULL, "no end mark");
    return TRUE;
}

static gboolean read_members(DaUnpack *unpack, DaArchive *archive, const Source *source,
                             GError **error)
{
    struct archive_entry *entry = NULL;
    for (;;) {
        int outcome = archive_read_next_header(archive, &entry);
        if (outcome == ARCHIVE_EOF)
            return check_end(unpack, (guint64)archive_read_header_position(archive), error);
        if (source->error)
            return FALSE;
        if (outcome != ARCHIVE_OK && outcome != ARCHIVE_WARN) {
            note_failure(unpack, archive, NULL);
            return FALSE;
        }
        if (!read_member(unpack, archive, entry, error))
            return FALSE;
    }
}

static gboolean read_archive(DaUnpack *unpack, GError **error)
{
    g_autofree Source *source = g_new0(Source, 1);
    source->unpack = unpack;
    g_autoptr(DaArchive) archive = archive_read_new();
    archive_read_support_format_tar(archive);
    if (archive_read_open(archive, source, NULL, on_read, NULL) != ARCHIVE_OK) {
        note_failure(unpack, archive, NULL);
        return FALSE;
    }
    gboolean done = read_members(unpack, archive, source, error);
    if (!source->error)
        return done;
    g_clear_error(error);
    g_propagate_error(error, source->error);
    return FALSE;
}

/* libarchive turns the UTF-8 of pax headers into the charset of the locale; with UTF-8 there names stay the bytes that they are. */
gboolean da_unpack_tar(DaUnpack *unpack, GError **error)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!utf8)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot read a tar: no locale C.UTF-8");
    locale_t before = uselocale(utf8);
    gboolean done = read_archive(unpack, error);
    uselocale(before);
    freelocale(utf8);
    return done;
}
