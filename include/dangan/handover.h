/*
 * Handover list (移交案卷目录: a row a dossier) and catalogue (卷内目录: a row a material), read by the columns of a profile.
 *
 * What can be read is returned; what is wrong with it comes as findings that name file, row and cell. Only a file that cannot
 * be read at all, or whose header row is not found, is an error.
 */
#pragma once

#include <dangan/profile.h>

typedef struct {
    guint row;                  /* 1-based row in the file */
    DaValue field[DA_FIELD_N];  /* origin LIST, source "row N"; an ID number upgraded from 15 digits: origin DERIVED */
    guint pages;                /* 页数; 0 = not given */
    char *package_id;           /* these four: of lists that name packages; NULL, 0 = not given */
    char *digest;               /* package digest, lower case */
    guint64 files, bytes;       /* of the whole package */
} DaHandoverRow;

typedef struct {
    char *file;       /* base name */
    GPtrArray *rows;  /* DaHandoverRow * */
    gboolean of_packages; /* a delivery list (id, 档号, files, bytes, digest), not one of persons */
} DaHandover;

/* Reads the list. Findings (appended to `findings`, DaFinding *): wrong title, header or order of columns, empty required
 * cell, malformed date, number or digest, ID number fault, sex or birth that contradict the ID number, two rows for one ID number or package,
 * blanks around a cell. Each message begins with the cell ("cell C7 (身份证号码): …"). A rule that the profile has not gives no finding.
 * A file without its header row, or without a required column, is DA_ERROR_INPUT that names file, row and column. */
DaHandover *da_handover_read(const char *path, const DaProfile *profile, GPtrArray *findings, GError **error);
/* The same for a list of either kind: the handover list of the profile, or the delivery list that ingest writes beside its packages
 * (delivery.csv), which is known by its columns `id` and `digest`. */
DaHandover *da_handover_read_any(const char *path, const DaProfile *profile, GPtrArray *findings, GError **error);
void da_handover_free(DaHandover *handover);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaHandover, da_handover_free)

/* Reads a catalogue into materials (DaMaterial * without pages), in file order. `scheme` NULL = the profile's default. What a row
 * does not give is "" (class_code, title) or 0 (sequence): such a material has no page names, and repeated sequences stay
 * repeated, so a catalogue with findings of CAT-001 or CAT-002 cannot be packaged as it is. Findings: class not in scheme or not a
 * leaf, sequence with gap or repeat, empty title, malformed date, 页数 not a positive number. `subject` is the folder named
 * in findings. The caller owns the array. */
GPtrArray *da_catalogue_read(const char *path, const DaProfile *profile, const char *scheme, const char *subject,
                             GPtrArray *findings, GError **error);

/* The file of the folder that is the list or catalogue by its name (`form->file` + .xlsx or .csv). NULL when there is none;
 * two of them is DA_ERROR_CONFLICT. An .xls is found too, and reading it says what to do. The caller owns the path. */
char *da_list_find(const char *folder, const DaListForm *form, GError **error);
