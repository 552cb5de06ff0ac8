/*
 * Names as they are spoken, and characters as they are written elsewhere.
 *
 * Readings and forms are those of ICU: `Han-Latin/Names` knows that a character is read otherwise in a surname (单 Shàn, 仇 Qiú, 解 Xiè, 曾 Zēng, 查 Zhā,
 * 区 Ōu), `Han-Latin` has the usual reading, `Hant-Hans` the simplified form. Tones and blanks are left out, ü is u. Source: CLDR
 * transforms, Unihan kMandarin.
 * Thread rule: may be called from any thread; calls wait for each other.
 */
#pragma once

#include <glib.h>

/* Loads the readings, a tenth of a second once a process, for who would rather wait at its start than in the middle. (In a thread of its own it
 * would run while workers are forked, which inherit the locks that it holds.) */
void da_pinyin_load(void);

/* "shanxiongxin" of 单雄信 as a person's name. NULL when it has no Han character. The caller owns it. */
char *da_pinyin_name(const char *name);
/* The same with the usual readings: "danxiongxin". */
char *da_pinyin_usual(const char *name);
/* "sxx": the first letter of each character, of the surname as in da_pinyin_name(). */
char *da_pinyin_initials(const char *name);

/* What somebody typed, as it stands in keys: letters without tones, blanks and apostrophes, v as u. NULL when there is anything
 * else in it or fewer than two letters. The caller owns it. */
char *da_pinyin_words(const char *words);

/* Simplified forms of all characters that have one. The caller owns it. */
char *da_han_simplified(const char *text);
/* These, and the usual form of each rare variant (异体字): 喆 becomes 哲. Source: Unihan, UAX #38; see store/make-variants. The caller owns it. */
char *da_han_usual(const char *text);
