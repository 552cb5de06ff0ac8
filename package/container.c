#include "container.h"

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <dangan/handle/json.h>
#include <dangan/worker.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* What stays free for the others on the disk. */
#define DISK_RESERVE_BYTES ((guint64)1 << 30)
#define MAGIC_BYTES 512u
#define TAR_MAGIC_AT 257u

static void fault_free(gpointer data)
{
    DaContainerFault *fault = data;
    g_free(fault->member);
    g_free(fault->found);
    g_free(fault);
}

void da_container_free(DaContainer *container)
{
    if (!container)
        return;
    g_ptr_array_unref(container->faults);
    g_free(container);
}

static DaContainer *container_new(void)
{
    DaContainer *container = g_new0(DaContainer, 1);
    container->faults = g_ptr_array_new_with_free_func(fault_free);
    container->whole = TRUE;
    return container;
}

static void take_fault(DaContainer *container, DaContainerFaultKind kind, const char *member,
                       char *found)
{
    if (da_container_fault_severity(kind) >= DA_SEVERITY_ERROR)
        container->whole = FALSE;
    container->fault_count++;
    if (container->faults->len >= DA_CONTAINER_MAX_KEPT) {
        g_free(found);
        return;
    }
    DaContainerFault *fault = g_new0(DaContainerFault, 1);
    *fault = (DaContainerFault){kind, g_strdup(member), found};
    g_ptr_array_add(container->faults, fault);
}

void da_unpack_fault(DaUnpack *unpack, DaContainerFaultKind kind, const char *member,
                     const char *format, ...)
{
    char *found = NULL;
    if (format) {
        va_list arguments;
        va_start(arguments, format);
        g_autofree char *text = g_strdup_vprintf(format, arguments);
        va_end(arguments);
        found = g_utf8_make_valid(text, -1);
    }
    take_fault(unpack->container, kind, member, found);
}

/* --- what it is ------------------------------------------------------------------------------------------------------- */

typedef struct {
    guint at;
    const char *bytes;
    gsize length;
    const char *name;
} Magic;

static const Magic archives[] = {
    {0, "PK\3\4", 4, "zip"},
    {0, "PK\5\6", 4, "zip"},
    {0, "PK\7\x08PK", 6, "zip"},
    {TAR_MAGIC_AT, "ustar", 5, "tar"},
    {0, "Rar!\x1a\x07", 6, "rar"},
    {0, "7z\xbc\xaf\x27\x1c", 6, "7z"},
    {0, "\x1f\x8b\x08", 3, "gzip"},
    {0, "BZh", 3, "bzip2"},
    {0,
     "\xfd"
     "7zXZ",
     5, "xz"},
    {0, "\x28\xb5\x2f\xfd", 4, "zstd"},
    {0, "MSCF", 4, "cab"},
};

/* The name of the kind of archive that begins with these bytes; NULL = none. */
static const char *archive_kind(const guint8 *data, gsize size)
{
    for (guint i = 0; i < G_N_ELEMENTS(archives); i++) {
        const Magic *magic = &archives[i];
        if (size >= magic->at + magic->length &&
            !memcmp(data + magic->at, magic->bytes, magic->length))
            return magic->name;
    }
    return NULL;
}

