/* What the parts of description share. */
#pragma once

#include <dangan/describe.h>

#define DA_CONFLICT_FIELDS 4
/* Birth, start of work, party date, retirement: the dates that forms are compared by. */
extern const DaField da_conflict_fields[DA_CONFLICT_FIELDS];

/* The findings of da_describe_findings(), by subject. */
typedef struct {
    const DaDossier *dossier;
    const GPtrArray *pages; /* DaPageDescription * */
    const GPtrArray *sides; /* DaPage * */
    const DaProfile *profile;
    const char *subject;
    GPtrArray *findings;
} DaAdvice;

/* A new finding by the rule of `check`, at a claim's place where there is one; NULL when the profile has no such rule. Borrowed. */
DaFinding *da_advise(const DaAdvice *advice, const char *check, const DaClaim *claim);
/* The description of a side; NULL when it has none. */
const DaPageDescription *da_advice_page(const DaAdvice *advice, const DaPage *side);
/* The title claim of a page; NULL = none. */
const DaClaim *da_title_claim(const DaPageDescription *page);

void da_advise_dates(const DaAdvice *advice);
void da_advise_persons(const DaAdvice *advice);
void da_advise_titles(const DaAdvice *advice);
void da_advise_expected(const DaAdvice *advice);
