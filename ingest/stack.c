#include "stack.h"
#include "remark.h"

#include <dangan/file.h>
#include <string.h>

/* Findings of acquisition; a profile may have rules of these names. */
#define RULE_SHEET "ACQ-001"
#define RULE_NOBODY "ACQ-002"
#define RULE_TWICE "ACQ-003"
#define RULE_UNCLEAR "ACQ-004"

DaStack *da_stack_new(const char *name, const char *folder)
{
    DaStack *stack = g_new0(DaStack, 1);
    stack->name = da_name_text(name);
    stack->folder = g_strdup(folder);
    stack->sides = g_array_new(FALSE, TRUE, sizeof(DaStackSide));
    return stack;
}

void da_stack_free(DaStack *stack)
{
    g_free(stack->name);
    g_free(stack->folder);
    g_array_unref(stack->sides);
    g_free(stack);
}

/* --- backs of sheets ------------------------------------------------------------------------------------------------------ */

static DaStackSide *side_at(const DaStack *stack, guint i)
{
    return &g_array_index(stack->sides, DaStackSide, i);
}

/* Sides of a stack that was read on both come in pairs, front and back: side i belongs to the sheet of i ^ 1. */
gboolean da_stack_asks_blank(const DaStack *stack, guint i)
{
    guint other = i ^ 1;
    return stack->sides->len % 2 == 0 && other < stack->sides->len && !side_at(stack, i)->sheet &&
           side_at(stack, other)->sheet;
}

static gboolean is_back(const DaStack *stack, guint i)
{
    return side_at(stack, i)->blank && da_stack_asks_blank(stack, i);
}

/* --- findings ----------------------------------------------------------------------------------------------------------------- */

static void add_finding(GPtrArray *findings, const DaProfile *profile, const char *rule,
                        DaSeverity severity, const char *subject, const DaStackSide *side,
                        const char *message, const char *message_zh)
{
    DaFinding *finding = da_remark_new(profile, rule, severity, subject, message, message_zh);
    if (side) {
        g_autofree char *base = g_path_get_basename(side->path);
        g_clear_pointer(&finding->file, g_free);
        finding->file = da_name_text(base);
    }
    g_ptr_array_add(findings, finding);
}

static void tell_sheet(const DaProfile *profile, const DaBatchDossier *dossier,
                       const DaStackSide *side)
{
    gboolean material = side->sheet->kind == DA_SEPARATOR_MATERIAL;
    g_autofree char *subject = da_name_text(dossier->name);
    g_autofree char *message =
        material ? g_strdup_printf("page %u is the separator sheet of material %s", side->frame,
                                   side->sheet->text)
                 : g_strdup_printf("page %u is the separator sheet of the dossier", side->frame);
    g_autofree char *message_zh =
        material ? g_strdup_printf("第 %u 页是材料 %s 的分隔页", side->frame, side->sheet->text)
                 : g_strdup_printf("第 %u 页是本卷的分隔页", side->frame);
    add_finding(dossier->findings, profile, RULE_SHEET, DA_SEVERITY_INFO, subject, side, message,
                message_zh);
}

/* --- dealing -------------------------------------------------------------------------------------------------------------------- */

typedef struct {
    DaStack *stack;
    DaBatch *batch;
    const DaProfile *profile;
    DaBatchDossier *dossier; /* the one that goes on; NULL = none yet */
    const char *material;    /* borrowed; NULL = none yet */
    GHashTable *numbers;     /* "folder\nmaterial" → last side */
    guint nobody;            /* sides before the first sheet */
    const DaStackSide *first_nobody;
} Dealing;

/* By folder name, or by the row of the list that both mean. */
static DaBatchDossier *find_dossier(const DaBatch *batch, const char *key)
{
    const DaHandoverRow *row = da_batch_row(batch, key);
    for (guint i = 0; i < batch->dossiers->len; i++) {
        DaBatchDossier *dossier = g_ptr_array_index(batch->dossiers, i);
        if (!strcmp(dossier->name, key) || (row && da_batch_row(batch, dossier->name) == row))
            return dossier;
    }
    return NULL;
}

