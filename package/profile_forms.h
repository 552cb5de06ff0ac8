/* The part of a profile that says what forms look like: reading it, and what its schema cannot say. */
#pragma once

#include <dangan/handle/xml.h>
#include <dangan/profile.h>

DaFormBook *da_profile_forms_new(void);
void da_profile_forms_free(DaFormBook *book);
/* `node` is the element `forms` of a validated profile. */
void da_profile_forms_read(DaFormBook *book, const xmlNode *node);
/* A class that the scheme has not, an expected form that nobody describes, a label that means two things: DA_ERROR_INPUT. */
gboolean da_profile_forms_look_at(const DaProfile *profile, GError **error);
