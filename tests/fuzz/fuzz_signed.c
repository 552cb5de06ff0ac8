/* Signed documents and their pages: whatever the bytes are, what passes is whole and says who signed, and what does not says why. */
#include "target.h"

#include <dangan/verdict.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(DaSigned) checked = da_verdict_check(bytes, NULL, &error);
    g_assert((checked != NULL) == (error == NULL));
    if (checked)
        g_assert(json_is_object(checked->document) && strlen(checked->fingerprint) == 64);
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *page = da_verdict_html(text, NULL);
    g_assert(!page || g_utf8_validate(page, -1, NULL));
    return 0;
}
