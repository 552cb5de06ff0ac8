/* Brings rows of the handover list and folders together. */
#pragma once

#include <dangan/batch.h>

/* Sets `row` of each dossier; moves findings of the list to the dossier that their row is about; adds findings for rows
 * without a folder and folders without a row. */
void da_batch_match(DaBatch *batch, const DaProfile *profile);
