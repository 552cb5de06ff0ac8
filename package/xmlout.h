/*
 * Writing XML into memory: elements, attributes and text, indented, UTF-8. What XML 1.0 cannot hold (control characters,
 * broken UTF-8) is left out, so that a stray byte of OCR never makes a document unreadable. Source: XML 1.0 §2.2 (Char).
 *
 * Nothing here can fail but by lack of memory.
 */
#pragma once

#include <glib.h>

typedef struct DaXmlOut DaXmlOut;

DaXmlOut *da_xmlout_new(void);
void da_xmlout_free(DaXmlOut *out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaXmlOut, da_xmlout_free)

/* Begins an element; attributes follow directly. Each open has its close. */
void da_xmlout_open(DaXmlOut *out, const char *name);
void da_xmlout_close(DaXmlOut *out);
/* An attribute; NULL is left out. */
void da_xmlout_attribute(DaXmlOut *out, const char *name, const char *value);
void da_xmlout_attributef(DaXmlOut *out, const char *name, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* <name>text</name>; NULL is left out. */
void da_xmlout_element(DaXmlOut *out, const char *name, const char *text);
void da_xmlout_elementf(DaXmlOut *out, const char *name, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Text inside the open element. */
void da_xmlout_text(DaXmlOut *out, const char *text);

/* Closes what is open and gives the document. The caller owns the bytes; `out` takes nothing more. */
GBytes *da_xmlout_finish(DaXmlOut *out);
