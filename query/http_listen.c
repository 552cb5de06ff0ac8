#include "http_parts.h"

#include <arpa/inet.h>
#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define BACKLOG 128

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} Address;

static gboolean parse_port(const char *text, guint16 *port)
{
    guint64 value = 0;
    if (!g_ascii_string_to_unsigned(text, 10, 0, 65535, &value, NULL))
        return FALSE;
    *port = (guint16)value;
    return TRUE;
}

static gboolean parse_host(const char *host, guint16 port, Address *address)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        return TRUE;
    }
    if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(port);
        return TRUE;
    }
    return FALSE;
}

static gboolean is_loopback(const Address *address)
{
    if (address->any.sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
    return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
}

/* The host without the brackets of an IPv6 address; "localhost" is not looked up, because a name server must not decide
 * where personal data are served. */
static char *host_of(const char *listen, const char *colon)
{
    g_autofree char *host = g_strndup(listen, (gsize)(colon - listen));
    gsize length = strlen(host);
    if (g_ascii_strcasecmp(host, "localhost") == 0)
        return g_strdup("127.0.0.1");
    if (length > 2 && host[0] == '[' && host[length - 1] == ']')
        return g_strndup(host + 1, length - 2);
    return g_steal_pointer(&host);
}

static gboolean parse(const char *listen, Address *address, GError **error)
{
    const char *colon = strrchr(listen, ':');
    guint16 port = 0;
    g_autofree char *host = colon == NULL ? NULL : host_of(listen, colon);
    if (host == NULL || !parse_port(colon + 1, &port) || !parse_host(host, port, address))
        return da_error_set(error, DA_ERROR_USAGE,
                            "cannot listen on '%s': wanted is ADDRESS:PORT, as in 127.0.0.1:8080",
                            listen);
    if (!is_loopback(address))
        return da_error_set(error, DA_ERROR_USAGE,
                            "cannot listen on '%s': only loopback addresses (127.0.0.1, [::1]) are "
                            "served; put nginx in front for other machines",
                            listen);
    return TRUE;
}

static char *url_of(int fd)
{
    Address address;
    socklen_t size = sizeof address;
    char host[INET6_ADDRSTRLEN] = "";
    if (getsockname(fd, &address.any, &size) != 0)
        return g_strdup("");
    if (address.any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &address.v6.sin6_addr, host, sizeof host);
        return g_strdup_printf("http://[%s]:%u/", host, ntohs(address.v6.sin6_port));
    }
    inet_ntop(AF_INET, &address.v4.sin_addr, host, sizeof host);
    return g_strdup_printf("http://%s:%u/", host, ntohs(address.v4.sin_port));
}

int da_http_listen(const char *listen_on, char **address_url, GError **error)
{
    Address address;
    if (!parse(listen_on, &address, error))
        return -1;
    da_autofd int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, &address.any, sizeof address) != 0 || listen(fd, BACKLOG) != 0) {
        da_error_set_errno(error, errno, "cannot listen on '%s'", listen_on);
        return -1;
    }
    *address_url = url_of(fd);
    int result = fd;
    fd = -1;
    return result;
}
