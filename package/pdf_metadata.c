#include "pdf_parts.h"

#include <dangan/error.h>
#include <lcms2.h>
#include <string.h>

#define PRODUCER "dangan " DANGAN_VERSION
/* Bytes 24 to 35 of an ICC profile are the time it was made; ours is always the same. Source: ICC.1:2004-10 §7.2. */
#define ICC_DATE_OFFSET 24
static const guint8 icc_date[12] = {0x07, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0}; /* 2000-01-01 */
/* PDF 1.7 knows ICC up to this version. */
#define ICC_VERSION 4.2

static char *title_of(const DaDossier *dossier)
{
    const char *name = da_dossier_get(dossier, DA_FIELD_NAME);
    const char *number = da_dossier_get(dossier, DA_FIELD_ARCHIVAL_NUMBER);
    return g_strdup_printf("%s%s人事档案%s%s", name ? name : "", name ? " " : "", number ? " " : "",
                           number ? number : "");
}

static GDateTime *time_of(const DaDossier *dossier)
{
    GDateTime *time =
        dossier->created ? g_date_time_new_from_iso8601(dossier->created, NULL) : NULL;
    return time ? time : g_date_time_new_utc(2000, 1, 1, 0, 0, 0);
}

guint da_pdf_write_info(const DaPdf *pdf)
{
    guint object = da_pdf_out_reserve(pdf->out);
    g_autofree char *plain = title_of(pdf->dossier);
    g_autofree char *title = da_pdf_text(plain);
    g_autoptr(GDateTime) given = time_of(pdf->dossier);
    g_autoptr(GDateTime) utc = g_date_time_to_utc(given);
    g_autofree char *time = g_date_time_format(utc, "%Y%m%d%H%M%SZ");
    da_pdf_out_object(pdf->out, object,
                      "<< /Title %s /Creator (" PRODUCER ") /Producer (" PRODUCER
                      ") /CreationDate (D:%s) /ModDate (D:%s) >>",
                      title, time, time);
    return object;
}

/* Source: ISO 19005-2 §6.6. */
guint da_pdf_write_metadata(const DaPdf *pdf)
{
    guint object = da_pdf_out_reserve(pdf->out);
    g_autofree char *plain = title_of(pdf->dossier);
    g_autofree char *title = g_markup_escape_text(plain, -1);
    g_autoptr(GDateTime) given = time_of(pdf->dossier);
    g_autoptr(GDateTime) utc = g_date_time_to_utc(given);
    g_autofree char *time = g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ");
    g_autofree char *id = g_markup_escape_text(pdf->dossier->id ? pdf->dossier->id : "", -1);
    g_autofree char *xmp = g_strdup_printf(
        "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
        "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
        "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" "
        "xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\n"
        "<pdfaid:part>2</pdfaid:part>\n<pdfaid:conformance>U</pdfaid:conformance>\n"
        "<dc:format>application/pdf</dc:format>\n<dc:identifier>urn:uuid:%s</dc:identifier>\n"
        "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">%s</rdf:li></rdf:Alt></dc:title>\n"
        "<xmp:CreatorTool>" PRODUCER "</xmp:CreatorTool>\n<xmp:CreateDate>%s</xmp:CreateDate>\n"
        "<xmp:ModifyDate>%s</xmp:ModifyDate>\n<pdf:Producer>" PRODUCER "</pdf:Producer>\n"
        "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>",
        id, title, time, time);
    da_pdf_out_stream(pdf->out, object, "/Type /Metadata /Subtype /XML", xmp, strlen(xmp), FALSE);
    return object;
}

static GByteArray *srgb_profile(void)
{
    cmsHPROFILE profile = cmsCreate_sRGBProfile();
    cmsUInt32Number size = 0;
    GByteArray *bytes = NULL;
    if (!profile)
        return NULL;
    cmsSetProfileVersion(profile, ICC_VERSION);
    if (cmsSaveProfileToMem(profile, NULL, &size) && size > ICC_DATE_OFFSET + sizeof icc_date) {
        bytes = g_byte_array_new();
        g_byte_array_set_size(bytes, size);
        if (cmsSaveProfileToMem(profile, bytes->data, &size))
            memcpy(bytes->data + ICC_DATE_OFFSET, icc_date, sizeof icc_date);
        else
            g_clear_pointer(&bytes, g_byte_array_unref);
    }
    cmsCloseProfile(profile);
    return bytes;
}

guint da_pdf_write_intent(const DaPdf *pdf, GError **error)
{
    g_autoptr(GByteArray) icc = srgb_profile();
    if (!icc) {
        da_error_set(error, DA_ERROR_SYSTEM, "lcms2 cannot make an sRGB profile");
        return 0;
    }
    guint object = da_pdf_out_reserve(pdf->out), profile = da_pdf_out_reserve(pdf->out);
    da_pdf_out_stream(pdf->out, profile, "/N 3", icc->data, icc->len, TRUE);
    da_pdf_out_object(pdf->out, object,
                      "<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) "
                      "/Info (sRGB IEC61966-2.1) /DestOutputProfile %u 0 R >>",
                      profile);
    return object;
}
