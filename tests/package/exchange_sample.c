#include "exchange_sample.h"

#include <string.h>

const char sample_exchange_xml[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<数字档案 xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
    "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\n"
    "  <人员基本信息>\n"
    "    <姓名>赵测试</姓名>\n"
    "    <性别>男</性别>\n"
    "    <民族>汉族</民族>\n"
    "    <出生日期>19620120</出生日期>\n"
    "    <公民身份号码>606129196201204759</公民身份号码>\n"
    "  </人员基本信息>\n"
    "  <目录信息>\n"
    "    <档案目录条目>\n"
    "      <类号>一</类号>\n"
    "      <序号>1</序号>\n"
    "      <材料名称>职工登记表</材料名称>\n"
    "      <材料形成时间>198807</材料形成时间>\n"
    "      <页数>1</页数>\n"
    "      <备注></备注>\n"
    "      <原始图像数据>1-1-001.jpg</原始图像数据>\n"
    "      <优化图像数据>1-1-001.jpg</优化图像数据>\n"
    "    </档案目录条目>\n"
    "    <档案目录条目>\n"
    "      <类号>4-1</类号>\n"
    "      <序号>1</序号>\n"
    "      <材料名称>毕业生登记表</材料名称>\n"
    "      <材料形成时间>19850715</材料形成时间>\n"
    "      <页数>2</页数>\n"
    "      <备注>复印件</备注>\n"
    "      <原始图像数据>4-1-1-001.jpg</原始图像数据>\n"
    "      <原始图像数据>4-1-1-002.jpg</原始图像数据>\n"
    "      <优化图像数据>4-1-1-001.jpg</优化图像数据>\n"
    "      <优化图像数据>4-1-1-002.jpg</优化图像数据>\n"
    "    </档案目录条目>\n"
    "    <档案目录条目>\n"
    "      <类号>9-1</类号>\n"
    "      <序号>1</序号>\n"
    "      <材料名称>工资变动审批表</材料名称>\n"
    "      <材料形成时间>1993</材料形成时间>\n"
    "      <页数>1</页数>\n"
    "      <备注></备注>\n"
    "      <原始图像数据>9-1-1-001.jpg</原始图像数据>\n"
    "      <优化图像数据>9-1-1-001.jpg</优化图像数据>\n"
    "    </档案目录条目>\n"
    "  </目录信息>\n"
    "</数字档案>\n";

static const char *const images[] = {"1-1-001.jpg", "4-1-1-001.jpg", "4-1-1-002.jpg",
                                     "9-1-1-001.jpg"};
static const char *const sets[] = {"原始图像数据", "优化图像数据"};

char *sample_image(const char *delivery, const char *set, const char *name)
{
    return g_build_filename(delivery, "图像数据", set, name, NULL);
}

void sample_put_image(const char *delivery, const char *set, const char *name)
{
    g_autofree char *path = sample_image(delivery, set, name);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *text = g_strdup_printf("%s of %s", name, set);
    g_assert(g_mkdir_with_parents(folder, 0755) == 0);
    g_assert(g_file_set_contents(path, text, -1, NULL));
}

void sample_set_xml(const char *delivery, const char *xml, gssize size)
{
    g_autofree char *base = g_path_get_basename(delivery);
    g_autofree char *file = g_strconcat(base, ".xml", NULL);
    g_autofree char *path = g_build_filename(delivery, file, NULL);
    g_assert(g_file_set_contents(path, xml, size, NULL));
}

char *sample_delivery(const char *folder)
{
    char *delivery = g_build_filename(folder, SAMPLE_DELIVERY, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(images); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(sets); k++)
            sample_put_image(delivery, sets[k], images[i]);
    sample_set_xml(delivery, sample_exchange_xml, -1);
    return delivery;
}

char *sample_xml_with(const char *from, const char *to)
{
    const char *found = strstr(sample_exchange_xml, from);
    g_assert(found);
    g_autofree char *before = g_strndup(sample_exchange_xml, (gsize)(found - sample_exchange_xml));
    return g_strconcat(before, to, found + strlen(from), NULL);
}
