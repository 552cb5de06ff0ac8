#include "record_find.h"

#include <dangan/handle/fd.h>
#include <string.h>

/* What every signed document begins with (dangan/signed.h: a file has one form). */
#define BEGIN "{\n  \"document\": {"

/* Most objects are images: a few bytes tell. */
static gboolean begins_like_one(DaObjectStore *store, const char *sha256)
{
    char begin[sizeof BEGIN - 1];
    guint64 size = 0;
    da_autofd int fd = da_object_open(store, sha256, &size, NULL);
    return fd >= 0 && size <= DA_RECORD_MAX_BYTES &&
           read(fd, begin, sizeof begin) == sizeof begin && !memcmp(begin, BEGIN, sizeof begin);
}

DaRecord *da_record_find(DaObjectStore *store, const DaObjectEntry *entry)
{
    g_autoptr(GBytes) text =
        begins_like_one(store, entry->sha256) ? da_object_read(store, entry->sha256, NULL) : NULL;
    return text && da_record_is(text) ? da_record_parse(text, NULL, NULL) : NULL;
}
