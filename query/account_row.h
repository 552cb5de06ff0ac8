/* An account as a row has it. */
#pragma once

#include <dangan/account.h>

/* Of columns name and districts (joined by commas, NULL = all). The caller owns it. */
DaAccount *da_account_of(const PGresult *rows, int row);
