#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define TIMEOUT_SECONDS 20

void answer_clear(Answer *answer)
{
    g_free(answer->head);
    g_clear_pointer(&answer->body, g_bytes_unref);
}

int client_connect(const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    to.sin_port = htons((guint16)atoi(strrchr(address, ':') + 1));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval limit = {.tv_sec = TIMEOUT_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        g_error("cannot connect to %s", address);
    return fd;
}

static GByteArray *read_all(int fd)
{
    GByteArray *all = g_byte_array_new();
    guint8 piece[65536];
    for (ssize_t n = read(fd, piece, sizeof piece); n > 0; n = read(fd, piece, sizeof piece))
        g_byte_array_append(all, piece, (guint)n);
    return all;
}

Answer client_raw(const char *address, const void *request, gsize size)
{
    Answer answer = {0};
    int fd = client_connect(address);
    for (gsize sent = 0; sent < size;) {
        ssize_t n = send(fd, (const char *)request + sent, size - sent, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        sent += (gsize)n;
    }
    g_autoptr(GByteArray) all = read_all(fd);
    close(fd);
    const char *end = all->len == 0 ? NULL : memmem(all->data, all->len, "\r\n\r\n", 4);
    gsize head = end == NULL ? all->len : (gsize)(end - (const char *)all->data) + 4;
    answer.head = head == 0 ? g_strdup("") : g_strndup((const char *)all->data, head);
    answer.body = head == 0 ? g_bytes_new(NULL, 0) : g_bytes_new(all->data + head, all->len - head);
    if (g_str_has_prefix(answer.head, "HTTP/1."))
        answer.status = (guint)atoi(answer.head + strlen("HTTP/1.1 "));
    return answer;
}

Answer client_ask(const char *address, const char *method, const char *target, const char *headers,
                  const char *body)
{
    g_autofree char *length =
        body == NULL ? g_strdup("") : g_strdup_printf("Content-Length: %zu\r\n", strlen(body));
    g_autofree char *request =
        g_strdup_printf("%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s%s\r\n%s",
                        method, target, length, headers, body == NULL ? "" : body);
    return client_raw(address, request, strlen(request));
}

char *answer_header(const Answer *answer, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(answer->head, "\r\n", -1);
    gsize length = strlen(name);
    for (guint i = 1; lines[i] != NULL; i++)
        if (g_ascii_strncasecmp(lines[i], name, length) == 0 && lines[i][length] == ':')
            return g_strstrip(g_strdup(lines[i] + length + 1));
    return NULL;
}
