/* The four natures of a profile and their items. */
#pragma once

#include <dangan/handle/xml.h>
#include <dangan/profile.h>

/* `node` is a `nature` of a validated profile. */
DaNature *da_profile_nature_read(const xmlNode *node);
void da_profile_nature_free(gpointer nature);
/* An item that stands twice, or that a rule names and no nature lists: DA_ERROR_INPUT. A profile without natures may have rules of others
 * that name items. */
gboolean da_profile_nature_look_at(const DaProfile *profile, GError **error);
