/*
 * One event a kind of operation, with the objects it touched and a detail only for pages where something was done: events
 * a file make documents that cannot be handled (measured by others at 4,000 files, see docs/decisions/003).
 */
#include "package_parts.h"
#include "xmlout.h"

#include <math.h>

/* Identifiers are paths, so that they mean something outside this document as well. */
#define ID_PATH "package path"
#define ID_LOCAL "local"

typedef struct {
    DaXmlOut *out;
    const DaDossier *dossier;
    GPtrArray *pages;   /* DaPage *, borrowed */
    GPtrArray *makings; /* Making *: what was digitized first, then each addition */
    GPtrArray *engines; /* char *, borrowed; in order of first use */
    GPtrArray *
        people; /* char *, borrowed: who corrected pages, the operator left out; in order of first use */
    guint events;
} Premis;

/* Pages that came in one package: those that the dossier had from the first, or those of one addition. */
typedef struct {
    const DaAddition *addition; /* NULL = the first */
    const char *made, *operator_name, *scanner;
    char *operator_agent, *scanner_agent;
    GPtrArray *materials; /* DaMaterial *, borrowed */
    GPtrArray *pages;     /* DaPage *, borrowed */
} Making;

typedef gboolean (*PageTest)(const DaPage *page);
typedef char *(*PageDetail)(const DaPage *page);

/* --- what came when ------------------------------------------------------------------------------------------------ */

static void making_free(gpointer data)
{
    Making *making = data;
    g_free(making->operator_agent);
    g_free(making->scanner_agent);
    g_ptr_array_unref(making->materials);
    g_ptr_array_unref(making->pages);
    g_free(making);
}

static Making *making_add(GPtrArray *makings, const DaDossier *dossier, const DaAddition *addition)
{
    Making *making = g_new0(Making, 1);
    guint number = makings->len + 1;
    making->addition = addition;
    making->made = addition                  ? addition->made
                   : dossier->first_created ? dossier->first_created
                                            : dossier->created;
    making->operator_name = addition ? addition->operator_name : dossier->operator_name;
    making->scanner = addition ? addition->scanner : dossier->scanner;
    making->operator_agent =
        addition ? g_strdup_printf("agent-operator-%u", number) : g_strdup("agent-operator");
    making->scanner_agent =
        addition ? g_strdup_printf("agent-scanner-%u", number) : g_strdup("agent-scanner");
    making->materials = g_ptr_array_new();
    making->pages = g_ptr_array_new();
    g_ptr_array_add(makings, making);
    return making;
}

static gboolean is_of(const Making *making, const DaAddition *addition)
{
    if (!making->addition || !addition)
        return making->addition == addition;
    return !g_strcmp0(making->addition->digest, addition->digest) &&
           !g_strcmp0(making->addition->at, addition->at);
}

static Making *making_of(GPtrArray *makings, const DaDossier *dossier, const DaAddition *addition)
{
    for (guint i = 0; i < makings->len; i++)
        if (is_of(g_ptr_array_index(makings, i), addition))
            return g_ptr_array_index(makings, i);
    return making_add(makings, dossier, addition);
}

static GPtrArray *makings_of(const DaDossier *dossier)
{
    GPtrArray *makings = g_ptr_array_new_with_free_func(making_free);
    making_add(makings, dossier, NULL);
    for (guint m = 0; m < dossier->materials->len; m++) {
        DaMaterial *material = g_ptr_array_index(dossier->materials, m);
        Making *making = making_of(makings, dossier, material->addition);
        g_ptr_array_add(making->materials, material);
        for (guint p = 0; p < material->pages->len; p++)
            g_ptr_array_add(making->pages, g_ptr_array_index(material->pages, p));
    }
    return makings;
}

/* --- small parts --------------------------------------------------------------------------------------------------- */

/* <objectIdentifier><objectIdentifierType>…<objectIdentifierValue>…: PREMIS names all its identifiers this way. */
static void open_identifier(DaXmlOut *out, const char *name, const char *type, const char *value)
{
    g_autofree char *type_name = g_strconcat(name, "Type", NULL);
    g_autofree char *value_name = g_strconcat(name, "Value", NULL);
    da_xmlout_open(out, name);
    da_xmlout_element(out, type_name, type);
    da_xmlout_element(out, value_name, value);
}

