/*
 * The HTTP service of the archive room: JSON API under /api/v1, images, and the reading room (query/web).
 *
 * libmicrohttpd, a thread a connection with a limit; binds loopback (nginx in front where it is exposed). Every answer but the
 * login page and its files needs a session. Source: docs/api.md.
 */
#pragma once

#include <dangan/archive.h>

typedef struct DaService DaService;

/* Starts to listen on `listen` ("127.0.0.1:8080"; port 0 = any free one; "unix:/run/dangan.sock"). */
DaService *da_service_start(DaArchive *archive, const char *listen, GError **error);
/* "http://127.0.0.1:8080/" or "unix:/run/dangan.sock"; borrowed. */
const char *da_service_address(const DaService *service);
/* Stops accepting, lets what runs finish (at most 10 s), frees. */
void da_service_stop(DaService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaService, da_service_stop)