/* What lies in the dossier's own folder comes first. */
static void take_own_scans(DaBatchDossier *dossier)
{
    if (dossier->parts)
        return;
    dossier->parts = da_batch_parts_new();
    for (guint i = 0; i < dossier->scans->len; i++) {
        DaBatchPart part = {.scan = i};
        g_array_append_val(dossier->parts, part);
    }
}

static void begin_dossier(Dealing *dealing, const DaStackSide *side)
{
    const char *key = side->sheet->text;
    dealing->material = NULL;
    dealing->dossier = NULL;
    if (strchr(key, '/') || !da_path_is_safe(key)) {
        add_finding(dealing->batch->findings, dealing->profile, RULE_UNCLEAR, DA_SEVERITY_ERROR,
                    dealing->stack->name, side,
                    "a separator sheet names something that can be no dossier",
                    "分隔页上的案卷标识无效");
        return;
    }
    DaBatchDossier *dossier = find_dossier(dealing->batch, key);
    if (!dossier)
        dossier = da_batch_add(dealing->batch, key, dealing->profile);
    if (dossier->scans->len > 0) {
        take_own_scans(dossier);
        g_autofree char *subject = da_name_text(dossier->name);
        add_finding(
            dossier->findings, dealing->profile, RULE_TWICE, DA_SEVERITY_WARNING, subject, side,
            "the dossier has sides in two places; those of this stack come after the others",
            "该卷的扫描件分在两处，此处的排在后面");
    }
    dealing->dossier = dossier;
    tell_sheet(dealing->profile, dossier, side);
}

static void begin_material(Dealing *dealing, const DaStackSide *side)
{
    if (!dealing->dossier) {
        add_finding(dealing->batch->findings, dealing->profile, RULE_NOBODY, DA_SEVERITY_ERROR,
                    dealing->stack->name, side,
                    "the separator sheet of a material stands before that of its dossier",
                    "材料分隔页前面没有案卷分隔页");
        return;
    }
    dealing->material = side->sheet->text;
    tell_sheet(dealing->profile, dealing->dossier, side);
}

static guint scan_index(DaBatchDossier *dossier, const char *path)
{
    for (guint i = dossier->scans->len; i > 0; i--)
        if (!strcmp(g_ptr_array_index(dossier->scans, i - 1), path))
            return i - 1;
    g_ptr_array_add(dossier->scans, g_strdup(path));
    return dossier->scans->len - 1;
}

/* As a scan of this material would be named. The caller owns it. */
static char *name_of(Dealing *dealing)
{
    if (!dealing->material)
        return NULL;
    char *key = g_strdup_printf("%s\n%s", dealing->dossier->name, dealing->material);
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(dealing->numbers, key)) + 1;
    g_hash_table_insert(dealing->numbers, key, GUINT_TO_POINTER(number));
    return g_strdup_printf("%s-%03u.scan", dealing->material, number);
}

static void take_side(Dealing *dealing, const DaStackSide *side)
{
    if (!dealing->dossier) {
        dealing->nobody++;
        if (!dealing->first_nobody)
            dealing->first_nobody = side;
        return;
    }
    if (!dealing->dossier->parts)
        dealing->dossier->parts = da_batch_parts_new();
    DaBatchPart part = {.scan = scan_index(dealing->dossier, side->path),
                        .frame = side->frame,
                        .name = name_of(dealing)};
    g_array_append_val(dealing->dossier->parts, part);
}

static gboolean same_sheet(const DaSeparator *a, const DaSeparator *b)
{
    return a && b && a->kind == b->kind && !strcmp(a->text, b->text);
}

static void walk(Dealing *dealing)
{
    const DaSeparator *last = NULL; /* the sheet that was just passed */
    for (guint i = 0; i < dealing->stack->sides->len; i++) {
        const DaStackSide *side = side_at(dealing->stack, i);
        if (side->two)
            add_finding(dealing->batch->findings, dealing->profile, RULE_UNCLEAR, DA_SEVERITY_ERROR,
                        dealing->stack->name, side,
                        "a side carries the codes of two separator sheets",
                        "同一面上有两个不同的分隔码");
        if (is_back(dealing->stack, i))
            continue;
        /* A code on both sides of a sheet is one sheet. */
        if (side->sheet && !same_sheet(side->sheet, last)) {
            if (side->sheet->kind == DA_SEPARATOR_DOSSIER)
                begin_dossier(dealing, side);
            else
                begin_material(dealing, side);
        } else if (!side->sheet) {
            take_side(dealing, side);
        }
        last = side->sheet;
    }
}