static void write_identifier(DaXmlOut *out, const char *name, const char *type, const char *value)
{
    open_identifier(out, name, type, value);
    da_xmlout_close(out);
}

static void write_relation(DaXmlOut *out, const char *type, const char *subtype,
                           const char *id_type, const char *id)
{
    da_xmlout_open(out, "relationship");
    da_xmlout_element(out, "relationshipType", type);
    da_xmlout_element(out, "relationshipSubType", subtype);
    write_identifier(out, "relatedObjectIdentifier", id_type, id);
    da_xmlout_close(out);
}

static void open_object(DaXmlOut *out, const char *type, const char *id_type, const char *id)
{
    da_xmlout_open(out, "object");
    da_xmlout_attribute(out, "xsi:type", type);
    write_identifier(out, "objectIdentifier", id_type, id);
}

static char *representation_id(DaFileKind kind)
{
    return g_strdup_printf("representations/%s", da_file_kind_name(kind));
}

/* A decimal point whatever the locale. */
static char *decimal(double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    return g_strdup(g_ascii_formatd(buffer, sizeof buffer, "%.2f", value));
}

/* --- objects ------------------------------------------------------------------------------------------------------- */

static void write_representation(Premis *premis, DaFileKind kind)
{
    if (!da_package_has_kind(premis->pages, kind))
        return;
    g_autofree char *id = representation_id(kind);
    open_object(premis->out, "representation", ID_PATH, id);
    write_relation(premis->out, "structural", "represents", "package id", premis->dossier->id);
    da_xmlout_close(premis->out);
}

static void write_characteristics(DaXmlOut *out, const DaPageFile *file)
{
    da_xmlout_open(out, "objectCharacteristics");
    da_xmlout_open(out, "fixity");
    da_xmlout_element(out, "messageDigestAlgorithm", "SHA-256");
    da_xmlout_element(out, "messageDigest", file->sha256);
    da_xmlout_close(out);
    da_xmlout_elementf(out, "size", "%" G_GUINT64_FORMAT, file->size_bytes);
    da_xmlout_open(out, "format");
    da_xmlout_open(out, "formatDesignation");
    da_xmlout_element(out, "formatName", da_package_mime(file->extension));
    da_xmlout_close(out);
    da_xmlout_close(out);
    da_xmlout_close(out);
}

/* What a file was made from: access from master, OCR from access, a split master from its container. */
static void write_source(DaXmlOut *out, const DaPage *page, DaFileKind kind)
{
    if (kind == DA_FILE_MASTER && page->container_sha256)
        write_relation(out, "derivation", "has source", "SHA-256", page->container_sha256);
    if (kind == DA_FILE_MASTER || !page->file[kind - 1].extension)
        return;
    g_autofree char *source = da_package_page_inside(page, kind - 1);
    write_relation(out, "derivation", "has source", ID_PATH, source);
}

static void write_file(DaXmlOut *out, const DaPage *page, DaFileKind kind)
{
    if (!page->file[kind].extension)
        return;
    g_autofree char *id = da_package_page_inside(page, kind);
    g_autofree char *representation = representation_id(kind);
    open_object(out, "file", ID_PATH, id);
    write_characteristics(out, &page->file[kind]);
    write_relation(out, "structural", "is part of", ID_PATH, representation);
    write_source(out, page, kind);
    da_xmlout_close(out);
}

static void write_objects(Premis *premis)
{
    open_object(premis->out, "intellectualEntity", "package id", premis->dossier->id);
    da_xmlout_close(premis->out);
    for (DaFileKind kind = 0; kind < DA_FILE_N; kind++)
        write_representation(premis, kind);
    for (guint i = 0; i < premis->pages->len; i++)
        for (DaFileKind kind = 0; kind < DA_FILE_N; kind++)
            write_file(premis->out, g_ptr_array_index(premis->pages, i), kind);
}

/* --- events -------------------------------------------------------------------------------------------------------- */

static void open_event(Premis *premis, const char *type, const char *when)
{
    g_autofree char *id = g_strdup_printf("event-%u", ++premis->events);
    da_xmlout_open(premis->out, "event");
    write_identifier(premis->out, "eventIdentifier", ID_LOCAL, id);
    da_xmlout_element(premis->out, "eventType", type);
    da_xmlout_element(premis->out, "eventDateTime", when);
}

