/*
 * The dossier (卷): one person, a catalogue of materials (件), each of pages (页: one scanned side).
 *
 * Invariants: nothing is invented. A date may be a year, a year and month, or missing; a field that no source gives is NULL.
 * Every value knows where it came from. 页数 (`pages_claimed`) counts sides with content; blank sides stay in the
 * dossier, flagged and numbered in paper order.
 *
 * Serialized as dossier.xml (schemas/xsd/dossier.xsd). Source: GB/T 33870-2017 (fields as implemented), DA/T 31-2017 §8,
 * the 14 columns of 移交案卷目录; see docs/glossary.md.
 */
#pragma once

#include <glib.h>

/* --- dates ------------------------------------------------------------------------------------------------------- */

typedef struct {
    guint16 year; /* 0 = the date is missing; then month and day are 0 */
    guint8 month; /* 0 = only the year is known; then day is 0 */
    guint8 day;   /* 0 = only year and month are known */
} DaDate;

/* Reads YYYY, YYYYMM, YYYYMMDD, with `-`, `.`, `/` or 年月日 between, and empty text (missing). Full-width digits count.
 * DA_ERROR_INPUT for anything else and for days that do not exist. */
gboolean da_date_parse(const char *text, DaDate *date, GError **error);
/* "1962-01-20", "1962-01", "1962" or "": the form of xs:date, xs:gYearMonth, xs:gYear. The caller owns the text. */
char *da_date_format(DaDate date);
/* Compares as far as both are known: 1962 and 1962-01 compare equal, and so does a missing date with any. */
int da_date_compare(DaDate a, DaDate b);

/* --- values and where they came from -------------------------------------------------------------------------------- */

typedef enum {
    DA_ORIGIN_NONE,
    DA_ORIGIN_LIST,      /* handover list; `source` = "row 3" */
    DA_ORIGIN_CATALOGUE, /* catalogue; `source` = "row 5" */
    DA_ORIGIN_BATCH,     /* batch.conf or an option */
    DA_ORIGIN_OCR,       /* `source` = page stem and box: "9-1-2-001#xywh=10,20,300,40" */
    DA_ORIGIN_DERIVED,   /* computed from another value; `source` names it ("id-number") */
    DA_ORIGIN_PERSON,    /* corrected by a person; `source` = account */
} DaOrigin;

typedef struct {
    char *text;      /* NULL = not known */
    DaOrigin origin;
    char *source;    /* NULL = nothing more is known; never a path of a machine */
} DaValue;

/* The fields of person and custody. The name of each (da_field_name) is its element in dossier.xml and what columns of a
 * profile refer to. Dates are kept as da_date_format() gives them. */
typedef enum {
    DA_FIELD_NAME,              /* name: 姓名 */
    DA_FIELD_FORMER_NAME,       /* former-name: 曾用名 */
    DA_FIELD_SEX,               /* sex: 男, 女 (GB/T 2261.1) */
    DA_FIELD_ETHNICITY,         /* ethnicity: 民族 (GB/T 3304) */
    DA_FIELD_BIRTH,             /* birth: 出生日期 */
    DA_FIELD_ID_NUMBER,         /* id-number: 公民身份号码 (GB 11643), upper-case X */
    DA_FIELD_WORK_START,        /* work-start: 参加工作时间 */
    DA_FIELD_RETIREMENT,        /* retirement: 退休手续办理时间 */
    DA_FIELD_RETIREMENT_KIND,   /* retirement-kind: 退休类别 */
    DA_FIELD_VITAL_STATUS,      /* vital-status: 健在, 死亡 */
    DA_FIELD_DEATH,             /* death: 死亡日期 */
    DA_FIELD_EMPLOYER,          /* employer: 所属单位 */
    DA_FIELD_EMPLOYER_CODE,     /* employer-code: 统一社会信用代码 (GB 32100) */
    DA_FIELD_EMPLOYER_PARENT,   /* employer-parent: 主管企业 */
    DA_FIELD_REGISTERED,        /* registered: 户籍所在地 */
    DA_FIELD_REGISTERED_CODE,   /* registered-code: GB/T 2260 */
    DA_FIELD_RESIDENCE,         /* residence: 常住地 */
    DA_FIELD_RESIDENCE_CODE,    /* residence-code */
    DA_FIELD_POLITICAL_STATUS,  /* political-status: 政治面貌 (GB/T 4762) */
    DA_FIELD_PARTY_DATE,        /* party-date: 入党时间 */
    DA_FIELD_EDUCATION,         /* education: 文化程度 (GB/T 4658) */
    DA_FIELD_ARCHIVAL_NUMBER,   /* archival-number: 档号 */
    DA_FIELD_RETENTION,         /* retention: 保管期限 */
    DA_FIELD_BOX,               /* box: 盒号 */
    DA_FIELD_SHELF,             /* shelf: 架位 */
    DA_FIELD_NOTE,              /* note: 备注 */
    DA_FIELD_N
} DaField;

