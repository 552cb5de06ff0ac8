/*
 * Capabilities: what a session may fetch without asking the database again. A capability stands in the path of an image and is good for
 * one dossier, for some minutes, and with the session that it was given to: whoever learns the address alone has nothing.
 *
 * 54 characters of base64url: 8 bytes of expiry, 16 of the dossier's id, 16 of HMAC-SHA-256 over these and the session's token. The key is
 * made when the service starts. Capabilities stay out of logs.
 */
#pragma once

#include <glib.h>

#define DA_CAPABILITY_TEXT 54u
#define DA_CAPABILITY_KEY 32u

typedef struct {
    guint8 bytes[DA_CAPABILITY_KEY];
} DaCapabilityKey;

gboolean da_capability_key_make(DaCapabilityKey *key, GError **error);

/* Good until `until_s` (seconds since 1970). The caller owns it; NULL when `dossier` is no UUID. */
char *da_capability_make(const DaCapabilityKey *key, const char *token, const char *dossier, gint64 until_s);
/* The dossier that it is good for at `now_s`, with this token; NULL when it is not. The caller owns it. */
char *da_capability_check(const DaCapabilityKey *key, const char *token, const char *capability, gint64 now_s);
