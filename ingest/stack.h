/*
 * A stack of sides with separator sheets between them becomes dossiers and materials.
 *
 * Nothing is guessed: sides before the first sheet belong to nobody and are named in a finding. A sheet is no page; its blank back
 * is none either. Pure work on what was read; the scans are looked at in run_stacks.c.
 */
#pragma once

#include <dangan/batch.h>
#include <dangan/separator.h>

typedef struct {
    const char *path;   /* borrowed */
    guint frame;        /* 1-based */
    DaSeparator *sheet; /* borrowed; NULL = no separator sheet */
    gboolean two;       /* two payloads on one side */
    gboolean blank;     /* known only for neighbours of sheets */
} DaStackSide;

typedef struct {
    char *name;    /* of the file or folder, as shown */
    char *folder;  /* name of the folder that the sides lie in; NULL = beside the folders */
    GArray *sides; /* DaStackSide, paper order */
} DaStack;

DaStack *da_stack_new(const char *name, const char *folder);
void da_stack_free(DaStack *stack);

/* TRUE when side `i` may be the back of a sheet beside it: then whether it is blank has to be known. */
gboolean da_stack_asks_blank(const DaStack *stack, guint i);

/* Gives the sides to dossiers of `batch`, which are made where no folder stands for them; a folder of a mixed stack is none any more.
 * A stack without sheets is left as it is, with a finding when it lies beside the folders. */
void da_stack_deal(DaStack *stack, DaBatch *batch, const DaProfile *profile);
