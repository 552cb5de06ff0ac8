#include <dangan/error.h>
#include <dangan/schema.h>
#include <gio/gio.h>
#include <libxml/parserInternals.h>
#include <string.h>

/* A document that breaks one rule ten thousand times is as wrong after the first thousand. */
#define SCHEMA_MAX_FAULTS 1000

#define STANDARDS_DRIVER "driver.xsd"
/* METS and ALTO import XLink by this address; the file lies beside the driver. */
#define STANDARDS_HOST "http://www.loc.gov/"

static const char *const embedded[] = {
    [DA_SCHEMA_DOSSIER] = "/dangan/xsd/dossier.xsd",
    [DA_SCHEMA_PROFILE] = "/dangan/xsd/profile.xsd",
};

/* The entity loader is one a process, and compiled schemas are not documented as safe to share: both under one lock. */
static GMutex schema_lock;
static xmlSchema *compiled[DA_SCHEMA_STANDARDS + 1];
static const char *loader_folder;
static char *loader_refused; /* the first address that was not loaded */

/* --- parsing ------------------------------------------------------------------------------------------------------- */

static char *message_of(const xmlError *fault)
{
    char *text = g_strchomp(g_strdup(fault->message ? fault->message : "unknown fault"));
    gsize length = strlen(text);
    if (length > 0 && text[length - 1] == '.')
        text[length - 1] = '\0';
    return text;
}

static void keep_first_fault(void *user, xmlErrorPtr fault)
{
    xmlParserCtxt *parser = user;
    char **reason = parser->_private;
    if (*reason || fault->level == XML_ERR_WARNING)
        return;
    g_autofree char *text = message_of(fault);
    *reason = g_strdup_printf("line %d: %s", fault->line, text);
}

/* None of the formats has a DTD, and entities come by no other way. */
static void refuse_doctype(void *user, const xmlChar *name, const xmlChar *external,
                           const xmlChar *system)
{
    xmlParserCtxt *parser = user;
    char **reason = parser->_private;
    if (!*reason)
        *reason = g_strdup_printf("line %d: a document type declaration is not accepted",
                                  parser->input->line);
    xmlStopParser(parser);
}

xmlDoc *da_xml_parse(const void *data, gsize size, const char *name, GError **error)
{
    if (size > DA_XML_MAX_BYTES) {
        da_error_set(error, DA_ERROR_LIMIT,
                     "cannot read XML '%s': %" G_GSIZE_FORMAT
                     " bytes are more than %" G_GSIZE_FORMAT,
                     name, size, DA_XML_MAX_BYTES);
        return NULL;
    }
    g_autofree char *reason = NULL;
    g_autoptr(xmlParserCtxt) parser = xmlNewParserCtxt();
    g_assert(parser);
    parser->_private = &reason;
    parser->sax->serror = keep_first_fault;
    parser->sax->internalSubset = refuse_doctype;
    /* The name stays out of libxml2: as a base address it would make relative references mean something. */
    g_autoptr(xmlDoc) doc =
        xmlCtxtReadMemory(parser, size > 0 ? data : "", (int)size, NULL, NULL,
                          XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES);
    if (!doc || reason) {
        da_error_set(error, DA_ERROR_INPUT, "cannot read XML '%s': %s", name,
                     reason ? reason : (size == 0 ? "it is empty" : "it is not well-formed"));
        return NULL;
    }
    return g_steal_pointer(&doc);
}

/* --- compiling ----------------------------------------------------------------------------------------------------- */

/* NULL = refused. A driver read from memory has no base, so that a file beside it is asked for by its bare name. */
static const char *file_beside_driver(const char *url)
{
    if (!loader_folder || !url)
        return NULL;
    if (g_str_has_prefix(url, STANDARDS_HOST))
        url = strrchr(url, '/') + 1;
    return *url && !strchr(url, '/') ? url : NULL;
}

static xmlParserInputPtr load_beside_driver(const char *url, const char *id,
                                            xmlParserCtxtPtr parser)
{
    const char *file = file_beside_driver(url);
    g_autofree char *path = file ? g_build_filename(loader_folder, file, NULL) : NULL;
    xmlParserInput *input = path ? xmlNewInputFromFile(parser, path) : NULL;
    if (!input) {
        if (!loader_refused)
            loader_refused = g_strdup(url ? url : "(no address)");
        return NULL;
    }
    xmlFree((void *)input->filename);
    input->filename = (char *)xmlStrdup((const xmlChar *)file);
    return input;
}

/* Importing XLink twice gives warnings; only errors count. */
static void keep_schema_fault(void *user, xmlErrorPtr fault)
{
    char **reason = user;
    if (*reason || fault->level == XML_ERR_WARNING)
        return;
    g_autofree char *text = message_of(fault);
    *reason =
        g_strdup_printf("%s line %d: %s", fault->file ? fault->file : "schema", fault->line, text);
}

