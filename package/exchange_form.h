/*
 * The names of the GB/T 33870 form: elements, folders, and what other programs write in their place.
 */
#pragma once

#include <glib.h>

typedef enum {
    DA_FORM_ROOT,
    DA_FORM_PERSON,
    DA_FORM_CATALOGUE,
    DA_FORM_ENTRY,
    DA_FORM_NAME,
    DA_FORM_SEX,
    DA_FORM_ETHNICITY,
    DA_FORM_BIRTH,
    DA_FORM_ID_NUMBER,
    DA_FORM_CLASS,
    DA_FORM_SEQUENCE,
    DA_FORM_TITLE,
    DA_FORM_FORMED,
    DA_FORM_PAGES,
    DA_FORM_NOTE,
    DA_FORM_ORIGINAL,
    DA_FORM_OPTIMISED,
    DA_FORM_N
} DaForm;

/* The fields of the person, and of an entry, in the order of the form. */
#define DA_FORM_PERSON_FIRST DA_FORM_NAME
#define DA_FORM_PERSON_LAST DA_FORM_ID_NUMBER
#define DA_FORM_ENTRY_FIRST DA_FORM_CLASS
#define DA_FORM_ENTRY_LAST DA_FORM_OPTIMISED

#define DA_FORM_IMAGES "图像数据"

/* The name in the form. */
const char *da_form_name(DaForm form);
/* The element that `name` stands for; DA_FORM_N = none. `strict` = it is the name in the form. */
DaForm da_form_find(const char *name, gboolean *strict);
/* DA_FORM_ORIGINAL or DA_FORM_OPTIMISED for the name of a folder of images; DA_FORM_N = neither. */
DaForm da_form_folder(const char *name, gboolean *strict);
/* "一" for class 1 to 99 without subdivision, else the code: the form of 类号. The caller owns it. */
char *da_form_class(const char *code);
