/*
 * Text that every format we write can hold: valid UTF-8 without control characters but tab and line ends.
 * Source: XML 1.0 §2.2 (Char).
 */
#pragma once

#include <glib.h>

/* What is wrong with the first character that may not stand in text, for people: "control character U+0003", "broken UTF-8"; NULL =
 * nothing. The caller owns it. */
char *da_plain_fault(const char *text);
