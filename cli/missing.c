#include "cli.h"

#include <dangan/error.h>
#include <dangan/missing.h>
#include <dangan/table.h>
#include <stdio.h>

#define VERB "missing"
#define SEE "see dangan missing --help"

typedef struct {
    char *archive, *district, *profile, *profile_dir, *out;
} Options;

static void options_clear(Options *options)
{
    char *const texts[] = {options->archive, options->district, options->profile,
                           options->profile_dir, options->out};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &options->out, "the list, a csv / 清单 (csv)", "FILE"},
        {"district", 0, 0, G_OPTION_ARG_STRING, &options->district,
         "only of this district / 仅此区划", "CODE"},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &options->profile,
         "that says what is expected (default: the archive's) / 所依据的规范", "NAME"},
        {"profile-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->profile_dir,
         "folder of profiles / 规范所在文件夹", "DIR"},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "",
        "Lists the materials that dossiers should hold and do not, as they were found when their "
        "current version was deposited. The list names persons: it is for the district alone.\n"
        "欠缺材料清单: 各在库案卷应有而缺的材料 (以当前版本入库时的检查为准)。清单含姓名。",
        "dangan missing --archive /srv/archive --out 欠缺材料.csv", error);
}

static gboolean run(const Options *options, GError **error)
{
    if (!options->archive || !options->out)
        return da_error_set(error, DA_ERROR_USAGE, "wanted: --archive DIR and --out FILE; " SEE);
    g_autoptr(DaArchive) archive = da_archive_open(options->archive, error);
    if (!archive)
        return FALSE;
    const char *name =
        options->profile ? options->profile : da_config_text(da_archive_config(archive), "profile");
    g_autoptr(DaProfile) profile = da_profile_load(name, options->profile_dir, error);
    g_autoptr(PGconn) db = profile ? da_archive_connect(archive, error) : NULL;
    g_autoptr(GPtrArray) rows =
        db ? da_missing_rows(db, profile, options->district, da_cli_chinese(), error) : NULL;
    if (!rows || !da_table_write_csv(options->out, rows, error))
        return FALSE;
    printf(da_cli_chinese() ? "%s: 欠缺材料 %u 件\n" : "%s: %u missing materials\n", options->out,
           rows->len - 1);
    return TRUE;
}

int da_cli_missing(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    gboolean parsed = parse(&argc, &argv, &options, &error);
    if (parsed && argc != 1)
        da_error_set(&error, DA_ERROR_USAGE, "'%s' is too much; " SEE, argv[1]);
    else if (parsed && run(&options, &error))
        return 0;
    return da_cli_fail(VERB, error);
}
