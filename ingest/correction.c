#include "correction_parts.h"

#include "remark.h"

#include <dangan/file.h>
#include <dangan/table.h>
#include <string.h>

enum {
    COLUMN_FOLDER,
    COLUMN_SCAN,
    COLUMN_PAGE,
    COLUMN_WHAT,
    COLUMN_VALUE,
    COLUMN_BY,
    COLUMN_AT,
    COLUMNS
};

static const char *const headers[COLUMNS][2] = {
    {"folder", "案卷"}, {"scan", "扫描件"}, {"page", "页"},    {"what", "更正"},
    {"value", "值"},    {"by", "更正人"},   {"at", "更正时间"}};

#define TABLES 4
static const char *const tables[TABLES] = {"corrections.csv", "corrections.xlsx", "更正.csv",
                                           "更正.xlsx"};

typedef struct {
    DaBatch *batch;
    const DaProfile *profile;
    const DaScheme *scheme;
    DaBatchDossier *owner; /* of the file; NULL = the batch's own */
    DaTable *table;
    int place[COLUMNS]; /* -1 = not there */
} Reading;

void da_side_correction_free(gpointer data)
{
    DaSideCorrection *correction = data;
    if (!correction)
        return;
    g_free(correction->file);
    g_free(correction->scan);
    g_free(correction->value);
    g_free(correction->by);
    g_free(correction->at);
    g_free(correction->class_code);
    g_free(correction->other);
    g_free(correction);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaSideCorrection, da_side_correction_free)

gboolean da_is_corrections(const char *bytes)
{
    g_autofree char *name = da_name_text(bytes);
    for (guint i = 0; i < TABLES; i++)
        if (!strcmp(name, tables[i]))
            return TRUE;
    return FALSE;
}

/* --- findings -------------------------------------------------------------------------------------------------------- */

DaFinding *da_correction_refuse(GPtrArray *findings, const DaProfile *profile, const char *subject,
                                const char *file, guint row, const char *why, const char *why_zh)
{
    DaFinding *finding =
        da_remark_new(profile, "COR-001", DA_SEVERITY_WARNING, subject, why, why_zh);
    finding->file = g_strdup(file);
    finding->row = row;
    if (!finding->mend) {
        da_finding_set(&finding->mend,
                       "mend the row or take it out, then run again; nothing else is lost by it");
        da_finding_set(&finding->mend_zh, "改正或删除该行后重新运行；其余内容不受影响");
    }
    g_ptr_array_add(findings, finding);
    return finding;
}

/* A row without a dossier is about the batch. */
static void refuse(const Reading *reading, const DaBatchDossier *dossier, guint row,
                   const char *why, const char *why_zh)
{
    g_autofree char *subject =
        dossier ? da_name_text(dossier->name) : g_path_get_basename(reading->batch->path);
    da_correction_refuse(dossier ? dossier->findings : reading->batch->findings, reading->profile,
                         subject, reading->table->name, row + 1, why, why_zh);
}

/* --- rows -------------------------------------------------------------------------------------------------------------- */

static char *cell(const Reading *reading, guint row, guint column)
{
    int place = reading->place[column];
    return g_strstrip(g_strdup(place < 0 ? "" : da_table_cell(reading->table, row, (guint)place)));
}

static gboolean find_columns(Reading *reading)
{
    const GPtrArray *head = reading->table->rows->len ? reading->table->rows->pdata[0] : NULL;
    for (guint c = 0; c < COLUMNS; c++) {
        reading->place[c] = -1;
        for (guint i = 0; head && i < head->len; i++) {
            g_autofree char *text = g_strstrip(g_strdup(head->pdata[i]));
            if (!g_ascii_strcasecmp(text, headers[c][0]) || !strcmp(text, headers[c][1]))
                reading->place[c] = (int)i;
        }
        gboolean optional =
            c == COLUMN_PAGE || c == COLUMN_BY || (c == COLUMN_FOLDER && reading->owner);
        if (reading->place[c] < 0 && !optional) {
            g_autofree char *why =
                g_strdup_printf("the first row has no column '%s'", headers[c][0]);
            g_autofree char *why_zh = g_strdup_printf("第一行没有“%s”列", headers[c][1]);
            refuse(reading, reading->owner, 0, why, why_zh);
            return FALSE;
        }
    }
    return TRUE;
}

