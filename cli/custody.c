#include "cli.h"

#include <dangan/custody.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <stdio.h>
#include <string.h>

#define VERB "custody"
#define SEE "see dangan custody --help"

typedef struct {
    char *archive, *reason, *date, *note, *by, *until;
    gboolean json;
} Options;

typedef struct {
    DaArchive *archive;
    PGconn *db;
    const Options *options;
    const char *dossier, *value; /* `value` NULL = none */
} Call;

static void options_clear(Options *options)
{
    char *const texts[] = {options->archive, options->reason, options->date,
                           options->note,    options->by,     options->until};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"reason", 0, 0, G_OPTION_ARG_STRING, &options->reason,
         "hold, release, retain: why, by which list / 冻结、解除、保管期限的依据", "TEXT"},
        {"until", 0, 0, G_OPTION_ARG_STRING, &options->until,
         "retain: last year, month or day that it is kept, or permanent / 保管到何时, 或 permanent "
         "(永久)",
         "DATE"},
        {"date", 0, 0, G_OPTION_ARG_STRING, &options->date,
         "died, moved: when, as far as known / 日期", "DATE"},
        {"note", 0, 0, G_OPTION_ARG_STRING, &options->note,
         "died, moved, corrected: who told, where to / 说明", "TEXT"},
        {"by", 0, 0, G_OPTION_ARG_STRING, &options->by,
         "who records it (default: the system's user name) / 经办人", "NAME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "show: print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries,
        "show ID | locate ID PLACE | retain ID | hold ID | release ID | died|moved|corrected ID",
        "Life of a dossier after its deposit: where its paper lies (room, zone, row, section, "
        "shelf, box), how long it is kept, holds that forbid to destroy it or send it away, and "
        "what became of its person. "
        "Everything is a signed record; what was wrong is put right by a further one.\n"
        "入库后的保管: 存放位置 (库房-区-列-节-层-盒)、保管期限、冻结与解除、人员死亡或迁出; "
        "均为签名记录, 误记以新记录更正。",
        "dangan custody locate 1f0c… 2-B-3-1-4-17 --archive /srv/archive\n"
        "  dangan custody hold 1f0c… --reason 诉讼 --archive /srv/archive",
        error);
}

/* --- actions --------------------------------------------------------------------------------------------------------- */

static gboolean tell(guint64 record)
{
    if (record)
        printf(da_cli_chinese() ? "已记录, 编号 %" G_GUINT64_FORMAT "\n"
                                : "recorded as number %" G_GUINT64_FORMAT "\n",
               record);
    return record != 0;
}

static gboolean locate(const Call *call, GError **error)
{
    return tell(da_custody_locate(call->archive, call->db, call->dossier, call->value,
                                  call->options->by, error));
}

static gboolean hold(const Call *call, GError **error)
{
    return tell(da_custody_hold(call->archive, call->db, call->dossier, call->options->reason,
                                call->options->by, error));
}

static gboolean release(const Call *call, GError **error)
{
    return tell(da_custody_release(call->archive, call->db, call->dossier, call->options->reason,
                                   call->options->by, error));
}

static gboolean life(const Call *call, const char *event, GError **error)
{
    return tell(da_custody_life(call->archive, call->db, call->dossier, event, call->options->date,
                                call->options->note, call->options->by, error));
}

static gboolean retain(const Call *call, GError **error)
{
    return tell(da_custody_retain(call->archive, call->db, call->dossier, call->options->until,
                                  call->options->reason, call->options->by, error));
}

static gboolean died(const Call *call, GError **error)
{
    return life(call, "died", error);
}

static gboolean moved(const Call *call, GError **error)
{
    return life(call, "moved", error);
}

static gboolean corrected(const Call *call, GError **error)
{
    return life(call, "corrected", error);
}

static void print_line(const char *term, const char *text)
{
    printf("%s: %s\n", term, text ? text : "—");
}

static void print_custody(const json_t *custody, gboolean chinese)
{
    size_t i;
    json_t *one;
    const json_t *told = json_object_get(custody, "life");
    print_line(chinese ? "区划" : "district",
               json_string_value(json_object_get(custody, "district")));
    print_line(chinese ? "存放位置" : "place",
               json_string_value(json_object_get(custody, "place")));
    print_line(chinese ? "保管至" : "kept until",
               json_string_value(json_object_get(json_object_get(custody, "retention"), "until")));
    if (json_is_object(json_object_get(custody, "under_way")))
        print_line(chinese ? "转递在途, 转往" : "under way to",
                   json_string_value(json_object_get(json_object_get(custody, "under_way"), "to")));
    json_array_foreach(json_object_get(custody, "holds"), i, one)
        print_line(chinese ? "冻结" : "hold", json_string_value(json_object_get(one, "reason")));
    if (json_is_object(told))
        print_line(json_string_value(json_object_get(told, "event")),
                   json_string_value(json_object_get(told, "date")));
    json_array_foreach(json_object_get(custody, "records"), i, one)
        printf("  %" JSON_INTEGER_FORMAT "  %s  %s  %s\n",
               json_integer_value(json_object_get(one, "record")),
               json_string_value(json_object_get(one, "at")),
               json_string_value(json_object_get(one, "kind")),
               json_string_value(json_object_get(one, "by")));
}

static gboolean show(const Call *call, GError **error)
{
    g_autoptr(json_t) custody = da_custody_of(call->db, call->dossier, error);
    if (!custody)
        return FALSE;
    if (call->options->json)
        da_cli_print_json(json_incref(custody), FALSE);
    else
        print_custody(custody, da_cli_chinese());
    return TRUE;
}

static const struct {
    const char *name;
    int words; /* of the command line, the action among them */
    gboolean (*run)(const Call *call, GError **error);
} actions[] = {{"show", 2, show},     {"locate", 3, locate},      {"hold", 2, hold},
               {"retain", 2, retain}, {"release", 2, release},    {"died", 2, died},
               {"moved", 2, moved},   {"corrected", 2, corrected}};

/* --- the verb -------------------------------------------------------------------------------------------------------- */

static gboolean run(const Options *options, int n, char **words, GError **error)
{
    guint action = 0;
    while (action < G_N_ELEMENTS(actions) &&
           (n < 1 || strcmp(words[0], actions[action].name) != 0 || n != actions[action].words))
        action++;
    if (action == G_N_ELEMENTS(actions) || !options->archive)
        return da_error_set(error, DA_ERROR_USAGE,
                            "wanted: an action with a dossier, and --archive DIR; " SEE);
    g_autoptr(DaArchive) archive = da_archive_open(options->archive, error);
    g_autoptr(PGconn) db = archive ? da_archive_connect(archive, error) : NULL;
    const Call call = {.archive = archive,
                       .db = db,
                       .options = options,
                       .dossier = words[1],
                       .value = n > 2 ? words[2] : NULL};
    return db && actions[action].run(&call, error);
}

int da_cli_custody(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    if (!parse(&argc, &argv, &options, &error) || !run(&options, argc - 1, argv + 1, &error))
        return da_cli_fail(VERB, error);
    return 0;
}
