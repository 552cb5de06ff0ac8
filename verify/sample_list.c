/* The list that people fill in, as a table: written, and read back. */
#include "sample.h"

#include <dangan/error.h>
#include <dangan/table.h>
#include <string.h>

enum {
    COLUMN_ITEM,
    COLUMN_PACKAGE,
    COLUMN_PLACE,
    COLUMN_TITLE,
    COLUMN_RULE,
    COLUMN_QUESTION,
    COLUMN_SUSPICION,
    COLUMN_JUDGEMENT,
    COLUMN_REMARK,
    COLUMN_WHO,
    COLUMN_WHEN,
    COLUMNS
};

static const struct {
    const char *english, *chinese;
    gboolean required; /* without it the list cannot be read back */
} columns[COLUMNS] = {
    [COLUMN_ITEM] = {"item", "项", TRUE},
    [COLUMN_PACKAGE] = {"package", "档案包", FALSE},
    [COLUMN_PLACE] = {"place", "位置", FALSE},
    [COLUMN_TITLE] = {"title", "材料名称", FALSE},
    [COLUMN_RULE] = {"rule", "规则", FALSE},
    [COLUMN_QUESTION] = {"question", "检查内容", FALSE},
    [COLUMN_SUSPICION] = {"suspicion", "疑点", FALSE},
    [COLUMN_JUDGEMENT] = {"verdict", "结论", TRUE},
    [COLUMN_REMARK] = {"remark", "备注", FALSE},
    [COLUMN_WHO] = {"who", "检查人", TRUE},
    [COLUMN_WHEN] = {"when", "检查日期", TRUE},
};

/* What people write; the first two of each are what the program writes. */
static const char *const words[][7] = {
    [DA_JUDGEMENT_OPEN] = {"", ""},
    [DA_JUDGEMENT_GOOD] = {"pass", "合格", "通过", "√", "ok", "yes"},
    [DA_JUDGEMENT_BAD] = {"fail", "不合格", "不通过", "×", "x", "no"},
    [DA_JUDGEMENT_NOT_APPLICABLE] = {"n/a", "不适用", "无", "na"},
};

/* Of one file, beside its head: what can be read back. */
#define MAX_LIST_ROWS (DA_TABLE_MAX_ROWS - 1)

/* Bad rows that one message names: more help nobody to find what went wrong. */
#define MAX_NAMED_ROWS 10

/* --- writing -------------------------------------------------------------------------------------------------------------- */

/* With a word before it: a spreadsheet takes a bare 9-1-2 for a day of 2009. */
static char *place_text(const DaSampleItem *item, gboolean chinese)
{
    if (!item->place)
        return g_strdup(item->package ? (chinese ? "全卷" : "dossier")
                                      : (chinese ? "整批" : "delivery"));
    return g_strdup_printf(item->is_page ? (chinese ? "页 %s" : "page %s")
                                         : (chinese ? "材料 %s" : "material %s"),
                           item->place);
}