static DaBatchDossier *dossier_named(const Reading *reading, const char *folder)
{
    if (reading->owner)
        return reading->owner;
    for (guint i = 0; i < reading->batch->dossiers->len; i++) {
        DaBatchDossier *dossier = reading->batch->dossiers->pdata[i];
        g_autofree char *name = da_name_text(dossier->name);
        if (!strcmp(name, folder))
            return dossier;
    }
    return NULL;
}

static gboolean has_scan(const DaBatchDossier *dossier, const char *scan)
{
    for (guint i = 0; i < dossier->scans->len; i++) {
        g_autofree char *base = g_path_get_basename(dossier->scans->pdata[i]);
        g_autofree char *name = da_name_text(base);
        if (!strcmp(name, scan))
            return TRUE;
    }
    return FALSE;
}

/* Sets the side; FALSE after a finding. How many pages a file has is not known yet: the run looks at that. */
static gboolean set_side(const Reading *reading, DaBatchDossier *dossier,
                         DaSideCorrection *correction, guint row)
{
    g_autofree char *page = cell(reading, row, COLUMN_PAGE);
    guint64 frame = 1;
    correction->scan = cell(reading, row, COLUMN_SCAN);
    if (!has_scan(dossier, correction->scan)) {
        g_autofree char *why = g_strdup_printf("the folder has no scan '%s'", correction->scan);
        g_autofree char *why_zh = g_strdup_printf("文件夹中没有扫描件“%s”", correction->scan);
        refuse(reading, dossier, row, why, why_zh);
        return FALSE;
    }
    if (*page && !g_ascii_string_to_unsigned(page, 10, 1, G_MAXUINT16, &frame, NULL)) {
        g_autofree char *why = g_strdup_printf("'%s' is no number of a page", page);
        g_autofree char *why_zh = g_strdup_printf("“%s”不是页码", page);
        refuse(reading, dossier, row, why, why_zh);
        return FALSE;
    }
    correction->frame = (guint)frame;
    return TRUE;
}

static gboolean set_value(const Reading *reading, DaBatchDossier *dossier,
                          DaSideCorrection *correction, guint row)
{
    g_autofree char *what = cell(reading, row, COLUMN_WHAT);
    g_autofree char *value = cell(reading, row, COLUMN_VALUE);
    const char *wanted = "turn, crop, blank, material, order or replace",
               *wanted_zh = "方向、裁切、空白、材料、页序或重扫";
    correction->kind = da_correct_by_name(what);
    if (correction->kind < DA_CORRECT_N &&
        da_correction_set_value(correction, value, reading->scheme, &wanted, &wanted_zh) &&
        (!correction->other ||
         (has_scan(dossier, correction->other) && strcmp(correction->other, correction->scan))))
        return TRUE;
    gboolean known = correction->kind < DA_CORRECT_N;
    g_autofree char *why = g_strdup_printf("'%s' cannot be: %s is %s", known ? value : what,
                                           known ? what : "what", wanted);
    g_autofree char *why_zh = g_strdup_printf("“%s”不可用：%s应为%s", known ? value : what,
                                              known ? what : "更正", wanted_zh);
    refuse(reading, dossier, row, why, why_zh);
    return FALSE;
}

static gboolean set_author(const Reading *reading, DaBatchDossier *dossier,
                           DaSideCorrection *correction, guint row)
{
    g_autofree char *at = cell(reading, row, COLUMN_AT);
    g_autofree char *by = cell(reading, row, COLUMN_BY);
    const char *standing = da_config_text(reading->batch->config, "operator");
    correction->by = g_strdup(*by ? by : standing);
    correction->at = da_correction_time(at);
    if (correction->by && correction->at)
        return TRUE;
    g_autofree char *no_time =
        g_strdup_printf("'%s' is no time: say when, as 2026-03-01 or 2026-03-01T08:30:00Z", at);
    g_autofree char *no_time_zh =
        g_strdup_printf("“%s”不是时间：请写明更正时间，如 2026-03-01", at);
    refuse(reading, dossier, row,
           correction->by ? no_time
                          : "the row does not say by whom, and batch.conf has no operator",
           correction->by ? no_time_zh : "该行没有更正人，batch.conf 也没有 operator");
    return FALSE;
}

/* The later of two rows counts. */
static void put(DaBatchDossier *dossier, DaSideCorrection *correction)
{
    for (guint i = 0; i < dossier->corrections->len; i++) {
        const DaSideCorrection *other = dossier->corrections->pdata[i];
        if (other->kind == correction->kind && other->frame == correction->frame &&
            !strcmp(other->scan, correction->scan)) {
            g_ptr_array_remove_index(dossier->corrections, i);
            break;
        }
    }
    g_ptr_array_add(dossier->corrections, correction);
}

