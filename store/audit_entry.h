/* An entry of the audit as it is digested. */
#pragma once

#include <dangan/audit.h>

#define DA_AUDIT_CHECKPOINT "audit-checkpoint"

/* Without its digest; NULL for what is no UTF-8. The caller owns it. */
json_t *da_audit_entry_json(const DaAuditEntry *entry, guint64 number, const char *at, const char *former);
/* 64 hexadecimal digits. The caller owns it. */
char *da_audit_entry_digest(const json_t *entry);
