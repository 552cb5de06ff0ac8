/*
 * Entries of the audit from many threads: those that come while one transaction is written go together into the next, so that each waits for its own
 * to be durable and a thousand a second are possible.
 *
 * Thread rule: may be called from any thread.
 */
#pragma once

#include <dangan/audit.h>

typedef struct DaAuditQueue DaAuditQueue;

DaAuditQueue *da_audit_queue_new(DaArchive *archive);
/* Nobody may be waiting any more. */
void da_audit_queue_free(DaAuditQueue *queue);

/* Returns when the entry is durable. What cannot be written must not be done: DA_ERROR_DATABASE. */
gboolean da_audit_queue_put(DaAuditQueue *queue, const DaAuditEntry *entry, GError **error);
