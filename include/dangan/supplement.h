/*
 * Supplementary materials (零散材料): materials that turn up after a dossier was made join it as a new version of it.
 *
 * They come as a small package of the same person, made by ingest like any other. Each becomes the next of its class: its sequence follows
 * the last one that the class has, and its page stems follow the sequence. What the dossier had keeps its names and bytes; of what comes,
 * masters, access images and text are the same bytes under new names. dossier.xml says of each material when, by whom and out of which
 * package it was added, and PREMIS has the event.
 * Source: 企业职工档案管理工作规定 (劳力字〔1992〕33号): later materials are filed into their class; reference forms of 零散材料登记.
 */
#pragma once

#include <dangan/profile.h>

/* TRUE when both are of one person: the same ID number (one of 15 digits counts as its new form), or where neither has one the same name. */
gboolean da_dossier_same_person(const DaDossier *a, const DaDossier *b);

/* TRUE when materials out of the package with this digest are in the dossier already. */
gboolean da_dossier_has_addition(const DaDossier *dossier, const char *digest);

/* Moves the materials and claims of `later` into `dossier`: `how` is noted on each, `later` is empty afterwards. `scheme` gives the order of classes that the dossier did not have;
 * NULL = they come last. The dossier's `created` becomes `how->at`. DA_ERROR_CONFLICT when it is another person, or these materials were
 * added before; DA_ERROR_INPUT when the two use different class schemes, `later` has no pages, or a class is full. On failure neither is
 * changed. */
gboolean da_dossier_supplement(DaDossier *dossier, DaDossier *later, const DaScheme *scheme, const DaAddition *how,
                               GError **error);
