/* A receipt as a page to be printed and sealed: A4, Chinese first. */
#include <dangan/error.h>
#include <dangan/receipt.h>
#include <dangan/signed_page.h>
#include <dangan/verdict.h>
#include <string.h>

#define STYLE "/dangan/verify/receipt.css"
/* More than a person reads on paper; the signed document has them all. */
#define FINDINGS_MAX 300u

typedef struct {
    const char *kind, *title, *title_en;
    const char *statement, *statement_en; /* what it testifies */
    const char *giver, *taker;            /* who seals it */
} Form;

static const Form forms[] = {
    {"arrival", "档案收件回执", "Arrival receipt",
     "下列档案包已收到，逐件核对清单与摘要，内容完整，现予保管，待验收。",
     "These packages have arrived, are whole by their manifests, and are kept until they are "
     "accepted "
     "or returned.",
     "移交单位 handed over by", "接收单位 received by"},
    {"acceptance", "档案接收回执", "Acceptance receipt", "下列档案包经验收合格，已接收入库。",
     "These packages have passed acceptance and are held as dossiers.", "移交单位 handed over by",
     "接收单位 accepted by"},
    {"return", "档案退回通知", "Return notice",
     "下列档案包未予接收，现予退回；所存内容已清除，仅留存本记录。",
     "These packages were not accepted and are returned. What was kept of them has been removed "
     "but for "
     "this record.",
     "移交单位 returned to", "退回单位 returned by"},
    {"deposit", "档案入库回执", "Deposit receipt", "下列档案包经机检合格，已入库保管。",
     "This package has passed the automatic rules and is held as a dossier.",
     "移交单位 handed over by", "保管单位 held by"},
    {"transfer", "人事档案转递单", "Transfer slip",
     "下列档案转往贵区，请核对后凭单号确认接收，并将回执退回。",
     "These dossiers are sent to your district. Check them, confirm with the number of this slip, "
     "and return the receipt.",
     "发件单位 sent by", "收件单位 received by"},
    {"transfer-receipt", "档案转递回执", "Return receipt of a transfer",
     "下列档案已收到，核对无误，自即日起由本区保管。",
     "These dossiers have arrived, were checked, and are held by this district from now on.",
     "发件单位 sent by", "收件单位 received by"},
    {"transfer-withdrawal", "档案转递撤销通知", "Withdrawal of a transfer",
     "所列转递单撤销，档案仍由原区保管。",
     "The slip is withdrawn; its dossiers stay where they were.", "发件单位 sent by",
     "收件单位 receiver"},
    {"disposal", "档案销毁申请", "Proposal of destruction",
     "下列档案保管期限已满，经鉴定申请销毁，须由另一人核准监销。",
     "The time of these dossiers is over. Their destruction is proposed; another person must "
     "confirm it.",
     "申请人 proposed by", "核准人 confirmed by"},
    {"disposal-withdrawal", "档案销毁申请撤销通知", "Withdrawal of a proposal",
     "所列销毁申请撤销，档案继续保管。", "The proposal is withdrawn; the dossiers are kept.",
     "申请人 proposed by", "经办 by"},
    {"destruction", "档案销毁清册", "Certificate of destruction",
     "下列档案经两人办理已销毁；内容已清除，仅留存本记录和摘要清单。",
     "These dossiers were destroyed by two people. Their content has been removed; this record and "
     "the list of digests stay.",
     "申请人 proposed by", "监销人 confirmed by"},
    {NULL, "档案保管记录", "Record of custody", "本记录为档案库签署的保管记录之一。",
     "One of the records that the archive signs.", "经办 by", "保管单位 held by"},
};

static const Form *form_of(const char *kind)
{
    const Form *form = forms;
    while (form->kind && strcmp(form->kind, kind) != 0)
        form++;
    return form;
}

/* --- head ------------------------------------------------------------------------------------------------------------ */

static void put_number(DaSignedPage *page)
{
    da_signed_page_put(page,
                       "<p class=\"number\"><span>编号 <span class=\"en\">No.</span> "
                       "<b>%" JSON_INTEGER_FORMAT "</b></span><span>%s</span><span>%s</span></p>\n",
                       da_signed_page_number(page->document, "number"),
                       da_signed_page_text(page->document, "signed_by"),
                       da_signed_page_text(page->document, "signed_at"));
}

static void put_statement(DaSignedPage *page, const Form *form)
{
    da_signed_page_put(page, "<p class=\"statement\">%s<span class=\"en\">%s</span></p>\n",
                       form->statement, form->statement_en);
}

