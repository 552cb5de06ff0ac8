#include "outcome.h"

#include <dangan/file.h>
#include <dangan/finding.h>
#include <dangan/table.h>
#include <string.h>
#include <sys/stat.h>

/* --- delivery.csv ------------------------------------------------------------------------------------------------------ */

/* Files and bytes of a package folder. */
static gboolean measure_tree(const char *path, guint64 *files, guint64 *bytes, GError **error)
{
    g_autoptr(GPtrArray) names = da_dir_list(path, error);
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *child = g_build_filename(path, g_ptr_array_index(names, i), NULL);
        struct stat about;
        if (lstat(child, &about))
            continue;
        if (S_ISDIR(about.st_mode) && !measure_tree(child, files, bytes, error))
            return FALSE;
        *files += S_ISREG(about.st_mode) != 0;
        *bytes += S_ISREG(about.st_mode) ? (guint64)about.st_size : 0;
    }
    return names != NULL;
}

static void add_row(GPtrArray *rows, const char *const *cells)
{
    GPtrArray *row = g_ptr_array_new_with_free_func(g_free);
    for (; *cells; cells++)
        g_ptr_array_add(row, g_strdup(*cells));
    g_ptr_array_add(rows, row);
}

GPtrArray *da_delivery_rows_new(void)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    add_row(rows, (const char *const[]){"id", "档号", "files", "bytes", "digest", NULL});
    return rows;
}

gboolean da_delivery_rows_add(GPtrArray *rows, const char *id, const char *number,
                              const char *package, const char *digest, GError **error)
{
    guint64 files = 0, bytes = 0;
    if (!measure_tree(package, &files, &bytes, error))
        return FALSE;
    g_autofree char *files_text = g_strdup_printf("%" G_GUINT64_FORMAT, files);
    g_autofree char *bytes_text = g_strdup_printf("%" G_GUINT64_FORMAT, bytes);
    add_row(rows,
            (const char *const[]){id, number ? number : "", files_text, bytes_text, digest, NULL});
    return TRUE;
}

gboolean da_delivery_rows_write(const GPtrArray *rows, const char *out, GError **error)
{
    g_autofree char *path = g_build_filename(out, "delivery.csv", NULL);
    return da_table_write_csv(path, rows, error);
}

/* --- reports ------------------------------------------------------------------------------------------------------------ */

json_t *da_report_findings(const GPtrArray *findings, guint from)
{
    json_t *array = json_array();
    for (guint i = from; i < findings->len; i++)
        json_array_append_new(array, da_finding_to_json(g_ptr_array_index(findings, i)));
    return array;
}

json_t *da_report_redacted_findings(const GPtrArray *findings)
{
    json_t *array = json_array();
    for (guint i = 0; i < findings->len; i++) {
        const DaFinding *f = g_ptr_array_index(findings, i);
        json_array_append_new(array, json_pack("{s:s, s:s, s:s?, s:i}", "rule", f->rule, "severity",
                                               da_severity_name(f->severity), "page", f->page,
                                               "row", (int)f->row));
    }
    return array;
}

json_t *da_report_new(const DaProfile *profile, gboolean stopped)
{
    g_autoptr(GDateTime) time = g_date_time_new_now_utc();
    g_autofree char *now = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
    return json_pack("{s:s, s:s, s:s, s:s, s:b}", "software", "dangan " DANGAN_VERSION, "time", now,
                     "profile", profile->name, "profile_version", profile->version, "stopped",
                     (int)stopped);
}

char *da_report_text(json_t *report)
{
    char *text = json_dumps(report, JSON_INDENT(1));
    json_decref(report);
    return text;
}

gboolean da_report_write(const char *out, const char *name, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(out, name, NULL);
    return da_file_write(path, text, strlen(text), error);
}
