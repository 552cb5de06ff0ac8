#include "import_parts.h"

#include <dangan/batch.h>
#include <dangan/error.h>
#include <dangan/file.h>
#include <dangan/handle/json.h>
#include <dangan/lock.h>
#include <dangan/recognize.h>
#include <dangan/worker.h>
#include <string.h>

#define STATE_FOLDER ".dangan"
#define PAGE_SECONDS 120
#define PAGE_MEMORY_BYTES ((guint64)2 << 30)

void da_import_summary_clear(DaImportSummary *summary)
{
    g_clear_pointer(&summary->ocr_engine, g_free);
    g_clear_pointer(&summary->report_html, g_free);
}

static void delivery_free(gpointer data)
{
    DaImportDelivery *delivery = data;
    g_free(delivery->path);
    g_free(delivery->package);
    g_free(delivery->state_dir);
    g_free(delivery->key);
    g_free(delivery->digest);
    g_clear_pointer(&delivery->pages, g_ptr_array_unref);
    g_clear_pointer(&delivery->facts, g_ptr_array_unref);
    da_exchange_free(delivery->exchange);
    json_decref(delivery->entry);
    g_free(delivery);
}

static void import_clear(DaImport *run)
{
    g_clear_pointer(&run->deliveries, g_ptr_array_unref);
    g_clear_pointer(&run->persons, g_hash_table_unref);
    g_clear_pointer(&run->ids, da_ids_free);
    g_clear_pointer(&run->list, da_import_list_free);
    g_clear_pointer(&run->config, da_config_free);
    g_clear_pointer(&run->profile, da_profile_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaImport, import_clear)

/* --- beginning -------------------------------------------------------------------------------------------------------------- */

/* What the exchange form does not say (employer, district) comes from a batch.conf beside the deliveries, or options. */
static gboolean read_settings(DaImport *run, GError **error)
{
    const DaImportOptions *options = run->options;
    g_autofree char *conf = g_build_filename(options->path, "batch.conf", NULL);
    run->config = da_config_load(conf, "batch", da_batch_settings, error);
    if (!run->config || !da_config_override(run->config, options->overrides, error))
        return FALSE;
    const char *name = options->profile ? options->profile : da_config_text(run->config, "profile");
    run->profile = da_profile_load(name, options->profile_dir, error);
    const char *scheme = da_config_text(run->config, "scheme");
    if (run->profile && !da_profile_scheme(run->profile, scheme))
        return da_error_set(error, DA_ERROR_USAGE, "profile '%s' has no class scheme '%s'",
                            run->profile->name, scheme);
    return run->profile && da_import_list_open(run, error);
}

static gboolean find_engine(DaImport *run, GError **error)
{
    g_autoptr(DaRecognizer) recognizer = da_recognizer_new(run->options->ocr, error);
    if (!recognizer)
        return FALSE;
    run->summary->ocr_engine = g_strdup(da_recognizer_name(recognizer));
    run->engine = run->summary->ocr_engine;
    return TRUE;
}

/* The name that stays the same between runs: relative to the folder of many. */
static char *name_of(const DaImport *run, const char *path)
{
    g_autofree char *top = g_canonicalize_filename(run->options->path, NULL);
    gsize length = strlen(top);
    return g_str_has_prefix(path, top) && path[length] == '/' ? g_strdup(path + length + 1)
                                                              : g_path_get_basename(path);
}

static DaImportDelivery *delivery_new(DaImport *run, const char *path)
{
    g_autofree char *name = name_of(run, path);
    DaImportDelivery *delivery = g_new0(DaImportDelivery, 1);
    delivery->path = g_strdup(path);
    delivery->id = da_ids_get(run->ids, name);
    delivery->package = g_build_filename(run->options->out, delivery->id->id, NULL);
    delivery->state_dir = g_build_filename(run->options->out, STATE_FOLDER, delivery->id->id, NULL);
    return delivery;
}

static gboolean prepare(DaImport *run, DaLock **lock, GError **error)
{
    g_autofree char *state = g_build_filename(run->options->out, STATE_FOLDER, NULL);
    g_autofree char *lock_path = g_build_filename(state, "lock", NULL);
    g_autoptr(GPtrArray) found = da_exchange_find(run->options->path, error);
    if (!found || !da_dir_make(state, error) || !(*lock = da_lock_take(lock_path, error)))
        return FALSE;
    run->ids = da_ids_load(run->options->out, error);
    if (!run->ids)
        return FALSE;
    for (guint i = 0; i < found->len; i++)
        g_ptr_array_add(run->deliveries, delivery_new(run, found->pdata[i]));
    da_progress_total(run->options->progress, found->len);
    return da_ids_save(run->ids, error);
}

/* --- pages in workers ---------------------------------------------------------------------------------------------------------- */

typedef struct {
    DaImport *run;
    DaImportDelivery *current; /* NULL = the next one has to be opened */
    guint current_index;
    GError *ended; /* a failure of the machine while a delivery was opened */
} Feed;

static gpointer enter(gpointer data, GError **error)
{
    return da_import_page_enter(((Feed *)data)->run, error);
}

static char *next_job(gpointer data)
{
    Feed *feed = data;
    DaImport *run = feed->run;
    while (!feed->current) {
        if (feed->ended || !da_import_open_next(run, &feed->current, &feed->ended) ||
            !feed->current)
            return NULL;
        feed->current_index = run->next_delivery - 1;
    }
    char *job = da_import_page_job(run, feed->current_index, feed->current->next_page++);
    if (feed->current->next_page == feed->current->pages->len)
        feed->current = NULL;
    return job;
}

static void report_page(const DaImport *run, DaImportDelivery *delivery, const DaPage *page,
                        const GError *problem)
{
    DaFinding *finding = da_import_report(run, delivery, "IMG-001", DA_SEVERITY_ERROR);
    finding->page = g_strdup(page->stem);
    da_finding_set(&finding->message, "the image cannot be used: %s", problem->message);
    da_finding_set(&finding->message_zh, "图像无法使用：%s", problem->message);
    da_finding_set(&finding->mend, "ask the maker of the delivery for the image");
    da_finding_set(&finding->mend_zh, "请交付方补交该图像");
}

static gboolean is_of_the_machine(const GError *problem)
{
    return problem && da_error_exit_status(problem) == 4;
}

static gboolean page_done(const char *job, DaWorkerOutcome outcome, const char *answer,
                          const GError *job_error, gpointer data, GError **error)
{
    Feed *feed = data;
    guint index = 0, page = 0;
    if (!da_import_page_of(job, &index, &page))
        return da_error_set(error, DA_ERROR_SYSTEM, "a worker answered to no job");
    DaImportDelivery *delivery = feed->run->deliveries->pdata[index];
    if (outcome == DA_WORKER_FAILED && is_of_the_machine(job_error)) {
        g_propagate_error(error, g_error_copy(job_error));
        return FALSE;
    }
    if (outcome == DA_WORKER_DONE)
        delivery->facts->pdata[page] = json_loads(answer, 0, NULL);
    else
        report_page(feed->run, delivery, delivery->pages->pdata[page], job_error);
    return --delivery->pending > 0 || da_import_close(feed->run, delivery, error);
}

static gboolean process(DaImport *run, GError **error)
{
    Feed feed = {.run = run};
    guint cores = g_get_num_processors();
    DaWorkerPool pool = {.processes =
                             run->options->jobs ? run->options->jobs : MIN(cores, DA_WORKERS_MAX),
                         .memory_bytes = PAGE_MEMORY_BYTES,
                         .seconds = PAGE_SECONDS,
                         .stop = run->options->stop,
                         .next = next_job,
                         .enter = enter,
                         .work = da_import_page_work,
                         .done = page_done,
                         .data = &feed};
    gboolean done = da_workers_run(&pool, error);
    if (feed.ended && done) {
        g_propagate_error(error, g_steal_pointer(&feed.ended));
        return FALSE;
    }
    g_clear_error(&feed.ended);
    return done;
}

/* --- end ------------------------------------------------------------------------------------------------------------------------ */

static guint count_of(const DaImportDelivery *delivery, const char *name)
{
    return (guint)json_integer_value(json_object_get(delivery->entry, name));
}

static guint warnings_of(const DaImportDelivery *delivery)
{
    size_t i;
    json_t *finding;
    guint n = 0;
    json_array_foreach(json_object_get(delivery->entry, "findings"), i, finding)
    {
        const char *severity = json_string_value(json_object_get(finding, "severity"));
        n += g_strcmp0(severity, da_severity_name(DA_SEVERITY_INFO)) != 0;
    }
    return n;
}

static void sum_up(DaImport *run)
{
    DaImportSummary *summary = run->summary;
    summary->deliveries = run->deliveries->len;
    for (guint i = 0; i < run->deliveries->len; i++) {
        const DaImportDelivery *delivery = run->deliveries->pdata[i];
        summary->packaged += delivery->state == DA_IMPORT_PACKAGED;
        summary->unchanged += delivery->state == DA_IMPORT_UNCHANGED;
        summary->failed += delivery->state == DA_IMPORT_REFUSED;
        summary->sides += count_of(delivery, "sides");
        summary->blank_sides += count_of(delivery, "blank_sides");
        summary->warnings += warnings_of(delivery);
    }
    summary->report_html = g_build_filename(run->options->out, "import-report.html", NULL);
}

gboolean da_import_run(const DaImportOptions *options, DaImportSummary *summary, GError **error)
{
    *summary = (DaImportSummary){0};
    g_autoptr(DaLock) lock = NULL;
    g_auto(DaImport) run = {.options = options, .summary = summary};
    run.deliveries = g_ptr_array_new_with_free_func(delivery_free);
    run.persons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!read_settings(&run, error) || !find_engine(&run, error) || !prepare(&run, &lock, error))
        return FALSE;
    g_autoptr(GError) ended = NULL;
    gboolean reached = process(&run, &ended);
    sum_up(&run);
    g_autoptr(GError) unwritten = NULL;
    gboolean written = da_import_write_reports(&run, !reached, &unwritten);
    if (!reached || !written) {
        g_propagate_error(error, reached ? g_steal_pointer(&unwritten) : g_steal_pointer(&ended));
        return FALSE;
    }
    return !summary->failed ||
           da_error_set(error, DA_ERROR_PART,
                        "%u of %u deliveries did not become packages; see '%s'", summary->failed,
                        summary->deliveries, summary->report_html);
}
