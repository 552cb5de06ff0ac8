/* The XML of GB/T 33870 deliveries: whatever the bytes are, what comes out can be written and says why. */
#include "target.h"

#include <dangan/exchange.h>

/* The class schemes are those of the shipped profile; without it every class is refused, which is a case as well. */
static const DaProfile *profile(void)
{
    static DaProfile *loaded;
    const char *source = g_getenv("G_TEST_SRCDIR");
    if (loaded)
        return loaded;
    g_autofree char *profiles =
        g_build_filename(source ? source : "tests", "..", "schemas", "profiles", NULL);
    g_autoptr(GError) error = NULL;
    loaded = da_profile_load("soe-retiree", profiles, &error);
    if (!loaded)
        g_error("%s", error->message);
    return loaded;
}

static void check_findings(const DaExchange *exchange)
{
    gboolean refused = FALSE;
    for (guint i = 0; i < exchange->findings->len; i++) {
        const DaFinding *finding = exchange->findings->pdata[i];
        g_assert(finding->message && finding->message_zh);
        refused = refused || finding->severity >= DA_SEVERITY_ERROR;
        json_decref(da_finding_to_json(finding));
    }
    g_assert(exchange->usable || refused);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(DaExchange) exchange = da_exchange_read_xml(bytes, "fuzz.xml", profile(), NULL);
    check_findings(exchange);
    g_assert(exchange->dossier || !exchange->usable);
    for (guint i = 0; exchange->usable && i < exchange->dossier->materials->len; i++) {
        const DaMaterial *material = exchange->dossier->materials->pdata[i];
        g_assert(material->sequence >= 1 && material->sequence <= 999 && *material->class_code);
    }
    return 0;
}