/* Fields before DA_FIELD_ARCHIVAL_NUMBER describe the person, the rest custody. */
const char *da_field_name(DaField field);
const char *da_field_label_zh(DaField field);
/* The field of a name; DA_FIELD_N when there is none. */
DaField da_field_by_name(const char *name);
gboolean da_field_is_date(DaField field);

/* --- pages -------------------------------------------------------------------------------------------------------- */

/* One of the three files of a page. */
typedef struct {
    char *path;        /* where the bytes are now, absolute; NULL = this page has no such file */
    char *extension;   /* "jpg", "tif", "png", "xml" */
    char *sha256;      /* 64 hexadecimal digits */
    guint64 size_bytes;
} DaPageFile;

/* What a person set right on a page, instead of what was measured or dealt. */
typedef struct {
    char *what;  /* "turn", "crop", "blank", "material", "order", "replace" */
    char *value; /* "90"; "120,80,2200,3100"; "yes"; "9-1-2"; "3"; NULL for "replace" (names of scans stay outside) */
    char *by;    /* who */
    char *at;    /* when: RFC 3339, or a day */
} DaCorrection;

typedef enum { DA_FILE_MASTER, DA_FILE_ACCESS, DA_FILE_OCR, DA_FILE_N } DaFileKind;

/* "master", "access", "ocr": the names of the representations. */
const char *da_file_kind_name(DaFileKind kind);

typedef struct {
    guint side;                 /* 1 to 999, in paper order inside the material, blank sides counted */
    char *stem;                 /* `类号-序号-页号`: "9-1-2-003" */
    gboolean blank;
    guint dpi;                  /* of the access image; 0 = unknown */
    guint width_px, height_px;  /* of the access image */
    guint master_width_px, master_height_px;
    int turn_cw_deg;            /* how the content lay in the master: 0, 90, 180, 270 */
    double turn_confidence;     /* 0 to 1; NAN = not measured */
    double skew_cw_deg;         /* NAN = unknown */
    gboolean resampled;         /* the access image was rotated by a part of a degree */
    gboolean cropped;           /* the access image is a part of the level frame (dangan/upright.h), … */
    guint crop_x_px, crop_y_px; /* … which begins here; as large as the access image */
    char *container_sha256;     /* master came out of a multi-page TIFF or PDF with this digest; NULL = a file of its own */
    guint container_frame;      /* 1-based page in the container */
    char *ocr_engine;           /* "tesseract 5.3.0 chi_sim"; NULL = not recognized */
    double ocr_confidence;      /* mean over characters, 0 to 1; NAN */
    char *captured;             /* when the scan was made, RFC 3339 (file time of the master); NULL = unknown */
    GPtrArray *corrections;     /* DaCorrection *, in the order in which they were made; NULL = none */
    DaPageFile file[DA_FILE_N];
} DaPage;

/* --- claims --------------------------------------------------------------------------------------------------------- */

/* `field` of a claim that is the title of the form itself. */
#define DA_CLAIM_TITLE DA_FIELD_N

/* What a form says: one field, as it was read from one place on one page. Claims are never made the dossier's own values; they lie beside
 * them, so that people see where forms differ. */
typedef struct {
    DaField field;
    char *text;        /* as read */
    DaDate date;       /* of date fields; missing = the text is no date, or none that is believed */
    gboolean doubtful; /* repaired, damaged or hardly believable: shown, never compared */
    char *stem;        /* of the page; NULL = not in a material yet */
    int x_px, y_px, w_px, h_px; /* on the access image */
    double confidence; /* of the recognition, 0 to 1; NAN */
} DaClaim;

DaClaim *da_claim_new(DaField field);
DaClaim *da_claim_dup(const DaClaim *claim);
void da_claim_free(DaClaim *claim);
/* "birth", …, "title". */
const char *da_claim_name(const DaClaim *claim);

/* --- materials and dossier -------------------------------------------------------------------------------------------- */

