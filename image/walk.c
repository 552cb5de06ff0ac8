#include "walk.h"

#include <stdarg.h>
#include <string.h>

#define TEXT_MAX_BYTES 128u

typedef struct {
    const char *name;
    DaWalkSeverity severity;
    const char *source;
    const char *text, *text_zh;
} Kind;

#define INFO DA_WALK_INFO
#define WARNING DA_WALK_WARNING
#define ERROR DA_WALK_ERROR

static const Kind kinds[DA_WALK_KINDS_N] = {
    [DA_WALK_FORMAT] = {"format", ERROR, NULL, "the file is no JPEG, TIFF or PNG",
                        "文件不是 JPEG、TIFF 或 PNG"},
    [DA_WALK_TRUNCATED] = {"truncated", ERROR, NULL, "the file ends too early", "文件不完整"},
    [DA_WALK_TRAILING] = {"trailing", WARNING, NULL, "bytes follow the end of the image",
                          "图像结束之后还有数据"},
    [DA_WALK_LIMIT] = {"limit", ERROR, NULL, "the file has more parts than any scan",
                       "文件的组成部分多得不合常理"},

    [DA_WALK_TIFF_HEADER] = {"tiff-header", ERROR, "TIFF 6.0 §2", "the TIFF header is wrong",
                             "TIFF 文件头错误"},
    [DA_WALK_TIFF_OUTSIDE] = {"tiff-outside", ERROR, "TIFF 6.0 §2",
                              "an offset of the TIFF points outside the file",
                              "TIFF 的偏移量指向文件之外"},
    [DA_WALK_TIFF_LOOP] = {"tiff-loop", ERROR, "TIFF 6.0 §2",
                           "the directories of the TIFF run in a circle", "TIFF 目录循环"},
    [DA_WALK_TIFF_EMPTY] = {"tiff-empty", ERROR, "TIFF 6.0 §2",
                            "a directory of the TIFF has no entries", "TIFF 目录为空"},
    [DA_WALK_TIFF_ORDER] = {"tiff-order", WARNING, "TIFF 6.0 §2",
                            "the tags of the TIFF are not in ascending order",
                            "TIFF 标签未按升序排列"},
    [DA_WALK_TIFF_DUPLICATE] = {"tiff-duplicate", ERROR, "TIFF 6.0 §2",
                                "a tag of the TIFF stands twice", "TIFF 标签重复"},
    [DA_WALK_TIFF_TYPE] = {"tiff-type", ERROR, "TIFF 6.0 §2, §8",
                           "a tag of the TIFF has a wrong type", "TIFF 标签类型错误"},
    [DA_WALK_TIFF_COUNT] = {"tiff-count", ERROR, "TIFF 6.0 §8",
                            "a tag of the TIFF has the wrong number of values",
                            "TIFF 标签的值个数错误"},
    [DA_WALK_TIFF_VALUE] = {"tiff-value", ERROR, "TIFF 6.0 §8",
                            "a tag of the TIFF has a value that cannot be",
                            "TIFF 标签的值不合规定"},
    [DA_WALK_TIFF_MISSING] = {"tiff-missing", ERROR, "TIFF 6.0 §4 to §6",
                              "a tag that the TIFF needs is missing", "TIFF 缺少必备标签"},
    [DA_WALK_TIFF_ADVISED] = {"tiff-advised", INFO, "TIFF 6.0 §4 to §6",
                              "a tag of baseline TIFF is missing", "TIFF 缺少基线规定的标签"},
    [DA_WALK_TIFF_PARTS] = {"tiff-parts", ERROR, "TIFF 6.0 §4, §15",
                            "the strips or tiles of the TIFF do not make up the image",
                            "TIFF 的条或块数与图像不符"},
    [DA_WALK_TIFF_PART_SIZE] = {"tiff-part-size", ERROR, "TIFF 6.0 §4, §15",
                                "a strip or tile of the TIFF has the wrong size",
                                "TIFF 的条或块大小错误"},
    [DA_WALK_TIFF_PART_JPEG] = {"tiff-part-jpeg", ERROR, "TIFF Technical Note 2",
                                "a strip or tile of the TIFF is no JPEG stream",
                                "TIFF 的条或块不是 JPEG 数据流"},
    [DA_WALK_TIFF_OVERLAP] = {"tiff-overlap", ERROR, "TIFF 6.0 §2",
                              "two parts of the TIFF share bytes", "TIFF 的两个部分相互重叠"},
    [DA_WALK_TIFF_SHARED] = {"tiff-shared", WARNING, "TIFF 6.0 §2",
                             "two strips or tiles of the TIFF are the same bytes",
                             "TIFF 的两个条或块共用同一数据"},
    [DA_WALK_TIFF_ODD] = {"tiff-odd", INFO, "TIFF 6.0 §2",
                          "a part of the TIFF does not begin on a word boundary",
                          "TIFF 的组成部分未按字对齐"},
    [DA_WALK_TIFF_UNREFERENCED] = {"tiff-unreferenced", INFO, "TIFF 6.0 §2",
                                   "the TIFF holds bytes that nothing refers to",
                                   "TIFF 含有无人引用的数据"},
    [DA_WALK_TIFF_OLD_JPEG] = {"tiff-old-jpeg", WARNING, "TIFF Technical Note 2",
                               "the TIFF uses the withdrawn JPEG compression (6)",
                               "TIFF 使用已废止的 JPEG 压缩方式（6）"},

    [DA_WALK_JPEG_LENGTH] = {"jpeg-length", ERROR, "ITU-T T.81 B.1.1.4",
                             "a segment of the JPEG has the wrong length", "JPEG 段长度错误"},
    [DA_WALK_JPEG_JUNK] = {"jpeg-junk", ERROR, "ITU-T T.81 B.1.1.2",
                           "foreign bytes stand between the segments of the JPEG",
                           "JPEG 段之间有多余数据"},
    [DA_WALK_JPEG_ORDER] = {"jpeg-order", ERROR, "ITU-T T.81 B.2",
                            "a marker of the JPEG stands where it may not", "JPEG 标记次序错误"},
    [DA_WALK_JPEG_MARKER] = {"jpeg-marker", WARNING, "ITU-T T.81 B.1.1.3",
                             "the JPEG uses a reserved marker", "JPEG 使用了保留标记"},
    [DA_WALK_JPEG_TABLE] = {"jpeg-table", ERROR, "ITU-T T.81 B.2.4",
                            "a table of the JPEG is malformed", "JPEG 码表错误"},
    [DA_WALK_JPEG_UNDEFINED] = {"jpeg-undefined", ERROR, "ITU-T T.81 B.2.4",
                                "the JPEG uses a table that it does not define",
                                "JPEG 使用了未定义的码表"},
    [DA_WALK_JPEG_FRAME] = {"jpeg-frame", ERROR, "ITU-T T.81 B.2.2",
                            "the frame header of the JPEG is wrong", "JPEG 帧头错误"},
    [DA_WALK_JPEG_SCAN] = {"jpeg-scan", ERROR, "ITU-T T.81 B.2.3, G.1.1",
                           "a scan header of the JPEG is wrong", "JPEG 扫描头错误"},
    [DA_WALK_JPEG_INCOMPLETE] = {"jpeg-incomplete", ERROR, "ITU-T T.81 B.2.3",
                                 "a component of the JPEG has no data", "JPEG 的某一分量没有数据"},
    [DA_WALK_JPEG_RESTART] = {"jpeg-restart", ERROR, "ITU-T T.81 B.2.1, E.1.4",
                              "the restart markers of the JPEG are not in sequence",
                              "JPEG 重启标记次序错误"},
    [DA_WALK_JPEG_NO_END] = {"jpeg-no-end", ERROR, "ITU-T T.81 B.2.1", "the JPEG has no end marker",
                             "JPEG 缺少结束标记"},
    [DA_WALK_JPEG_JFIF] = {"jpeg-jfif", WARNING, "JFIF 1.02",
                           "the JFIF header of the JPEG is misplaced or malformed",
                           "JPEG 的 JFIF 头位置或内容错误"},
    [DA_WALK_JPEG_DENSITY] = {"jpeg-density", WARNING, "JFIF 1.02; Exif 2.3 §4.6.5",
                              "JFIF and Exif state different resolutions",
                              "JFIF 与 Exif 标明的分辨率不一致"},
    [DA_WALK_JPEG_ADOBE] = {"jpeg-adobe", WARNING, "Adobe Technical Note 5116",
                            "the colour transform that the JPEG states does not fit its components",
                            "JPEG 声明的色彩变换与分量不符"},
    [DA_WALK_JPEG_EXIF] = {"jpeg-exif", WARNING, "Exif 2.3 §4.5",
                           "the Exif block of the JPEG is damaged", "JPEG 的 Exif 数据已损坏"},
    [DA_WALK_JPEG_MPF] = {"jpeg-mpf", WARNING, "CIPA DC-007",
                          "the JPEG's index of further images is damaged", "JPEG 的多图索引已损坏"},

    [DA_WALK_PNG_CHUNK] = {"png-chunk", ERROR, "ISO/IEC 15948 §5.3",
                           "a chunk of the PNG is malformed", "PNG 数据块错误"},
    [DA_WALK_PNG_CRC] = {"png-crc", ERROR, "ISO/IEC 15948 §5.3",
                         "a chunk of the PNG is not what its CRC says", "PNG 数据块校验和不符"},
    [DA_WALK_PNG_ORDER] = {"png-order", ERROR, "ISO/IEC 15948 §5.6",
                           "a chunk of the PNG is missing or stands where it may not",
                           "PNG 数据块缺失或次序错误"},
    [DA_WALK_PNG_HEADER] = {"png-header", ERROR, "ISO/IEC 15948 §11.2.2",
                            "the header of the PNG is wrong", "PNG 文件头错误"},
};

