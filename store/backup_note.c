#include "backup_parts.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <string.h>

#define FORMAT "urn:dangan:backup:1"
#define NOTE "backup.json"
#define NOTE_MAX_BYTES ((gsize)1 << 20)

void da_backup_note_clear(DaBackupNote *note)
{
    char *const texts[] = {note->archive, note->made, note->dump, note->dump_sha256,
                           note->record_sha256};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    *note = (DaBackupNote){0};
}

static char *dup_text(const json_t *object, const char *name)
{
    return g_strdup(json_string_value(json_object_get(object, name)));
}

static guint64 number(const json_t *object, const char *name)
{
    return (guint64)json_integer_value(json_object_get(object, name));
}

gboolean da_backup_note_read(const char *path, DaBackupNote *note, GError **error)
{
    g_autofree char *place = g_build_filename(path, NOTE, NULL);
    g_autoptr(GBytes) bytes = da_file_read(place, NOTE_MAX_BYTES, error);
    if (!bytes)
        return FALSE;
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    g_autoptr(json_t) object = json_loadb(data, size, 0, NULL);
    *note = (DaBackupNote){.archive = dup_text(object, "archive"),
                           .made = dup_text(object, "made"),
                           .dump = dup_text(object, "dump"),
                           .dump_sha256 = dup_text(object, "dump_sha256"),
                           .objects = number(object, "objects"),
                           .bytes = number(object, "bytes"),
                           .record = number(object, "record"),
                           .record_sha256 = dup_text(object, "record_sha256")};
    g_autofree char *format = dup_text(object, "format");
    return (!g_strcmp0(format, FORMAT) && note->dump && da_path_is_safe(note->dump) &&
            note->dump_sha256 && da_digest_is_valid(note->dump_sha256)) ||
           da_error_set(error, DA_ERROR_INPUT, "'%s' is no description of a backup", place);
}

gboolean da_backup_note_write(const char *path, const DaBackupNote *note, GError **error)
{
    g_autofree char *place = g_build_filename(path, NOTE, NULL);
    g_autoptr(json_t) object = json_pack(
        "{s:s, s:s, s:s?, s:s, s:s, s:s, s:I, s:I, s:I, s:s?}", "format", FORMAT, "program",
        "dangan " DANGAN_VERSION, "archive", note->archive, "made", note->made, "dump", note->dump,
        "dump_sha256", note->dump_sha256, "objects", (json_int_t)note->objects, "bytes",
        (json_int_t)note->bytes, "record", (json_int_t)note->record, "record_sha256",
        note->record_sha256);
    g_autofree char *text = json_dumps(object, JSON_INDENT(2));
    g_autofree char *line = g_strconcat(text, "\n", NULL);
    return da_file_write(place, line, strlen(line), error);
}
