/* A handover list beside the deliveries: it says of a person what the form of the delivery has no place for, or its maker left out. */
#include "import_parts.h"

#include <dangan/digest.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handover.h>
#include <string.h>

void da_import_list_free(DaImportList *list)
{
    if (!list)
        return;
    da_handover_free(list->handover);
    g_ptr_array_unref(list->findings);
    g_free(list->digest);
    g_free(list);
}

gboolean da_import_list_open(DaImport *run, GError **error)
{
    const char *folder = run->options->path;
    g_autoptr(GError) wrong = NULL;
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
        return TRUE;
    g_autofree char *path = da_list_find(folder, run->profile->handover, &wrong);
    if (wrong) {
        g_propagate_error(error, g_steal_pointer(&wrong));
        return FALSE;
    }
    DaDigest digest;
    if (!path)
        return TRUE;
    g_autoptr(DaImportList) list = g_new0(DaImportList, 1);
    list->findings = g_ptr_array_new_with_free_func((GDestroyNotify)da_finding_free);
    if (!da_digest_file(path, &digest, NULL, error) ||
        !(list->handover = da_handover_read(path, run->profile, list->findings, error)))
        return FALSE;
    list->digest = g_strdup(digest.hex);
    run->list = g_steal_pointer(&list);
    return TRUE;
}

static const DaHandoverRow *row_of(const DaImportList *list, const DaDossier *dossier)
{
    const char *number = da_dossier_get(dossier, DA_FIELD_ID_NUMBER);
    for (guint i = 0; number && i < list->handover->rows->len; i++) {
        const DaHandoverRow *row = list->handover->rows->pdata[i];
        if (!g_strcmp0(row->field[DA_FIELD_ID_NUMBER].text, number))
            return row;
    }
    return NULL;
}

/* What is wrong with the row is wrong with this delivery; a fault of the list as a whole stands with the first one. */
static void take_findings(DaImportList *list, const DaHandoverRow *row, DaExchange *exchange)
{
    for (guint i = 0; i < list->findings->len;) {
        const DaFinding *finding = list->findings->pdata[i];
        gboolean of_a_row = FALSE;
        for (guint k = 0; k < list->handover->rows->len; k++)
            of_a_row = of_a_row ||
                       ((const DaHandoverRow *)list->handover->rows->pdata[k])->row == finding->row;
        if (of_a_row && finding->row != row->row)
            i++;
        else
            g_ptr_array_add(exchange->findings, g_ptr_array_steal_index(list->findings, i));
    }
}

static void report_missing_row(const DaImport *run, DaImportDelivery *delivery)
{
    DaFinding *finding = da_import_report(run, delivery, "LST-003", DA_SEVERITY_WARNING);
    finding->file = g_strdup(run->list->handover->file);
    da_finding_set(&finding->message, "no row of the handover list has this person's ID number");
    da_finding_set(&finding->message_zh, "移交清单中没有此人的身份号码");
    da_finding_set(&finding->mend, "add the row, or find out whose delivery it is");
    da_finding_set(&finding->mend_zh, "补入清单，或查明此交付是谁的");
}

void da_import_list_complete(DaImport *run, DaImportDelivery *delivery)
{
    DaDossier *dossier = delivery->exchange->dossier;
    const DaHandoverRow *row = run->list ? row_of(run->list, dossier) : NULL;
    g_autoptr(GString) taken = g_string_new(NULL);
    if (run->list && !row)
        report_missing_row(run, delivery);
    if (!row)
        return;
    take_findings(run->list, row, delivery->exchange);
    for (DaField field = 0; field < DA_FIELD_N; field++) {
        const DaValue *value = &row->field[field];
        if (!value->text || da_dossier_get(dossier, field))
            continue;
        da_dossier_set(dossier, field, value->text, value->origin, value->source);
        g_string_append_printf(taken, "%s%s", taken->len ? " " : "", da_field_name(field));
    }
    if (!taken->len)
        return;
    DaFinding *finding = da_import_report(run, delivery, "LST-003", DA_SEVERITY_INFO);
    finding->file = g_strdup(run->list->handover->file);
    finding->row = row->row;
    da_finding_set(&finding->message,
                   "what the delivery does not say was taken from the handover list");
    da_finding_set(&finding->message_zh, "交付中没有的项目取自移交清单");
    finding->found = g_string_free(g_steal_pointer(&taken), FALSE);
}
