/* Brings rows of the handover list and folders together. */
#pragma once

#include <dangan/batch.h>

/* Sets `row` of each dossier; moves findings of the list to the dossier that their row is about; adds findings for rows
 * without a folder, folders without a row, and dossiers without scans. */
void da_batch_match_rows(DaBatch *batch, const DaProfile *profile);
