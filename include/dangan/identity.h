/*
 * Numbers of persons, units and districts. Source: GB 11643-1999 (公民身份号码), GB 32100-2015 (统一社会信用代码), GB/T 2260 and GB/T 10114
 * (行政区划代码).
 */
#pragma once

#include <dangan/dossier.h>

typedef enum {
    DA_IDENTITY_OK,
    DA_IDENTITY_EMPTY,
    DA_IDENTITY_LENGTH,     /* not 18 characters (15 is the old form) */
    DA_IDENTITY_OLD_FORM,   /* 15 digits: valid until 2013; da_id_number_upgrade() converts */
    DA_IDENTITY_CHARACTER,  /* something else than digits and a final X */
    DA_IDENTITY_DATE,       /* digits 7 to 14 are no date */
    DA_IDENTITY_CHECK,      /* the check digit is wrong */
} DaIdentityFault;

/* Checks a normalized ID number. */
DaIdentityFault da_id_number_check(const char *text);
/* What is wrong, for people: "check digit is X, computed 7". The caller owns it; NULL when nothing is wrong. */
char *da_id_number_fault_text(const char *text);
/* Half-width, upper-case X (also for × and Ⅹ), no blanks. The caller owns it. */
char *da_id_number_normalize(const char *text);
/* The 18-character form of a 15-digit number; NULL when it is not one. 996 to 999 at the end mean
 * born in 18xx. The caller owns it. */
char *da_id_number_upgrade(const char *text);
/* Birth date and sex ("男", "女") that a valid number says; missing and NULL for any other text. */
DaDate da_id_number_birth(const char *text);
const char *da_id_number_sex(const char *text);
/* TRUE when a 18-character 统一社会信用代码 and the organisation code inside it have right check digits. */
gboolean da_credit_code_is_valid(const char *text);

/* A district code of 6 digits (county) to 12 (neighbourhood); DA_ERROR_USAGE when it has another form. */
gboolean da_district_check(const char *code, GError **error);
