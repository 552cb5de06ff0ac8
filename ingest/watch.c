#include <dangan/watch.h>

#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETTLE_SECONDS 10
#define LOOK_SECONDS 30
#define RETRY_SECONDS 60
#define CHANGES                                                                                    \
    (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MODIFY | IN_ATTRIB)

/* One entry of the batch folder: a dossier's folder, or a file beside them. */
typedef struct {
    char *state;     /* names, sizes and times of all that is in it */
    gint64 since_us; /* when it was first seen so */
    gboolean busy;   /* somebody is at work in it */
    gboolean is_folder;
    char *done;    /* the state that was processed; NULL = none */
    gboolean seen; /* in this look round */
} Entry;

typedef struct {
    const DaIngestOptions *ingest;
    const DaWatchOptions *options;
    GHashTable *entries; /* path → Entry * */
    GHashTable *opened, *told;
    int inotify;
    gint64 settle_us;
    gint64 not_before_us; /* after a fault of the machine */
    gboolean again;       /* the last run failed as a whole */
} Watch;

static void entry_free(gpointer data)
{
    Entry *entry = data;
    g_free(entry->state);
    g_free(entry->done);
    g_free(entry);
}

/* --- is it whole? ---------------------------------------------------------------------------------------------------------- */

/* What programs call a file that they are not done with. */
static gboolean is_under_way(const char *name)
{
    static const char *const ends[] = {".part",       ".partial",  ".tmp", ".temp",
                                       ".crdownload", ".filepart", ".!ut", ".download"};
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
        if (strlen(name) > strlen(ends[i]) &&
            !g_ascii_strcasecmp(name + strlen(name) - strlen(ends[i]), ends[i]))
            return TRUE;
    return FALSE;
}

/* A lease for reading is given only while nobody has the file open for writing. Other faults say nothing: shares give no leases. */
static gboolean is_written(const char *path)
{
    da_autofd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fcntl(fd, F_SETLEASE, F_RDLCK) == 0 ||
        (errno != EAGAIN && errno != EWOULDBLOCK)) {
        if (fd >= 0)
            fcntl(fd, F_SETLEASE, F_UNLCK);
        return FALSE;
    }
    return TRUE;
}

/* `dangan scan` locks the folder that it scans into. */
static gboolean is_scanned_into(const char *path)
{
    da_autofd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

static void describe(const char *path, const char *name, GString *state, gboolean *busy, int depth)
{
    struct stat about;
    if (lstat(path, &about) != 0)
        return;
    g_string_append_printf(state, "%s %lld %lld.%09ld %llu\n", name, (long long)about.st_size,
                           (long long)about.st_mtim.tv_sec, about.st_mtim.tv_nsec,
                           (unsigned long long)about.st_ino);
    if (S_ISREG(about.st_mode))
        *busy |= is_under_way(name) || is_written(path);
    if (!S_ISDIR(about.st_mode) || depth == 0)
        return;
    *busy |= is_scanned_into(path);
    g_autoptr(GPtrArray) names = da_dir_list(path, NULL);
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *child = g_build_filename(path, names->pdata[i], NULL);
        describe(child, names->pdata[i], state, busy, depth - 1);
    }
}

/* --- looking round ------------------------------------------------------------------------------------------------------------ */

static gboolean is_output(const char *path)
{
    g_autofree char *state = g_build_filename(path, ".dangan", NULL);
    return g_file_test(state, G_FILE_TEST_IS_DIR);
}

static void look_at(Watch *watch, const char *path, const char *name, gint64 now_us)
{
    g_autoptr(GString) state = g_string_new(NULL);
    gboolean busy = FALSE;
    describe(path, name, state, &busy, 2);
    Entry *entry = g_hash_table_lookup(watch->entries, path);
    if (!entry) {
        entry = g_new0(Entry, 1);
        g_hash_table_insert(watch->entries, g_strdup(path), entry);
    }
    if (!entry->state || strcmp(entry->state, state->str)) {
        g_free(entry->state);
        entry->state = g_strdup(state->str);
        entry->since_us = now_us;
    }
    entry->busy = busy;
    entry->seen = TRUE;
    entry->is_folder = g_file_test(path, G_FILE_TEST_IS_DIR);
    if (entry->is_folder)
        inotify_add_watch(watch->inotify, path, CHANGES | IN_ONLYDIR);
}

static gboolean is_gone(gpointer key, gpointer value, gpointer data)
{
    Entry *entry = value;
    gboolean seen = entry->seen;
    entry->seen = FALSE;
    return !seen;
}

/* The folder itself missing is an end; anything inside may come and go. */
static gboolean look_round(Watch *watch, GError **error)
{
    const char *batch = watch->ingest->batch;
    g_autoptr(GPtrArray) names = da_dir_list(batch, error);
    if (!names)
        return FALSE;
    gint64 now_us = g_get_monotonic_time();
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *path = g_build_filename(batch, name, NULL);
        if (*name != '.' && !is_output(path))
            look_at(watch, path, name, now_us);
    }
    if (g_hash_table_foreach_remove(watch->entries, is_gone, NULL) > 0)
        watch->again = TRUE;
    return TRUE;
}

static gboolean is_settled(const Watch *watch, const Entry *entry)
{
    return !entry->busy && g_get_monotonic_time() - entry->since_us >= watch->settle_us;
}

