/* The smallest HTTP client: one request a connection, byte for byte as the test wants it. */
#pragma once

#include <glib.h>

typedef struct {
    guint status; /* 0 = closed without an answer */
    char *head;   /* status line and headers */
    GBytes *body;
} Answer;

void answer_clear(Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

/* A connected socket to "http://host:port/". */
int client_connect(const char *address);
/* Sends all bytes and reads until the server closes; at most 20 s. */
Answer client_raw(const char *address, const void *request, gsize size);
/* A well-formed request; `headers` are whole lines ending in CRLF, or "". */
Answer client_ask(const char *address, const char *method, const char *target, const char *headers,
                  const char *body);
/* Value of a header, NULL when there is none; the caller owns it. */
char *answer_header(const Answer *answer, const char *name);
