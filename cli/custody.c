#include "action.h"

#include <dangan/custody.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <stdio.h>
#include <string.h>

#define VERB "custody"

typedef struct {
    char *archive, *reason, *date, *note, *by, *until;
    gboolean json;
} Options;

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

static gboolean tell(const DaCliCall *call, guint64 record, GError **error)
{
    return da_cli_tell_record(call, record, NULL, FALSE, "recorded as number ", "已记录, 编号 ",
                              error);
}

static gboolean locate(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    return tell(call,
                da_custody_locate(call->archive, call->db, call->words[0], call->words[1],
                                  options->by, error),
                error);
}

static gboolean hold(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    return tell(call,
                da_custody_hold(call->archive, call->db, call->words[0], options->reason,
                                options->by, error),
                error);
}

static gboolean release(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    return tell(call,
                da_custody_release(call->archive, call->db, call->words[0], options->reason,
                                   options->by, error),
                error);
}

static gboolean retain(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    return tell(call,
                da_custody_retain(call->archive, call->db, call->words[0], options->until,
                                  options->reason, options->by, error),
                error);
}

static gboolean life(const DaCliCall *call, const char *event, GError **error)
{
    const Options *options = call->options;
    return tell(call,
                da_custody_life(call->archive, call->db, call->words[0], event, options->date,
                                options->note, options->by, error),
                error);
}

static gboolean died(const DaCliCall *call, int *status, GError **error)
{
    return life(call, "died", error);
}

static gboolean moved(const DaCliCall *call, int *status, GError **error)
{
    return life(call, "moved", error);
}

static gboolean corrected(const DaCliCall *call, int *status, GError **error)
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

static gboolean show(const DaCliCall *call, int *status, GError **error)
{
    const Options *options = call->options;
    g_autoptr(json_t) custody = da_custody_of(call->db, call->words[0], error);
    if (!custody)
        return FALSE;
    if (options->json)
        da_cli_print_json(json_incref(custody), FALSE);
    else
        print_custody(custody, da_cli_chinese());
    return TRUE;
}

static const DaCliAction actions[] = {
    {"show", 1, 1, show},   {"locate", 2, 2, locate},       {"retain", 1, 1, retain},
    {"hold", 1, 1, hold},   {"release", 1, 1, release},     {"died", 1, 1, died},
    {"moved", 1, 1, moved}, {"corrected", 1, 1, corrected}, {NULL}};

int da_cli_custody(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    int status = 0;
    if (!parse(&argc, &argv, &options, &error) ||
        !da_cli_act(VERB, actions, options.archive, &options, argc - 1, argv + 1, &status, &error))
        return da_cli_fail(VERB, error);
    return status;
}