static void write_detail(DaXmlOut *out, const char *detail)
{
    da_xmlout_open(out, "eventDetailInformation");
    da_xmlout_element(out, "eventDetail", detail);
    da_xmlout_close(out);
}

static void write_outcome(DaXmlOut *out, const char *note)
{
    da_xmlout_open(out, "eventOutcomeInformation");
    da_xmlout_element(out, "eventOutcome", "success");
    if (note) {
        da_xmlout_open(out, "eventOutcomeDetail");
        da_xmlout_element(out, "eventOutcomeDetailNote", note);
        da_xmlout_close(out);
    }
    da_xmlout_close(out);
}

static void link_agent(DaXmlOut *out, const char *agent, const char *role)
{
    open_identifier(out, "linkingAgentIdentifier", ID_LOCAL, agent);
    da_xmlout_element(out, "linkingAgentRole", role);
    da_xmlout_close(out);
}

static void link_page(DaXmlOut *out, const DaPage *page, DaFileKind kind)
{
    if (!page->file[kind].extension)
        return;
    g_autofree char *id = da_package_page_inside(page, kind);
    write_identifier(out, "linkingObjectIdentifier", ID_PATH, id);
}

/* First and last moment of the scans; NULL when no page says. RFC 3339 texts of different offsets compare as times. */
static void captured_between(const GPtrArray *pages, const char **first, const char **last)
{
    g_autoptr(GDateTime) low = NULL;
    g_autoptr(GDateTime) high = NULL;
    *first = *last = NULL;
    for (guint i = 0; i < pages->len; i++) {
        const DaPage *page = g_ptr_array_index(pages, i);
        g_autoptr(GDateTime) when =
            page->captured ? g_date_time_new_from_iso8601(page->captured, NULL) : NULL;
        if (!when)
            continue;
        if (!low || g_date_time_compare(when, low) < 0) {
            g_clear_pointer(&low, g_date_time_unref);
            low = g_date_time_ref(when);
            *first = page->captured;
        }
        if (!high || g_date_time_compare(when, high) > 0) {
            g_clear_pointer(&high, g_date_time_unref);
            high = g_date_time_ref(when);
            *last = page->captured;
        }
    }
}

/* A date that no file gives is "unknown" (EDTF), never the day of packaging. */
static void write_capture(Premis *premis, const Making *making)
{
    const char *first = NULL, *last = NULL;
    captured_between(making->pages, &first, &last);
    open_event(premis, "capture", first ? first : "unknown");
    g_autofree char *detail = g_strdup_printf("%u sides digitized%s%s%s%s", making->pages->len,
                                              first ? "; file times from " : "", first ? first : "",
                                              last ? " to " : "", last ? last : "");
    write_detail(premis->out, detail);
    if (making->scanner)
        link_agent(premis->out, making->scanner_agent, "capture device");
    if (making->operator_name)
        link_agent(premis->out, making->operator_agent, "operator");
    if (making->addition)
        for (guint i = 0; i < making->pages->len; i++)
            link_page(premis->out, g_ptr_array_index(making->pages, i), DA_FILE_MASTER);
    else if (da_package_has_kind(making->pages, DA_FILE_MASTER))
        write_identifier(premis->out, "linkingObjectIdentifier", ID_PATH, "representations/master");
    da_xmlout_close(premis->out);
}

/* One event over the pages that `applies` to, with a detail for each; none when it applies to no page. */
static void write_page_event(Premis *premis, const Making *making, const char *type,
                             PageTest applies, PageDetail detail, DaFileKind kind)
{
    g_autoptr(GPtrArray) touched = g_ptr_array_new();
    for (guint i = 0; i < making->pages->len; i++)
        if (applies(g_ptr_array_index(making->pages, i)))
            g_ptr_array_add(touched, g_ptr_array_index(making->pages, i));
    if (touched->len == 0)
        return;
    open_event(premis, type, making->made);
    for (guint i = 0; i < touched->len; i++) {
        g_autofree char *text = detail(g_ptr_array_index(touched, i));
        write_detail(premis->out, text);
    }
    write_outcome(premis->out, NULL);
    link_agent(premis->out, "agent-dangan", "executing program");
    for (guint i = 0; i < touched->len; i++)
        link_page(premis->out, g_ptr_array_index(touched, i), kind);
    da_xmlout_close(premis->out);
}

