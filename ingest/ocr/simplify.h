/*
 * Traditional forms of characters as simplified ones: a finding aid is searched, and compared with a catalogue, in one writing. What the
 * hand wrote stays on the image.
 */
#pragma once

#include <glib.h>

/* Puts the simplified form in the place of each of `characters` (char *, one character each) that has one. DA_ERROR_NOT_FOUND when the
 * tables of OpenCC are not installed. */
gboolean da_simplify_characters(GPtrArray *characters, GError **error);