static xmlSchema *compile(const char *data, gsize size, const char *folder, char **reason)
{
    g_autoptr(xmlSchemaParserCtxt) parser = xmlSchemaNewMemParserCtxt(data, (int)size);
    g_assert(parser);
    xmlSchemaSetParserStructuredErrors(parser, keep_schema_fault, reason);
    /* Faults of reading an imported file do not go through the schema parser's handler. */
    xmlStructuredErrorFunc old_handler = xmlStructuredError;
    void *old_context = xmlStructuredErrorContext;
    xmlExternalEntityLoader old_loader = xmlGetExternalEntityLoader();
    xmlSetStructuredErrorFunc(reason, keep_schema_fault);
    xmlSetExternalEntityLoader(load_beside_driver);
    loader_folder = folder;
    xmlSchema *schema = xmlSchemaParse(parser);
    loader_folder = NULL;
    xmlSetExternalEntityLoader(old_loader);
    xmlSetStructuredErrorFunc(old_context, old_handler);
    /* libxml2 goes on without an import that it cannot load, and would then know nothing of that format. */
    g_autofree char *refused = g_steal_pointer(&loader_refused);
    if (!refused)
        return schema;
    xmlSchemaFree(schema);
    g_free(*reason);
    *reason = g_strdup_printf("'%s' is not beside it", refused);
    return NULL;
}

static char *standards_path(const char *file)
{
    const char *folder = g_getenv("DANGAN_XSD");
    return folder && *folder ? g_build_filename(folder, file, NULL) : NULL;
}

GBytes *da_schema_text(DaSchema which, GError **error)
{
    g_return_val_if_fail(which != DA_SCHEMA_STANDARDS, NULL);
    GBytes *bytes = g_resources_lookup_data(embedded[which], G_RESOURCE_LOOKUP_FLAGS_NONE, error);
    if (!bytes)
        g_prefix_error(error, "cannot find embedded schema '%s': ", embedded[which]);
    return bytes;
}

static xmlSchema *compile_embedded(DaSchema which, GError **error)
{
    g_autofree char *reason = NULL;
    g_autoptr(GBytes) bytes = da_schema_text(which, error);
    if (!bytes)
        return NULL;
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    xmlSchema *schema = compile(data, size, NULL, &reason);
    if (!schema)
        da_error_set(error, DA_ERROR_SYSTEM, "cannot use embedded schema '%s': %s", embedded[which],
                     reason ? reason : "unknown fault");
    return schema;
}

static xmlSchema *compile_standards(GError **error)
{
    g_autofree char *path = standards_path(STANDARDS_DRIVER);
    if (!path) {
        da_error_set(error, DA_ERROR_NOT_FOUND,
                     "cannot validate against METS, PREMIS and ALTO: set DANGAN_XSD to the folder "
                     "of their schemas");
        return NULL;
    }
    g_autofree char *data = NULL;
    g_autofree char *reason = NULL;
    gsize size = 0;
    g_autoptr(GError) failure = NULL;
    if (!g_file_get_contents(path, &data, &size, &failure)) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "cannot read schema '%s': %s", path,
                     failure->message);
        return NULL;
    }
    xmlSchema *schema = compile(data, size, g_getenv("DANGAN_XSD"), &reason);
    if (!schema)
        da_error_set(error, DA_ERROR_SYSTEM, "cannot use schema '%s': %s", path,
                     reason ? reason : "unknown fault");
    return schema;
}

static xmlSchema *compiled_schema(DaSchema which, GError **error)
{
    if (!compiled[which]) {
        xmlInitParser();
        compiled[which] = which == DA_SCHEMA_STANDARDS ? compile_standards(error)
                                                       : compile_embedded(which, error);
    }
    return compiled[which];
}

/* --- validating ---------------------------------------------------------------------------------------------------- */

gboolean da_schema_is_available(DaSchema which)
{
    if (which != DA_SCHEMA_STANDARDS)
        return g_resources_get_info(embedded[which], G_RESOURCE_LOOKUP_FLAGS_NONE, NULL, NULL,
                                    NULL);
    g_autofree char *path = standards_path(STANDARDS_DRIVER);
    return path && g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

static void collect_fault(void *user, xmlErrorPtr fault)
{
    GPtrArray *faults = user;
    if (fault->level == XML_ERR_WARNING || faults->len >= SCHEMA_MAX_FAULTS)
        return;
    g_autofree char *text = message_of(fault);
    g_ptr_array_add(faults, g_strdup_printf("line %d: %s", fault->line, text));
}

gboolean da_schema_validate(DaSchema which, xmlDoc *doc, GPtrArray *faults, GError **error)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&schema_lock);
    xmlSchema *schema = compiled_schema(which, error);
    if (!schema)
        return FALSE;
    guint before = faults->len;
    g_autoptr(xmlSchemaValidCtxt) validator = xmlSchemaNewValidCtxt(schema);
    g_assert(validator);
    xmlSchemaSetValidStructuredErrors(validator, collect_fault, faults);
    int outcome = xmlSchemaValidateDoc(validator, doc);
    if (outcome < 0)
        return da_error_set(error, DA_ERROR_SYSTEM, "cannot validate: the schema processor failed");
    if (outcome > 0 && faults->len == before)
        g_ptr_array_add(faults, g_strdup("line 1: the document is not valid"));
    return TRUE;
}
