/* What the files of the HTTP edge share among themselves. */
#pragma once

#include "http.h"

#include <microhttpd.h>

DaHttpRequest *da_http_request_new(const char *target, struct MHD_Connection *connection,
                                   gpointer server);
void da_http_request_free(DaHttpRequest *request);
/* Looks at target and headers, before a body is read. NULL when the request may go on. */
DaHttpResponse *da_http_request_check(DaHttpRequest *request, const char *url, const char *version);

/* Gives the response to the library. */
enum MHD_Result da_http_response_queue(DaHttpResponse *response,
                                       struct MHD_Connection *connection);

/* A listening socket, -1 with error; `address` receives the URL (the caller owns it). */
int da_http_listen(const char *listen, char **address, GError **error);
