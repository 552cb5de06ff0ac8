/*
 * A real archive with a few invented persons, made the way the program makes it: a package of each, deposited.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/profile.h>

#define HOLDINGS_PAGES 4

typedef struct {
    const char *name, *id_number, *sex, *birth, *employer;
    const char *texts[HOLDINGS_PAGES]; /* a page each, lines apart by newline; NULL ends the list */
    gboolean tiff;                     /* masters are TIFF instead of JPEG */
} Person;

typedef struct {
    char *folder; /* temporary, removed by holdings_free */
    DaArchive *archive;
    PGconn *db;
    PGconn *reader; /* sees all districts */
    DaProfile *profile;
} Holdings;

/* Every fault ends the process: nothing can be tested then. */
Holdings *holdings_new(void);
void holdings_free(Holdings *holdings);
/* The id of the new dossier; the caller owns it. */
char *holdings_add(Holdings *holdings, const Person *person);
/* Id of a page of the first version; the caller owns it. */
char *holdings_page(const char *dossier, const char *stem);
/* A statement without parameters. */
void holdings_run(Holdings *holdings, const char *sql);
/* A single text of a query without parameters; the caller owns it. */
char *holdings_ask(Holdings *holdings, const char *sql);