/* The sum of a header block with its own field as blanks: the only mark of a tar older than POSIX. Source: POSIX.1-2017 pax. */
static gboolean is_tar_header(const guint8 *block)
{
    guint64 sum = 0;
    for (guint i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? ' ' : block[i];
    char field[9] = {0};
    memcpy(field, block + 148, 8);
    return block[0] && g_ascii_strtoull(field, NULL, 8) == sum;
}

static DaContainerFormat format_of(const guint8 *data, gsize size, const char **kind)
{
    *kind = archive_kind(data, size);
    if (!g_strcmp0(*kind, "zip"))
        return DA_CONTAINER_ZIP;
    if (!g_strcmp0(*kind, "tar") || (size >= 512 && is_tar_header(data)))
        return DA_CONTAINER_TAR;
    return DA_CONTAINER_NONE;
}

DaContainerFormat da_container_format(const char *path)
{
    guint8 data[MAGIC_BYTES];
    const char *kind = NULL;
    da_autofd int fd = da_file_open(path, NULL, NULL);
    gssize size = fd < 0 ? -1 : pread(fd, data, sizeof data, 0);
    return size < 0 ? DA_CONTAINER_NONE : format_of(data, (gsize)size, &kind);
}

/* --- members ---------------------------------------------------------------------------------------------------------- */

gssize da_unpack_read(const DaUnpack *unpack, guint64 at, void *buffer, gsize size, GError **error)
{
    gsize got = 0;
    /* Any offset may be asked for: an archive states them. */
    size = at < unpack->size_bytes ? (gsize)MIN(size, unpack->size_bytes - at) : 0;
    while (got < size) {
        ssize_t n = pread(unpack->fd, (char *)buffer + got, size - got, (off_t)(at + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            da_error_set_errno(error, errno, "cannot read the archive");
            return -1;
        }
        if (n == 0)
            break;
        got += (gsize)n;
    }
    return (gssize)got;
}

gboolean da_unpack_count(DaUnpack *unpack)
{
    if (unpack->members++ < unpack->limits->max_members)
        return TRUE;
    da_unpack_fault(unpack, DA_CONTAINER_TOO_MANY, NULL, "more than %" G_GUINT64_FORMAT,
                    unpack->limits->max_members);
    return FALSE;
}

gboolean da_member_begin(DaUnpack *unpack, DaMember *member, GError **error)
{
    member->fd = -1;
    member->bytes = 0;
    if (!unpack->folder || !member->path)
        return TRUE;
    g_autofree char *full = g_build_filename(unpack->folder, member->path, NULL);
    if (member->is_folder)
        return da_dir_make(full, error);
    g_autofree char *folder = g_path_get_dirname(full);
    if (!da_dir_make(folder, error))
        return FALSE;
    member->fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return member->fd >= 0 || da_error_set_errno(error, errno, "cannot unpack into '%s'", full);
}

/* Documents of office programs are zips, but not archives that hide pages. */
static gboolean is_document(const char *path)
{
    static const char *const endings[] = {".xlsx", ".docx", ".pptx", ".ods",
                                          ".odt",  ".ofd",  ".wps",  ".et"};
    g_autofree char *lower = g_ascii_strdown(path, -1);
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(lower, endings[i]))
            return TRUE;
    return FALSE;
}

static void look_for_nested(DaUnpack *unpack, const DaMember *member, const guint8 *data,
                            gsize size)
{
    const char *kind = archive_kind(data, size);
    if (kind && !(!strcmp(kind, "zip") && is_document(member->shown)))
        da_unpack_fault(unpack, DA_CONTAINER_NESTED, member->shown, "%s", kind);
}

/* FALSE after the fault: sizes that an archive claims prove nothing, only what comes out counts. */
static gboolean is_within(DaUnpack *unpack, const DaMember *member)
{
    const DaContainerLimits *limits = unpack->limits;
    guint64 total = unpack->container->bytes;
    gboolean spared = total <= DA_UNPACK_SPARED_BYTES;
    gboolean whole = spared || total / limits->max_ratio <= unpack->size_bytes;
    gboolean part = member->bytes <= DA_UNPACK_SPARED_BYTES || !member->packed_bytes ||
                    member->bytes / limits->max_ratio <= member->packed_bytes;
    if (total <= limits->max_bytes && whole && part)
        return TRUE;
    da_unpack_fault(unpack, DA_CONTAINER_BOMB, member->shown,
                    "more than %" G_GUINT64_FORMAT " bytes out of %" G_GUINT64_FORMAT, total,
                    unpack->size_bytes);
    return FALSE;
}

static gboolean write_all(int fd, const char *data, gsize size, GError **error)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return da_error_set_errno(error, errno, "cannot unpack the archive");
        data += n;
        size -= (gsize)n;
    }
    return TRUE;
}