static gboolean was_split(const DaPage *page)
{
    return page->container_sha256 != NULL;
}

static char *split_detail(const DaPage *page)
{
    return g_strdup_printf("%s: page %u of the container with SHA-256 %s, image data unchanged",
                           page->stem, page->container_frame, page->container_sha256);
}

static gboolean was_turned(const DaPage *page)
{
    return page->turn_cw_deg != 0;
}

static char *turn_detail(const DaPage *page)
{
    g_autofree char *confidence =
        isnan(page->turn_confidence) ? NULL : decimal(page->turn_confidence);
    return g_strdup_printf("%s: lay %d degrees clockwise, turned upright%s%s", page->stem,
                           page->turn_cw_deg, confidence ? "; confidence " : "",
                           confidence ? confidence : "");
}

static gboolean was_levelled(const DaPage *page)
{
    return page->resampled;
}

static char *level_detail(const DaPage *page)
{
    g_autofree char *skew =
        isnan(page->skew_cw_deg) ? g_strdup("unknown") : decimal(page->skew_cw_deg);
    return g_strdup_printf("%s: lay %s degrees clockwise, levelled by one resampling", page->stem,
                           skew);
}

static gboolean was_cropped(const DaPage *page)
{
    return page->cropped;
}

static char *crop_detail(const DaPage *page)
{
    return g_strdup_printf(
        "%s: cut to %u x %u px at %u, %u of the upright and level image, outside of the sheet",
        page->stem, page->width_px, page->height_px, page->crop_x_px, page->crop_y_px);
}

/* --- corrections --------------------------------------------------------------------------------------------------- */

/* What a person did to the image, and what they said about the page. */
static const char *event_of(const DaCorrection *correction)
{
    static const char *const image[] = {"turn", "crop", "replace", NULL};
    return g_strv_contains(image, correction->what) ? "modification" : "metadata modification";
}

static char *correction_detail(const DaPage *page, const DaCorrection *correction)
{
    if (g_str_equal(correction->what, "replace"))
        return g_strdup_printf("%s: scanned again", page->stem);
    return g_strdup_printf("%s: %s set to %s by a person", page->stem, correction->what,
                           correction->value);
}

static gboolean same_act(const DaCorrection *a, const DaCorrection *b)
{
    return !g_strcmp0(a->by, b->by) && !g_strcmp0(a->at, b->at) && event_of(a) == event_of(b);
}

static char *agent_of(const Premis *premis, const char *person)
{
    guint at = 0;
    if (!g_ptr_array_find_with_equal_func(premis->people, person, g_str_equal, &at))
        return g_strdup("agent-operator");
    return g_strdup_printf("agent-person-%u", at + 1);
}

typedef struct {
    const DaPage *page;
    const DaCorrection *correction;
} Act;

/* What one person did at one time, in one event. */
static void write_act(Premis *premis, const GArray *acts, const DaCorrection *example)
{
    g_autofree char *agent = agent_of(premis, example->by);
    open_event(premis, event_of(example), example->at);
    for (guint i = 0; i < acts->len; i++) {
        const Act *act = &g_array_index(acts, Act, i);
        if (!same_act(act->correction, example))
            continue;
        g_autofree char *detail = correction_detail(act->page, act->correction);
        write_detail(premis->out, detail);
    }
    write_outcome(premis->out, NULL);
    link_agent(premis->out, agent, "implementer");
    const DaPage *last = NULL;
    for (guint i = 0; i < acts->len; i++) {
        const Act *act = &g_array_index(acts, Act, i);
        if (same_act(act->correction, example) && act->page != last)
            link_page(premis->out, last = act->page, DA_FILE_ACCESS);
    }
    da_xmlout_close(premis->out);
}

static void write_corrections(Premis *premis)
{
    g_autoptr(GArray) acts = g_array_new(FALSE, FALSE, sizeof(Act));
    for (guint i = 0; i < premis->pages->len; i++) {
        const DaPage *page = g_ptr_array_index(premis->pages, i);
        for (guint c = 0; page->corrections && c < page->corrections->len; c++) {
            Act act = {page, g_ptr_array_index(page->corrections, c)};
            g_array_append_val(acts, act);
        }
    }
    for (guint i = 0; i < acts->len; i++) {
        const DaCorrection *example = g_array_index(acts, Act, i).correction;
        gboolean written = FALSE;
        for (guint before = 0; before < i && !written; before++)
            written = same_act(g_array_index(acts, Act, before).correction, example);
        if (!written)
            write_act(premis, acts, example);
    }
}

