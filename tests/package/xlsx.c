#include "xlsx.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#define MAIN "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define RELATION "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

static const char workbook[] =
    "<workbook " MAIN " xmlns:r=\"" RELATION "\"><sheets><sheet name=\"旧\" sheetId=\"9\" "
    "state=\"hidden\" r:id=\"rId9\"/><sheet name=\"目录\" sheetId=\"4\" r:id=\"rId4\"/>"
    "</sheets></workbook>";
static const char relations[] =
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    "<Relationship Id=\"rId9\" Type=\"" RELATION "/worksheet\" Target=\"worksheets/sheet9.xml\"/>"
    "<Relationship Id=\"rId4\" Type=\"" RELATION
    "/worksheet\" Target=\"/xl/worksheets/sheet4.xml\"/>"
    "</Relationships>";

static void add_part(struct archive *archive, const char *name, const char *text)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)strlen(text));
    g_assert_cmpint(archive_write_header(archive, entry), ==, ARCHIVE_OK);
    g_assert_cmpint(archive_write_data(archive, text, strlen(text)), ==, (la_ssize_t)strlen(text));
    archive_entry_free(entry);
}

void xlsx_write_parts(const char *path, const char *const *names_and_texts, const char *options)
{
    struct archive *archive = archive_write_new();
    archive_write_set_format_zip(archive);
    if (options) {
        g_assert_cmpint(archive_write_set_options(archive, options), ==, ARCHIVE_OK);
        archive_write_set_passphrase(archive, "secret");
    }
    g_assert_cmpint(archive_write_open_filename(archive, path), ==, ARCHIVE_OK);
    for (; names_and_texts[0]; names_and_texts += 2)
        add_part(archive, names_and_texts[0], names_and_texts[1]);
    g_assert_cmpint(archive_write_close(archive), ==, ARCHIVE_OK);
    archive_write_free(archive);
}

char *xlsx_write(const char *folder, const char *name, const char *sheet_data, const char *strings,
                 const char *styles)
{
    char *path = g_build_filename(folder, name, NULL);
    g_autofree char *sheet =
        g_strdup_printf("<worksheet " MAIN "><sheetData>%s</sheetData></worksheet>", sheet_data);
    g_autofree char *sst = g_strdup_printf("<sst " MAIN ">%s</sst>", strings ? strings : "");
    g_autofree char *style_sheet =
        g_strdup_printf("<styleSheet " MAIN ">%s</styleSheet>", styles ? styles : "");
    const char *const parts[] = {"xl/workbook.xml",
                                 workbook,
                                 "xl/_rels/workbook.xml.rels",
                                 relations,
                                 "xl/worksheets/sheet9.xml",
                                 "<worksheet " MAIN "/>",
                                 "xl/worksheets/sheet4.xml",
                                 sheet,
                                 "xl/sharedStrings.xml",
                                 sst,
                                 "xl/styles.xml",
                                 style_sheet,
                                 NULL};
    xlsx_write_parts(path, parts, NULL);
    return path;
}
