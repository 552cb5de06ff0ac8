#include "record_kinds.h"

#include "custody_records.h"
#include "deposit_record.h"
#include "intake_parts.h"
#include "remark.h"

#include <string.h>

static const DaRecordKind kinds[] = {
    {"acceptance", da_intake_apply_acceptance},
    {"arrival", da_intake_apply_arrival},
    {"deposit", da_deposit_record_apply},
    {"hold", da_custody_apply_hold},
    {"life", da_custody_apply_life},
    {"location", da_custody_apply_location},
    {"release", da_custody_apply_release},
    {"remark", da_remark_apply},
    {"return", da_intake_apply_return},
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
