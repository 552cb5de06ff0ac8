/*
 * A delivery in one file: a zip (GB/T 33870) or tar (`<ID>.tar`) that somebody else made.
 *
 * It is unpacked once, front to back, into a private folder, by a child process with limits on memory and time. Only names that stay
 * below that folder are ever written, only regular files and folders, and never more bytes than the limits allow, whatever the
 * archive claims. What is wrong with it is faults, each with its kind and the member it is about; an archive with a fault that refuses
 * it is not to be believed in part: the caller looks at `whole` before it looks at the folder.
 *
 * A zip is read by its central directory, and each local header must say the same, since programs that read one or the other would
 * see two different deliveries. Names without the UTF-8 flag are taken as UTF-8 where they are that, else as GB 18030.
 *
 * Thread rule: call from a process that has no other threads (the child is forked).
 * Source: PKWARE APPNOTE 6.3.10 (zip); POSIX.1-2017 pax (tar); DA/T 70-2018 3-8.
 */
#pragma once

#include <dangan/finding.h>

typedef enum { DA_CONTAINER_NONE, DA_CONTAINER_ZIP, DA_CONTAINER_TAR } DaContainerFormat;

/* What can be wrong. The table in container_fault.c has name, severity and sentence of each. */
typedef enum {
    DA_CONTAINER_FOREIGN,    /* another kind of archive (rar, 7z, tar.gz …) */
    DA_CONTAINER_TRUNCATED,  /* ends before its directory or end mark */
    DA_CONTAINER_DAMAGED,    /* a record or compressed data that cannot be read */
    DA_CONTAINER_CHECKSUM,   /* content is not what its CRC-32 or header checksum says */
    DA_CONTAINER_ENCRYPTED,  /* a password is needed */
    DA_CONTAINER_METHOD,     /* a compression other than stored and deflate */
    DA_CONTAINER_SPLIT,      /* one volume of several */
    DA_CONTAINER_DISAGREES,  /* central directory and local header differ, or members overlap */
    DA_CONTAINER_HIDDEN,     /* bytes before, between or behind the members that nothing refers to */
    DA_CONTAINER_BOMB,       /* grows beyond all proportion, or beyond the limit */
    DA_CONTAINER_TOO_MANY,   /* more members than the limit */
    DA_CONTAINER_NESTED,     /* an archive inside */
    DA_CONTAINER_LINK,       /* symbolic link, or hard link to what is no earlier member */
    DA_CONTAINER_SPECIAL,    /* device, FIFO, socket */
    DA_CONTAINER_ABSOLUTE,   /* a name from the root or with a drive letter */
    DA_CONTAINER_PARENT,     /* a name with a `..` component */
    DA_CONTAINER_UNSAFE,     /* any other name that cannot be a file below the folder: control character, `~`, too long, empty */
    DA_CONTAINER_DUPLICATE,  /* a name a second time, or a file where a folder is */
    DA_CONTAINER_COLLISION,  /* two names that differ only in case or Unicode normalization */
    DA_CONTAINER_ENCODING,   /* a name that is neither UTF-8 nor GB 18030 */
    DA_CONTAINER_GBK,        /* a name in GB 18030 without any word about it: understood, and reported */
    DA_CONTAINER_BACKSLASH,  /* a name with `\` for `/`: understood, and reported */
    DA_CONTAINER_FAULTS_N
} DaContainerFaultKind;

/* "truncated", "case-collision"; stable, for rules and tests. */
const char *da_container_fault_name(DaContainerFaultKind kind);
/* Fatal where the archive is refused, warning where it was understood all the same. */
DaSeverity da_container_fault_severity(DaContainerFaultKind kind);
/* One sentence, without names. */
const char *da_container_fault_text(DaContainerFaultKind kind);
const char *da_container_fault_text_zh(DaContainerFaultKind kind);
/* TRUE for what concerns a member's name (PKG-002); the others concern the archive itself (PKG-001). */
gboolean da_container_fault_is_name(DaContainerFaultKind kind);

typedef struct {
    DaContainerFaultKind kind;
    char *member; /* valid UTF-8; NULL = the archive itself */
    char *found;  /* what was seen: "claims 2,000 bytes, holds 10"; NULL */
} DaContainerFault;

/* Faults that are kept; more are counted only. */
#define DA_CONTAINER_MAX_KEPT 1000u

typedef struct {
    guint64 max_members;
    guint64 max_bytes; /* all members together, unpacked */
    guint max_ratio;   /* unpacked to packed, of the whole archive and of each member; small ones are spared */
    guint seconds;     /* wall time; 0 = no limit */
    guint64 memory_bytes;
} DaContainerLimits;

/* For a delivery of scans: they hardly shrink. */
#define DA_CONTAINER_LIMITS                                                                                            \
    ((DaContainerLimits){.max_members = 500000,                                                                        \
                         .max_bytes = (guint64)256 << 30,                                                              \
                         .max_ratio = 200,                                                                             \
                         .seconds = 4 * 3600,                                                                          \
                         .memory_bytes = (guint64)1 << 30})

typedef struct {
    DaContainerFormat format;
    gboolean whole;     /* no fault refuses it, and every member lies in the folder */
    guint64 files, bytes; /* written */
    GPtrArray *faults;  /* DaContainerFault *, in the order met */
    guint64 fault_count;
} DaContainer;

void da_container_free(DaContainer *container);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaContainer, da_container_free)

/* What a file is by its content; NONE also for a folder and for what cannot be opened. */
DaContainerFormat da_container_format(const char *path);

/* Unpacks the file `path` into the existing, empty folder `folder` (nobody else's: mode 0700), or only reads it through where `folder`
 * is NULL. A folder is made for each folder member; times, owners and modes are not taken. NULL only when the machine fails
 * (DA_ERROR_DISK, also when the disk would be filled; DA_ERROR_SYSTEM) or `path` cannot be opened. */
DaContainer *da_container_unpack(const char *path, const char *folder, const DaContainerLimits *limits, GError **error);

/* The same in the calling process; for tests and fuzzing. `fd` is read from any place. */
DaContainer *da_container_unpack_here(int fd, const char *folder, const DaContainerLimits *limits, GError **error);
