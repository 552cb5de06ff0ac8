#include "http_parts.h"

#include <arpa/inet.h>
#include <dangan/error.h>
#include <dangan/handle/fd.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

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
        return da_error_set(
            error, DA_ERROR_USAGE,
            "cannot listen on '%s': wanted is ADDRESS:PORT, as in 127.0.0.1:8080, or "
            "unix:PATH",
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

/* --- a socket in the file system ------------------------------------------------------------------------------------- */

/* One that nobody listens on any more was left by a service that was killed. */
static gboolean remove_stale(const struct sockaddr_un *address, GError **error)
{
    struct stat status;
    if (lstat(address->sun_path, &status) != 0)
        return TRUE;
    if (!S_ISSOCK(status.st_mode))
        return da_error_set(error, DA_ERROR_CONFLICT,
                            "cannot listen on '%s': there is a file of that name",
                            address->sun_path);
    da_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
        return da_error_set(error, DA_ERROR_CONFLICT, "cannot listen on '%s': another service does",
                            address->sun_path);
    return unlink(address->sun_path) == 0 ||
           da_error_set_errno(error, errno, "cannot remove '%s'", address->sun_path);
}

/* For its owner and group: nginx has to be in the group. */
static int listen_unix(const char *path, char **address_url, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (*path != '/' || strlen(path) >= sizeof address.sun_path) {
        da_error_set(error, DA_ERROR_USAGE,
                     "cannot listen on 'unix:%s': wanted is an absolute path of at most %zu bytes",
                     path, sizeof address.sun_path - 1);
        return -1;
    }
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (!remove_stale(&address, error))
        return -1;
    da_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t before = umask(0117);
    gboolean listening = fd >= 0 &&
                         bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
                         listen(fd, BACKLOG) == 0;
    umask(before);
    if (!listening) {
        da_error_set_errno(error, errno, "cannot listen on 'unix:%s'", path);
        return -1;
    }
    *address_url = g_strconcat(DA_HTTP_UNIX, path, NULL);
    int result = fd;
    fd = -1;
    return result;
}

int da_http_listen(const char *listen_on, char **address_url, GError **error)
{
    Address address;
    if (g_str_has_prefix(listen_on, DA_HTTP_UNIX))
        return listen_unix(listen_on + strlen(DA_HTTP_UNIX), address_url, error);
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
