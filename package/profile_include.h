/*
 * How one profile takes parts of another: `<include profile="soe-retiree" parts="schemes lists"/>` before its own parts, and
 * `<include profile="bagit" except="BAG-007"/>` among its rules.
 *
 * A part that stands in the profile itself wins over an included one. A rule that stands in the profile replaces the included rule of
 * its id, in its place. Names are found beside the including file, then as profiles always are; never by path or address. What is
 * loaded is the whole: nothing of an include is left, so that a package carries all that it was made to.
 */
#pragma once

#include <dangan/handle/xml.h>

/* Reads and validates the profile file of a name that `from` (the path of the including file) may include; NULL with an error.
 * `*path` (the caller's) is where it lies. */
typedef xmlDoc *(*DaProfileFind)(const char *name, const char *from, gpointer data, char **path,
                                 GError **error);

/* Replaces every include in `doc`, which was read from `path`. `*changed` = there was one. DA_ERROR_INPUT for an include that leads back
 * to itself or that names a part or rule that is not there. */
gboolean da_profile_include(xmlDoc *doc, const char *path, DaProfileFind find, gpointer data,
                            gboolean *changed, GError **error);
