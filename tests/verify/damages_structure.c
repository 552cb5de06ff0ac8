#include "fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#define DOSSIER "metadata/descriptive/dossier.xml"
#define PREMIS "metadata/preservation/premis.xml"

static const char bomb[] =
    "<?xml version=\"1.0\"?>\n<!DOCTYPE mets [<!ENTITY a \"ha\">"
    "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">"
    "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">]>"
    "<mets xmlns=\"http://www.loc.gov/METS/\">&e;</mets>";

static void put_payload(const Fixture *fixture, const char *inside, const char *text)
{
    g_autofree char *path = fixture_path(fixture, inside);
    fixture_put(path, text, strlen(text));
}

static void bomb_in_mets(Fixture *fixture)
{
    put_payload(fixture, "METS.xml", bomb);
}

static void mets_of_another_kind(Fixture *fixture)
{
    put_payload(fixture, "METS.xml", "<mets xmlns=\"urn:another\"/>");
}

static void mets_without_end(Fixture *fixture)
{
    gsize size = (gsize)33 << 20;
    g_autofree char *spaces = g_strnfill(size, ' ');
    g_autofree char *path = fixture_path(fixture, "METS.xml");
    fixture_put(path, spaces, size);
}

static void file_entity_in_premis(Fixture *fixture)
{
    put_payload(fixture, PREMIS,
                "<?xml version=\"1.0\"?><!DOCTYPE p [<!ENTITY x SYSTEM "
                "\"file:///etc/passwd\">]><p>&x;</p>");
}

static void broken_alto(Fixture *fixture)
{
    put_payload(fixture, "representations/ocr/data/1-1-001.xml", "</Layout></alto>");
}

static void empty_dossier(Fixture *fixture)
{
    put_payload(fixture, DOSSIER, "<dossier/>");
}

static void no_dossier(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, DOSSIER);
    g_autofree char *folder = fixture_path(fixture, "metadata/descriptive");
    g_unlink(path);
    g_rmdir(folder);
}

static void field_missing(Fixture *fixture)
{
    da_dossier_set(fixture->dossier, DA_FIELD_BIRTH, NULL, DA_ORIGIN_NONE, NULL);
}

static void page_without_ocr(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "representations/ocr/data/1-1-001.xml");
    g_unlink(path);
}

static void page_not_in_catalogue(Fixture *fixture)
{
    g_autoptr(GBytes) jpeg = fixture_jpeg(100, 100, 300, 3);
    g_autofree char *path = fixture_path(fixture, "representations/master/data/1-1-003.jpg");
    fixture_put(path, g_bytes_get_data(jpeg, NULL), g_bytes_get_size(jpeg));
}

static void unequal_stem(Fixture *fixture)
{
    g_autofree char *from = fixture_path(fixture, "representations/access/data/1-1-002.jpg");
    g_autofree char *to = fixture_path(fixture, "representations/access/data/1-1-009.jpg");
    g_rename(from, to);
}

static void exchanged_image(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "representations/access/data/1-1-001.jpg");
    g_autoptr(GBytes) jpeg = fixture_jpeg(FIXTURE_WIDTH_PX, FIXTURE_HEIGHT_PX, 300, 1);
    fixture_put(path, g_bytes_get_data(jpeg, NULL), g_bytes_get_size(jpeg));
}

static void mets_not_valid(Fixture *fixture)
{
    fixture_replace(fixture, "METS.xml", "<fileSec", "<nonsense/><fileSec");
}

static void dangling_reference(Fixture *fixture)
{
    fixture_replace(fixture, "METS.xml", "FILEID=\"", "FILEID=\"nowhere-");
}

static void wrong_digest_in_mets(Fixture *fixture)
{
    fixture_replace(fixture, "METS.xml", "CHECKSUM=\"", "CHECKSUM=\"0");
}

static void wrong_size_in_mets(Fixture *fixture)
{
    fixture_replace(fixture, "METS.xml", "SIZE=\"", "SIZE=\"9");
}

static void mets_leads_out(Fixture *fixture)
{
    fixture_replace(fixture, "METS.xml", "href=\"", "href=\"../../../");
}

static void name_in_premis(Fixture *fixture)
{
    fixture_replace(fixture, PREMIS, "</premis", "<!-- 龚杉榕 --></premis");
}

static void id_number_in_mets(Fixture *fixture)
{
    fixture_replace(fixture, "METS.xml", "</mets", "<!-- 11010519491231002X --></mets");
}

