#include <dangan/tiff_memory.h>

#include <dangan/error.h>
#include <string.h>

/* A classic TIFF cannot be larger; more is refused before it is allocated. */
#define MAX_OUTPUT_BYTES ((toff_t)G_MAXUINT32)
/* One allocation inside libtiff: an image of DA_IMAGE_MAX_PIXELS in RGBA fits, an invented strip size does not. */
#define MAX_ALLOC_BYTES ((tmsize_t)1 << 30)

typedef struct {
    GBytes *bytes;   /* reading */
    GByteArray *out; /* writing */
    toff_t at;
} Memory;

static void memory_free(Memory *memory)
{
    g_clear_pointer(&memory->bytes, g_bytes_unref);
    g_clear_pointer(&memory->out, g_byte_array_unref);
    g_free(memory);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Memory, memory_free)

static const guint8 *memory_data(const Memory *memory, toff_t *size)
{
    if (memory->out != NULL) {
        *size = memory->out->len;
        return memory->out->data;
    }
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(memory->bytes, &length);
    *size = length;
    return data;
}

static tmsize_t on_read(thandle_t handle, void *buffer, tmsize_t size)
{
    Memory *memory = handle;
    toff_t total = 0;
    const guint8 *data = memory_data(memory, &total);
    if (size <= 0 || memory->at >= total)
        return 0;
    gsize count = MIN((toff_t)size, total - memory->at);
    memcpy(buffer, data + memory->at, count);
    memory->at += count;
    return (tmsize_t)count;
}

static tmsize_t on_write(thandle_t handle, void *buffer, tmsize_t size)
{
    Memory *memory = handle;
    if (memory->out == NULL || size < 0 || memory->at + (toff_t)size > MAX_OUTPUT_BYTES)
        return -1;
    gsize old = memory->out->len;
    if (memory->at + (toff_t)size > old) {
        g_byte_array_set_size(memory->out, (guint)(memory->at + (toff_t)size));
        memset(memory->out->data + old, 0, memory->out->len - old);
    }
    if (size > 0)
        memcpy(memory->out->data + memory->at, buffer, (size_t)size);
    memory->at += (toff_t)size;
    return size;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence)
{
    Memory *memory = handle;
    toff_t total = 0;
    memory_data(memory, &total);
    memory->at = whence == SEEK_CUR   ? memory->at + offset
                 : whence == SEEK_END ? total + offset
                                      : offset;
    return memory->at;
}

static int on_close(thandle_t handle)
{
    memory_free(handle);
    return 0;
}

static toff_t on_size(thandle_t handle)
{
    toff_t total = 0;
    memory_data(handle, &total);
    return total;
}

/* Reading only: libtiff then decodes from our bytes without copying them. */
static int on_map(thandle_t handle, void **base, toff_t *size)
{
    *base = (void *)memory_data(handle, size);
    return *base != NULL;
}

static void on_unmap(thandle_t handle, void *base, toff_t size)
{
}

G_GNUC_PRINTF(3, 0)
static void note_fault(DaTiffLog *log, const char *module, const char *format, va_list arguments)
{
    if (!log->faulty) {
        int used =
            module != NULL ? g_snprintf(log->message, sizeof log->message, "%s: ", module) : 0;
        used = CLAMP(used, 0, (int)sizeof log->message - 1);
        g_vsnprintf(log->message + used, sizeof log->message - (gsize)used, format, arguments);
    }
    log->faulty = TRUE;
}

G_GNUC_PRINTF(4, 0)
static int on_error(TIFF *tiff, void *data, const char *module, const char *format,
                    va_list arguments)
{
    note_fault(data, module, format, arguments);
    return 1; /* handled: the handlers of the process stay silent */
}

G_GNUC_PRINTF(4, 0)
static int on_warning(TIFF *tiff, void *data, const char *module, const char *format,
                      va_list arguments)
{
    DaTiffLog *log = data;
    if (log->strict)
        note_fault(log, module, format, arguments);
    return 1;
}

static TIFF *open_client(Memory *memory_in, const char *mode, DaTiffLog *log, GError **error)
{
    g_autoptr(Memory) memory = memory_in;
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, MAX_ALLOC_BYTES);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, log);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, log);
    TIFF *tiff = TIFFClientOpenExt("TIFF", mode, memory, on_read, on_write, on_seek, on_close,
                                   on_size, on_map, on_unmap, options);
    TIFFOpenOptionsFree(options);
    if (tiff == NULL) {
        da_error_set(error, DA_ERROR_INPUT, "cannot open TIFF: %s",
                     log->faulty ? log->message : "broken header");
        return NULL;
    }
    g_steal_pointer(&memory); /* libtiff calls on_close from now on */
    return tiff;
}

TIFF *da_tiff_memory_open(GBytes *bytes, DaTiffLog *log, GError **error)
{
    Memory *memory = g_new0(Memory, 1);
    memory->bytes = g_bytes_ref(bytes);
    return open_client(memory, "r", log, error);
}

TIFF *da_tiff_memory_create(GByteArray *out, gboolean big_endian, DaTiffLog *log, GError **error)
{
    Memory *memory = g_new0(Memory, 1);
    memory->out = g_byte_array_ref(out);
    /* m: no mapping of what still grows */
    return open_client(memory, big_endian ? "wbm" : "wlm", log, error);
}
