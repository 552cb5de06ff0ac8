/*
 * Separator sheets: printed sheets between the paper of a stack that say which dossier and which material begins.
 *
 * Each sheet carries one payload, as QR codes and as Code 128, so that a stain costs nothing:
 *
 *     DA1:D:<ID number, 档号 or folder name>      a dossier begins
 *     DA1:M:<类号-序号>                           a material of it begins: DA1:M:9-1-2
 *
 * All but letters, digits and -._~ are percent-escaped (RFC 3986), so that both codes hold plain ASCII. Codes with another beginning are
 * content of the page and mean nothing here.
 * Source: ISO/IEC 15417 (Code 128), ISO/IEC 18004 (QR).
 */
#pragma once

#include <dangan/handle/pix.h>
#include <glib.h>

typedef enum { DA_SEPARATOR_DOSSIER, DA_SEPARATOR_MATERIAL } DaSeparatorKind;

typedef struct {
    DaSeparatorKind kind;
    char *text; /* "606129196201204759", "9-1-2" */
} DaSeparator;

void da_separator_free(DaSeparator *separator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaSeparator, da_separator_free)

/* The payload of a sheet. The caller owns it. */
char *da_separator_payload(DaSeparatorKind kind, const char *text);
/* What a payload says; NULL when it is none, or broken. */
DaSeparator *da_separator_parse(const char *payload);

/* Looks for a sheet in a page of 150 dpi or more, turned and skewed as it may be. NULL when it is none; `two` (may be NULL) becomes TRUE when
 * it carries two different payloads, which then count for none. */
DaSeparator *da_separator_read(const Pix *pix, gboolean *two);

/* Sheets to print, as one HTML file, A4, a sheet a page. */
typedef struct DaSeparatorSheets DaSeparatorSheets;
DaSeparatorSheets *da_separator_sheets_new(void);
/* One more sheet. `caption` and `note` (may be NULL) are printed for people. DA_ERROR_LIMIT when the text is too long for the codes. */
gboolean da_separator_sheets_add(DaSeparatorSheets *sheets, DaSeparatorKind kind, const char *text, const char *caption,
                                 const char *note, GError **error);
guint da_separator_sheets_count(const DaSeparatorSheets *sheets);
/* The finished file; frees `sheets`. The caller owns the bytes. */
GBytes *da_separator_sheets_finish(DaSeparatorSheets *sheets);
