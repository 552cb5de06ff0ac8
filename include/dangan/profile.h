/*
 * A profile: one digitization specification as data (XML, schemas/xsd/profile.xsd).
 *
 * Every number, pattern, column, class scheme and code list that a rule or a step needs comes from here, with its clause and
 * source; the program holds the checks. A site copies a profile and changes it without a compiler, or writes a short one that
 * includes parts and rules of another. Whatever a profile includes is part of it once it is loaded.
 */
#pragma once

#include <dangan/dossier.h>
#include <dangan/finding.h>

typedef struct {
    char *code;         /* "9-1": what file stems use */
    char *printed;      /* "九-1": what a catalogue prints */
    GPtrArray *aliases; /* char *: other printed forms */
    char *name;         /* "工资材料" */
    gboolean holds;     /* may hold materials itself */
} DaClass;

typedef struct {
    char *name;         /* "cadre-2018" */
    char *title;
    GPtrArray *classes; /* DaClass *, in order */
} DaScheme;

typedef struct {
    char *header;    /* text of the header cell */
    GPtrArray *aliases; /* char *: other headers that are understood */
    /* Handover list: da_field_name(), or number, pages, package, files, bytes, digest. Catalogue: class, sequence, title, formed (or year, month, day in three
     * columns), copies, pages, note, number. `number` is not looked at. */
    char *field;
    gboolean required; /* the column must be there, its cells may not be empty */
} DaColumn;

typedef struct {
    char *file;         /* base name without extension: "移交案卷目录", "目录" */
    char *title;        /* text of the title row; NULL = none wanted */
    GPtrArray *columns; /* DaColumn * in order */
} DaListForm;

typedef struct {
    char *id;        /* "PER-001" */
    char *check;     /* name of the check in the program: "id-number" */
    char *clause;    /* NULL = none known */
    char *source;    /* where the rule was read: "DA/T 31-2017", "city list" */
    DaSeverity severity;
    char *mode;      /* "automatic", "screened", "sampled" */
    char *scope;     /* "package": verification runs it; "list": only where handover list and catalogue files are read;
                      * "delivery": about all packages of a delivery together; "ingest": only where forms are read;
                      * "archive": only where a package comes into an archive (dangan/deposit.h) */
    char *item;      /* "1-10": the item of the four-natures check that it answers; NULL = none */
    char *profile;   /* name of its profile, for messages */
    char *title, *title_zh;
    char *mend, *mend_zh; /* NULL = none */
    GHashTable *parameters; /* char * → char * */
} DaRule;

/* One value of a code list. */
typedef struct {
    char *text;     /* "汉族" */
    char *code;     /* "01"; NULL = none */
    char **aliases; /* other texts that mean it: "汉" */
} DaCode;

typedef struct {
    char *name;       /* "ethnicity" */
    char *source;     /* "GB/T 3304-1991" */
    GPtrArray *codes; /* DaCode * */
} DaCodeList;

/* What is looked at to judge one of the four natures (四性): authenticity, integrity, usability, safety. Source: DA/T 70-2018. */
typedef struct {
    char *code; /* "1-10" */
    char *title, *title_zh;
} DaNatureItem;

typedef struct {
    char *name; /* "authenticity" */
    char *title, *title_zh;
    GPtrArray *items; /* DaNatureItem * */
} DaNature;

/* What a profile judges. */
typedef enum {
    DA_JUDGED_PACKAGE,             /* a package of ours or of another maker: bag, METS, dossier.xml */
    DA_JUDGED_BAG,                 /* any BagIt bag */
    DA_JUDGED_INFORMATION_PACKAGE, /* any E-ARK CSIP information package, in a bag or not */
    DA_JUDGED_EXCHANGE,            /* a GB/T 33870 exchange folder */
} DaJudged;

/* A kind of form: what its titles say, and where it belongs. */
typedef struct {
    char *name;          /* "retirement-approval" */
    char *title;         /* "退休审批表": what a draft catalogue calls it where the page's own title is damaged */
    GPtrArray *titles;   /* char *: titles as written; `*` stands for any text between two pieces */
    GHashTable *classes; /* char * name of a scheme → char * class code */
} DaFormKind;

/* Where the value of a label stands. BESIDE: after it, to its right, else under it. BEFORE: the text before it in running text
 * ("1975年6月入党"). BETWEEN: the text up to `until` in the same line. */
typedef enum { DA_LABEL_BESIDE, DA_LABEL_BEFORE, DA_LABEL_BETWEEN } DaLabelPlace;

/* What a label is for. OTHER ends the value before it and is not read; RELATIVE says that its row is about other persons. */
typedef enum { DA_LABEL_FIELD, DA_LABEL_OTHER, DA_LABEL_RELATIVE } DaLabelKind;

