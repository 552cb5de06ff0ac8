/*
 * A BagIt bag as it was delivered: version 1.0 (RFC 8493) and the drafts 0.93 to 0.97, in any encoding that bagit.txt names. Nothing is
 * refused while reading: what is wrong is kept with its place, for rules to judge.
 */
#pragma once

#include "hash.h"

typedef struct {
    char *
        path; /* relative to the bag, UTF-8, percent-escapes undone as the version has them, `./` cut off */
    char *literal; /* the same with its escapes, where they mean something else; NULL = the same */
    char *digest;  /* lower case */
    guint line;    /* 1-based */
} DaBagLine;

typedef enum {
    DA_BAG_FAULT_BROKEN, /* against the specification: the manifest or tag file cannot be relied on */
    DA_BAG_FAULT_HABIT, /* as checksum tools and older versions wrote it: understood, not the form */
} DaBagFaultKind;

typedef struct {
    DaBagFaultKind kind;
    char *file;
    guint line; /* 0 = the whole file */
    const char *message, *message_zh;
    char *found; /* NULL = nothing to show */
} DaBagFault;

typedef struct {
    char *name;          /* "manifest-sha256.txt" */
    DaHash hash;         /* DA_HASH_N = an algorithm that this program does not know */
    gboolean tag;        /* a tag manifest */
    GPtrArray *lines;    /* DaBagLine *, each path once */
    GHashTable *by_path; /* path → DaBagLine *, borrowed */
} DaBagManifest;

typedef struct {
    char *version;        /* "0.97"; NULL = not declared */
    guint minor;          /* 93 to 97, 100 for 1.0; 0 = not declared */
    char *encoding;       /* as declared; NULL */
    GPtrArray *manifests; /* DaBagManifest *, payload manifests before tag manifests */
    char *info_name; /* "bag-info.txt", or "package-info.txt" before 0.96; NULL = there is none */
    GPtrArray
        *info; /* char *: label, value, label, value …, in order; repeated labels stand repeated */
    GPtrArray *declaration; /* DaBagFault *: of bagit.txt */
    GPtrArray *faults;      /* DaBagFault *: of manifests */
    GPtrArray *info_faults; /* DaBagFault *: of bag-info.txt */
} DaBag;

/* Reads a regular file of the bag; NULL with DA_ERROR_NOT_FOUND when there is none (a link is none). */
typedef GBytes *(*DaBagReader)(const char *path, gsize max_bytes, gpointer data, GError **error);

/* `names` (char *) are the names at the top of the bag. NULL only when the machine fails. */
DaBag *da_bag_open(const GPtrArray *names, DaBagReader reader, gpointer data, GError **error);
void da_bag_free(DaBag *bag);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaBag, da_bag_free)

/* The first payload (or tag) manifest that could be read and whose algorithm is known; NULL = none. Borrowed. */
const DaBagManifest *da_bag_manifest(const DaBag *bag, gboolean tag);
/* The bits of all algorithms that its manifests need. */
guint da_bag_hashes(const DaBag *bag);
/* The first value of a label of bag-info.txt, in any case; borrowed; NULL. */
const char *da_bag_value(const DaBag *bag, const char *label);
/* A path in one Unicode form and case: what a forgiving file system takes for it. The caller owns it. */
char *da_bag_fold(const char *path);
