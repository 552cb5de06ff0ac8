/*
 * Reading a document that has been validated: what is there is well typed, what is absent gives NULL, 0, FALSE or NAN.
 * Comments and blanks between elements are stepped over.
 */
#pragma once

#include <dangan/handle/xml.h>

/* First child element; next element beside; NULL = none. */
const xmlNode *da_xmlin_first(const xmlNode *parent);
const xmlNode *da_xmlin_next(const xmlNode *node);
gboolean da_xmlin_is(const xmlNode *node, const char *name);

/* Text inside an element, never NULL; value of an attribute. The caller owns them (g_free). */
char *da_xmlin_text(const xmlNode *node);
char *da_xmlin_attribute(const xmlNode *node, const char *name);

guint64 da_xmlin_number(const xmlNode *node, const char *name);
double da_xmlin_double(const xmlNode *node, const char *name);
gboolean da_xmlin_flag(const xmlNode *node, const char *name);
