#include "cli.h"

#include <dangan/capacity.h>
#include <dangan/error.h>
#include <dangan/handle/json.h>
#include <stdio.h>

#define VERB "capacity"

static gboolean parse(int *argc, char ***argv, char **archive, gboolean *json, GError **error)
{
    const GOptionEntry entries[] = {
        {"archive", 0, 0, G_OPTION_ARG_FILENAME, archive, "the archive folder / 档案库文件夹",
         "DIR"},
        {"json", 0, 0, G_OPTION_ARG_NONE, json, "print JSON / 输出 JSON", NULL},
        {NULL},
    };
    return da_cli_parse(
        argc, argv, entries, "",
        "Says what each district holds, and what it has to plan for it: 60 m² of storage for "
        "10,000 "
        "volumes, one full-time member of the service staff for 2,000 retirees.\n"
        "各区划的在库数量, 以及所需库房面积 (每万卷 60 平方米) 与专职服务人员 (1 : 2000)。",
        "dangan capacity --archive /srv/archive", error);
}

static json_int_t number(const json_t *held, const char *name)
{
    return json_integer_value(json_object_get(held, name));
}

static void print_row(const char *district, const json_t *held)
{
    g_autofree char *size = g_format_size((guint64)number(held, "bytes"));
    printf("%-14s%10" JSON_INTEGER_FORMAT "%10" JSON_INTEGER_FORMAT "%12" JSON_INTEGER_FORMAT
           "%12s%8" JSON_INTEGER_FORMAT "%8" JSON_INTEGER_FORMAT "\n",
           district, number(held, "dossiers"), number(held, "living"), number(held, "pages"), size,
           number(held, "m2"), number(held, "staff"));
}

static void print_table(const json_t *capacity)
{
    size_t i;
    json_t *held;
    /* Characters of Han are two columns wide. */
    if (da_cli_chinese())
        puts("区划                卷      健在          页        容量    平米    人员");
    else
        printf("%-14s%10s%10s%12s%12s%8s%8s\n", "district", "volumes", "living", "pages", "size",
               "m2", "staff");
    json_array_foreach(json_object_get(capacity, "districts"), i, held)
        print_row(json_string_value(json_object_get(held, "district")), held);
    print_row("all", json_object_get(capacity, "all"));
}

static gboolean run(const char *dir, gboolean as_json, GError **error)
{
    if (!dir)
        return da_error_set(error, DA_ERROR_USAGE,
                            "which archive? give --archive DIR; see dangan capacity --help");
    g_autoptr(DaArchive) archive = da_archive_open(dir, error);
    g_autoptr(PGconn) db = archive ? da_archive_connect(archive, error) : NULL;
    g_autoptr(json_t) capacity = db ? da_capacity(db, error) : NULL;
    if (!capacity)
        return FALSE;
    if (as_json)
        da_cli_print_json(json_incref(capacity), FALSE);
    else
        print_table(capacity);
    return TRUE;
}

int da_cli_capacity(int argc, char **argv)
{
    g_autofree char *archive = NULL;
    gboolean json = FALSE;
    g_autoptr(GError) error = NULL;
    gboolean parsed = parse(&argc, &argv, &archive, &json, &error);
    if (parsed && argc != 1)
        da_error_set(&error, DA_ERROR_USAGE, "'%s' is too much; see dangan capacity --help",
                     argv[1]);
    else if (parsed && run(archive, json, &error))
        return 0;
    return da_cli_fail(VERB, error);
}
