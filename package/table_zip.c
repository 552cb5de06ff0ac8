#include "table_parts.h"

#include <archive.h>
#include <archive_entry.h>
#include <dangan/error.h>

/* An xlsx has some dozens of parts; a list of millions of names would only cost time. */
#define ZIP_MAX_ENTRIES 10000u
#define ZIP_CHUNK 65536u

typedef struct archive DaArchive;
static void archive_clear(DaArchive *archive)
{
    archive_read_free(archive);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaArchive, archive_clear)

static gboolean fail(DaArchive *archive, const char *what, GError **error)
{
    const char *reason = archive_error_string(archive);
    return da_error_set(error, DA_ERROR_INPUT, "%s: %s", what,
                        reason ? reason : "the zip file is damaged");
}

static DaArchive *open_zip(GBytes *zip, GError **error)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(zip, &size);
    g_autoptr(DaArchive) archive = archive_read_new();
    g_assert(archive);
    /* By the directory at the end alone: a truncated file has none and is refused. */
    archive_read_support_format_zip_seekable(archive);
    if (archive_read_open_memory(archive, data, size) != ARCHIVE_OK) {
        fail(archive, "it is no xlsx", error);
        return NULL;
    }
    return g_steal_pointer(&archive);
}

/* Sizes in a zip are claims; only what comes out counts. */
static GBytes *read_entry(DaArchive *archive, const char *name, gsize max_bytes, GError **error)
{
    g_autoptr(GByteArray) content = g_byte_array_new();
    guint8 chunk[ZIP_CHUNK];
    la_ssize_t got;
    while ((got = archive_read_data(archive, chunk, sizeof chunk)) > 0) {
        if (content->len + (gsize)got > max_bytes) {
            da_error_set(error, DA_ERROR_LIMIT,
                         "part '%s' is larger than %" G_GSIZE_FORMAT " bytes", name, max_bytes);
            return NULL;
        }
        g_byte_array_append(content, chunk, (guint)got);
    }
    if (got < 0) {
        g_autofree char *what = g_strdup_printf("part '%s'", name);
        fail(archive, what, error);
        return NULL;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&content));
}

static GBytes *read_found(DaArchive *archive, struct archive_entry *entry, const char *name,
                          gsize max_bytes, GError **error)
{
    if (archive_entry_is_data_encrypted(entry)) {
        da_error_set(error, DA_ERROR_INPUT,
                     "it is protected by a password; remove the password and save it again");
        return NULL;
    }
    return read_entry(archive, name, max_bytes, error);
}

GBytes *da_table_zip_part(GBytes *zip, const char *name, gsize max_bytes, GError **error)
{
    g_autoptr(DaArchive) archive = open_zip(zip, error);
    struct archive_entry *entry = NULL;
    int outcome = ARCHIVE_OK;
    if (!archive)
        return NULL;
    for (guint n = 0; n < ZIP_MAX_ENTRIES; n++) {
        outcome = archive_read_next_header(archive, &entry);
        if (outcome != ARCHIVE_OK && outcome != ARCHIVE_WARN)
            break;
        const char *found = archive_entry_pathname(entry);
        if (found && !g_ascii_strcasecmp(found, name))
            return read_found(archive, entry, name, max_bytes, error);
    }
    if (outcome == ARCHIVE_OK || outcome == ARCHIVE_WARN)
        da_error_set(error, DA_ERROR_LIMIT, "it has more than %u parts", ZIP_MAX_ENTRIES);
    else if (outcome != ARCHIVE_EOF)
        fail(archive, "it is no xlsx", error);
    return NULL;
}
