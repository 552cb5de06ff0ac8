/*
 * Fixity: are the objects still what their names say? All are read again and again, those first that were not looked at for longest.
 *
 * A round is once through all objects. A run goes on with the round that is under way, as far as its budget reaches; so every night may have its
 * half hour. What was found is kept: the time of each object's last check, the damages that stand, and the history of all. Known damages are
 * looked at first in every run. A damaged or missing object is brought back from the second copy where there is one.
 * Source: DA/T 70-2018 item 1-1 of preservation; OAIS (fixity); rule FIX-001: the digest of a version's manifest is computed again at receipt, after
 * import and yearly.
 */
#pragma once

#include <dangan/archive.h>
#include <dangan/progress.h>
#include <signal.h>

typedef struct {
    gint64 budget_s;      /* 0 = none */
    guint64 budget_bytes; /* 0 = none; at least one object is read */
    gboolean anew;        /* begin a round even where one is under way */
    guint jobs;           /* threads that read; 0 = one a core */
    const char *second_copy; /* folder that holds objects/; NULL = none */
    const volatile sig_atomic_t *stop; /* may be NULL; non-zero = end soon */
    DaProgress *progress; /* objects; may be NULL */
} DaFixityOptions;

typedef struct {
    char *sha256;
    gboolean missing;  /* else damaged */
    gboolean repaired; /* from the second copy */
    char *detail;      /* what was found, and why it was not repaired */
    char *found_at;    /* RFC 3339: when it was found first */
    char *where;       /* "dossier 1f0c… version 2, page 9-1-2-003 (master)"; NULL = no page's file, or not known */
} DaFixityDamage;

typedef struct {
    guint round;
    guint64 checked, bytes;     /* in this run */
    guint64 remaining;          /* of this round */
    guint whole_again;          /* damaged before, brought back by somebody */
    gboolean stopped;           /* by `stop` */
    GPtrArray *damages;         /* DaFixityDamage *: found in this run or standing */
    guint unrepaired;           /* of them */
} DaFixityResult;

/* DA_ERROR_CONFLICT when another run is under way. What was done before an error is kept. `result` is set in any case and cleared by the caller. */
gboolean da_fixity_run(DaArchive *archive, PGconn *db, const DaFixityOptions *options, DaFixityResult *result, GError **error);
void da_fixity_result_clear(DaFixityResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaFixityResult, da_fixity_result_clear)

/* Where the archive stands: what was not looked at within the time that is set (fixity-days). */
typedef struct {
    guint64 objects, never, overdue; /* `never` = not since their deposit */
    guint64 versions, versions_overdue; /* FIX-001: the package's own manifest was not computed again within the time */
    guint64 damaged;                 /* damages that stand */
    char *oldest;                    /* RFC 3339: the longest ago of those that were checked; NULL */
    guint round;                     /* under way; 0 = none */
    char *round_begun;               /* NULL */
    guint64 round_remaining;
} DaFixityDue;
gboolean da_fixity_due(PGconn *db, guint days, DaFixityDue *due, GError **error);
void da_fixity_due_clear(DaFixityDue *due);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaFixityDue, da_fixity_due_clear)