typedef struct {
    char *text;         /* "出生年月", without blanks */
    DaLabelKind kind;
    DaField field;      /* of kind FIELD */
    DaLabelPlace place;
    char *until;        /* of BETWEEN; else NULL */
} DaLabel;

/* Which dates of a field are believed: years, and age in years by the dossier's birth. */
typedef struct {
    guint from, to;            /* years; 0 = no limit */
    guint min_age, max_age;    /* 0 = no limit */
    guint near_years;          /* how far it may lie from the handover list's date; 0 = no limit */
} DaBelief;

/* A material that every dossier should have: one of `forms`. */
typedef struct {
    char *title;           /* for messages: "退休审批表" */
    GPtrArray *forms;      /* char *: names of forms */
    DaField when;          /* only where this field is known; DA_FIELD_N = always */
    DaSeverity severity;
} DaExpected;

/* What forms look like: titles, labels, and what a dossier should hold. */
typedef struct {
    GPtrArray *forms;      /* DaFormKind * */
    GPtrArray *labels;     /* DaLabel *, longest text first */
    GPtrArray *expected;   /* DaExpected * */
    DaBelief belief[DA_FIELD_N];
    guint two_digit_years_from; /* 1920: 20 is 1920, 19 is 2019 */
} DaFormBook;

typedef struct {
    char *name;      /* "soe-retiree" */
    DaJudged judges;
    char *version;   /* "2026.1" */
    char *title, *title_zh;
    GPtrArray *schemes; /* DaScheme *; the first is the default */
    DaListForm *handover;
    DaListForm *catalogue;
    gboolean access_lossless; /* access images are PNG, else JPEG */
    guint access_quality;   /* of access images as JPEG, 1 to 100 */
    guint assumed_dpi;      /* for scans whose header does not say; 0 = refuse them */
    gboolean exchange_blanks; /* blank sides go into a GB/T 33870 exchange, else they are left out */
    GPtrArray *lists;       /* DaCodeList * */
    gboolean scan_lossless; /* new scans are TIFF without loss, else JPEG */
    guint scan_quality;     /* of new scans as JPEG, 1 to 100 */
    guint scan_dpi;         /* of new scans */
    DaFormBook *forms;      /* never NULL; empty when the profile says nothing of forms */
    GPtrArray *natures;     /* DaNature *; empty where the profile sums up nothing */
    GPtrArray *rules;       /* DaRule * */
    GBytes *xml;            /* the file, with what it includes in place: packages carry it */
} DaProfile;

/* By name: `profile_dir` (may be NULL), then the data folder; else by path. Included profiles are looked for beside the file first. DA_ERROR_NOT_FOUND lists the names there are.
 * Validated against profile.xsd; a printed form that means two classes of one scheme, or two columns for one field, is
 * DA_ERROR_INPUT. */
DaProfile *da_profile_load(const char *name_or_path, const char *profile_dir, GError **error);
void da_profile_free(DaProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaProfile, da_profile_free)

/* Borrowed; NULL = no such scheme. `name` NULL = the default. */
const DaScheme *da_profile_scheme(const DaProfile *profile, const char *name);
/* The class that `text` prints: code, printed form or alias; blanks, full-width forms, brackets, a closing 、 or point, Chinese
 * numerals and every kind of dash are folded: 九－1, (九)—1 and 9 - 1 are one class. Borrowed; NULL = none. */
const DaClass *da_scheme_class(const DaScheme *scheme, const char *text);
/* The code list of a name; borrowed; NULL = the profile has none. */
const DaCodeList *da_profile_list(const DaProfile *profile, const char *name);
/* The value that `text` is: its text, code or an alias, exactly. Borrowed; NULL = none. */
const DaCode *da_code_list_find(const DaCodeList *list, const char *text);
/* The nature that lists the item of a rule; borrowed; NULL = the rule has none, or the profile no natures. */
const DaNature *da_profile_nature(const DaProfile *profile, const DaRule *rule);
/* The kind of form that has this name; borrowed; NULL = none. */
const DaFormKind *da_profile_form(const DaProfile *profile, const char *name);
/* The rule of an id or check name; borrowed; NULL = the profile has none. */
const DaRule *da_profile_rule(const DaProfile *profile, const char *id);
/* Parameters with the type wanted; da_rule_text() gives NULL when there is none (borrowed). A missing or malformed one is DA_ERROR_INPUT naming profile, rule and parameter. */
gboolean da_rule_integer(const DaRule *rule, const char *parameter, gint64 *value, GError **error);
gboolean da_rule_number(const DaRule *rule, const char *parameter, double *value, GError **error);
const char *da_rule_text(const DaRule *rule, const char *parameter);
/* A finding with rule, clause, severity, messages and mend filled from the rule. The caller owns it. */
DaFinding *da_rule_finding(const DaRule *rule, const char *subject);
