/*
 * A date as people write it on forms: 1956年3月12日, 56.3.12, 一九五六年三月, 民国三十五年, 19560312, and what recognition makes of them.
 *
 * Nothing is invented: what is not written stays missing, and what can be read in two ways is not read. Source: GB/T 7408.1 for digits;
 * the rest is how forms have been filled in since the 1950s.
 */
#pragma once

#include <dangan/dossier.h>

typedef struct {
    DaDate date;
    gsize from, to; /* bytes of the text that say it */
    gboolean
        repaired; /* a character that recognition confuses was taken for the digit or word it must be */
    gboolean
        cut; /* something that should be month or day could not be read: the date is less exact than what is written */
    gboolean two_digits; /* the century was not written */
    gboolean span;       /* nothing was read: it is a span of two dates */
} DaWrittenDate;

/* The first date in `text` (UTF-8). FALSE when there is none, and for what is no single date of the solar calendar: a span (1956.3至1959.4),
 * a lunar date (农历三月初五). `two_digit_years_from`: the first year that two digits can mean; 0 = two digits are no year. */
gboolean da_written_date_find(const char *text, guint two_digit_years_from, DaWrittenDate *found);

/* For a cell that must hold a date and in which none is found: the year it begins with, `cut`. */
gboolean da_written_year_find(const char *text, DaWrittenDate *found);
