/*
 * Deliveries that were never on disk: what verification keeps of packages, for tests of samples and verdicts, which look at nothing else.
 */
#pragma once

#include <dangan/verdict.h>

typedef struct {
    char *folder; /* for lists; removed by invented_clear */
    DaProfile *profile;
    GPtrArray *all; /* DaVerification *: packages, then the handover list */
} Invented;

/* The default profile and a handover list that fits. */
void invented_init(Invented *delivery);
void invented_clear(Invented *delivery);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Invented, invented_clear)

/* Adds a good package: `materials` materials of class 9-1 with `sides` sides each. Borrowed. */
DaVerification *invented_add(Invented *delivery, const char *id, const char *employer,
                             const char *operator_name, guint materials, guint sides);
/* `count` such packages p000, p001, … with two materials of three sides. */
void invented_add_many(Invented *delivery, guint from, guint count, const char *employer,
                       const char *operator_name);
/* Adds a finding by a rule of the profile; `page` may be NULL. */
void invented_find(Invented *delivery, DaVerification *package, const char *rule, const char *page);
/* Sets what a rule came to in a package (or list). */
void invented_set_outcome(DaVerification *package, const char *rule, DaRuleOutcome outcome);
/* Sets a parameter of a rule of the profile. */
void invented_set(Invented *delivery, const char *rule, const char *parameter, const char *value);
/* Takes a rule out of the profile. */
void invented_without(Invented *delivery, const char *rule);

DaSample *invented_draw(const Invented *delivery, const char *seed);
/* Judges every item of the rule (NULL = of all) in memory. */
void invented_judge(DaSample *sample, const char *rule, DaJudgement judgement);
DaSampleItem *invented_item(const DaSample *sample, const char *rule, guint index);
