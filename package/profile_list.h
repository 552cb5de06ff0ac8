/* Code lists of a profile: reading them. */
#pragma once

#include <dangan/handle/xml.h>
#include <dangan/profile.h>

/* `node` is a `list` of a validated profile. */
DaCodeList *da_profile_list_read(const xmlNode *node);
void da_profile_list_free(gpointer list);
/* A text that means two values of one list: DA_ERROR_INPUT. */
gboolean da_profile_list_look_at(const DaCodeList *list, GError **error);