static void name_by_references_in_premis(Fixture *fixture)
{
    fixture_replace(fixture, PREMIS, "<agentName>", "<agentName>&#x9F9A;&#x6749;&#x6995; ");
}

static void name_escaped_in_report(Fixture *fixture)
{
    put_payload(fixture, "documentation/ingest-report.json",
                "{\"who\": \"\\u9f9a\\u6749\\u6995\"}");
}

static void id_number_in_bag_info(Fixture *fixture)
{
    fixture_bag_info(fixture, "Internal-Sender-Identifier: 11010519491231002X\n");
}

static void name_in_bag_info(Fixture *fixture)
{
    fixture_bag_info(fixture, "Contact-Name: 龚杉榕\n");
}

static void undeclared_text(Fixture *fixture)
{
    DaPageFile *file = &fixture_page(fixture, 0, 1)->file[DA_FILE_OCR];
    g_clear_pointer(&file->path, g_free);
    g_clear_pointer(&file->extension, g_free);
    g_clear_pointer(&file->sha256, g_free);
    file->size_bytes = 0;
}

static void report_not_in_mets(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "METS.xml");
    g_autoptr(GBytes) bytes = fixture_read(path);
    g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    char *at = strstr(text, "<file ID=\"file-report\"");
    g_assert_nonnull(at);
    char *end = strstr(at, "</file>") + strlen("</file>");
    memmove(at, end, strlen(end) + 1);
    fixture_put(path, text, strlen(text));
}

const Damage damages_structure[] = {
    {"XML bomb in METS", "XML-001", .after = bomb_in_mets, .reseal = RESEAL_BAG},
    {"METS that is none", "XML-001", .after = mets_of_another_kind, .reseal = RESEAL_BAG},
    {"METS without end", "XML-001", .after = mets_without_end, .reseal = RESEAL_BAG},
    {"entity that reads a file in PREMIS", "XML-001", .after = file_entity_in_premis,
     .reseal = RESEAL_METS},
    {"ALTO that is no XML", "XML-001", .after = broken_alto, .reseal = RESEAL_BAG},
    {"dossier.xml not valid", "XML-002", .after = empty_dossier, .reseal = RESEAL_METS},
    {"no dossier.xml", "PKG-004", .after = no_dossier, .reseal = RESEAL_BAG},
    {"required field empty", "XML-003", .before = field_missing},
    {"page without OCR", "XML-004", .page = "1-1-001", .after = page_without_ocr,
     .reseal = RESEAL_BAG},
    {"page that the catalogue does not know", "XML-004", .after = page_not_in_catalogue,
     .reseal = RESEAL_BAG},
    {"METS not valid", "XML-006", .after = mets_not_valid, .reseal = RESEAL_BAG},
    {"reference in METS leads nowhere", "XML-007", .after = dangling_reference,
     .reseal = RESEAL_BAG},
    {"wrong digest in METS", "XML-008", .after = wrong_digest_in_mets, .reseal = RESEAL_BAG},
    {"wrong size in METS", "XML-008", .after = wrong_size_in_mets, .reseal = RESEAL_BAG},
    {"METS leads out of the package", "XML-008", .after = mets_leads_out, .reseal = RESEAL_BAG},
    {"file that METS does not know", "XML-008", .after = report_not_in_mets, .reseal = RESEAL_BAG},
    {"image exchanged for another", "XML-009", .page = "1-1-001", .after = exchanged_image,
     .reseal = RESEAL_BAG},
    {"page renamed in one representation", "XML-004", .page = "1-1-002", .after = unequal_stem,
     .reseal = RESEAL_BAG},
    {"page without text in the catalogue too", "IMG-012", .page = "1-1-002",
     .before = undeclared_text},
    {"name in PREMIS", "PKG-012", .after = name_in_premis, .reseal = RESEAL_METS},
    {"name in PREMIS by character references", "PKG-012", .after = name_by_references_in_premis,
     .reseal = RESEAL_METS},
    {"ID number in METS", "PKG-012", .after = id_number_in_mets, .reseal = RESEAL_BAG},
    {"name escaped in the ingest report", "PKG-012", .after = name_escaped_in_report,
     .reseal = RESEAL_METS},
    {"ID number in bag-info.txt", "PKG-012", .after = id_number_in_bag_info},
    {"name in bag-info.txt", "PKG-012", .after = name_in_bag_info},
    {NULL},
};
