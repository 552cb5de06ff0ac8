/*
 * Requirements of E-ARK CSIP and SIP broken one at a time: each fault is an edit of METS.xml by XPath, and some move files of the package.
 */
#pragma once

#include "fixture.h"

#include <dangan/handle/xml.h>

typedef struct {
    const char
        *where; /* XPath: every node that it finds is edited; a test fails when it finds none */
    /* "@NAME": the attribute becomes `to` (NULL: it goes); "text": the content becomes it; "gone": the node goes; "inside",
     * "behind": the XML of `to` is added as last child, or after the node; "twin": a copy of the node called `to` stands before it. */
    const char *what;
    const char *to;
} MetsEdit;

typedef struct {
    const char *rule;
    MetsEdit edits[6]; /* end with NULL */
    /* What else is done to a fixture of its own, before the edits; NULL = METS.xml alone changes. */
    void (*prepare)(Fixture *fixture);
    const char *also; /* rules that the same fault must break too, by blanks; NULL */
} MetsFault;

extern const MetsFault mets_faults[]; /* end with a NULL rule */
/* What faults are planted in where a package of ours has not the part: good by itself. `rule` is a label. */
extern const MetsFault mets_twins[];

/* METS.xml of a fixture parsed, and written back. */
xmlDoc *mets_read(const Fixture *fixture);
void mets_write(const Fixture *fixture, xmlDoc *doc);
void mets_edit(xmlDoc *doc, const MetsEdit *edit);