static char *suspicion_text(const DaSampleItem *item, gboolean chinese)
{
    if (item->more)
        return g_strdup_printf(chinese ? "另有 %u 处未逐一列出" : "%u more places, not listed",
                               item->more);
    if (!item->finding)
        return g_strdup("");
    const char *message =
        chinese && item->finding->message_zh ? item->finding->message_zh : item->finding->message;
    return g_strdup_printf("%s%s%s", message, item->finding->found ? ": " : "",
                           item->finding->found ? item->finding->found : "");
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static GPtrArray *row_of(const DaSampleItem *item, gboolean chinese)
{
    GPtrArray *row = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_set_size(row, COLUMNS);
    row->pdata[COLUMN_ITEM] = g_strdup(item->key);
    row->pdata[COLUMN_PACKAGE] = item->package ? da_verification_name(item->package) : g_strdup("");
    row->pdata[COLUMN_PLACE] = place_text(item, chinese);
    row->pdata[COLUMN_TITLE] = g_strdup(or_empty(item->title));
    row->pdata[COLUMN_RULE] = g_strdup(item->rule->id);
    row->pdata[COLUMN_QUESTION] = g_strdup(chinese ? item->rule->title_zh : item->rule->title);
    row->pdata[COLUMN_SUSPICION] = suspicion_text(item, chinese);
    row->pdata[COLUMN_JUDGEMENT] = g_strdup(words[item->judgement][chinese ? 1 : 0]);
    row->pdata[COLUMN_REMARK] = g_strdup(or_empty(item->remark));
    row->pdata[COLUMN_WHO] = g_strdup(or_empty(item->who));
    row->pdata[COLUMN_WHEN] = g_strdup(or_empty(item->when));
    return row;
}

char *da_sample_list_part(const char *path, guint part)
{
    if (part <= 1)
        return g_strdup(path);
    g_autofree char *stem = g_str_has_suffix(path, ".csv")
                                ? g_strndup(path, strlen(path) - strlen(".csv"))
                                : g_strdup(path);
    return g_strdup_printf("%s-%u.csv", stem, part);
}

static gboolean write_part(const DaSample *sample, guint from, guint to, const char *path,
                           gboolean chinese, GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    GPtrArray *head = g_ptr_array_new_with_free_func(g_free);
    for (guint c = 0; c < COLUMNS; c++)
        g_ptr_array_add(head, g_strdup(chinese ? columns[c].chinese : columns[c].english));
    g_ptr_array_add(rows, head);
    for (guint i = from; i < to; i++)
        g_ptr_array_add(rows, row_of(sample->items->pdata[i], chinese));
    return da_table_write_csv(path, rows, error);
}

gboolean da_sample_write(const DaSample *sample, const char *path, gboolean chinese, GError **error)
{
    guint from = 0, part = 1;
    do {
        guint to = from + MIN(MAX_LIST_ROWS, sample->items->len - from);
        g_autofree char *name = da_sample_list_part(path, part++);
        if (!write_part(sample, from, to, name, chinese, error))
            return FALSE;
        from = to;
    } while (from < sample->items->len);
    return TRUE;
}

/* --- reading --------------------------------------------------------------------------------------------------------------- */

typedef struct {
    DaSample *sample;
    DaTable *table;
    int place[COLUMNS]; /* -1 = not there */
    GHashTable *items;  /* key → DaSampleItem * */
    GHashTable *judged; /* key → row (1-based) that judged it in this file */
    GString *bad;       /* what is wrong, row by row */
    guint bad_rows;
} Reading;

G_GNUC_PRINTF(3, 4)
static gboolean refuse(Reading *reading, guint row, const char *format, ...)
{
    if (reading->bad_rows++ >= MAX_NAMED_ROWS)
        return FALSE;
    va_list arguments;
    va_start(arguments, format);
    g_string_append_printf(reading->bad, "%srow %u: ", reading->bad->len ? "; " : "", row + 1);
    g_string_append_vprintf(reading->bad, format, arguments);
    va_end(arguments);
    return FALSE;
}

static char *cell(const Reading *reading, guint row, guint column)
{
    int place = reading->place[column];
    return g_strstrip(g_strdup(place < 0 ? "" : da_table_cell(reading->table, row, (guint)place)));
}

static gboolean find_columns(Reading *reading, GError **error)
{
    const GPtrArray *head = reading->table->rows->len ? reading->table->rows->pdata[0] : NULL;
    for (guint c = 0; c < COLUMNS; c++) {
        reading->place[c] = -1;
        for (guint i = 0; head && i < head->len; i++) {
            g_autofree char *text = g_strstrip(g_strdup(head->pdata[i]));
            if (!g_ascii_strcasecmp(text, columns[c].english) || !strcmp(text, columns[c].chinese))
                reading->place[c] = (int)i;
        }
        if (reading->place[c] < 0 && columns[c].required)
            return da_error_set(error, DA_ERROR_INPUT,
                                "cannot read verdicts '%s': the first row has no column '%s' (%s)",
                                reading->table->name, columns[c].english, columns[c].chinese);
    }
    return TRUE;
}

/* FALSE when it is no word that is known. */
static gboolean judgement_of(const char *text, DaJudgement *judgement)
{
    g_autofree char *normal = g_utf8_normalize(text, -1, G_NORMALIZE_NFKC);
    g_autofree char *plain = g_utf8_strdown(normal ? normal : text, -1);
    for (guint j = 0; j < G_N_ELEMENTS(words); j++)
        for (guint i = 0; i < G_N_ELEMENTS(words[j]) && words[j][i]; i++)
            if (!strcmp(plain, words[j][i])) {
                *judgement = (DaJudgement)j;
                return TRUE;
            }
    return FALSE;
}

/* A whole day, or a time: 2026-03-02, 2026/3/2, 2026-03-02T09:30:00Z. Days are local, so that one more is borne. */
static gboolean is_past_day(const char *text)
{
    DaDate date;
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autoptr(GDateTime) latest = g_date_time_add_days(now, 1);
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, utc);
    if (!time && da_date_parse(text, &date, NULL) && date.day)
        time = g_date_time_new(utc, date.year, date.month, date.day, 0, 0, 0);
    return time && g_date_time_compare(time, latest) <= 0;
}

