/*
 * The carrier layout of 《电子档案移交与接收办法》 (2012), annex 2: what goes on a disc or disk that is handed to an archive.
 *
 *     <root>/ 说明文件.TXT      what it is, whose, how much, what is needed to read it
 *             案卷目录.XML      the dossier
 *             文件目录.XML      its materials: 顺序号 档号 责任者 题名 日期 密级 电子档案名称 备注
 *             电子档案/<年度>/<类号>/<类号-序号>/   masters, byte for byte
 *             其他/             dossier.xml with its schema, SHA-256 of every file
 *
 * UTF-8 throughout. What the dossier does not say (责任者, 密级) stays empty.
 */
#pragma once

#include <dangan/dossier.h>

typedef struct {
    guint files; /* masters */
    guint64 bytes;
} DaCarrierWritten;

/* Writes `dossier`, whose masters must have paths and digests, to the new folder `path`, which appears whole or not at all. DA_ERROR_INPUT names the page whose master is missing or changed; DA_ERROR_CONFLICT when `path` exists, unless
 * `replace`. */
gboolean da_carrier_write(const DaDossier *dossier, const char *path, gboolean replace,
                          DaCarrierWritten *written, GError **error);
