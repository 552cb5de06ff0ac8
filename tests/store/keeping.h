/*
 * An archive with something in it, for tests of keeping: a dossier of two versions and records in a chain; and ways to damage it.
 */
#pragma once

#include "fixture.h"
#include "scene.h"

#include <dangan/record.h>

typedef struct {
    Scene *scene;
    DaArchive *archive;
    PGconn *db;
    Fixture *fixture; /* as its second version is */
    char *copy;       /* scene/copy: where a backup goes */
} Keeping;

/* cmocka setup and teardown of a group; *state is the Keeping. */
int keeping_begin(void **state);
int keeping_end(void **state);

/* A remark on the dossier: the next record. */
DaRecord *keeping_remark(Keeping *keeping, const char *text);
/* The digest that a query gives; the caller owns it. */
char *keeping_object_path(const char *dir, const char *sha256);
/* One bit of a file; again, and it is as it was. */
void keeping_flip(const char *path);
void keeping_backup(Keeping *keeping);
/* Every row about the holdings, as text: all tables but those that no record could give back. The caller owns it. */
char *keeping_holdings(PGconn *db);
