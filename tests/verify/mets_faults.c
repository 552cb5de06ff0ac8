#include "mets_faults.h"

#include <dangan/file.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* --- places in METS.xml ------------------------------------------------------------------------------------------------ */

#define METS "/mets:mets"
#define HEADER METS "/mets:metsHdr"
#define SOFTWARE HEADER "/mets:agent[@TYPE='OTHER']"
#define SENDER HEADER "/mets:agent[@TYPE='ORGANIZATION']"
#define DMD METS "/mets:dmdSec"
#define AMD METS "/mets:amdSec"
#define DIGIPROV AMD "/mets:digiprovMD"
#define RIGHTS AMD "/mets:rightsMD"
#define FILES METS "/mets:fileSec"
#define GROUP(id) FILES "/mets:fileGrp[@ID='group-" id "']"
#define PAGE_FILE FILES "//mets:file[@ID='file-access-1-1-001']"
#define REPORT_FILE FILES "//mets:file[@ID='file-report']"
#define MAP METS "/mets:structMap[@LABEL='CSIP']"
#define DIV(id) MAP "//mets:div[@ID='div-" id "']"

/* --- things that a package of ours has not -------------------------------------------------------------------------------- */

/* What only submission packages are asked is not asked then. */
#define NO_SUBMISSION                                                                              \
    {HEADER, "@csip:OAISPACKAGETYPE", "AIP"},                                                      \
    {                                                                                              \
        METS, "@PROFILE", "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml"                      \
    }
#define WITH_RIGHTS                                                                                \
    {DIGIPROV, "twin", "rightsMD"}, {RIGHTS, "@ID", "rights"},                                     \
    {                                                                                              \
        DIV("metadata"), "@ADMID", "digiprov-premis rights"                                        \
    }
#define AGENT(role, type, name, note_type, note)                                                   \
    "<agent ROLE=\"" role "\" TYPE=\"" type "\"><name>" name                                       \
    "</name><note csip:NOTETYPE=\"" note_type "\">" note "</note></agent>"
#define CODE "IDENTIFICATIONCODE"
#define ALTERNATIVE(type) "<altRecordID TYPE=\"" type "\"> </altRecordID>"
/* A group and a division for all representations together. */
#define ONE_GROUP                                                                                  \
    {GROUP("ocr"), "@USE", "Representations"},                                                     \
    {                                                                                              \
        DIV("ocr"), "@LABEL", "Representations"                                                    \
    }

/* Moves a part of the package, and says so in METS. */
static void move(Fixture *fixture, const char *from, const char *to)
{
    g_autofree char *old = fixture_path(fixture, from), *new = fixture_path(fixture, to);
    g_autofree char *mets = fixture_path(fixture, "METS.xml");
    assert_int_equal(g_rename(old, new), 0);
    g_autofree char *from_href = g_strdup_printf("href=\"%s", from);
    g_autofree char *to_href = g_strdup_printf("href=\"%s", to);
    g_autoptr(GBytes) bytes = fixture_read(mets);
    g_autoptr(GString) text =
        g_string_new_len(g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes));
    g_string_replace(text, from_href, to_href, 0);
    fixture_put(mets, text->str, text->len);
}

static void move_metadata(Fixture *fixture)
{
    move(fixture, "metadata", "facts");
}

static void move_preservation(Fixture *fixture)
{
    move(fixture, "metadata/preservation", "metadata/kept");
}

static void move_descriptive(Fixture *fixture)
{
    move(fixture, "metadata/descriptive", "metadata/person");
}

static void move_representations(Fixture *fixture)
{
    move(fixture, "representations", "parts");
}

static void empty_representations(Fixture *fixture)
{
    g_autofree char *path = fixture_path(fixture, "representations");
    move_representations(fixture);
    assert_int_equal(g_mkdir(path, 0755), 0);
}

static void move_data(Fixture *fixture)
{
    move(fixture, "representations/master/data", "representations/master/files");
    move(fixture, "representations/access/data", "representations/access/files");
    move(fixture, "representations/ocr/data", "representations/ocr/files");
}

