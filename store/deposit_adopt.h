/*
 * Versions that were deposited before there were records get theirs, when the archive is opened by a program that makes them.
 */
#pragma once

#include <dangan/archive.h>

/* In the order in which they came, each in a transaction of its own; what a killed one left, the next does. */
gboolean da_deposit_adopt(DaArchive *archive, PGconn *db, GError **error);
