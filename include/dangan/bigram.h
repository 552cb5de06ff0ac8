/*
 * What the index holds of a text, made by the same code for the page and for the query.
 *
 * A text is folded (da_text_fold) and falls into runs. A run of Han characters gives each character and each pair of
 * neighbours; a run of other letters and digits is one word. Everything else, line ends too, ends a run. So 工资 finds 调整工资表 and
 * 工 finds both; a word broken at the end of a line is found by its parts.
 *
 * The index narrows down; whether the words stand in the text as typed is for the reader of the hit to check (on the folded text).
 */
#pragma once

#include <glib.h>

/* A longer word of letters or digits counts by its first characters. */
#define DA_BIGRAM_WORD_MAX 40

/* NFKC (full-width forms become half-width, compatibility forms unified), case folded, blanks of every kind one space,
 * none at the ends. Invalid UTF-8 is replaced. The caller owns it. */
char *da_text_fold(const char *text);
/* A key of person_key: folded, without any blank ("龚 杉榕" = "龚杉榕"); NULL when nothing is left. The caller owns it. */
char *da_person_key(const char *text);

/* The lexemes of a text, each once, sorted by bytes, as a PostgreSQL array ("{\"工\",\"工资\"}") for array_to_tsvector(). The
 * caller owns it. */
char *da_bigram_vector(const char *text);

/* The words as a tsquery ("'工资' & '1985'"): every pair of a Han run (the character itself when it stands alone) and every other word.
 * NULL when the text holds nothing that can be looked for. The caller owns it. */
char *da_bigram_query(const char *words);