static void move_schemas(Fixture *fixture)
{
    move(fixture, "schemas", "patterns");
}

static void move_documentation(Fixture *fixture)
{
    move(fixture, "documentation", "papers");
}

/* --- representations with METS of their own -------------------------------------------------------------------------------- */

static const char own_mets[] =
    "<mets xmlns=\"http://www.loc.gov/METS/\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
    "xmlns:csip=\"https://DILCIS.eu/XML/METS/CSIPExtensionMETS\" OBJID=\"%1$s\" TYPE=\"Mixed\" "
    "PROFILE=\"https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml\" "
    "csip:CONTENTINFORMATIONTYPE=\"MIXED\">"
    "<metsHdr CREATEDATE=\"2026-03-02T09:00:00Z\" csip:OAISPACKAGETYPE=\"SIP\">"
    "<agent ROLE=\"CREATOR\" TYPE=\"OTHER\" OTHERTYPE=\"SOFTWARE\"><name>maker</name>"
    "<note csip:NOTETYPE=\"SOFTWARE VERSION\">1</note></agent></metsHdr>"
    "<structMap ID=\"map\" TYPE=\"PHYSICAL\" LABEL=\"CSIP\"><div ID=\"all\" LABEL=\"%1$s\">"
    "<div ID=\"metadata\" LABEL=\"Metadata\"/></div></structMap></mets>";

static void point_to_own_mets(xmlDoc *doc, const char *name)
{
    g_autofree char *division = g_strdup_printf(MAP "//mets:div[@ID='div-%s']", name);
    g_autofree char *pointers = g_strdup_printf("%s/mets:fptr", division);
    g_autofree char *pointer = g_strdup_printf(
        "<mptr LOCTYPE=\"URL\" xlink:type=\"simple\" xlink:href=\"representations/%s/METS.xml\" "
        "xlink:title=\"group-%s\"/>",
        name, name);
    mets_edit(doc, &(MetsEdit){pointers, "gone", NULL});
    mets_edit(doc, &(MetsEdit){division, "inside", pointer});
}

static void own_documents(Fixture *fixture)
{
    static const char *const names[] = {"master", "access", "ocr"};
    g_autoptr(xmlDoc) doc = mets_read(fixture);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *inside = g_strdup_printf("representations/%s/METS.xml", names[i]);
        g_autofree char *path = fixture_path(fixture, inside);
        g_autofree char *text = g_strdup_printf(own_mets, names[i]);
        fixture_put(path, text, strlen(text));
        point_to_own_mets(doc, names[i]);
    }
    mets_write(fixture, doc);
}

#define POINTER DIV("access") "/mets:mptr"

/* --- the table ---------------------------------------------------------------------------------------------------------------- */

