#include "correction_parts.h"

#include <stdio.h>
#include <string.h>

#define SIDES_MAX 999

static const struct {
    const char *name, *name_zh;
    const char *wanted, *wanted_zh;
} kinds[DA_CORRECT_N] = {
    [DA_CORRECT_TURN] = {"turn", "方向", "0, 90, 180 or 270 (degrees clockwise in the scan)",
                         "0、90、180 或 270（扫描件中内容顺时针转过的度数）"},
    [DA_CORRECT_CROP] = {"crop", "裁切", "left,top,width,height in px, or none",
                         "左,上,宽,高（像素），或 none"},
    [DA_CORRECT_BLANK] = {"blank", "空白", "yes or no", "是 或 否"},
    [DA_CORRECT_MATERIAL] = {"material", "材料", "class-sequence of a material, as 9-1-2",
                             "材料的类号-序号，如 9-1-2"},
    [DA_CORRECT_ORDER] = {"order", "页序", "a number from 1 to 999", "1 至 999 的数字"},
    [DA_CORRECT_REPLACE] = {"replace", "重扫", "the name of another scan in the folder",
                            "同一文件夹中另一扫描件的文件名"},
};

const char *da_correct_name(DaCorrectKind kind)
{
    return kinds[kind].name;
}

DaCorrectKind da_correct_by_name(const char *name)
{
    DaCorrectKind kind = 0;
    while (kind < DA_CORRECT_N && g_ascii_strcasecmp(name, kinds[kind].name) &&
           strcmp(name, kinds[kind].name_zh))
        kind++;
    return kind;
}

static gboolean is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (!g_ascii_strcasecmp(text, *words))
            return TRUE;
    return FALSE;
}

static gboolean number_of(const char *text, guint64 least, guint64 most, guint *number)
{
    guint64 value = 0;
    if (!g_ascii_string_to_unsigned(text, 10, least, most, &value, NULL))
        return FALSE;
    *number = (guint)value;
    return TRUE;
}

static gboolean set_turn(DaSideCorrection *correction, const char *text)
{
    guint turn = 0;
    if (!number_of(text, 0, 270, &turn) || turn % 90)
        return FALSE;
    correction->turn_cw_deg = (int)turn;
    correction->value = g_strdup_printf("%u", turn);
    return TRUE;
}

static gboolean set_crop(DaSideCorrection *correction, const char *text)
{
    static const char *const nothing[] = {"none", "不裁切", NULL};
    DaUprightCrop *crop = &correction->crop;
    g_autofree char *list = g_strdup(text);
    int end = 0;
    if (is_one_of(text, nothing)) {
        correction->value = g_strdup("none");
        return TRUE;
    }
    g_strdelimit(list, ";x ", ',');
    if (sscanf(list, "%9d,%9d,%9d,%9d%n", &crop->x_px, &crop->y_px, &crop->w_px, &crop->h_px,
               &end) != 4 ||
        list[end] || crop->x_px < 0 || crop->y_px < 0 || crop->w_px < 1 || crop->h_px < 1)
        return FALSE;
    correction->value =
        g_strdup_printf("%d,%d,%d,%d", crop->x_px, crop->y_px, crop->w_px, crop->h_px);
    return TRUE;
}

static gboolean set_blank(DaSideCorrection *correction, const char *text)
{
    static const char *const yes[] = {"yes", "是", "true", "1", NULL};
    static const char *const no[] = {"no", "否", "false", "0", NULL};
    correction->blank = is_one_of(text, yes);
    correction->value = g_strdup(correction->blank ? "yes" : "no");
    return correction->blank || is_one_of(text, no);
}

/* The class may be written in any of its printed forms. */
static gboolean set_material(DaSideCorrection *correction, const char *text, const DaScheme *scheme)
{
    const char *dash = strrchr(text, '-');
    g_autofree char *printed = dash ? g_strndup(text, (gsize)(dash - text)) : NULL;
    const DaClass *class = printed ? da_scheme_class(scheme, printed) : NULL;
    if (!class || !number_of(dash + 1, 1, SIDES_MAX, &correction->number))
        return FALSE;
    correction->class_code = g_strdup(class->code);
    correction->value = g_strdup_printf("%s-%u", class->code, correction->number);
    return TRUE;
}

static gboolean set_order(DaSideCorrection *correction, const char *text)
{
    correction->value = g_strdup(text);
    return number_of(text, 1, SIDES_MAX, &correction->number);
}

/* "scan0013.jpg" or "again.pdf#2". */
static gboolean set_replace(DaSideCorrection *correction, const char *text)
{
    const char *mark = strrchr(text, '#');
    correction->number = 1;
    gboolean page = mark && number_of(mark + 1, 1, G_MAXUINT16, &correction->number);
    correction->other = page ? g_strndup(text, (gsize)(mark - text)) : g_strdup(text);
    return *correction->other != '\0';
}

gboolean da_correction_set_value(DaSideCorrection *correction, const char *text,
                                 const DaScheme *scheme, const char **wanted,
                                 const char **wanted_zh)
{
    *wanted = kinds[correction->kind].wanted;
    *wanted_zh = kinds[correction->kind].wanted_zh;
    switch (correction->kind) {
    case DA_CORRECT_TURN:
        return set_turn(correction, text);
    case DA_CORRECT_CROP:
        return set_crop(correction, text);
    case DA_CORRECT_BLANK:
        return set_blank(correction, text);
    case DA_CORRECT_MATERIAL:
        return set_material(correction, text, scheme);
    case DA_CORRECT_ORDER:
        return set_order(correction, text);
    case DA_CORRECT_REPLACE:
        return set_replace(correction, text);
    case DA_CORRECT_N:
        break;
    }
    return FALSE;
}

char *da_correction_time(const char *text)
{
    DaDate day;
    if (da_date_parse(text, &day, NULL) && day.day)
        return da_date_format(day);
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, utc);
    g_autoptr(GDateTime) in_utc = time ? g_date_time_to_utc(time) : NULL;
    return in_utc ? g_date_time_format(in_utc, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}
