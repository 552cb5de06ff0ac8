#include "exchange_form.h"

#include <string.h>

#define ALIASES_MAX 7

static const struct {
    const char *name;
    const char *aliases
        [ALIASES_MAX]; /* NULL-terminated; seen in deliveries or programs, see docs/exchange.md */
} forms[DA_FORM_N] = {
    [DA_FORM_ROOT] = {"数字档案", {"数字档案信息", NULL}},
    [DA_FORM_PERSON] = {"人员基本信息", {"人员信息", "基本信息", NULL}},
    [DA_FORM_CATALOGUE] = {"目录信息", {"档案目录信息", "档案目录", NULL}},
    [DA_FORM_ENTRY] = {"档案目录条目", {"目录条目", "档案条目", NULL}},
    [DA_FORM_NAME] = {"姓名", {NULL}},
    [DA_FORM_SEX] = {"性别", {NULL}},
    [DA_FORM_ETHNICITY] = {"民族", {"名族", NULL}},
    [DA_FORM_BIRTH] = {"出生日期", {"出生年月", NULL}},
    [DA_FORM_ID_NUMBER] = {"公民身份号码",
                           {"身份证号", "身份证号码", "公民身份证号码", "公民身份证号", NULL}},
    [DA_FORM_CLASS] = {"类号", {NULL}},
    [DA_FORM_SEQUENCE] = {"序号", {NULL}},
    [DA_FORM_TITLE] = {"材料名称", {"材料题名", NULL}},
    [DA_FORM_FORMED] = {"材料形成时间", {"材料制成时间", "形成时间", NULL}},
    [DA_FORM_PAGES] = {"页数", {NULL}},
    [DA_FORM_NOTE] = {"备注", {NULL}},
    [DA_FORM_ORIGINAL] = {"原始图像数据", {"原始图像数据_Text", "原始图像", "原始", NULL}},
    [DA_FORM_OPTIMISED] = {"优化图像数据",
                           {"优化图像数据_Text", "优化图像", "高清图像数据", "高清图像数据_Text",
                            "高清图像", "优化", NULL}},
};

const char *da_form_name(DaForm form)
{
    g_return_val_if_fail(form < DA_FORM_N, NULL);
    return forms[form].name;
}

static gboolean stands_for(DaForm form, const char *name, gboolean *strict)
{
    *strict = !strcmp(forms[form].name, name);
    for (guint i = 0; !*strict && forms[form].aliases[i]; i++)
        if (!strcmp(forms[form].aliases[i], name))
            return TRUE;
    return *strict;
}

DaForm da_form_find(const char *name, gboolean *strict)
{
    DaForm form = 0;
    while (form < DA_FORM_N && !stands_for(form, name, strict))
        form++;
    return form;
}

DaForm da_form_folder(const char *name, gboolean *strict)
{
    if (stands_for(DA_FORM_ORIGINAL, name, strict))
        return DA_FORM_ORIGINAL;
    return stands_for(DA_FORM_OPTIMISED, name, strict) ? DA_FORM_OPTIMISED : DA_FORM_N;
}

char *da_form_class(const char *code)
{
    static const char *const numerals[] = {"",   "一", "二", "三", "四",
                                           "五", "六", "七", "八", "九"};
    char *end = NULL;
    guint64 value = g_ascii_strtoull(code, &end, 10);
    if (*end || value < 1 || value > 99)
        return g_strdup(code);
    return g_strdup_printf("%s%s%s", value >= 20 ? numerals[value / 10] : "",
                           value >= 10 ? "十" : "", numerals[value % 10]);
}
