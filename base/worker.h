/*
 * The two ends of a pool of workers, and what goes between them.
 *
 * A message is a DaMessageHead and `size` bytes. Parent to child: a job. Child to parent: an answer, or the text of an error with its
 * code. The child is not trusted: the parent checks sizes and codes.
 */
#pragma once

#include <dangan/worker.h>

#define DA_MESSAGE_MAX_BYTES (64u * 1024 * 1024)

typedef enum {
    DA_MESSAGE_JOB,
    DA_MESSAGE_ANSWER,
    DA_MESSAGE_ERROR,
    DA_MESSAGE_NOT_ENTERED,
    DA_MESSAGE_NO_MEMORY /* the last one of this child */
} DaMessageKind;

typedef struct {
    guint32 size;
    guint32 kind; /* DaMessageKind */
    guint32 code; /* DaErrorCode with an error */
} DaMessageHead;

/* Sends a whole message, waiting as long as the other end takes; FALSE with errno when it is gone. */
gboolean da_message_send(int fd, DaMessageKind kind, guint code, const char *text);

/* The child's life: takes jobs from `fd` until it closes. Does not return. */
void da_worker_child(const DaWorkerPool *pool, int fd, int parent) G_GNUC_NORETURN;
