#include "cli.h"

#include <dangan/archive.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/scope.h>
#include <dangan/search.h>
#include <stdio.h>
#include <string.h>

#define VERB "search"
#define LIMIT 50

typedef struct {
    char *archive;
    char *field;
    int limit;
    gboolean json;
} Options;

static void options_clear(Options *options)
{
    g_free(options->archive);
    g_free(options->field);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"field", 0, 0, G_OPTION_ARG_STRING, &options->field,
         "where to look: name, id, employer, text or any (default) / 检索范围", "FIELD"},
        {"limit", 0, 0, G_OPTION_ARG_INT, &options->limit, "dossiers shown (default 50) / 显示条数",
         "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print JSON / 输出 JSON", NULL},
        {NULL},
    };
    if (!da_cli_parse(argc, argv, entries, "WORDS",
                      "Looks dossiers up. Exit status 0: found, 1: nothing found.\n"
                      "按姓名、身份证号、单位或正文检索档案。",
                      "dangan search --archive /srv/archive 退休审批 --field text", error))
        return FALSE;
    return options->archive != NULL ||
           da_error_set(error, DA_ERROR_USAGE, "--archive is missing; see dangan search --help");
}

static gboolean make_query(const Options *options, const char *words, DaSearchQuery *query,
                           GError **error)
{
    *query = (DaSearchQuery){.words = words, .limit = (guint)options->limit};
    if (options->limit < 1 || options->limit > (int)DA_SEARCH_MAX_LIMIT)
        return da_error_set(error, DA_ERROR_USAGE, "--limit must be from 1 to %u",
                            DA_SEARCH_MAX_LIMIT);
    if (!da_search_field_parse(options->field ? options->field : "any", &query->field))
        return da_error_set(error, DA_ERROR_USAGE,
                            "--field must be name, id, employer, text or any, not '%s'",
                            options->field);
    return TRUE;
}

/* --- a table --------------------------------------------------------------------------------------------------------- */

/* Columns of a terminal: a Han character takes two. */
static int width_of(const char *text)
{
    int width = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        width += g_unichar_iswide(g_utf8_get_char(p)) ? 2 : 1;
    return width;
}

static const char *cell(const json_t *result, const char *key)
{
    const char *text = json_string_value(json_object_get(result, key));
    return text ? text : "";
}

static void print_row(const char *const *cells, const int *widths, guint n)
{
    for (guint i = 0; i < n; i++)
        printf("%s%*s", cells[i], i + 1 < n ? widths[i] - width_of(cells[i]) + 2 : 0, "");
    putchar('\n');
}

static void print_hits(const json_t *hits)
{
    size_t i;
    const json_t *hit;
    json_array_foreach(hits, i, hit)
        printf("    %-10s %s\n", cell(hit, "stem"), cell(hit, "snippet"));
}

static void print_table(const json_t *results)
{
    static const char *const keys[] = {
        "name", "sex", "birth", "id_number", "employer", "archival_number", "dossier"};
    int widths[G_N_ELEMENTS(keys)] = {0};
    size_t i;
    const json_t *result;
    json_array_foreach(results, i, result) for (guint k = 0; k < G_N_ELEMENTS(keys); k++)
        widths[k] = MAX(widths[k], width_of(cell(result, keys[k])));
    json_array_foreach(results, i, result)
    {
        const char *cells[G_N_ELEMENTS(keys)];
        for (guint k = 0; k < G_N_ELEMENTS(keys); k++)
            cells[k] = cell(result, keys[k]);
        print_row(cells, widths, G_N_ELEMENTS(keys));
        print_hits(json_object_get(result, "hits"));
    }
}

static void print_found(const json_t *found)
{
    gboolean chinese = da_cli_chinese();
    const json_t *results = json_object_get(found, "results");
    if (json_array_size(results) == 0)
        puts(chinese ? "没有找到" : "nothing found");
    print_table(results);
    if (json_is_true(json_object_get(found, "more")))
        puts(chinese ? "还有更多, 请用 --limit 或更具体的词"
                     : "there are more; use --limit or narrower words");
}

/* --- the verb -------------------------------------------------------------------------------------------------------- */

static json_t *search(const Options *options, const char *words, GError **error)
{
    DaSearchQuery query;
    if (!make_query(options, words, &query, error))
        return NULL;
    g_autoptr(DaArchive) archive = da_archive_open(options->archive, error);
    g_autoptr(PGconn) db = archive ? da_archive_connect_reader(archive, error) : NULL;
    return db && da_scope_set(archive, db, NULL, error) ? da_search(db, &query, error) : NULL;
}

int da_cli_search(int argc, char **argv)
{
    g_auto(Options) options = {.limit = LIMIT};
    g_autoptr(GError) error = NULL;
    if (!parse(&argc, &argv, &options, &error))
        return da_cli_fail(VERB, error);
    g_autofree char *words = g_strjoinv(" ", argv + 1);
    g_autoptr(json_t) found = search(&options, words, &error);
    if (!found)
        return da_cli_fail(VERB, error);
    gboolean any = json_array_size(json_object_get(found, "results")) > 0;
    if (options.json)
        da_cli_print_json(g_steal_pointer(&found), FALSE);
    else
        print_found(found);
    return any ? 0 : 1;
}