/* --- the end --------------------------------------------------------------------------------------------------------------------- */

static void tell_nobody(const Dealing *dealing)
{
    g_autofree char *message = g_strdup_printf(
        "%u sides from page %u on stand before the first separator sheet and belong to no dossier",
        dealing->nobody, dealing->first_nobody->frame);
    g_autofree char *message_zh =
        g_strdup_printf("第 %u 页起有 %u 面在第一张分隔页之前，不属于任何案卷",
                        dealing->first_nobody->frame, dealing->nobody);
    add_finding(dealing->batch->findings, dealing->profile, RULE_NOBODY, DA_SEVERITY_ERROR,
                dealing->stack->name, dealing->first_nobody, message, message_zh);
}

/* Materials by sheets count for the whole dossier or not at all. */
static void finish_dossier(DaBatchDossier *dossier, const DaProfile *profile)
{
    guint named = 0;
    for (guint i = 0; i < dossier->parts->len; i++)
        named += g_array_index(dossier->parts, DaBatchPart, i).name != NULL;
    dossier->named = named > 0 && named == dossier->parts->len;
    if (named == 0 || dossier->named)
        return;
    g_autofree char *subject = da_name_text(dossier->name);
    g_autofree char *message = g_strdup_printf(
        "%u sides stand before the separator sheet of the first material; put a sheet before them",
        dossier->parts->len - named);
    g_autofree char *message_zh =
        g_strdup_printf("有 %u 面在第一张材料分隔页之前，请补分隔页", dossier->parts->len - named);
    add_finding(dossier->findings, profile, RULE_NOBODY, DA_SEVERITY_ERROR, subject, NULL, message,
                message_zh);
}

static guint count_sheets(const DaStack *stack, gboolean dossiers)
{
    guint n = 0;
    for (guint i = 0; i < stack->sides->len; i++) {
        const DaSeparator *sheet = side_at(stack, i)->sheet;
        n += sheet && (!dossiers || sheet->kind == DA_SEPARATOR_DOSSIER);
    }
    return n;
}

/* The folder of a mixed stack stands for no dossier; its sides are taken anew, its findings with them. */
static DaBatchDossier *take_folder(DaBatch *batch, const char *folder, gboolean mixed)
{
    for (guint i = 0; i < batch->dossiers->len; i++) {
        DaBatchDossier *dossier = g_ptr_array_index(batch->dossiers, i);
        if (strcmp(dossier->name, folder))
            continue;
        if (mixed)
            g_ptr_array_remove_index(batch->dossiers, i);
        else if (!dossier->parts)
            dossier->parts = da_batch_parts_new();
        return mixed ? NULL : dossier;
    }
    return NULL;
}

void da_stack_deal(DaStack *stack, DaBatch *batch, const DaProfile *profile)
{
    Dealing dealing = {.stack = stack, .batch = batch, .profile = profile};
    guint dossiers = count_sheets(stack, TRUE);
    if (stack->sides->len == 0 || (stack->folder && count_sheets(stack, FALSE) == 0))
        return;
    if (!stack->folder && dossiers == 0) {
        add_finding(batch->findings, profile, RULE_NOBODY, DA_SEVERITY_ERROR, stack->name, NULL,
                    "it lies beside the folders and has no separator sheet of a dossier; nothing "
                    "says whose sides these are",
                    "该文件不在案卷文件夹内，也没有案卷分隔页，无法判断归属");
        return;
    }
    if (stack->folder)
        dealing.dossier = take_folder(batch, stack->folder, dossiers > 0);
    dealing.numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    walk(&dealing);
    if (dealing.nobody > 0)
        tell_nobody(&dealing);
    for (guint i = 0; i < batch->dossiers->len; i++) {
        DaBatchDossier *dossier = g_ptr_array_index(batch->dossiers, i);
        if (dossier->parts)
            finish_dossier(dossier, profile);
    }
    g_hash_table_unref(dealing.numbers);
}
