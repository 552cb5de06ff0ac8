#include "record_find.h"

#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <fcntl.h>
#include <string.h>

/* What every signed document begins with (dangan/signed.h: a file has one form). */
#define BEGIN "{\n  \"document\": {"

static gboolean begins_like_one(const char *path)
{
    char begin[sizeof BEGIN - 1];
    da_autofd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    return fd >= 0 && read(fd, begin, sizeof begin) == sizeof begin &&
           !memcmp(begin, BEGIN, sizeof begin);
}

DaRecord *da_record_find(const char *objects, const DaFound *found)
{
    if ((guint64)found->stat.st_size > DA_RECORD_MAX_BYTES)
        return NULL;
    g_autofree char *path = g_build_filename(objects, found->path, NULL);
    g_autoptr(GBytes) text =
        begins_like_one(path) ? da_file_read(path, DA_RECORD_MAX_BYTES, NULL) : NULL;
    g_autoptr(DaRecord) record =
        text && da_record_is(text) ? da_record_parse(text, NULL, NULL) : NULL;
    return record && !strcmp(record->sha256, found->sha256) ? g_steal_pointer(&record) : NULL;
}
