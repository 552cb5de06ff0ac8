#include "cli.h"

#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *about;
    const char *about_zh;
} Verb;

/* Tesseract's threads cost more than they give when a process a core runs (reference measurement: ten images took fifty times as
 * long). Its OpenMP reads the limit once, when the program is loaded, so the program starts itself again with it. */
static void limit_threads(char **argv)
{
    if (!g_getenv("OMP_THREAD_LIMIT") && g_setenv("OMP_THREAD_LIMIT", "1", FALSE))
        execv("/proc/self/exe", argv);
}

/* In the order of the work: digitize, check, keep, use. */
static const Verb verbs[] = {
    {"scan", da_cli_scan, "scan a stack of paper into a folder", "把一摞纸扫描进文件夹"},
    {"separators", da_cli_separators, "print separator sheets for a stack",
     "制作整摞扫描用的分隔页"},
    {"ingest", da_cli_ingest, "make packages of a batch of scans", "把一批扫描件做成档案包"},
    {"inspect", da_cli_inspect, "say what is known of single scans", "查看单个扫描件的各项测量"},
    {"ocr", da_cli_ocr, "recognize the text of single scans", "识别单个扫描件的文字"},
    {"import", da_cli_import, "make packages of other makers' deliveries",
     "把其他单位的交付转为档案包"},
    {"verify", da_cli_verify, "check packages by the rules of a profile", "按规范检查档案包"},
    {"receipt", da_cli_receipt, "check and write signed verdicts and receipts",
     "离线核验验收结论和回执"},
    {"export", da_cli_export, "write a dossier in another form", "把一卷档案导出为其他形式"},
    {"archive", da_cli_archive, "make, start, stop, back up and restore an archive",
     "建立、启动、停止、备份、恢复档案库"},
    {"receive", da_cli_receive, "keep a handover batch until it is accepted or returned",
     "接收移交批次，待验收"},
    {"accept", da_cli_accept, "accept a handover batch into the archive", "验收移交批次并入库"},
    {"return", da_cli_return, "return a handover batch to the enterprise", "退回移交批次"},
    {"batches", da_cli_batches, "list handover batches and where they stand", "查看移交批次及状态"},
    {"deposit", da_cli_deposit, "verify packages and put them into an archive", "验收档案包并入库"},
    {"supplement", da_cli_supplement, "add later materials to dossiers of an archive",
     "零散材料归入在库案卷"},
    {"versions", da_cli_versions, "list and compare the versions of a dossier",
     "查看、比较一卷的各版本"},
    {"fixity", da_cli_fixity, "read objects and compare them with their digests", "核对对象的摘要"},
    {"fsck", da_cli_fsck, "compare the database with the objects", "核对数据库与对象"},
    {"reindex", da_cli_reindex, "make the database anew from the objects", "由对象重建数据库"},
    {"custody", da_cli_custody,
     "where a dossier lies, how long it is kept, what became of its person",
     "存放位置、保管期限、冻结、人员变动"},
    {"transfer", da_cli_transfer, "send dossiers to another district", "把案卷转递到另一区"},
    {"destroy", da_cli_destroy, "destroy dossiers whose time is over, by two people",
     "销毁到期案卷 (两人办理)"},
    {"missing", da_cli_missing, "list the materials that dossiers should hold and do not",
     "欠缺材料清单"},
    {"capacity", da_cli_capacity, "what districts hold, and the room and people it takes",
     "在库数量与所需库房、人员"},
    {"search", da_cli_search, "look dossiers up", "检索档案"},
    {"audit", da_cli_audit, "check, sign and export who looked at what", "核验、签发、导出审计"},
    {"user", da_cli_user, "accounts of the reading room", "阅档室账号"},
    {"serve", da_cli_serve, "serve the reading room to browsers", "启动阅档室"},
};

static void print_help(FILE *out)
{
    gboolean chinese = da_cli_chinese();
    fputs(chinese ? "用法: dangan <命令> [选项…]\n\n" : "usage: dangan <verb> [options…]\n\n", out);
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
        fprintf(out, "  %-10s %s\n", verbs[i].name, chinese ? verbs[i].about_zh : verbs[i].about);
    fputs(chinese ? "\n每个命令都有 --help 和示例。\n"
                  : "\nEach verb has --help with an example.\n",
          out);
}

int main(int argc, char **argv)
{
    limit_threads(argv);
    setlocale(LC_ALL, "");
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        print_help(stdout);
        return 0;
    }
    if (!strcmp(argv[1], "--version")) {
        puts("dangan " DANGAN_VERSION);
        return 0;
    }
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (!strcmp(argv[1], verbs[i].name))
            return verbs[i].run(argc - 1, argv + 1);
    fprintf(stderr, "dangan: no verb '%s'; see dangan --help\n", argv[1]);
    return 2;
}
