#include "twins.h"

#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES 65536

enum { NOT_COMPARED, SAME, DIFFERENT };

struct DaTwins {
    const DaSubject *subject;
    guint *other;  /* of a pair: the index of the other one + 1; 0 = alone */
    guint8 *state; /* of a pair, at the access image */
};

static const DaEntry *entry_at(const DaTwins *twins, guint index)
{
    return twins->subject->entries->pdata[index];
}

static void join(DaTwins *twins, guint master, guint access)
{
    if (entry_at(twins, master)->size_bytes != entry_at(twins, access)->size_bytes ||
        twins->other[master] != 0)
        return;
    twins->other[master] = access + 1;
    twins->other[access] = master + 1;
}

/* Notes the masters by the stems of their pages, or joins the access images with them. */
static void take_kind(DaTwins *twins, DaFileKind wanted, GHashTable *masters)
{
    for (guint i = 0; i < twins->subject->entries->len; i++) {
        g_autofree char *stem = NULL;
        if (entry_at(twins, i)->kind != DA_ENTRY_FILE ||
            da_subject_kind(twins->subject, entry_at(twins, i)->path, &stem) != wanted)
            continue;
        gpointer master = g_hash_table_lookup(masters, stem);
        if (wanted == DA_FILE_MASTER)
            g_hash_table_insert(masters, g_steal_pointer(&stem), GUINT_TO_POINTER(i + 1));
        else if (master)
            join(twins, GPOINTER_TO_UINT(master) - 1, i);
    }
}

DaTwins *da_twins_new(const DaSubject *subject)
{
    g_autoptr(GHashTable) masters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    DaTwins *twins = g_new0(DaTwins, 1);
    twins->subject = subject;
    twins->other = g_new0(guint, subject->entries->len + 1);
    twins->state = g_new0(guint8, subject->entries->len + 1);
    take_kind(twins, DA_FILE_MASTER, masters);
    take_kind(twins, DA_FILE_ACCESS, masters);
    return twins;
}

void da_twins_free(DaTwins *twins)
{
    if (!twins)
        return;
    g_free(twins->other);
    g_free(twins->state);
    g_free(twins);
}

static int open_entry(const DaTwins *twins, guint index)
{
    g_autofree char *full =
        g_build_filename(twins->subject->path, entry_at(twins, index)->path, NULL);
    return da_file_open(full, NULL, NULL);
}

static gboolean is_one_file(int a, int b)
{
    struct stat one, other;
    return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* Both to their ends, in pieces. */
static gboolean have_same_bytes(int a, int b)
{
    guint8 one[PIECE_BYTES], other[PIECE_BYTES];
    for (off_t at = 0;; at += PIECE_BYTES) {
        ssize_t n = pread(a, one, sizeof one, at), m = pread(b, other, sizeof other, at);
        if (n < 0 || n != m || memcmp(one, other, (gsize)n) != 0)
            return FALSE;
        if ((gsize)n < sizeof one)
            return TRUE;
    }
}

static gboolean are_same(const DaTwins *twins, guint a, guint b)
{
    da_autofd int one = open_entry(twins, a);
    da_autofd int other = open_entry(twins, b);
    return one >= 0 && other >= 0 && (is_one_file(one, other) || have_same_bytes(one, other));
}

gboolean da_twins_is_second(DaTwins *twins, guint index)
{
    guint other = twins->other[index];
    if (other == 0 ||
        da_subject_kind(twins->subject, entry_at(twins, index)->path, NULL) != DA_FILE_ACCESS)
        return FALSE;
    if (twins->state[index] == NOT_COMPARED)
        twins->state[index] = are_same(twins, other - 1, index) ? SAME : DIFFERENT;
    return twins->state[index] == SAME;
}

gboolean da_twins_second(DaTwins *twins, guint index, guint *second)
{
    guint other = twins->other[index];
    *second = other - (other != 0);
    return other != 0 && da_twins_is_second(twins, *second);
}
