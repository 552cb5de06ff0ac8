/* Verbs that look at single images: each file in a worker process, answers in the order of the files. */
#pragma once

#include "cli.h"

#include <dangan/recognize.h>

/* What a verb says of one side: a JSON object without "file" and "page". */
typedef json_t *(*DaScanLook)(GBytes *master, guint dpi, DaRecognizer *recognizer, GError **error);

typedef struct {
    const char *verb, *about, *example;
    const char *engine;               /* the standard of --engine; */
    DaScanLook look;
    void (*print)(const json_t *side); /* for people, without --json */
} DaScanVerb;

/* Parses options, looks at every side of every file, prints. Returns the exit status: 3 when a file could not be read. */
int da_cli_look_at_scans(const DaScanVerb *verb, int argc, char **argv);
