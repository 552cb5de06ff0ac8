#include "cli.h"

#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <dangan/versions.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERB "versions"
#define SEE "see dangan versions --help"

typedef struct {
    char *archive;
    gboolean compare, json;
} Options;

static void options_clear(Options *options)
{
    g_free(options->archive);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, &options->archive,
         "the archive folder / 档案库文件夹", "DIR"},
        {"compare", 0, 0, G_OPTION_ARG_NONE, &options->compare,
         "what changed from one version to another / 比较两个版本", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "ID [--compare FIRST SECOND]",
        "Lists the versions of a dossier, or says what changed between two: fields of the person, "
        "materials, pages by digest. `dangan export ID --version N --as package` gives any of "
        "them back, byte for byte.\n列出一卷的各个版本, 或比较其中两个。\n\n"
        "Exit status: 0 done, 2 wrong use or no such dossier, 4 the machine failed.",
        "dangan versions --archive /srv/archive 1f0c…\n  dangan versions --archive /srv/archive "
        "1f0c… --compare 1 2",
        error);
}

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "—";
}

static int number(const json_t *object, const char *name)
{
    return (int)json_integer_value(json_object_get(object, name));
}

/* --- list ------------------------------------------------------------------------------------------------------------ */

static void print_list(const json_t *versions)
{
    gboolean chinese = da_cli_chinese();
    size_t i;
    const json_t *version;
    json_array_foreach(versions, i, version)
        printf(chinese ? "版本 %d%s  入库 %s  %d 面 (%d 页)  %s\n  摘要 %s\n"
                       : "version %d%s  deposited %s  %d sides (%d with content)  %s\n  digest %s\n",
               number(version, "version"),
               json_is_true(json_object_get(version, "current")) ? "*" : " ",
               text(version, "deposited_at"), number(version, "pages"),
               number(version, "pages_content"), text(version, "why"),
               text(version, "package_digest"));
}

/* --- compare --------------------------------------------------------------------------------------------------------- */

static void print_person(const json_t *changes)
{
    size_t i;
    const json_t *change;
    json_array_foreach(changes, i, change)
        printf("  %s: %s → %s\n", text(change, da_cli_chinese() ? "label_zh" : "field"),
               text(change, "first"), text(change, "second"));
}

static void print_materials(const json_t *list, const char *sign)
{
    size_t i;
    const json_t *material;
    json_array_foreach(list, i, material)
    {
        printf("  %s %s-%d %s", sign, text(material, "class"), number(material, "sequence"),
               text(material, "title"));
        size_t f;
        const json_t *field, *fields = json_object_get(material, "fields");
        json_array_foreach(fields, f, field) printf("%s%s", f ? ", " : "  (", json_string_value(field));
        puts(json_array_size(fields) ? ")" : "");
    }
}

static void print_pages(const json_t *list, const char *sign)
{
    size_t i;
    const json_t *page;
    json_array_foreach(list, i, page)
    {
        size_t f;
        const json_t *file, *files = json_object_get(page, "files");
        if (json_object_get(page, "stem"))
            printf("  %s %s", sign, text(page, "stem"));
        else
            printf("  %s %s → %s", sign, text(page, "first"), text(page, "second"));
        json_array_foreach(files, f, file) printf(" %s", json_string_value(file));
        putchar('\n');
    }
}

static void print_comparison(const json_t *comparison)
{
    gboolean chinese = da_cli_chinese();
    static const struct {
        const char *name, *sign;
    } lists[] = {{"added", "+"}, {"removed", "-"}, {"changed", "~"}, {"moved", ">"}};
    const json_t *materials = json_object_get(comparison, "materials");
    const json_t *pages = json_object_get(comparison, "pages");
    puts(chinese ? "人员信息" : "person");
    print_person(json_object_get(comparison, "person"));
    puts(chinese ? "材料" : "materials");
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
        print_materials(json_object_get(materials, lists[i].name), lists[i].sign);
    puts(chinese ? "页面" : "pages");
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
        print_pages(json_object_get(pages, lists[i].name), lists[i].sign);
    printf(chinese ? "  %d 面未变\n" : "  %d sides are the same\n", number(pages, "same"));
}

/* --- the verb -------------------------------------------------------------------------------------------------------- */

static gboolean read_version(const char *word, guint *version, GError **error)
{
    guint64 value = 0;
    gboolean read = g_ascii_string_to_unsigned(word, 10, 1, G_MAXINT32, &value, NULL);
    *version = (guint)value;
    return read || da_error_set(error, DA_ERROR_USAGE, "'%s' is no version; " SEE, word);
}

static json_t *ask(const Options *options, int n, char **words, GError **error)
{
    guint first = 0, second = 0;
    if (options->compare &&
        (!read_version(words[1], &first, error) || !read_version(words[2], &second, error)))
        return NULL;
    g_autoptr(DaArchive) archive = da_archive_open(options->archive, error);
    g_autoptr(PGconn) db = archive ? da_archive_connect(archive, error) : NULL;
    if (!db)
        return NULL;
    return options->compare ? da_versions_compare(archive, db, words[0], first, second, error)
                            : da_versions_list(db, words[0], error);
}

int da_cli_versions(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    if (!parse(&argc, &argv, &options, &error))
        return da_cli_fail(VERB, error);
    if (!options.archive || argc != (options.compare ? 4 : 2)) {
        da_error_set(&error, DA_ERROR_USAGE, "%s; " SEE,
                     !options.archive  ? "which archive? give --archive DIR"
                     : options.compare ? "name a dossier and two versions"
                                       : "name one dossier");
        return da_cli_fail(VERB, error);
    }
    g_autoptr(json_t) answer = ask(&options, argc - 1, argv + 1, &error);
    if (!answer)
        return da_cli_fail(VERB, error);
    if (options.json)
        da_cli_print_json(g_steal_pointer(&answer), FALSE);
    else if (options.compare)
        print_comparison(answer);
    else
        print_list(answer);
    return 0;
}