static gboolean is_signed_off(Reading *reading, guint row, const char *who, const char *when)
{
    if (!*who)
        return refuse(reading, row, "who judged it is missing (column 'who', 检查人)");
    return is_past_day(when) ||
           refuse(reading, row,
                  "'%s' is no day when it was judged (column 'when', 检查日期): write 2026-03-02",
                  when);
}

static gboolean is_first(Reading *reading, guint row, const DaSampleItem *item,
                         DaJudgement judgement)
{
    guint before = GPOINTER_TO_UINT(g_hash_table_lookup(reading->judged, item->key));
    if (before && item->judgement != judgement)
        return refuse(reading, row, "it judges the same as row %u, otherwise", before);
    g_hash_table_insert(reading->judged, item->key, GUINT_TO_POINTER(row + 1));
    return TRUE;
}

static void read_row(Reading *reading, guint row)
{
    g_autofree char *key = cell(reading, row, COLUMN_ITEM);
    g_autofree char *text = cell(reading, row, COLUMN_JUDGEMENT);
    g_autofree char *who = cell(reading, row, COLUMN_WHO);
    g_autofree char *when = cell(reading, row, COLUMN_WHEN);
    DaSampleItem *item = g_hash_table_lookup(reading->items, key);
    DaJudgement judgement = DA_JUDGEMENT_OPEN;
    if (!*key && !*text)
        return;
    if (!item) {
        refuse(reading, row, "item '%s' was not asked: it is of another sample, or was changed",
               key);
        return;
    }
    if (!judgement_of(text, &judgement)) {
        refuse(reading, row, "'%s' is no verdict: write pass, fail or n/a (合格, 不合格, 不适用)",
               text);
        return;
    }
    if (judgement == DA_JUDGEMENT_OPEN || !is_signed_off(reading, row, who, when) ||
        !is_first(reading, row, item, judgement))
        return;
    g_free(item->remark);
    g_free(item->who);
    g_free(item->when);
    item->judgement = judgement;
    item->remark = cell(reading, row, COLUMN_REMARK);
    item->who = g_steal_pointer(&who);
    item->when = g_steal_pointer(&when);
}

static gboolean read_rows(Reading *reading, GError **error)
{
    for (guint i = 0; i < reading->sample->items->len; i++) {
        DaSampleItem *item = reading->sample->items->pdata[i];
        g_hash_table_insert(reading->items, item->key, item);
    }
    for (guint row = 1; row < reading->table->rows->len; row++)
        read_row(reading, row);
    if (!reading->bad_rows)
        return TRUE;
    if (reading->bad_rows > MAX_NAMED_ROWS)
        g_string_append_printf(reading->bad, "; and %u more rows",
                               reading->bad_rows - MAX_NAMED_ROWS);
    return da_error_set(error, DA_ERROR_INPUT, "cannot read verdicts '%s': %s",
                        reading->table->name, reading->bad->str);
}

gboolean da_sample_read(DaSample *sample, const char *path, GError **error)
{
    g_autoptr(DaTable) table = da_table_read(path, error);
    g_autoptr(GHashTable) items = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) judged = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GString) bad = g_string_new(NULL);
    Reading reading = {
        .sample = sample, .table = table, .items = items, .judged = judged, .bad = bad};
    return table && find_columns(&reading, error) && read_rows(&reading, error);
}