static void put_reason(DaSignedPage *page, const json_t *body)
{
    const char *reason = da_signed_page_text(body, "reason");
    if (*reason)
        da_signed_page_put(page,
                           "<p class=\"reason\"><b>原因</b> <span class=\"en\">reason</span> "
                           "%s</p>\n",
                           reason);
}

static void put_amount(DaSignedPage *page, const json_t *counts)
{
    g_autofree char *size = g_format_size((guint64)da_signed_page_number(counts, "bytes"));
    g_autofree char *amount = g_strdup_printf(
        "%" JSON_INTEGER_FORMAT " 卷 dossiers, %" JSON_INTEGER_FORMAT
        " 页 pages, %" JSON_INTEGER_FORMAT " 个文件 files, %s (%" JSON_INTEGER_FORMAT
        " 字节 bytes)",
        da_signed_page_number(counts, "packages"), da_signed_page_number(counts, "pages"),
        da_signed_page_number(counts, "files"), size, da_signed_page_number(counts, "bytes"));
    if (counts)
        da_signed_page_pair(page, "数量 counts", amount);
}

static void put_verdicts(DaSignedPage *page, const json_t *verdicts)
{
    for (gsize i = 0; i < json_array_size(verdicts); i++) {
        const json_t *verdict = json_array_get(verdicts, i);
        g_autofree char *text = g_strdup_printf(
            "%s · %s · 抽检 sample %" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT
            ", 种子 seed %s · 文件摘要 digest %s · 公钥 key %s",
            da_signed_page_text(verdict, "signed_by"), da_signed_page_text(verdict, "signed_at"),
            da_signed_page_number(verdict, "drawn"), da_signed_page_number(verdict, "units"),
            da_signed_page_text(verdict, "seed"), da_signed_page_text(verdict, "sha256"),
            da_signed_page_text(verdict, "key"));
        da_signed_page_pair(page, "验收结论 verdict", text);
    }
}

static void put_profile(DaSignedPage *page, const json_t *profile)
{
    g_autofree char *by = g_strdup_printf("%s · %s %s", da_signed_page_text(profile, "title_zh"),
                                          da_signed_page_text(profile, "name"),
                                          da_signed_page_text(profile, "version"));
    if (profile)
        da_signed_page_pair(page, "机检依据 profile", by);
}

static void put_way(DaSignedPage *page, const json_t *body)
{
    json_int_t slip = da_signed_page_number(body, "slip");
    g_autofree char *number = slip ? g_strdup_printf("%" JSON_INTEGER_FORMAT, slip) : NULL;
    da_signed_page_pair(page, "转递单编号 slip No.", number ? number : "");
    da_signed_page_pair(page, "申请人 proposed by", da_signed_page_text(body, "proposed_by"));
    da_signed_page_pair(page, "核准人 confirmed by", da_signed_page_text(body, "confirmed_by"));
    da_signed_page_pair(page, "摘要清单 list of digests", da_signed_page_text(body, "listing"));
    da_signed_page_pair(page, "转出区划 from", da_signed_page_text(body, "from"));
    da_signed_page_pair(page, "转往区划 to", da_signed_page_text(body, "to"));
}

static void put_facts(DaSignedPage *page, const json_t *body)
{
    g_string_append(page->html, "<dl>");
    put_way(page, body);
    da_signed_page_pair(page, "批次 batch", da_signed_page_text(body, "batch"));
    da_signed_page_pair(page, "移交单位 enterprise", da_signed_page_text(body, "enterprise"));
    da_signed_page_pair(page, "信用代码 code", da_signed_page_text(body, "enterprise_code"));
    da_signed_page_pair(page, "保管单位 custodian",
                        da_signed_page_text(page->document, "signed_by"));
    da_signed_page_pair(page, "区划 district", da_signed_page_text(page->document, "district"));
    da_signed_page_pair(page, "案卷 dossier", da_signed_page_text(page->document, "dossier"));
    da_signed_page_pair(page, "类别 kind", da_signed_page_text(page->document, "kind"));
    da_signed_page_pair(page, "时间 time", da_signed_page_text(page->document, "signed_at"));
    da_signed_page_pair(page, "经办 operator", da_signed_page_text(page->document, "operator"));
    put_amount(page, json_object_get(body, "counts"));
    put_profile(page, json_object_get(body, "profile"));
    put_verdicts(page, json_object_get(body, "verdicts"));
    da_signed_page_pair(page, "程序 program", da_signed_page_text(body, "program"));
    g_string_append(page->html, "</dl>\n");
}

/* --- tables ---------------------------------------------------------------------------------------------------------- */

