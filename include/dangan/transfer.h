/*
 * Transfer of dossiers to another district of the archive (转递). Three records:
 *
 *     transfer             the slip (转递单): these dossiers are sent. They stay the sender's until they have arrived.
 *     transfer-receipt     the return receipt (回执): the receiver has them. From here on they are his: his clerks find them, the sender's do not.
 *     transfer-withdrawal  they are not sent after all
 *
 * A dossier on which a hold stands is not sent (dangan/custody.h); one that is under way is on one slip. Where its paper lay is forgotten when it
 * has arrived.
 * Source: 劳力字〔1992〕33号: sent by confidential post or messenger with a slip; the receiver returns the receipt, the sender asks for it after a
 * month.
 */
#pragma once

#include <dangan/archive.h>
#include <jansson.h>

#define DA_TRANSFER_DAYS 30u /* after which the sender asks for the receipt */
#define DA_TRANSFER_DOSSIERS_MAX 2000u

typedef struct {
    const char *to;     /* district, GB/T 2260 */
    const char *reason; /* without personal data */
    const char *by;     /* NULL = the system's user name */
} DaTransferOptions;

/* Each makes one record and gives its number; 0 with error. */

/* All of the dossiers (NULL-terminated, UUIDs) or none; all of one district. DA_ERROR_CONFLICT names those that cannot go, and why. */
guint64 da_transfer_send(DaArchive *archive, PGconn *db, char **dossiers, const DaTransferOptions *options, GError **error);
/* DA_ERROR_NOT_FOUND when there is no such slip, DA_ERROR_CONFLICT when it is settled. */
guint64 da_transfer_receive(DaArchive *archive, PGconn *db, guint64 slip, const char *by, GError **error);
guint64 da_transfer_withdraw(DaArchive *archive, PGconn *db, guint64 slip, const char *reason, const char *by, GError **error);

/* [{"slip", "at", "by", "from", "to", "dossiers", "state": "sent", "received" or "withdrawn", "settled_at" or null, "overdue"}] in order;
 * `open` = only those that are under way. The caller owns it. */
json_t *da_transfer_list(PGconn *db, gboolean open, GError **error);