/* How a material joined the dossier after it was first made (零散材料: dangan/supplement.h). */
typedef struct {
    char *at;            /* when: RFC 3339, UTC */
    char *by;            /* who added it */
    char *from;          /* 移交单位: who handed it over; NULL = not said */
    char *digest;        /* digest of the package that brought it */
    char *made;          /* when that package was made: RFC 3339, UTC */
    char *operator_name; /* who digitized it; NULL */
    char *scanner;       /* NULL */
} DaAddition;

typedef struct {
    char *class_code;    /* code of the scheme: "9-1" */
    guint sequence;      /* 1 to 999 inside the class */
    char *title;
    DaDate formed;       /* 材料形成时间 */
    guint copies;        /* 份数; 0 = not given */
    guint pages_claimed; /* 页数 of the catalogue; 0 = not given */
    char *note;          /* NULL = none */
    guint row;           /* row of the catalogue file, 1-based; 0 = none */
    DaAddition *addition; /* NULL = it was there from the first */
    GPtrArray *pages;    /* DaPage * */
} DaMaterial;

typedef struct {
    char *id;              /* package id: random UUID, lower case */
    DaValue field[DA_FIELD_N];
    char *district;        /* receiving district, GB/T 2260 code; NULL = not said */
    char *profile_name;
    char *profile_version;
    char *scheme;          /* class scheme of the catalogue */
    gboolean draft;        /* the catalogue is a proposal of the program, not of an archivist */
    char *created;         /* RFC 3339, UTC */
    char *first_created;   /* when the first package of it was made, where this one came later; NULL = this is the first */
    char *operator_name;   /* who ran the digitization (batch.conf); NULL */
    char *scanner;         /* make and model (batch.conf); NULL */
    GPtrArray *materials;  /* DaMaterial *, in catalogue order */
    GPtrArray *claims;     /* DaClaim *: what the forms say, in page order */
} DaDossier;

DaDossier *da_dossier_new(void);
void da_dossier_free(DaDossier *dossier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaDossier, da_dossier_free)

DaMaterial *da_material_new(void);
void da_material_free(DaMaterial *material);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaMaterial, da_material_free)

DaAddition *da_addition_dup(const DaAddition *addition);
void da_addition_free(DaAddition *addition);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaAddition, da_addition_free)

DaPage *da_page_new(void);
void da_page_free(DaPage *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaPage, da_page_free)
/* Notes on a page what a person corrected. */
void da_page_add_correction(DaPage *page, const char *what, const char *value, const char *by,
                            const char *at);

/* Sets a value of kind `field`; `text` NULL or empty clears it. A date is kept as da_date_format() gives it; text that
 * da_date_parse() refuses is not kept (look before, where somebody must be told). */
void da_value_set(DaValue *value, DaField field, const char *text, DaOrigin origin, const char *source);
void da_value_clear(DaValue *value);

/* da_value_set() for a field of the dossier. */
void da_dossier_set(DaDossier *dossier, DaField field, const char *text, DaOrigin origin, const char *source);
/* The text of a field; NULL = not known. */
const char *da_dossier_get(const DaDossier *dossier, DaField field);
/* Sides, and sides with content, of the whole dossier. */
guint da_dossier_sides(const DaDossier *dossier);
guint da_dossier_sides_with_content(const DaDossier *dossier);
/* "9-1-2-003" from class "9-1", material 2, side 3. The caller owns it. */
char *da_page_stem(const char *class_code, guint sequence, guint side);
/* Takes a stem apart; FALSE when it has not the form `类号-序号-页号`. Strict: a class of one or two
 * numbers from 1 to 99, no leading zeros but in the side, which has three digits. `class_code` is the caller's. */
gboolean da_page_stem_parse(const char *stem, char **class_code, guint *sequence, guint *side);

/* --- dossier.xml --------------------------------------------------------------------------------------------------------- */

/* Namespace of dossier.xml. */
#define DA_DOSSIER_NAMESPACE "urn:dangan:dossier:1"

/* UTF-8 XML that is valid by schemas/xsd/dossier.xsd. Nothing is cleaned silently: DA_ERROR_INPUT names the element whose
 * text XML cannot hold (control characters, broken UTF-8), or what of the model the schema refuses. */
GBytes *da_dossier_to_xml(const DaDossier *dossier, GError **error);
/* Reads and validates it. File paths are left NULL. DA_ERROR_INPUT with line and reason; two pages of
 * one stem are refused. */
DaDossier *da_dossier_from_xml(GBytes *xml, GError **error);
