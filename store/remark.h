/* What an archivist remarks on a dossier (备注). */
#pragma once

#include "record_kinds.h"

gboolean da_remark_apply(const DaRecordApplying *applying, const DaRecord *record, GError **error);
