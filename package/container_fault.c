#include <dangan/container.h>

typedef struct {
    const char *name;
    DaSeverity severity;
    gboolean is_name;
    const char *text, *text_zh;
} Kind;

static const Kind kinds[DA_CONTAINER_FAULTS_N] = {
    [DA_CONTAINER_FOREIGN] = {"foreign", DA_SEVERITY_FATAL, FALSE,
                              "the archive is neither a zip nor a plain tar",
                              "压缩包不是 zip，也不是未压缩的 tar"},
    [DA_CONTAINER_TRUNCATED] = {"truncated", DA_SEVERITY_FATAL, FALSE, "the archive is cut off",
                                "压缩包不完整"},
    [DA_CONTAINER_DAMAGED] = {"damaged", DA_SEVERITY_FATAL, FALSE, "the archive is damaged",
                              "压缩包已损坏"},
    [DA_CONTAINER_CHECKSUM] = {"checksum", DA_SEVERITY_FATAL, FALSE,
                               "a member is not what its checksum says", "包内文件校验和不符"},
    [DA_CONTAINER_ENCRYPTED] = {"encrypted", DA_SEVERITY_FATAL, FALSE,
                                "the archive is protected by a password", "压缩包已加密"},
    [DA_CONTAINER_METHOD] = {"method", DA_SEVERITY_FATAL, FALSE,
                             "a member is compressed by a method other than deflate",
                             "包内文件使用了 deflate 以外的压缩方法"},
    [DA_CONTAINER_SPLIT] = {"split", DA_SEVERITY_FATAL, FALSE,
                            "the archive is one volume of several", "压缩包是分卷之一"},
    [DA_CONTAINER_DISAGREES] = {"disagrees", DA_SEVERITY_FATAL, FALSE,
                                "the archive describes a member in two different ways",
                                "压缩包对同一文件的描述前后矛盾"},
    [DA_CONTAINER_HIDDEN] = {"hidden", DA_SEVERITY_WARNING, FALSE,
                             "the archive holds bytes that belong to no member",
                             "压缩包含有不属于任何文件的数据"},
    [DA_CONTAINER_BOMB] = {"bomb", DA_SEVERITY_FATAL, FALSE,
                           "the archive grows beyond the limit when it is unpacked",
                           "压缩包解压后超出限制"},
    [DA_CONTAINER_TOO_MANY] = {"too-many", DA_SEVERITY_FATAL, FALSE,
                               "the archive has more members than the limit",
                               "压缩包内文件数超出限制"},
    [DA_CONTAINER_NESTED] = {"nested", DA_SEVERITY_FATAL, FALSE,
                             "there is an archive inside the archive", "压缩包内还有压缩包"},
    [DA_CONTAINER_LINK] = {"link", DA_SEVERITY_FATAL, FALSE, "a member is a link",
                           "包内含有链接文件"},
    [DA_CONTAINER_SPECIAL] = {"special", DA_SEVERITY_FATAL, FALSE,
                              "a member is a device or another special file",
                              "包内含有设备等特殊文件"},
    [DA_CONTAINER_ABSOLUTE] = {"absolute", DA_SEVERITY_FATAL, TRUE,
                               "the name of a member is an absolute path", "包内文件名是绝对路径"},
    [DA_CONTAINER_PARENT] = {"parent", DA_SEVERITY_FATAL, TRUE,
                             "the name of a member leaves the package by `..`",
                             "包内文件名用“..”越出目录"},
    [DA_CONTAINER_UNSAFE] = {"unsafe-name", DA_SEVERITY_FATAL, TRUE,
                             "the name of a member cannot be a file name",
                             "包内文件名不能用作文件名"},
    [DA_CONTAINER_DUPLICATE] = {"duplicate", DA_SEVERITY_FATAL, TRUE,
                                "the name of a member is used twice", "包内文件名重复"},
    [DA_CONTAINER_COLLISION] = {"case-collision", DA_SEVERITY_FATAL, TRUE,
                                "two names differ only in case or in their Unicode form",
                                "两个文件名仅大小写或 Unicode 形式不同"},
    [DA_CONTAINER_ENCODING] = {"encoding", DA_SEVERITY_FATAL, TRUE,
                               "the name of a member is neither UTF-8 nor GB 18030",
                               "包内文件名既非 UTF-8 也非 GB 18030 编码"},
    [DA_CONTAINER_GBK] = {"gbk", DA_SEVERITY_WARNING, TRUE,
                          "the name of a member is in GB 18030 and the archive does not say so",
                          "包内文件名为 GB 18030 编码，而压缩包未声明"},
    [DA_CONTAINER_BACKSLASH] = {"backslash", DA_SEVERITY_WARNING, TRUE,
                                "the name of a member has backslashes between folders",
                                "包内文件名用反斜杠分隔目录"},
};

const char *da_container_fault_name(DaContainerFaultKind kind)
{
    return kinds[kind].name;
}

DaSeverity da_container_fault_severity(DaContainerFaultKind kind)
{
    return kinds[kind].severity;
}

const char *da_container_fault_text(DaContainerFaultKind kind)
{
    return kinds[kind].text;
}

const char *da_container_fault_text_zh(DaContainerFaultKind kind)
{
    return kinds[kind].text_zh;
}

gboolean da_container_fault_is_name(DaContainerFaultKind kind)
{
    return kinds[kind].is_name;
}