gboolean da_member_write(DaUnpack *unpack, DaMember *member, const void *data, gsize size,
                         GError **error)
{
    if (member->bytes == 0 && size > 0)
        look_for_nested(unpack, member, data, size);
    member->bytes += size;
    unpack->container->bytes += size;
    if (!is_within(unpack, member))
        return FALSE;
    if (member->fd < 0)
        return TRUE;
    if (unpack->container->bytes > unpack->room_bytes)
        return da_error_set(error, DA_ERROR_DISK,
                            "cannot unpack the archive: the disk would be full; free space or set "
                            "TMPDIR to another disk");
    return write_all(member->fd, data, size, error);
}

gboolean da_member_is_written(const DaUnpack *unpack, const char *path)
{
    return g_hash_table_contains(unpack->written, path);
}

static void note_written(DaUnpack *unpack, const DaMember *member)
{
    if (member->is_folder || !member->path)
        return;
    unpack->container->files++;
    g_hash_table_insert(unpack->written, g_strdup(member->path),
                        g_memdup2(&member->bytes, sizeof member->bytes));
}

gboolean da_member_link(DaUnpack *unpack, DaMember *member, const char *target, GError **error)
{
    member->bytes = *(const guint64 *)g_hash_table_lookup(unpack->written, target);
    unpack->container->bytes += member->bytes;
    if (!is_within(unpack, member))
        return FALSE;
    note_written(unpack, member);
    if (!unpack->folder)
        return TRUE;
    g_autofree char *from = g_build_filename(unpack->folder, target, NULL);
    g_autofree char *to = g_build_filename(unpack->folder, member->path, NULL);
    g_autofree char *folder = g_path_get_dirname(to);
    return da_dir_make(folder, error) && da_file_link_or_copy(from, to, error);
}

gboolean da_member_end(DaUnpack *unpack, DaMember *member, GError **error)
{
    note_written(unpack, member);
    return da_fd_close(&member->fd) ||
           da_error_set_errno(error, errno, "cannot unpack the archive");
}

/* --- the whole -------------------------------------------------------------------------------------------------------- */

static guint64 find_room(const char *folder)
{
    struct statvfs disk;
    if (!folder || statvfs(folder, &disk))
        return G_MAXUINT64;
    guint64 free_bytes = (guint64)disk.f_bavail * disk.f_frsize;
    return free_bytes > DISK_RESERVE_BYTES ? free_bytes - DISK_RESERVE_BYTES : 0;
}

static gboolean unpack_all(DaUnpack *unpack, GError **error)
{
    guint8 data[MAGIC_BYTES];
    gssize size = da_unpack_read(unpack, 0, data, sizeof data, error);
    if (size < 0)
        return FALSE;
    const char *kind = NULL;
    unpack->container->format = format_of(data, (gsize)size, &kind);
    if (unpack->container->format == DA_CONTAINER_ZIP)
        return da_unpack_zip(unpack, error);
    if (unpack->container->format == DA_CONTAINER_TAR)
        return da_unpack_tar(unpack, error);
    da_unpack_fault(unpack, DA_CONTAINER_FOREIGN, NULL, "%s", kind ? kind : "no archive");
    return FALSE;
}

DaContainer *da_container_unpack_here(int fd, const char *folder, const DaContainerLimits *limits,
                                      GError **error)
{
    struct stat state;
    if (fstat(fd, &state)) {
        da_error_set_errno(error, errno, "cannot read the archive");
        return NULL;
    }
    g_autoptr(DaContainer) container = container_new();
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GHashTable) written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    DaUnpack unpack = {
        .limits = limits,
        .folder = folder,
        .fd = fd,
        .size_bytes = (guint64)state.st_size,
        .room_bytes = find_room(folder),
        .container = container,
        .names = names,
        .written = written,
    };
    GError *problem = NULL;
    if (!unpack_all(&unpack, &problem) && problem) {
        g_propagate_error(error, problem);
        return NULL;
    }
    return g_steal_pointer(&container);
}

