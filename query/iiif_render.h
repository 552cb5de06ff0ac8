/* What an image request asks for, out of a tile pyramid or an image. */
#pragma once

#include "iiif_request.h"

#include <dangan/pyramid.h>

/* JPEG or PNG. The caller owns it. */
GBytes *da_iiif_render(Pix *image, const DaIiifRequest *request, GError **error);
GBytes *da_iiif_render_pyramid(const DaPyramid *pyramid, const DaIiifRequest *request, GError **error);

/* TRUE when the request is a tile of the pyramid, which then lies at `offset` of its file. */
gboolean da_iiif_is_tile(const DaPyramid *pyramid, const DaIiifRequest *request, guint64 *offset, gsize *bytes);
