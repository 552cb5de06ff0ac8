#include "batch_match.h"

#include "remark.h"

#include <dangan/file.h>
#include <dangan/identity.h>
#include <string.h>

static const char *id_of(const DaHandoverRow *row)
{
    return row->field[DA_FIELD_ID_NUMBER].text;
}

/* ID number, 档号, and 姓名+ID number, each as the folder may be called. The first of two rows wins; that there are two is
 * the list's own finding. */
static GHashTable *index_rows(const DaHandover *handover)
{
    GHashTable *rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < handover->rows->len; i++) {
        DaHandoverRow *row = handover->rows->pdata[i];
        const char *number = row->field[DA_FIELD_ARCHIVAL_NUMBER].text;
        const char *name = row->field[DA_FIELD_NAME].text;
        g_autofree char *both = g_strconcat(name ? name : "", id_of(row), NULL);
        const char *const keys[] = {id_of(row), id_of(row) ? both : NULL, number};
        for (guint k = 0; k < G_N_ELEMENTS(keys); k++)
            if (keys[k] && !g_hash_table_contains(rows, keys[k]))
                g_hash_table_insert(rows, g_strdup(keys[k]), row);
    }
    return rows;
}

static const DaHandoverRow *row_of(GHashTable *rows, const char *folder)
{
    g_autofree char *name = da_name_text(folder);
    g_strstrip(name);
    g_autofree char *number = da_id_number_normalize(name);
    g_autofree char *upgraded = da_id_number_upgrade(number);
    const char *const keys[] = {name, number, upgraded};
    const DaHandoverRow *row = NULL;
    for (guint i = 0; !row && i < G_N_ELEMENTS(keys); i++)
        row = keys[i] ? g_hash_table_lookup(rows, keys[i]) : NULL;
    return row;
}

const DaHandoverRow *da_batch_row(const DaBatch *batch, const char *name)
{
    g_autoptr(GHashTable) rows = batch->handover ? index_rows(batch->handover) : NULL;
    return rows ? row_of(rows, name) : NULL;
}

static void remark_no_scans(const DaProfile *profile, DaBatchDossier *dossier)
{
    g_autofree char *subject = da_name_text(dossier->name);
    g_ptr_array_add(dossier->findings,
                    da_remark_new(profile, "XML-005", DA_SEVERITY_ERROR, subject,
                                  "the folder has no scans", "文件夹内没有扫描图像"));
}

static void remark_row(DaBatch *batch, const DaProfile *profile, const DaHandoverRow *row)
{
    DaFinding *finding = da_remark_new(profile, "LST-003", DA_SEVERITY_ERROR, batch->handover->file,
                                       "no folder of scans belongs to this row",
                                       "清单该行没有对应的案卷文件夹");
    finding->row = row->row;
    g_ptr_array_add(batch->findings, finding);
}

static void remark_folder(const DaBatch *batch, const DaProfile *profile, DaBatchDossier *dossier)
{
    g_autofree char *subject = da_name_text(dossier->name);
    g_ptr_array_add(dossier->findings,
                    batch->handover
                        ? da_remark_new(profile, "LST-003", DA_SEVERITY_ERROR, subject,
                                        "no row of the handover list belongs to this folder",
                                        "移交案卷目录中没有该文件夹对应的行")
                        : da_remark_new(profile, "LST-003", DA_SEVERITY_ERROR, subject,
                                        "the batch has no handover list", "批次没有移交案卷目录"));
}

/* Two folders for one row would become two packages of one dossier. */
static void remark_second(const DaProfile *profile, DaBatchDossier *dossier)
{
    g_autofree char *subject = da_name_text(dossier->name);
    DaFinding *finding =
        da_remark_new(profile, "LST-003", DA_SEVERITY_ERROR, subject,
                      "another folder belongs to the same row", "清单同一行有两个文件夹");
    finding->row = dossier->row->row;
    g_ptr_array_add(dossier->findings, finding);
}

static const DaHandoverRow *row_at(const DaHandover *handover, guint number)
{
    for (guint i = 0; i < handover->rows->len; i++) {
        const DaHandoverRow *row = handover->rows->pdata[i];
        if (row->row == number)
            return row;
    }
    return NULL;
}

/* A second row for one ID number is a finding on the dossier of the first. */
static DaBatchDossier *dossier_of(const GPtrArray *dossiers, const DaHandoverRow *row)
{
    for (guint i = 0; row && i < dossiers->len; i++) {
        DaBatchDossier *dossier = dossiers->pdata[i];
        if (dossier->row && (dossier->row == row || (id_of(row) && !g_strcmp0(id_of(dossier->row), id_of(row)))))
            return dossier;
    }
    return NULL;
}

static void hand_out_findings(DaBatch *batch)
{
    for (guint i = 0; i < batch->findings->len;) {
        const DaFinding *finding = batch->findings->pdata[i];
        const DaHandoverRow *row = finding->row ? row_at(batch->handover, finding->row) : NULL;
        DaBatchDossier *dossier = dossier_of(batch->dossiers, row);
        if (dossier)
            g_ptr_array_add(dossier->findings, g_ptr_array_steal_index(batch->findings, i));
        else
            i++;
    }
}

void da_batch_match_rows(DaBatch *batch, const DaProfile *profile)
{
    g_autoptr(GHashTable) rows = batch->handover ? index_rows(batch->handover) : NULL;
    g_autoptr(GHashTable) taken = g_hash_table_new(g_direct_hash, g_direct_equal);
    for (guint i = 0; i < batch->dossiers->len; i++) {
        DaBatchDossier *dossier = batch->dossiers->pdata[i];
        if (dossier->scans->len == 0)
            remark_no_scans(profile, dossier);
        dossier->row = rows ? row_of(rows, dossier->name) : NULL;
        if (!dossier->row)
            remark_folder(batch, profile, dossier);
        else if (!g_hash_table_add(taken, (gpointer)dossier->row))
            remark_second(profile, dossier);
    }
    if (!batch->handover)
        return;
    hand_out_findings(batch);
    for (guint i = 0; i < batch->handover->rows->len; i++) {
        const DaHandoverRow *row = batch->handover->rows->pdata[i];
        if (!g_hash_table_contains(taken, row) && !dossier_of(batch->dossiers, row))
            remark_row(batch, profile, row);
    }
}