/* --- in a child ------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *path, *folder;
    const DaContainerLimits *limits;
    gboolean given; /* the one job */
    DaContainer *container;
} Errand;

static char *next_job(gpointer data)
{
    Errand *errand = data;
    gboolean first = !errand->given;
    errand->given = TRUE;
    return first ? g_strdup("") : NULL;
}

static char *work(const char *job, gpointer entered, GError **error)
{
    const Errand *errand = entered;
    da_autofd int fd = da_file_open(errand->path, NULL, error);
    g_autoptr(DaContainer) container =
        fd < 0 ? NULL : da_container_unpack_here(fd, errand->folder, errand->limits, error);
    if (!container)
        return NULL;
    json_t *faults = json_array();
    for (guint i = 0; i < container->faults->len; i++) {
        const DaContainerFault *fault = container->faults->pdata[i];
        json_array_append_new(
            faults, json_pack("[i,s?,s?]", (int)fault->kind, fault->member, fault->found));
    }
    g_autoptr(json_t) answer = json_pack(
        "{s:i,s:b,s:I,s:I,s:I,s:o}", "format", (int)container->format, "whole", container->whole,
        "files", (json_int_t)container->files, "bytes", (json_int_t)container->bytes, "count",
        (json_int_t)container->fault_count, "faults", faults);
    return json_dumps(answer, JSON_COMPACT);
}

static void take_answer(DaContainer *container, const json_t *answer)
{
    const json_t *faults = json_object_get(answer, "faults");
    for (gsize i = 0; i < json_array_size(faults); i++) {
        const json_t *fault = json_array_get(faults, i);
        take_fault(container, (DaContainerFaultKind)json_integer_value(json_array_get(fault, 0)),
                   json_string_value(json_array_get(fault, 1)),
                   g_strdup(json_string_value(json_array_get(fault, 2))));
    }
    container->format = (DaContainerFormat)json_integer_value(json_object_get(answer, "format"));
    container->whole = json_is_true(json_object_get(answer, "whole"));
    container->files = (guint64)json_integer_value(json_object_get(answer, "files"));
    container->bytes = (guint64)json_integer_value(json_object_get(answer, "bytes"));
    container->fault_count = (guint64)json_integer_value(json_object_get(answer, "count"));
}

static gboolean done(const char *job, DaWorkerOutcome outcome, const char *answer,
                     const GError *job_error, gpointer data, GError **error)
{
    Errand *errand = data;
    if (outcome == DA_WORKER_DONE) {
        g_autoptr(json_t) parsed = json_loads(answer, 0, NULL);
        take_answer(errand->container, parsed);
        return TRUE;
    }
    if (outcome == DA_WORKER_FAILED) {
        g_propagate_error(error, g_error_copy(job_error));
        return FALSE;
    }
    /* An archive that crashes or stalls its reader is damaged on purpose or by accident. */
    take_fault(errand->container, DA_CONTAINER_DAMAGED, NULL, g_strdup(job_error->message));
    return TRUE;
}

DaContainer *da_container_unpack(const char *path, const char *folder,
                                 const DaContainerLimits *limits, GError **error)
{
    g_autoptr(DaContainer) container = container_new();
    Errand errand = {.path = path, .folder = folder, .limits = limits, .container = container};
    DaWorkerPool pool = {
        .processes = 1,
        .memory_bytes = limits->memory_bytes,
        .seconds = limits->seconds,
        .next = next_job,
        .work = work,
        .done = done,
        .data = &errand,
    };
    if (!da_workers_run(&pool, error)) {
        g_autofree char *shown = g_filename_display_name(path);
        g_prefix_error(error, "cannot unpack '%s': ", shown);
        return NULL;
    }
    return g_steal_pointer(&container);
}
