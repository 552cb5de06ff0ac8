#include "cli.h"
#include "receipt.h"

#include <dangan/archive.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/progress.h>
#include <dangan/receipt.h>
#include <stdio.h>
#include <string.h>

static gboolean write_text(const char *folder, guint64 number, const char *extension,
                           const char *text, GError **error)
{
    g_autofree char *name =
        g_strdup_printf("receipt-%06" G_GUINT64_FORMAT ".%s", number, extension);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return da_file_write(path, text, strlen(text), error);
}

static gboolean write_one(DaArchive *archive, PGconn *db, const char *folder, guint64 number,
                          GError **error)
{
    g_autofree char *text = da_receipt_load(archive, db, number, error);
    g_autofree char *html = text ? da_receipt_html(text, error) : NULL;
    return html && write_text(folder, number, "json", text, error) &&
           write_text(folder, number, "html", html, error);
}

/* For who checks them; that it is the archive's he must know from elsewhere. */
static gboolean write_key(const DaArchive *archive, const char *folder, GError **error)
{
    g_autofree char *from =
        g_build_filename(da_archive_dir(archive), "keys", "archive.key.pub", NULL);
    g_autofree char *to = g_build_filename(folder, "archive.key.pub", NULL);
    g_autoptr(GBytes) key = da_file_read(from, DA_SIGNED_MAX_BYTES, error);
    gsize size = 0;
    const void *data = key ? g_bytes_get_data(key, &size) : NULL;
    return key && da_file_write(to, data, size, error);
}

/* "17" is one receipt, a UUID those of a dossier. */
static GArray *numbers_of(PGconn *db, const char *of, GError **error)
{
    guint64 number = 0;
    if (!of || !g_ascii_string_to_unsigned(of, 10, 1, G_MAXINT64, &number, NULL))
        return da_receipt_numbers(db, of, error);
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_array_append_val(numbers, number);
    return numbers;
}

static gboolean write_all(DaArchive *archive, PGconn *db, const DaReceiptOptions *options,
                          const GArray *numbers, GError **error)
{
    gboolean chinese = da_cli_chinese();
    g_autoptr(DaProgress) progress =
        da_progress_new(stderr, chinese ? "份回执" : "receipts", numbers->len);
    da_progress_chinese(progress, chinese);
    const volatile sig_atomic_t *stop = da_cli_stop_flag();
    for (guint i = 0; i < numbers->len; i++) {
        if (*stop)
            return da_error_set(error, DA_ERROR_CANCELLED, "stopped after %u of %u receipts", i,
                                numbers->len);
        if (!write_one(archive, db, options->out, g_array_index(numbers, guint64, i), error))
            return FALSE;
        da_progress_add(progress, 1);
    }
    return write_key(archive, options->out, error);
}

gboolean da_receipt_cli_write(const DaReceiptOptions *options, const char *of, GError **error)
{
    if (!options->archive || !options->out)
        return da_error_set(error, DA_ERROR_USAGE,
                            "wanted: --archive DIR and --out FOLDER; see dangan receipt --help");
    g_autoptr(DaArchive) archive = da_archive_open(options->archive, error);
    g_autoptr(PGconn) db = archive ? da_archive_connect(archive, error) : NULL;
    g_autoptr(GArray) numbers = db ? numbers_of(db, of, error) : NULL;
    if (!numbers || !da_dir_make(options->out, error) ||
        !write_all(archive, db, options, numbers, error))
        return FALSE;
    printf(da_cli_chinese() ? "%s: %u 份回执，及其公钥 archive.key.pub\n"
                            : "%s: %u receipts, and archive.key.pub to check them with\n",
           options->out, numbers->len);
    return TRUE;
}
