/* The functions of the kinds transfer, transfer-receipt and transfer-withdrawal. */
#pragma once

#include "record_kinds.h"

gboolean da_transfer_apply_slip(const DaRecordApplying *applying, const DaRecord *record, GError **error);
gboolean da_transfer_apply_receipt(const DaRecordApplying *applying, const DaRecord *record, GError **error);
gboolean da_transfer_apply_withdrawal(const DaRecordApplying *applying, const DaRecord *record, GError **error);
