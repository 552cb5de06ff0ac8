/*
 * GB/T 33870-2017 exchange (数字档案): one person, one XML, two folders of images, as a folder or a zip.
 *
 *     <姓名><公民身份号码>[.zip]/
 *         <姓名><公民身份号码>.xml
 *         图像数据/原始图像数据/<类号>-<序号>-<页号>.jpg     what the scanner delivered: the masters
 *                  优化图像数据/<the same names>             what people read: the access images
 *
 * The reader is tolerant: it understands what deliveries of other programs are known to hold, names each departure from the form in a
 * finding, and invents nothing: what is not said stays missing. The writer writes the form above and no other.
 * docs/exchange.md lists what is understood and what is written.
 *
 * Source: GB/T 33870-2017 as independent programs implement it (its text was not at hand); DA/T 31-2017 §11.2.
 */
#pragma once

#include <dangan/profile.h>

typedef struct {
    char *name;          /* of the delivery, for people: base name, with .zip where it has that */
    DaDossier *dossier;  /* person, catalogue, pages with stem, side, and path and extension of their files; no id, no digests. NULL = no
                          * catalogue could be read */
    GPtrArray *findings; /* DaFinding *; `row` is a line of the XML */
    gboolean usable;     /* nothing that was found keeps it from becoming a package */
    guint images;        /* files in the two folders of images */
} DaExchange;

/* Reads the folder or zip at `path`. A zip is unpacked into the empty folder `work` (made when missing; the caller removes it with the result, whose
 * paths lie in it). `scheme` NULL = the profile's default. The profile gives class schemes
 * and clauses; the severity of a finding says what it means for reading: an error keeps the delivery from being a package, or loses something. NULL only when the machine fails or there
 * is nothing at `path`. */
DaExchange *da_exchange_read(const char *path, const char *work, const DaProfile *profile, const char *scheme, GError **error);
void da_exchange_free(DaExchange *exchange);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaExchange, da_exchange_free)

/* The deliveries at `path`: itself, or those in a folder of many, folders in folders too, in natural order. What lies between them and
 * can be no delivery (lists, letters) is left out; an archive that is no zip and an empty folder are not, so that they are
 * named. The caller owns the array of char *. */
GPtrArray *da_exchange_find(const char *path, GError **error);

/* The XML alone, for other readers and for tests: never fails but by what it finds, which is in `findings` of the result. */
DaExchange *da_exchange_read_xml(GBytes *xml, const char *name, const DaProfile *profile, const char *scheme);

/* "<姓名><公民身份号码>" of a dossier. DA_ERROR_INPUT when one of them is missing or cannot be part of a file name. The caller owns it. */
char *da_exchange_name(const DaDossier *dossier, GError **error);

typedef struct {
    const DaProfile *profile; /* what the result is read back by */
    gboolean folder;  /* a folder, else a zip */
    gboolean blanks;  /* blank sides too; else they are left out and the pages of the material renumbered */
    gboolean replace; /* an existing one is exchanged */
} DaExchangeOptions;

typedef struct {
    guint pages, blanks_left_out;
    guint not_jpeg;      /* originals that are no JPEG: the form knows only that, and they are delivered as they are */
    GPtrArray *findings; /* DaFinding *: what the form wants and the dossier does not have; never NULL */
} DaExchangeWritten;

/* Writes `dossier`, whose page files must have paths and digests, to the new zip or folder `path`, which appears whole or not at all; the names
 * inside are da_exchange_name(). The same dossier gives the same bytes. Each image is compared with its digest when it is in its place
 * (DA_ERROR_INPUT). The result is read back by the reader before it appears: a departure from the form is DA_ERROR_SYSTEM.
 * DA_ERROR_CONFLICT when `path` exists. `written` is set in any case and cleared by the caller. */
gboolean da_exchange_write(const DaDossier *dossier, const char *path, const DaExchangeOptions *options, DaExchangeWritten *written,
                           GError **error);
void da_exchange_written_clear(DaExchangeWritten *written);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaExchangeWritten, da_exchange_written_clear)
