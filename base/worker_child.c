#include "worker.h"

#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static gboolean send_all(int fd, const void *data, gsize size)
{
    const char *rest = data;
    while (size > 0) {
        ssize_t n = send(fd, rest, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FALSE;
        rest += n;
        size -= (gsize)n;
    }
    return TRUE;
}

gboolean da_message_send(int fd, DaMessageKind kind, guint code, const char *text)
{
    gsize size = strlen(text);
    DaMessageHead head = {.size = (guint32)size, .kind = kind, .code = code};
    if (size > DA_MESSAGE_MAX_BYTES) {
        errno = EMSGSIZE;
        return FALSE;
    }
    return send_all(fd, &head, sizeof head) && send_all(fd, text, size);
}

static gboolean receive_all(int fd, void *data, gsize size)
{
    char *rest = data;
    while (size > 0) {
        ssize_t n = recv(fd, rest, size, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        rest += n;
        size -= (gsize)n;
    }
    return TRUE;
}

/* NULL when the parent has closed. */
static char *receive_job(int fd)
{
    DaMessageHead head;
    if (!receive_all(fd, &head, sizeof head))
        return NULL;
    g_autofree char *job = g_malloc0((gsize)head.size + 1);
    return receive_all(fd, job, head.size) ? g_steal_pointer(&job) : NULL;
}

static void send_error(int fd, DaMessageKind kind, const GError *error)
{
    guint code = error != NULL && error->domain == DA_ERROR ? (guint)error->code : DA_ERROR_SYSTEM;
    const char *text = error != NULL ? error->message : "the job failed without saying why";
    if (!da_message_send(fd, kind, code, text))
        _exit(1);
}

/* Handlers of the parent (its Ctrl-C, a test's) mean the parent. The terminal sends Ctrl-C to the whole group: the parent
 * decides what it means for us. */
static void settle_signals(void)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
}

/* GLib ends a process that gets no memory; the parent shall know why. What there is of memory now suffices for a short message. */
static void on_fatal(const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
    if (strstr(message, "failed to allocate"))
        da_message_send(*(const int *)data, DA_MESSAGE_NO_MEMORY, DA_ERROR_LIMIT, "");
    else
        g_log_default_handler(domain, level, message, NULL);
    _exit(1);
}

/* A page is worked on in a few large pieces of memory, again and again. Given back each time, each is zeroed anew by the system: a seventh
 * of the processor time of recognition. 32 MiB is the most that the C library takes as threshold. */
static void keep_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
    mallopt(M_TOP_PAD, 32 << 20);
}

static void settle(const DaWorkerPool *pool, int parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before we asked to die with it */
        _exit(1);
    settle_signals();
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* it would hold pages of dossiers */
    struct rlimit memory = {pool->memory_bytes, pool->memory_bytes};
    if (pool->memory_bytes > 0 && !SANITIZED && setrlimit(RLIMIT_AS, &memory) != 0)
        _exit(1); /* never work without the limit that was asked for */
    keep_memory();
}

static void do_job(const DaWorkerPool *pool, int fd, const char *job, gpointer entered)
{
    g_autoptr(GError) error = NULL;
    errno = 0;
    g_autofree char *answer = pool->work(job, entered, &error);
    /* Most libraries answer a refused allocation with an error of their own words; only errno remembers. */
    if (answer == NULL && errno == ENOMEM && pool->memory_bytes > 0)
        g_prefix_error(&error, "its %" G_GUINT64_FORMAT " MiB of memory did not suffice: ",
                       pool->memory_bytes >> 20);
    if (answer == NULL)
        send_error(fd, DA_MESSAGE_ERROR, error);
    else if (strlen(answer) > DA_MESSAGE_MAX_BYTES)
        send_error(
            fd, DA_MESSAGE_ERROR,
            &(GError){DA_ERROR, DA_ERROR_LIMIT, (char *)"the answer of the job is too long"});
    else if (!da_message_send(fd, DA_MESSAGE_ANSWER, 0, answer))
        _exit(1);
}

void da_worker_child(const DaWorkerPool *pool, int fd, int parent)
{
    settle(pool, parent);
    g_log_set_handler("GLib", G_LOG_LEVEL_ERROR | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION, on_fatal,
                      &fd);
    gboolean is_entered = FALSE;
    gpointer entered = pool->data;
    for (char *job = receive_job(fd); job != NULL; job = receive_job(fd)) {
        g_autoptr(GError) error = NULL;
        if (!is_entered && pool->enter != NULL)
            entered = pool->enter(pool->data, &error);
        is_entered = error == NULL;
        if (!is_entered) {
            send_error(fd, DA_MESSAGE_NOT_ENTERED, error);
            _exit(0);
        }
        do_job(pool, fd, job, entered);
        g_free(job);
    }
    _exit(0);
}
