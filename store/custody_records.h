/* The functions of the kinds location, hold, release, life and retention. */
#pragma once

#include "record_kinds.h"

gboolean da_custody_apply_location(const DaRecordApplying *applying, const DaRecord *record, GError **error);
gboolean da_custody_apply_hold(const DaRecordApplying *applying, const DaRecord *record, GError **error);
gboolean da_custody_apply_release(const DaRecordApplying *applying, const DaRecord *record, GError **error);
gboolean da_custody_apply_life(const DaRecordApplying *applying, const DaRecord *record, GError **error);
gboolean da_custody_apply_retention(const DaRecordApplying *applying, const DaRecord *record, GError **error);