/* --- additions ------------------------------------------------------------------------------------------------------- */

/* 零散材料: which materials joined the dossier, from which package. */
static void write_addition(Premis *premis, const Making *making)
{
    const DaAddition *addition = making->addition;
    if (!addition)
        return;
    g_autofree char *agent = agent_of(premis, addition->by);
    open_event(premis, "accession", addition->at);
    for (guint i = 0; i < making->materials->len; i++) {
        const DaMaterial *material = g_ptr_array_index(making->materials, i);
        g_autofree char *detail = g_strdup_printf(
            "%s-%u: %u sides added to the dossier, out of the package with digest %s",
            material->class_code, material->sequence, material->pages->len, addition->digest);
        write_detail(premis->out, detail);
    }
    write_outcome(premis->out, NULL);
    link_agent(premis->out, agent, "implementer");
    for (guint i = 0; i < making->pages->len; i++)
        link_page(premis->out, g_ptr_array_index(making->pages, i), DA_FILE_MASTER);
    da_xmlout_close(premis->out);
}

static void add_person(GPtrArray *people, char *by, const char *operator_name)
{
    if (g_strcmp0(by, operator_name) &&
        !g_ptr_array_find_with_equal_func(people, by, g_str_equal, NULL))
        g_ptr_array_add(people, by);
}

static GPtrArray *people_of(const GPtrArray *pages, const GPtrArray *makings,
                            const char *operator_name)
{
    GPtrArray *people = g_ptr_array_new();
    for (guint i = 0; i < pages->len; i++) {
        const DaPage *page = g_ptr_array_index(pages, i);
        for (guint c = 0; page->corrections && c < page->corrections->len; c++) {
            const DaCorrection *correction = g_ptr_array_index(page->corrections, c);
            add_person(people, correction->by, operator_name);
        }
    }
    for (guint i = 0; i < makings->len; i++) {
        const Making *making = g_ptr_array_index(makings, i);
        if (making->addition)
            add_person(people, making->addition->by, operator_name);
    }
    return people;
}

/* --- recognition ----------------------------------------------------------------------------------------------------- */

static gboolean read_by(const DaPage *page, const char *engine)
{
    return page->ocr_engine && g_str_equal(page->ocr_engine, engine);
}

static void write_recognition(Premis *premis, const Making *making, guint number)
{
    const char *engine = g_ptr_array_index(premis->engines, number);
    double sum = 0;
    guint measured = 0, read = 0;
    for (guint i = 0; i < making->pages->len; i++) {
        const DaPage *page = g_ptr_array_index(making->pages, i);
        gboolean counts = read_by(page, engine) && !isnan(page->ocr_confidence);
        read += read_by(page, engine);
        sum += counts ? page->ocr_confidence : 0;
        measured += counts;
    }
    if (read == 0)
        return;
    g_autofree char *mean = decimal(measured > 0 ? sum / measured : 0);
    g_autofree char *note = measured > 0
                                ? g_strdup_printf("%u sides; mean confidence %s over %u with text",
                                                  read, mean, measured)
                                : g_strdup_printf("%u sides; no text found", read);
    g_autofree char *agent = g_strdup_printf("agent-ocr-%u", number + 1);
    open_event(premis, "text recognition", making->made);
    write_detail(premis->out, engine);
    write_outcome(premis->out, note);
    link_agent(premis->out, agent, "executing program");
    for (guint i = 0; i < making->pages->len; i++)
        if (read_by(g_ptr_array_index(making->pages, i), engine))
            link_page(premis->out, g_ptr_array_index(making->pages, i), DA_FILE_OCR);
    da_xmlout_close(premis->out);
}

static void write_package_event(Premis *premis, const char *type, const char *detail)
{
    open_event(premis, type, premis->dossier->created);
    write_detail(premis->out, detail);
    write_outcome(premis->out, NULL);
    link_agent(premis->out, "agent-dangan", "executing program");
    write_identifier(premis->out, "linkingObjectIdentifier", "package id", premis->dossier->id);
    da_xmlout_close(premis->out);
}

