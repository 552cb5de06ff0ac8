#include <dangan/progress.h>

#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REDRAW_US (G_USEC_PER_SEC / 5)
#define BAR_CELLS 24
#define COLUMNS_UNKNOWN 80

struct DaProgress {
    FILE *out;
    gboolean terminal, chinese;
    char *unit;
    guint64 total, done, skipped;
    gint64 begun_us, drawn_us;
    gboolean shown;
};

DaProgress *da_progress_new(FILE *out, const char *unit, guint64 total)
{
    DaProgress *progress = g_new0(DaProgress, 1);
    progress->out = out;
    progress->terminal = out && isatty(fileno(out));
    progress->unit = g_strdup(unit);
    progress->total = total;
    progress->begun_us = g_get_monotonic_time();
    return progress;
}

static void clear_bar(DaProgress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", progress->out);
    progress->shown = FALSE;
}

static void append_time_left(GString *line, const DaProgress *progress, guint64 seconds)
{
    guint hours = (guint)MIN(seconds / 3600, 9999), minutes = (guint)(seconds / 60 % 60);
    gboolean chinese = progress->chinese;
    g_string_append(line, chinese ? "，剩余 " : ", ");
    if (seconds >= 3600)
        g_string_append_printf(line, chinese ? "%u 小时 %02u 分" : "%u h %02u min", hours, minutes);
    else if (seconds >= 60)
        g_string_append_printf(line, chinese ? "%u 分钟" : "%u min", (guint)(seconds + 30) / 60);
    else
        g_string_append_printf(line, chinese ? "%u 秒" : "%u s", (guint)seconds);
    g_string_append(line, chinese ? "" : " left");
}

static void append_share(GString *line, const DaProgress *progress, guint64 counted)
{
    if (progress->total == 0) {
        g_string_append_printf(line, "%" G_GUINT64_FORMAT " %s", counted, progress->unit);
        return;
    }
    double share = (double)MIN(counted, progress->total) / (double)progress->total;
    g_string_append_c(line, '[');
    for (guint i = 0; i < BAR_CELLS; i++)
        g_string_append(line, i < (guint)(share * BAR_CELLS) ? "█" : "·");
    g_string_append_printf(line,
                           progress->chinese ? "] %" G_GUINT64_FORMAT " / %" G_GUINT64_FORMAT " %s"
                                             : "] %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                                               " %s",
                           counted, progress->total, progress->unit);
}

static void append_speed(GString *line, const DaProgress *progress, guint64 counted)
{
    gint64 elapsed_us = g_get_monotonic_time() - progress->begun_us;
    if (progress->done == 0 || elapsed_us <= 0)
        return;
    double a_minute = (double)progress->done / (double)elapsed_us * (60.0 * G_USEC_PER_SEC);
    g_string_append_printf(line, progress->chinese ? "，每分钟 %.0f" : ", %.0f a minute", a_minute);
    if (progress->total > counted)
        append_time_left(line, progress,
                         (guint64)((double)(progress->total - counted) / a_minute * 60));
}

static guint columns_of(const DaProgress *progress)
{
    struct winsize size = {0};
    return ioctl(fileno(progress->out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0
               ? size.ws_col
               : COLUMNS_UNKNOWN;
}

/* A line that is wider than the terminal would scroll. Han characters are two cells wide; the last cell stays free, because some
 * terminals wrap when it is written. */
static void cut_to_columns(GString *line, guint columns)
{
    guint used = 0;
    for (const char *p = line->str; *p; p = g_utf8_next_char(p)) {
        used += g_unichar_iswide(g_utf8_get_char(p)) ? 2 : 1;
        if (used >= columns) {
            g_string_truncate(line, (gsize)(p - line->str));
            return;
        }
    }
}

/* "[████····] 12 of 52 pages, 34 a minute, 1 min left". Written over the old line, what is left of that goes last: nothing blinks. */
static void draw(DaProgress *progress)
{
    g_autoptr(GString) line = g_string_new(NULL);
    guint64 counted = progress->done + progress->skipped;
    append_share(line, progress, counted);
    append_speed(line, progress, counted);
    cut_to_columns(line, columns_of(progress));
    fprintf(progress->out, "\r%s\033[K", line->str);
    fflush(progress->out);
    progress->shown = TRUE;
    progress->drawn_us = g_get_monotonic_time();
}

static void redraw(DaProgress *progress)
{
    if (progress->terminal && g_get_monotonic_time() - progress->drawn_us >= REDRAW_US)
        draw(progress);
}

void da_progress_total(DaProgress *progress, guint64 total)
{
    if (!progress)
        return;
    progress->total = total;
    if (progress->done == 0) /* what was done to know the total is not a part of it */
        progress->begun_us = g_get_monotonic_time();
    redraw(progress);
}

void da_progress_more(DaProgress *progress, guint64 n)
{
    if (progress)
        progress->total += n;
}

void da_progress_chinese(DaProgress *progress, gboolean chinese)
{
    if (progress)
        progress->chinese = chinese;
}

void da_progress_add(DaProgress *progress, guint64 n)
{
    if (!progress)
        return;
    progress->done += n;
    redraw(progress);
}

void da_progress_skip(DaProgress *progress, guint64 n)
{
    if (!progress)
        return;
    progress->skipped += n;
    redraw(progress);
}

void da_progress_line(DaProgress *progress, const char *format, ...)
{
    if (!progress || !progress->out)
        return;
    clear_bar(progress);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(progress->out, format, arguments);
    va_end(arguments);
    fputc('\n', progress->out);
    if (progress->terminal)
        draw(progress);
    fflush(progress->out);
}

void da_progress_free(DaProgress *progress)
{
    if (!progress)
        return;
    clear_bar(progress);
    if (progress->out)
        fflush(progress->out);
    g_free(progress->unit);
    g_free(progress);
}
