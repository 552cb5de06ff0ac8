#include "record_kinds.h"

#include "custody_records.h"
#include "deposit_record.h"
#include "destroy_parts.h"
#include "intake_parts.h"
#include "remark.h"
#include "transfer_records.h"

#include <string.h>

static const DaRecordKind kinds[] = {
    {"acceptance", da_intake_apply_acceptance, FALSE},
    {"arrival", da_intake_apply_arrival, FALSE},
    {"deposit", da_deposit_record_apply, TRUE},
    {"destruction", da_destroy_apply_destruction, FALSE},
    {"disposal", da_destroy_apply_disposal, FALSE},
    {"disposal-withdrawal", da_destroy_apply_withdrawal, FALSE},
    {"hold", da_custody_apply_hold, TRUE},
    {"life", da_custody_apply_life, TRUE},
    {"location", da_custody_apply_location, TRUE},
    {"release", da_custody_apply_release, TRUE},
    {"remark", da_remark_apply, TRUE},
    {"retention", da_custody_apply_retention, TRUE},
    {"return", da_intake_apply_return, FALSE},
    {"transfer", da_transfer_apply_slip, FALSE},
    {"transfer-receipt", da_transfer_apply_receipt, FALSE},
    {"transfer-withdrawal", da_transfer_apply_withdrawal, FALSE},
};

const DaRecordKind *da_record_kind_find(const char *kind)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (!strcmp(kinds[i].kind, kind))
            return &kinds[i];
    return NULL;
}

const char *da_record_text(const DaRecord *record, const char *member)
{
    return json_string_value(json_object_get(record->body, member));
}