const char *da_walk_kind_name(DaWalkKind kind)
{
    return kinds[kind].name;
}

gboolean da_walk_kind_by_name(const char *name, DaWalkKind *kind)
{
    for (guint i = 0; i < DA_WALK_KINDS_N; i++)
        if (!strcmp(kinds[i].name, name)) {
            *kind = (DaWalkKind)i;
            return TRUE;
        }
    return FALSE;
}

DaWalkSeverity da_walk_kind_severity(DaWalkKind kind)
{
    return kinds[kind].severity;
}

const char *da_walk_kind_text(DaWalkKind kind)
{
    return kinds[kind].text;
}

const char *da_walk_kind_text_zh(DaWalkKind kind)
{
    return kinds[kind].text_zh;
}

const char *da_walk_kind_source(DaWalkKind kind)
{
    return kinds[kind].source;
}

void da_walk_fault(DaWalk *walk, DaWalkKind kind, guint64 offset, const char *format, ...)
{
    if (walk->fault_count++ >= DA_WALK_MAX_KEPT)
        return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *found = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    DaWalkFault *fault = g_new0(DaWalkFault, 1);
    *fault = (DaWalkFault){kind, offset, g_steal_pointer(&found)};
    g_ptr_array_add(walk->faults, fault);
}

void da_walk_take_text(char **member, const guint8 *data, gsize size)
{
    if (*member)
        return;
    g_autofree char *bytes = g_strndup((const char *)data, MIN(size, TEXT_MAX_BYTES));
    g_autofree char *text = g_utf8_make_valid(bytes, -1);
    for (char *p = text; *p; p++)
        if (g_ascii_iscntrl(*p))
            *p = ' ';
    g_strstrip(text);
    if (*text)
        *member = g_steal_pointer(&text);
}

static void fault_free(gpointer data)
{
    DaWalkFault *fault = data;
    g_free(fault->found);
    g_free(fault);
}

DaWalk *da_walk_image(const void *data, gsize size)
{
    DaWalk *walk = g_new0(DaWalk, 1);
    walk->faults = g_ptr_array_new_with_free_func(fault_free);
    walk->format = da_image_format(data, size);
    switch (walk->format) {
    case DA_IMAGE_JPEG:
        da_walk_jpeg(walk, data, size);
        break;
    case DA_IMAGE_TIFF:
        da_walk_tiff(walk, data, size);
        break;
    case DA_IMAGE_PNG:
        da_walk_png(walk, data, size);
        break;
    case DA_IMAGE_UNKNOWN:
        da_walk_fault(walk, DA_WALK_FORMAT, 0, "%" G_GSIZE_FORMAT " bytes", size);
        break;
    }
    return walk;
}

void da_walk_free(DaWalk *walk)
{
    if (!walk)
        return;
    g_ptr_array_unref(walk->faults);
    g_free(walk->make);
    g_free(walk->model);
    g_free(walk->software);
    g_free(walk->comment);
    g_free(walk);
}