static void put_package(DaSignedPage *page, const json_t *row)
{
    const char *package = da_signed_page_text(row, "package");
    const char *dossier = da_signed_page_text(row, "dossier");
    g_autofree char *size = g_format_size((guint64)da_signed_page_number(row, "bytes"));
    da_signed_page_put(page, "<tr><td>%" JSON_INTEGER_FORMAT "</td><td>%s",
                       da_signed_page_number(row, "number"),
                       da_signed_page_text(row, "archival_number"));
    if (*dossier)
        da_signed_page_put(page,
                           "<br><span class=\"en\">第 %" JSON_INTEGER_FORMAT " 版 version</span>",
                           da_signed_page_number(row, "version"));
    da_signed_page_put(page,
                       "</td><td><span class=\"mono\">%s</span><span class=\"mono\">%s</span>",
                       package, da_signed_page_text(row, "digest"));
    if (*dossier && strcmp(dossier, package) != 0)
        da_signed_page_put(page, "<span class=\"mono\">并入案卷 in dossier %s</span>", dossier);
    g_string_append(page->html, "</td>");
    da_signed_page_count(page, da_signed_page_number(row, "pages"));
    da_signed_page_count(page, da_signed_page_number(row, "files"));
    da_signed_page_put(page, "<td class=\"n\">%s</td></tr>\n", size);
}

static void put_packages(DaSignedPage *page, const json_t *packages)
{
    if (!json_array_size(packages))
        return;
    g_string_append(
        page->html,
        "<h2>档案包 <span class=\"en\">Packages</span></h2><table class=\"packages\"><thead><tr>"
        "<th>序号</th><th>档号</th><th>包标识与摘要 Package and its digest (SHA-256)</th>"
        "<th class=\"n\">页</th><th class=\"n\">文件</th><th class=\"n\">大小</th></tr></thead>\n");
    for (gsize i = 0; i < json_array_size(packages); i++)
        put_package(page, json_array_get(packages, i));
    g_string_append(page->html, "</table>\n");
}

static void put_lists(DaSignedPage *page, const json_t *lists)
{
    static const char *const heads[] = {"清单 List",     "摘要 Digest",   "#行 Rows",
                                        "#对应 Matched", "核对 Compared", NULL};
    if (!json_array_size(lists))
        return;
    da_signed_page_table(page, "移交清单", "Handover lists", heads);
    for (gsize i = 0; i < json_array_size(lists); i++) {
        const json_t *list = json_array_get(lists, i);
        gboolean fits = json_is_true(json_object_get(list, "accepted"));
        da_signed_page_put(page, "<tr><td>%s</td><td class=\"mono\">%s</td>",
                           da_signed_page_text(list, "list"), da_signed_page_text(list, "digest"));
        da_signed_page_count(page, da_signed_page_number(list, "rows"));
        da_signed_page_count(page, da_signed_page_number(list, "matched"));
        da_signed_page_put(page, "<td class=\"%s\">%s</td></tr>\n", fits ? "" : "bad",
                           fits ? "相符" : "不符");
    }
    g_string_append(page->html, "</table>\n");
}

static void put_finding(DaSignedPage *page, const json_t *finding)
{
    json_int_t row = da_signed_page_number(finding, "row");
    const char *file = da_signed_page_text(finding, "file");
    da_signed_page_put(
        page, "<tr><td class=\"id\">%s</td><td>%s %s %s", da_signed_page_text(finding, "rule"),
        da_signed_page_text(finding, "subject"), file, da_signed_page_text(finding, "page"));
    if (row)
        da_signed_page_put(page, " 第 %" JSON_INTEGER_FORMAT " 行", row);
    da_signed_page_put(page, "</td><td>%s <span class=\"en\">%s</span></td></tr>\n",
                       da_signed_page_text(finding, "message_zh"),
                       da_signed_page_text(finding, "message"));
}

static void put_findings(DaSignedPage *page, const json_t *body)
{
    static const char *const heads[] = {"规则 Rule", "位置 Place", "问题 Finding", NULL};
    const json_t *findings = json_object_get(body, "findings");
    gsize n = json_array_size(findings);
    json_int_t left = da_signed_page_number(body, "findings_left_out");
    if (!n)
        return;
    da_signed_page_table(page, "问题", "Findings", heads);
    for (gsize i = 0; i < MIN(n, FINDINGS_MAX); i++)
        put_finding(page, json_array_get(findings, i));
    g_string_append(page->html, "</table>\n");
    if (n > FINDINGS_MAX || left)
        da_signed_page_put(
            page,
            "<p class=\"note\">此处列出 %" G_GSIZE_FORMAT " 条，签名文件中有 %" G_GSIZE_FORMAT
            " 条，另有 %" JSON_INTEGER_FORMAT " 条只计数。<span class=\"en\">%" G_GSIZE_FORMAT
            " of the findings; the signed document has %" G_GSIZE_FORMAT ", %" JSON_INTEGER_FORMAT
            " more were only counted.</span></p>\n",
            (gsize)MIN(n, FINDINGS_MAX), n, left, (gsize)MIN(n, FINDINGS_MAX), n, left);
}

