#include "zip_write.h"

#include <archive.h>
#include <archive_entry.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dangan/outfile.h>
#include <errno.h>
#include <locale.h>

#define CHUNK_BYTES (256u << 10)
/* A zip counts from 1980. */
#define ZIP_EPOCH 315532800

typedef struct archive DaArchive;
typedef struct archive_entry DaArchiveEntry;

static void archive_clear(DaArchive *archive)
{
    archive_write_free(archive);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaArchive, archive_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaArchiveEntry, archive_entry_free)

typedef struct {
    DaArchive *archive;
    const char *path; /* of the zip, for messages */
    gint64 time;
} Packing;

/* libarchive turns names into the locale's encoding and back; only here is that UTF-8 whatever the user's is. */
typedef struct {
    locale_t own, before;
} Utf8Locale;

static Utf8Locale utf8_begin(void)
{
    Utf8Locale locale = {.own = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0)};
    locale.before = uselocale(locale.own);
    return locale;
}

static void utf8_end(Utf8Locale *locale)
{
    uselocale(locale->before);
    if (locale->own)
        freelocale(locale->own);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Utf8Locale, utf8_end)

static gboolean fail(const Packing *packing, GError **error)
{
    const char *reason = archive_error_string(packing->archive);
    int number = archive_errno(packing->archive);
    g_autofree char *shown = g_filename_display_name(packing->path);
    return number > 0 ? da_error_set_errno(error, number, "cannot write '%s'", shown)
                      : da_error_set(error, DA_ERROR_SYSTEM, "cannot write '%s': %s", shown,
                                     reason ? reason : "libarchive does not say why");
}

static gboolean begin_member(const Packing *packing, const char *name, mode_t type, guint64 size,
                             GError **error)
{
    g_autoptr(DaArchiveEntry) entry = archive_entry_new();
    archive_entry_set_pathname_utf8(entry, name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, type == AE_IFDIR ? 0755 : 0644);
    archive_entry_set_mtime(entry, packing->time, 0);
    archive_entry_set_size(entry, (la_int64_t)size);
    return archive_write_header(packing->archive, entry) == ARCHIVE_OK || fail(packing, error);
}

static gboolean add_file(const Packing *packing, const char *place, const char *name,
                         GError **error)
{
    guint64 size = 0, done = 0;
    da_autofd int fd = da_file_open(place, &size, error);
    g_autofree char *chunk = g_malloc(CHUNK_BYTES);
    if (fd < 0 || !begin_member(packing, name, AE_IFREG, size, error))
        return FALSE;
    for (gssize got; (got = read(fd, chunk, CHUNK_BYTES)) != 0;) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return da_error_set_errno(error, errno, "cannot read '%s'", place);
        if (archive_write_data(packing->archive, chunk, (size_t)got) != got)
            return fail(packing, error);
        done += (guint64)got;
    }
    return done == size ||
           da_error_set(error, DA_ERROR_SYSTEM,
                        "cannot write '%s': a file changed while it was packed", packing->path);
}

static gboolean add_folder(const Packing *packing, const char *folder, const char *above,
                           GError **error)
{
    g_autoptr(GPtrArray) names = da_dir_list(folder, error);
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *place = g_build_filename(folder, names->pdata[i], NULL);
        g_autofree char *name = g_strconcat(above, names->pdata[i], NULL);
        g_autofree char *below = g_strconcat(name, "/", NULL);
        gboolean is_folder = g_file_test(place, G_FILE_TEST_IS_DIR);
        if (is_folder ? !begin_member(packing, below, AE_IFDIR, 0, error) ||
                            !add_folder(packing, place, below, error)
                      : !add_file(packing, place, name, error))
            return FALSE;
    }
    return names != NULL;
}

static gint64 seconds_of(const char *time)
{
    g_autoptr(GDateTime) parsed = time ? g_date_time_new_from_iso8601(time, NULL) : NULL;
    return MAX(parsed ? g_date_time_to_unix(parsed) : ZIP_EPOCH, ZIP_EPOCH);
}

gboolean da_zip_write(const char *folder, const char *path, const char *time, gboolean replace,
                      GError **error)
{
    g_autoptr(DaOutFile) out = da_outfile_new(path, replace, error);
    if (!out)
        return FALSE;
    g_auto(Utf8Locale) locale G_GNUC_UNUSED = utf8_begin();
    g_autoptr(DaArchive) archive = archive_write_new();
    Packing packing = {.archive = archive, .path = path, .time = seconds_of(time)};
    archive_write_set_format_zip(archive);
    if (archive_write_set_options(archive, "zip:compression=store,zip:hdrcharset=UTF-8") !=
            ARCHIVE_OK ||
        archive_write_open_fd(archive, da_outfile_fd(out)) != ARCHIVE_OK)
        return fail(&packing, error);
    return add_folder(&packing, folder, "", error) &&
           (archive_write_close(archive) == ARCHIVE_OK || fail(&packing, error)) &&
           da_outfile_commit(out, error);
}