static void write_making(Premis *premis, const Making *making)
{
    write_capture(premis, making);
    write_page_event(premis, making, "unpacking", was_split, split_detail, DA_FILE_MASTER);
    write_page_event(premis, making, "orientation correction", was_turned, turn_detail,
                     DA_FILE_ACCESS);
    write_page_event(premis, making, "deskewing", was_levelled, level_detail, DA_FILE_ACCESS);
    write_page_event(premis, making, "cropping", was_cropped, crop_detail, DA_FILE_ACCESS);
    for (guint i = 0; i < premis->engines->len; i++)
        write_recognition(premis, making, i);
}

static void write_events(Premis *premis)
{
    for (guint i = 0; i < premis->makings->len; i++)
        write_making(premis, g_ptr_array_index(premis->makings, i));
    write_corrections(premis);
    for (guint i = 0; i < premis->makings->len; i++)
        write_addition(premis, g_ptr_array_index(premis->makings, i));
    write_package_event(premis, "message digest calculation",
                        "SHA-256 of every file, compared while packaging");
    write_package_event(premis, "information package creation",
                        "BagIt 1.0 bag with a CSIP payload");
}

/* --- agents -------------------------------------------------------------------------------------------------------- */

static void write_agent(DaXmlOut *out, const char *id, const char *name, const char *type,
                        const char *version)
{
    da_xmlout_open(out, "agent");
    write_identifier(out, "agentIdentifier", ID_LOCAL, id);
    da_xmlout_element(out, "agentName", name);
    da_xmlout_element(out, "agentType", type);
    da_xmlout_element(out, "agentVersion", version);
    da_xmlout_close(out);
}

static void write_agents(Premis *premis)
{
    write_agent(premis->out, "agent-dangan", "dangan", "software", DANGAN_VERSION);
    for (guint i = 0; i < premis->engines->len; i++) {
        g_autofree char *id = g_strdup_printf("agent-ocr-%u", i + 1);
        write_agent(premis->out, id, g_ptr_array_index(premis->engines, i), "software", NULL);
    }
    for (guint i = 0; i < premis->makings->len; i++) {
        const Making *making = g_ptr_array_index(premis->makings, i);
        if (making->scanner)
            write_agent(premis->out, making->scanner_agent, making->scanner, "hardware", NULL);
        if (making->operator_name)
            write_agent(premis->out, making->operator_agent, making->operator_name, "person", NULL);
    }
    for (guint i = 0; i < premis->people->len; i++) {
        g_autofree char *id = g_strdup_printf("agent-person-%u", i + 1);
        write_agent(premis->out, id, g_ptr_array_index(premis->people, i), "person", NULL);
    }
}

static GPtrArray *engines_of(const GPtrArray *pages)
{
    GPtrArray *engines = g_ptr_array_new();
    for (guint i = 0; i < pages->len; i++) {
        const DaPage *page = g_ptr_array_index(pages, i);
        if (page->ocr_engine && !g_str_equal(page->ocr_engine, "none") &&
            !g_ptr_array_find_with_equal_func(engines, page->ocr_engine, g_str_equal, NULL))
            g_ptr_array_add(engines, page->ocr_engine);
    }
    return engines;
}

GBytes *da_package_premis(const DaDossier *dossier)
{
    g_autoptr(DaXmlOut) out = da_xmlout_new();
    g_autoptr(GPtrArray) pages = da_package_pages(dossier);
    g_autoptr(GPtrArray) engines = engines_of(pages);
    g_autoptr(GPtrArray) makings = makings_of(dossier);
    g_autoptr(GPtrArray) people = people_of(pages, makings, dossier->operator_name);
    Premis premis = {.out = out,
                     .dossier = dossier,
                     .pages = pages,
                     .makings = makings,
                     .engines = engines,
                     .people = people};
    da_xmlout_open(out, "premis");
    da_xmlout_attribute(out, "xmlns", "http://www.loc.gov/premis/v3");
    da_xmlout_attribute(out, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    da_xmlout_attribute(out, "version", "3.0");
    write_objects(&premis);
    write_events(&premis);
    write_agents(&premis);
    return da_xmlout_finish(out);
}
