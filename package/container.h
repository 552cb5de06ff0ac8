/* Between the parts of the archive reader: what is being unpacked, and where each member goes. */
#pragma once

#include <dangan/container.h>

/* Below this nothing is a bomb: a blank page or a METS file shrinks a thousandfold. */
#define DA_UNPACK_SPARED_BYTES ((guint64)64 << 20)
#define DA_UNPACK_MAX_DEPTH 32

typedef struct {
    const DaContainerLimits *limits;
    const char *folder; /* NULL = nothing is written */
    int fd;             /* the archive */
    guint64 size_bytes; /* of the archive */
    guint64 room_bytes; /* what may be written before the disk is too full */
    DaContainer *container;
    GHashTable *names; /* folded name → name, with a final `/` for a folder */
    GHashTable *written; /* name of a file → its size */
    guint64 members;
} DaUnpack;

typedef struct {
    char *path;  /* relative, safe; NULL = not to be written */
    char *shown; /* for people */
    gboolean is_folder;
    guint64 packed_bytes; /* 0 = not known */
    int fd;               /* where it is written; -1 */
    guint64 bytes;        /* so far */
} DaMember;

/* Reads the archive. FALSE with an error = the machine failed; FALSE without one = a fault has ended it. */
gboolean da_unpack_zip(DaUnpack *unpack, GError **error);
gboolean da_unpack_tar(DaUnpack *unpack, GError **error);

/* Notes a fault. Returns TRUE when the archive can be read on. `member` may be NULL, `format` too. */
void da_unpack_fault(DaUnpack *unpack, DaContainerFaultKind kind, const char *member,
                     const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Judges the raw name of a member and makes `member` of it; faults are noted. `is_utf8`: the archive says so. The caller clears it. */
void da_member_name(DaUnpack *unpack, const char *raw, gsize length, gboolean is_utf8,
                    gboolean is_zip, DaMember *member);
void da_member_clear(DaMember *member);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaMember, da_member_clear)
#define DA_MEMBER_INIT                                                                             \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* One more member; FALSE after the fault when they are too many. */
gboolean da_unpack_count(DaUnpack *unpack);
/* A folder is made, a file opened. FALSE with an error when the machine fails. */
gboolean da_member_begin(DaUnpack *unpack, DaMember *member, GError **error);
/* FALSE with an error when the machine fails, without one after a fault that ends the archive. */
gboolean da_member_write(DaUnpack *unpack, DaMember *member, const void *data, gsize size,
                         GError **error);
/* TRUE when a regular file of this name was unpacked. */
gboolean da_member_is_written(const DaUnpack *unpack, const char *path);
/* Gives a written file the name of `member` too; counts its bytes once more. As da_member_write. */
gboolean da_member_link(DaUnpack *unpack, DaMember *member, const char *target, GError **error);
gboolean da_member_end(DaUnpack *unpack, DaMember *member, GError **error);

/* Up to `size` bytes at `at`; what is behind the end is missing from the count. -1 with an error. */
gssize da_unpack_read(const DaUnpack *unpack, guint64 at, void *buffer, gsize size, GError **error);