const MetsFault mets_faults[] = {
    {"CSIPSTR2", {{METS, "@OBJID", "another"}}},
    {"CSIPSTR5", {{NULL}}, move_metadata},
    {"CSIPSTR6", {{NULL}}, move_preservation},
    {"CSIPSTR7", {{NULL}}, move_descriptive},
    {"CSIPSTR9", {{NULL}}, move_representations},
    {"CSIPSTR10", {{NULL}}, empty_representations},
    {"CSIPSTR11", {{NULL}}, move_data},
    {"CSIPSTR15", {{NULL}}, move_schemas},
    {"CSIPSTR16", {{NULL}}, move_documentation},
    {"CSIP1", {{METS, "@OBJID", ""}}},
    {"CSIP2", {{METS, "@TYPE", "Papers"}}},
    {"CSIP3", {{METS, "@TYPE", "OTHER"}}},
    {"CSIP4", {{METS, "@csip:CONTENTINFORMATIONTYPE", "paper"}}},
    {"CSIP5", {{METS, "@csip:CONTENTINFORMATIONTYPE", "OTHER"}}},
    {"CSIP6", {{HEADER, "@csip:OAISPACKAGETYPE", "AIP"}, {METS, "@PROFILE", ""}}},
    {"CSIP117", {{HEADER, "gone"}}},
    {"CSIP7", {{HEADER, "@CREATEDATE", NULL}}},
    {"CSIP8", {{HEADER, "@LASTMODDATE", "2025-01-01T00:00:00Z"}}},
    {"CSIP9",
     {{HEADER, "@csip:OAISPACKAGETYPE", "PIP"},
      {METS, "@PROFILE", "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml"}}},
    {"CSIP10", {NO_SUBMISSION, {HEADER "/mets:agent", "gone"}}},
    {"CSIP11", {NO_SUBMISSION, {HEADER "/mets:agent", "@ROLE", "EDITOR"}}},
    {"CSIP12", {{SOFTWARE, "@TYPE", "INDIVIDUAL"}}},
    {"CSIP13", {{SOFTWARE, "@OTHERTYPE", "HARDWARE"}}},
    {"CSIP14", {{SOFTWARE "/mets:name", "text", " "}}},
    {"CSIP15", {{SOFTWARE "/mets:note", "gone"}}},
    {"CSIP16", {{SOFTWARE "/mets:note", "@csip:NOTETYPE", "VERSION"}}},
    {"CSIP17", {{DMD, "gone"}, {METS "//mets:div[@DMDID]", "@DMDID", NULL}}},
    {"CSIP18", {{DMD, "@ID", NULL}}},
    {"CSIP19", {{DMD, "@CREATED", NULL}}},
    {"CSIP20", {{DMD, "@STATUS", "NEW"}}},
    {"CSIP21", {{DMD "/mets:mdRef", "gone"}}},
    {"CSIP22", {{DMD "/mets:mdRef", "@LOCTYPE", "PURL"}}},
    {"CSIP23", {{DMD "/mets:mdRef", "@xlink:type", "locator"}}},
    {"CSIP24", {{DMD "/mets:mdRef", "@xlink:href", "metadata/descriptive/dossier2.xml"}}},
    {"CSIP25", {{DMD "/mets:mdRef", "@MDTYPE", "PAPER"}}},
    {"CSIP26", {{DMD "/mets:mdRef", "@MIMETYPE", "image/jpeg"}}},
    {"CSIP27", {{DMD "/mets:mdRef", "@SIZE", "9"}}},
    {"CSIP28", {{DMD "/mets:mdRef", "@CREATED", NULL}}},
    {"CSIP29", {{DMD "/mets:mdRef", "@CHECKSUM", "00"}}},
    {"CSIP30", {{DMD "/mets:mdRef", "@CHECKSUMTYPE", "SM3"}}},
    {"CSIP31", {{AMD, "gone"}, {METS "//*[@ADMID]", "@ADMID", NULL}}},
    {"CSIP32", {{DIGIPROV, "gone"}, {METS "//*[@ADMID]", "@ADMID", NULL}}},
    {"CSIP33", {{DIGIPROV, "@ID", NULL}}},
    {"CSIP34", {{DIGIPROV, "@STATUS", "NEW"}}},
    {"CSIP35", {{DIGIPROV "/mets:mdRef", "gone"}}},
    {"CSIP36", {{DIGIPROV "/mets:mdRef", "@LOCTYPE", "PURL"}}},
    {"CSIP37", {{DIGIPROV "/mets:mdRef", "@xlink:type", "locator"}}},
    {"CSIP38", {{DIGIPROV "/mets:mdRef", "@xlink:href", "../../../../etc/passwd"}}},
    {"CSIP39", {{DIGIPROV "/mets:mdRef", "@MDTYPE", "PAPER"}}},
    {"CSIP40", {{DIGIPROV "/mets:mdRef", "@MIMETYPE", "image/jpeg"}}},
    {"CSIP41", {{DIGIPROV "/mets:mdRef", "@SIZE", "9"}}},
    {"CSIP42", {{DIGIPROV "/mets:mdRef", "@CREATED", NULL}}},
    {"CSIP43", {{DIGIPROV "/mets:mdRef", "@CHECKSUM", "00"}}},
    {"CSIP44", {{DIGIPROV "/mets:mdRef", "@CHECKSUMTYPE", "SM3"}}},
    {"CSIP46",
     {WITH_RIGHTS, {DIV("metadata"), "@ADMID", "digiprov-premis"}, {RIGHTS, "@ID", NULL}}},
    {"CSIP47", {WITH_RIGHTS, {RIGHTS, "@STATUS", "NEW"}}},
    {"CSIP48", {WITH_RIGHTS, {RIGHTS "/mets:mdRef", "gone"}}},
    {"CSIP49", {WITH_RIGHTS, {RIGHTS "/mets:mdRef", "@LOCTYPE", "PURL"}}},
    {"CSIP50", {WITH_RIGHTS, {RIGHTS "/mets:mdRef", "@xlink:type", "locator"}}},
    {"CSIP51", {WITH_RIGHTS, {RIGHTS "/mets:mdRef", "@xlink:href", "metadata/rights.xml"}}},
    {"CSIP52", {WITH_RIGHTS, {RIGHTS "/mets:mdRef", "@MDTYPE", "PAPER"}}},
    {"CSIP53", {WITH_RIGHTS, {RIGHTS "/mets:mdRef", "@MIMETYPE", "image/jpeg"}}},
    {"CSIP54", {WITH_RIGHTS, {RIGHTS "/mets:mdRef", "@SIZE", "9"}}},
    {"CSIP55", {WITH_RIGHTS, {RIGHTS "/mets:mdRef", "@CREATED", NULL}}},
    {"CSIP56", {WITH_RIGHTS, {RIGHTS "/mets:mdRef", "@CHECKSUM", "00"}}},
    {"CSIP57", {WITH_RIGHTS, {RIGHTS "/mets:mdRef", "@CHECKSUMTYPE", "SM3"}}},
    {"CSIP58", {{FILES, "behind", "<fileSec ID=\"more-files\"/>"}}},
    {"CSIP59", {{FILES, "@ID", NULL}}},
    {"CSIP60", {{GROUP("documentation"), "@USE", "Papers"}}},
    {"CSIP113", {{GROUP("schemas"), "@USE", "Patterns"}}},
    {"CSIP114", {{PAGE_FILE, "gone"}, {METS "//mets:fptr[@FILEID='file-access-1-1-001']", "gone"}}},
    {"CSIP61", {{GROUP("master"), "@ADMID", "nowhere"}}},
    {"CSIP62", {{GROUP("master"), "@csip:CONTENTINFORMATIONTYPE", NULL}}},
    {"CSIP63", {{GROUP("master"), "@csip:CONTENTINFORMATIONTYPE", "OTHER"}}},
    {"CSIP64", {{GROUP("documentation"), "@USE", NULL}}, .also = "CSIP60"},
    {"CSIP65",
     {{GROUP("master"), "@ID", NULL}, {METS "//mets:fptr[@FILEID='group-master']", "gone"}}},
    {"CSIP66",
     {{FILES, "inside",
       "<fileGrp ID=\"group-empty\" USE=\"Representations/empty\" "
       "csip:CONTENTINFORMATIONTYPE=\"MIXED\"/>"}}},
    {"CSIP67", {{REPORT_FILE, "@ID", NULL}}},
    {"CSIP68", {{PAGE_FILE, "@MIMETYPE", "image/tiff"}}},
    {"CSIP69", {{PAGE_FILE, "@SIZE", "1"}}},
    {"CSIP70", {{PAGE_FILE, "@CREATED", NULL}}},
    {"CSIP71", {{PAGE_FILE, "@CHECKSUM", "00"}}},
    {"CSIP72", {{PAGE_FILE, "@CHECKSUMTYPE", "SM3"}}},
    {"CSIP73", {{PAGE_FILE, "@OWNERID", ""}}},
    {"CSIP74", {{PAGE_FILE, "@ADMID", "nowhere"}}},
    {"CSIP75", {{PAGE_FILE, "@DMDID", "nowhere"}}},
    {"CSIP76", {{PAGE_FILE "/mets:FLocat", "twin", "FLocat"}}},
    {"CSIP77", {{PAGE_FILE "/mets:FLocat", "@LOCTYPE", "PURL"}}},
    {"CSIP78", {{PAGE_FILE "/mets:FLocat", "@xlink:type", "locator"}}},
    {"CSIP79",
     {{PAGE_FILE "/mets:FLocat", "@xlink:href", "representations/access/data/1-1-009.jpg"}},
     .also = "CSIP114"},
    {"CSIP80",
     {{MAP, "behind",
       "<structMap ID=\"again\" TYPE=\"PHYSICAL\" LABEL=\"CSIP\"><div ID=\"again-all\">"
       "<div ID=\"again-metadata\" LABEL=\"Metadata\"/></div></structMap>"}}},
    {"CSIP81", {{MAP, "@TYPE", "LOGICAL"}}},
    {"CSIP82", {{MAP, "@LABEL", "E-ARK"}}},
    {"CSIP83", {{MAP, "@ID", NULL}}},
    {"CSIP84",
     {{MAP, "inside",
       "<div ID=\"second\"><div ID=\"second-metadata\" LABEL=\"Metadata\"/></div>"}}},
    {"CSIP85", {{DIV("package"), "@ID", NULL}}},
    {"CSIP88", {{DIV("metadata"), "@LABEL", "Data"}}},
    {"CSIP89", {{DIV("metadata"), "@ID", NULL}}},
    {"CSIP90", {{DIV("metadata"), "@LABEL", "metadata"}}},
    {"CSIP91", {{DIV("metadata"), "@ADMID", NULL}}},
    {"CSIP92", {{DIV("metadata"), "@DMDID", NULL}}},
    {"CSIP93", {{DIV("documentation"), "@LABEL", "Papers"}}},
    {"CSIP94", {{DIV("documentation"), "@ID", NULL}}},
    {"CSIP95", {{DIV("documentation"), "@LABEL", "documentation"}}},
    {"CSIP96", {{DIV("documentation") "/mets:fptr", "gone"}}},
    {"CSIP116", {{DIV("documentation") "/mets:fptr", "@FILEID", "digiprov-premis"}}},
    {"CSIP97", {{DIV("schemas"), "@LABEL", "Patterns"}}},
    {"CSIP98", {{DIV("schemas"), "@ID", NULL}}},
    {"CSIP99", {{DIV("schemas"), "@LABEL", "schemas"}}},
    {"CSIP100", {{DIV("schemas") "/mets:fptr", "gone"}}},
    {"CSIP118", {{DIV("schemas") "/mets:fptr", "@FILEID", "group-nothing"}}},
    {"CSIP101",
     {{GROUP("ocr"), "@USE", "Representations"},
      {DIV("ocr"), "@LABEL", "Texts"},
      {DIV("master"), "@LABEL", "Masters"},
      {DIV("access"), "@LABEL", "Images"}}},
    {"CSIP102", {ONE_GROUP, {DIV("ocr"), "@ID", NULL}}},
    {"CSIP103",
     {{GROUP("ocr"), "@USE", "Representations"}, {DIV("ocr"), "@LABEL", "representations"}}},
    {"CSIP104", {ONE_GROUP, {DIV("ocr") "/mets:fptr", "gone"}}},
    {"CSIP119", {{DIV("master") "/mets:fptr", "@FILEID", "digiprov-premis"}}},
    {"CSIP105", {{MAP "//mets:div[starts-with(@LABEL,'Representations/')]", "@LABEL", "Part"}}},
    {"CSIP106", {{DIV("master"), "@ID", NULL}}},
    {"CSIP107", {{DIV("master"), "@LABEL", "Representations/original"}}},
    {"CSIP108", {{POINTER, "@xlink:title", NULL}}, own_documents},
    {"CSIP109", {{POINTER, "twin", "mptr"}}, own_documents},
    {"CSIP110",
     {{POINTER, "@xlink:href", "representations/access/METS2.xml"}},
     own_documents,
     .also = "CSIP114"},
    {"CSIP111", {{POINTER, "@xlink:type", "locator"}}, own_documents},
    {"CSIP112", {{POINTER, "@LOCTYPE", "PURL"}}, own_documents},
    {"SIP1", {{METS, "@LABEL", ""}}},
    {"SIP2", {{METS, "@PROFILE", "https://earksip.dilcis.eu/profile/E-ARK-DIP.xml"}}},
    {"SIP3", {{HEADER, "@RECORDSTATUS", "WHATEVER"}}},
    {"SIP4", {{HEADER, "@csip:OAISPACKAGETYPE", "AIP"}}},
    {"SIP5", {{HEADER, "inside", ALTERNATIVE("SUBMISSIONAGREEMENT")}}},
    {"SIP6", {{HEADER, "inside", ALTERNATIVE("PREVIOUSSUBMISSIONAGREEMENT")}}},
    {"SIP7", {{HEADER, "inside", ALTERNATIVE("REFERENCECODE")}}},
    {"SIP8", {{HEADER, "inside", ALTERNATIVE("PREVIOUSREFERENCECODE")}}},
    {"SIP9",
     {{HEADER, "inside", AGENT("ARCHIVIST", "ORGANIZATION", "甲", CODE, "1")},
      {HEADER, "inside", AGENT("ARCHIVIST", "ORGANIZATION", "乙", CODE, "2")}}},
    {"SIP10", {{HEADER, "inside", AGENT("EDITOR", "ORGANIZATION", "甲", CODE, "1")}}},
    {"SIP11", {{HEADER, "inside", AGENT("ARCHIVIST", "OTHER", "甲", CODE, "1")}}},
    {"SIP12", {{HEADER, "inside", AGENT("ARCHIVIST", "ORGANIZATION", " ", CODE, "1")}}},
    {"SIP13", {{HEADER, "inside", AGENT("ARCHIVIST", "ORGANIZATION", "甲", CODE, " ")}}},
    {"SIP14", {{HEADER, "inside", AGENT("ARCHIVIST", "ORGANIZATION", "甲", "CODE", "1")}}},
    {"SIP15", {{SENDER, "@ROLE", "ARCHIVIST"}}},
    {"SIP16", {{SENDER "/mets:note", "gone"}, {SENDER, "@ROLE", "EDITOR"}}, .also = "SIP15"},
    {"SIP17", {{SENDER, "@TYPE", "SOMEBODY"}}},
    {"SIP18", {{SENDER "/mets:name", "text", " "}}},
    {"SIP19", {{SENDER "/mets:note", "text", " "}}},
    {"SIP20", {{SENDER "/mets:note", "@csip:NOTETYPE", "CODE"}}},
    {"SIP24", {{HEADER, "inside", AGENT("CREATOR", "INDIVIDUAL", " ", "PHONE", "1")}}},
    {"SIP25", {{HEADER, "inside", AGENT("CREATOR", "INDIVIDUAL", "甲", "PHONE", " ")}}},
    {"SIP26",
     {{HEADER, "inside", AGENT("PRESERVATION", "ORGANIZATION", "甲", CODE, "1")},
      {HEADER, "inside", AGENT("PRESERVATION", "ORGANIZATION", "乙", CODE, "2")}}},
    {"SIP28", {{HEADER, "inside", AGENT("PRESERVATION", "INDIVIDUAL", "甲", CODE, "1")}}},
    {"SIP29", {{HEADER, "inside", AGENT("PRESERVATION", "ORGANIZATION", " ", CODE, "1")}}},
    {"SIP30", {{HEADER, "inside", AGENT("PRESERVATION", "ORGANIZATION", "甲", CODE, " ")}}},
    {"SIP31", {{HEADER, "inside", AGENT("PRESERVATION", "ORGANIZATION", "甲", "CODE", "1")}}},
    {"SIP32", {{PAGE_FILE, "@sip:FILEFORMATNAME", ""}}},
    {"SIP33", {{PAGE_FILE, "@sip:FILEFORMATVERSION", ""}}},
    {"SIP34", {{PAGE_FILE, "@sip:FILEFORMATREGISTRY", ""}}},
    {"SIP35", {{PAGE_FILE, "@sip:FILEFORMATKEY", ""}}},
    {NULL},
};

const MetsFault mets_twins[] = {
    {"no submission", {NO_SUBMISSION}},
    {"rights metadata", {WITH_RIGHTS}},
    {"one group of representations", {ONE_GROUP}},
    {"representations with METS of their own", {{NULL}}, own_documents},
    {NULL},
};