static gboolean is_whole(const char *path, gpointer data)
{
    const Watch *watch = data;
    const Entry *entry = g_hash_table_lookup(watch->entries, path);
    return entry && is_settled(watch, entry);
}

/* TRUE when there is something new that is whole, and nothing that all dossiers hang on is being written. */
static gboolean is_due(const Watch *watch)
{
    GHashTableIter iterator;
    gpointer value;
    gboolean due = watch->again && g_hash_table_size(watch->entries) > 0;
    if (g_get_monotonic_time() < watch->not_before_us)
        return FALSE;
    g_hash_table_iter_init(&iterator, watch->entries);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        const Entry *entry = value;
        gboolean settled = is_settled(watch, entry);
        if (!settled && !entry->is_folder)
            return FALSE;
        due |= settled && g_strcmp0(entry->state, entry->done);
    }
    return due;
}

/* --- running ------------------------------------------------------------------------------------------------------------------- */

static void note_done(Watch *watch)
{
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, watch->entries);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        Entry *entry = value;
        if (!is_settled(watch, entry))
            continue;
        g_free(entry->done);
        entry->done = g_strdup(entry->state);
    }
}

static gboolean is_about_the_machine(const GError *error)
{
    return error && !g_error_matches(error, DA_ERROR, DA_ERROR_PART) &&
           !g_error_matches(error, DA_ERROR, DA_ERROR_INPUT) &&
           !g_error_matches(error, DA_ERROR, DA_ERROR_LIMIT) &&
           !g_error_matches(error, DA_ERROR, DA_ERROR_NOT_FOUND);
}

/* FALSE when the user stopped it. */
static gboolean run_once(Watch *watch, GError **error)
{
    g_autoptr(DaProgress) progress =
        da_progress_new(watch->options->out, watch->ingest->chinese ? "面" : "sides", 0);
    da_progress_chinese(progress, watch->ingest->chinese);
    DaIngestOptions ingest = *watch->ingest;
    DaIngestSummary summary = {0};
    g_autoptr(GError) wrong = NULL;
    ingest.progress = progress;
    ingest.whole = is_whole;
    ingest.whole_data = watch;
    ingest.opened = watch->opened;
    ingest.told = watch->told;
    note_done(watch);
    da_ingest_run(&ingest, &summary, &wrong);
    g_clear_pointer(&progress, da_progress_free);
    watch->again = is_about_the_machine(wrong);
    watch->not_before_us =
        watch->again ? g_get_monotonic_time() + RETRY_SECONDS * G_TIME_SPAN_SECOND : 0;
    gboolean stopped = g_error_matches(wrong, DA_ERROR, DA_ERROR_CANCELLED);
    if (watch->options->passed && !stopped)
        watch->options->passed(&summary, wrong, watch->options->data);
    da_ingest_summary_clear(&summary);
    if (stopped)
        g_propagate_error(error, g_steal_pointer(&wrong));
    return !stopped;
}

static gboolean is_waiting(const Watch *watch)
{
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, watch->entries);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        const Entry *entry = value;
        if (g_strcmp0(entry->state, entry->done) || entry->busy)
            return TRUE;
    }
    return FALSE;
}

/* Until something changes, or may have become whole. A signal ends it as well. */
static void wait_for_change(const Watch *watch)
{
    char events[4096];
    guint look = watch->options->look_seconds ? watch->options->look_seconds : LOOK_SECONDS;
    int wait_ms = (int)look * 1000;
    if (is_waiting(watch))
        wait_ms = (int)MIN(wait_ms, MAX(200, watch->settle_us / 4000));
    struct pollfd waiting = {.fd = watch->inotify, .events = POLLIN};
    if (poll(&waiting, watch->inotify >= 0, wait_ms) <= 0)
        return;
    while (read(watch->inotify, events, sizeof events) > 0)
        ;
    g_usleep(100 * 1000); /* changes come in crowds */
}

gboolean da_watch_run(const DaIngestOptions *ingest, const DaWatchOptions *options, GError **error)
{
    guint settle = options->settle_seconds ? options->settle_seconds : SETTLE_SECONDS;
    da_autofd int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    g_autoptr(GHashTable) entries =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
    g_autoptr(GHashTable) opened = da_ingest_opened_new();
    g_autoptr(GHashTable) told = da_ingest_told_new();
    g_autofree char *batch = g_canonicalize_filename(ingest->batch, NULL);
    DaIngestOptions own = *ingest;
    own.batch = batch;
    Watch watch = {.ingest = &own,
                   .options = options,
                   .entries = entries,
                   .opened = opened,
                   .told = told,
                   .inotify = inotify,
                   .settle_us = settle * G_TIME_SPAN_SECOND};
    signal(
        SIGIO,
        SIG_IGN); /* somebody wants to write what we hold a lease on; it is let go at once anyway */
    if (inotify >= 0)
        inotify_add_watch(inotify, batch, CHANGES | IN_ONLYDIR);
    while (!*own.stop) {
        if (!look_round(&watch, error))
            return FALSE;
        if (!is_due(&watch))
            wait_for_change(&watch);
        else if (!run_once(&watch, error))
            return FALSE;
    }
    return TRUE;
}