/* Of kinds without a form of their own: what the body says in plain members. */
static void put_members(DaSignedPage *page, const json_t *body)
{
    const char *name;
    json_t *value;
    g_string_append(page->html, "<dl>");
    json_object_foreach((json_t *)body, name, value)
    {
        g_autofree char *number =
            json_is_integer(value)
                ? g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value))
                : NULL;
        const char *text = number ? number : json_string_value(value);
        if (text && strcmp(name, "program") != 0)
            da_signed_page_pair(page, name, text);
    }
    g_string_append(page->html, "</dl>\n");
}

/* --- foot ------------------------------------------------------------------------------------------------------------ */

static void put_hands(DaSignedPage *page, const Form *form)
{
    const char *const hands[] = {form->giver, form->taker};
    g_string_append(page->html, "<div class=\"hands\">");
    for (guint i = 0; i < G_N_ELEMENTS(hands); i++)
        da_signed_page_put(page,
                           "<div class=\"hand\"><b>%s</b><span class=\"seal\">盖章处<br>seal</span>"
                           "<span class=\"line\">经手人 by ____________　日期 date "
                           "____________</span></div>",
                           hands[i]);
    g_string_append(page->html, "</div>\n");
}

/* To be cut off, signed and sent back. */
static void put_return_slip(DaSignedPage *page, const json_t *body)
{
    da_signed_page_put(
        page,
        "<section class=\"stub\"><h2>回执 <span class=\"en\">Return slip</span></h2>"
        "<p>第 %" JSON_INTEGER_FORMAT " 号转递单所列档案 %" JSON_INTEGER_FORMAT
        " 卷已收到，经核对无误。<span class=\"en\">The dossiers of slip No. %" JSON_INTEGER_FORMAT
        " have arrived and were checked.</span></p>"
        "<p class=\"line\">收件单位（盖章） seal ______________　收件人 by ______________　日期 "
        "date ______________</p></section>\n",
        da_signed_page_number(page->document, "number"),
        da_signed_page_number(json_object_get(body, "counts"), "packages"),
        da_signed_page_number(page->document, "number"));
}

static void put_chain(DaSignedPage *page)
{
    json_int_t number = da_signed_page_number(page->document, "number");
    const char *former = da_signed_page_text(page->document, "former");
    g_string_append(page->html, "<h2>记录链 <span class=\"en\">Chain of records</span></h2>");
    if (*former)
        da_signed_page_put(
            page,
            "<p class=\"chain\">前一记录 former record: 编号 No. %" JSON_INTEGER_FORMAT
            ", 摘要 digest %s<br>",
            number - 1, former);
    else
        g_string_append(page->html,
                        "<p class=\"chain\">本记录为首条记录 this is the first record<br>");
    da_signed_page_put(page, "档案库 archive %s</p>\n",
                       da_signed_page_text(page->document, "archive"));
}

char *da_receipt_html(const char *signed_text, GError **error)
{
    g_auto(DaSignedPage) page = {0};
    gboolean is_document = da_signed_page_open(&page, signed_text);
    const char *kind = da_signed_page_text(page.document, "kind");
    if (is_document && !strcmp(kind, "acceptance-verdict"))
        return da_verdict_html(signed_text, error);
    const json_t *body = json_object_get(page.document, "body");
    if (!is_document || strcmp(da_signed_page_text(page.document, "dangan"), "record") != 0 ||
        !json_is_object(body)) {
        da_error_set(error, DA_ERROR_INPUT, "it is neither a signed verdict nor a receipt");
        return NULL;
    }
    const Form *form = form_of(kind);
    da_signed_page_head(&page, form->title, form->title_en, STYLE);
    put_number(&page);
    put_statement(&page, form);
    put_reason(&page, body);
    put_facts(&page, body);
    put_hands(&page, form);
    put_lists(&page, json_object_get(body, "handover"));
    if (form->kind)
        put_packages(&page, json_object_get(body, "packages"));
    else
        put_members(&page, body);
    put_findings(&page, body);
    if (!strcmp(kind, "transfer"))
        put_return_slip(&page, body);
    put_chain(&page);
    return da_signed_page_close(&page, signed_text);
}