static gboolean is_empty(const Reading *reading, guint row)
{
    for (guint c = 0; c < COLUMNS; c++) {
        g_autofree char *text = cell(reading, row, c);
        if (*text)
            return FALSE;
    }
    return TRUE;
}

static void read_row(const Reading *reading, guint row)
{
    g_autofree char *folder = cell(reading, row, COLUMN_FOLDER);
    DaBatchDossier *dossier = dossier_named(reading, folder);
    if (is_empty(reading, row))
        return;
    if (!dossier) {
        g_autofree char *why = g_strdup_printf("the batch has no folder '%s'", folder);
        g_autofree char *why_zh = g_strdup_printf("批次中没有文件夹“%s”", folder);
        refuse(reading, NULL, row, why, why_zh);
        return;
    }
    g_autoptr(DaSideCorrection) correction = g_new0(DaSideCorrection, 1);
    correction->file = g_strdup(reading->table->name);
    correction->row = row + 1;
    correction->in_batch = reading->owner == NULL;
    if (set_side(reading, dossier, correction, row) &&
        set_value(reading, dossier, correction, row) &&
        set_author(reading, dossier, correction, row))
        put(dossier, g_steal_pointer(&correction));
}

/* --- files --------------------------------------------------------------------------------------------------------------- */

static void read_table(Reading *reading, const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *shown = da_name_text(name);
    g_autoptr(GError) fault = NULL;
    g_autoptr(DaTable) table = da_table_read(path, &fault);
    if (!table) {
        g_autofree char *subject = reading->owner ? da_name_text(reading->owner->name)
                                                  : g_path_get_basename(reading->batch->path);
        da_correction_refuse(reading->owner ? reading->owner->findings : reading->batch->findings,
                             reading->profile, subject, shown, 0, fault->message, fault->message);
        return;
    }
    reading->table = table;
    if (find_columns(reading))
        for (guint row = 1; row < table->rows->len; row++)
            read_row(reading, row);
}

/* In the order of `tables`, so that the same row counts wherever the folder was listed. */
static void read_tables(Reading *reading, const char *folder)
{
    g_autoptr(GPtrArray) names = da_dir_list(folder, NULL);
    for (guint t = 0; t < TABLES; t++)
        for (guint i = 0; names && i < names->len; i++) {
            g_autofree char *name = da_name_text(names->pdata[i]);
            if (!strcmp(name, tables[t]))
                read_table(reading, folder, names->pdata[i]);
        }
}

void da_corrections_read(DaBatch *batch, const DaProfile *profile)
{
    Reading reading = {.batch = batch,
                       .profile = profile,
                       .scheme =
                           da_profile_scheme(profile, da_config_text(batch->config, "scheme"))};
    for (guint i = 0; i < batch->dossiers->len; i++) {
        reading.owner = batch->dossiers->pdata[i];
        reading.owner->corrections = g_ptr_array_new_with_free_func(da_side_correction_free);
        read_tables(&reading, reading.owner->path);
    }
    reading.owner = NULL;
    read_tables(&reading, batch->path);
}

/* --- asking ---------------------------------------------------------------------------------------------------------------- */

const DaSideCorrection *da_correction_of(const DaBatchDossier *dossier, const char *scan_path,
                                         guint frame, DaCorrectKind kind)
{
    if (!dossier->corrections->len)
        return NULL;
    g_autofree char *base = g_path_get_basename(scan_path);
    g_autofree char *name = da_name_text(base);
    for (guint i = 0; i < dossier->corrections->len; i++) {
        const DaSideCorrection *correction = dossier->corrections->pdata[i];
        if (correction->kind == kind && correction->frame == frame &&
            !strcmp(correction->scan, name))
            return correction;
    }
    return NULL;
}

gboolean da_correction_is_replacement(const DaBatchDossier *dossier, const char *scan_path)
{
    if (!dossier->corrections->len)
        return FALSE;
    g_autofree char *base = g_path_get_basename(scan_path);
    g_autofree char *name = da_name_text(base);
    for (guint i = 0; i < dossier->corrections->len; i++) {
        const DaSideCorrection *correction = dossier->corrections->pdata[i];
        if (correction->other && !strcmp(correction->other, name))
            return TRUE;
    }
    return FALSE;
}
