/* The tar or zip that a package came in, and what the reader of GB/T 33870 deliveries says. */
#include "check.h"

#include <dangan/error.h>

void da_check_archive_faults(DaCheckRun *run, gboolean names)
{
    const DaContainer *container = run->subject->delivery->container;
    for (guint i = 0; container && i < container->faults->len; i++) {
        const DaContainerFault *fault = container->faults->pdata[i];
        if (da_container_fault_is_name(fault->kind) != names)
            continue;
        DaFinding *finding = da_check_add(run, fault->member, da_container_fault_text(fault->kind),
                                          da_container_fault_text_zh(fault->kind));
        finding->severity = MIN(finding->severity, da_container_fault_severity(fault->kind));
        if (fault->found)
            da_finding_set(&finding->found, "%s", fault->found);
    }
}

gboolean da_check_archive_sound(DaCheckRun *run, GError **error)
{
    const DaDelivery *delivery = run->subject->delivery;
    if (!delivery->is_file)
        return da_error_set(error, DA_ERROR_NOT_FOUND, "the delivery is a folder, not an archive");
    da_check_archive_faults(run, FALSE);
    if (delivery->lack)
        da_check_add(run, NULL, delivery->lack, delivery->lack_zh);
    return TRUE;
}

/* The findings of the exchange reader are added to every rule whose id they bear; this check stands for those that have no other. */
gboolean da_check_exchange_form(DaCheckRun *run, GError **error)
{
    return run->subject->delivery->exchange ||
           da_error_set(error, DA_ERROR_NOT_FOUND, "not an exchange delivery");
}
