/*
 * What the verbs share: parsing of options, the one place where a failure is reported, and Ctrl-C.
 *
 * A verb is one file with one function `da_cli_<verb>`; the dispatch table in main.c is the list of verbs and the source of
 * `dangan --help`. A verb returns the exit status: 0 done, 1 done but with findings, 2 wrong use or input, 3 a part failed and is
 * named, 4 the system failed, 130 stopped by the user.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <signal.h>

/* Parses options of a verb; `argv[0]` is the verb. `arguments` is the synopsis of what follows the options ("BATCH"), `about` one or
 * two sentences, `example` at least one full command line. After it, argc/argv hold argv[0] and the remaining arguments.
 * `--help` prints and ends the program with 0. */
gboolean da_cli_parse(int *argc, char ***argv, const GOptionEntry *entries, const char *arguments,
                      const char *about, const char *example, GError **error);

/* Reports a failure on stderr ("dangan <verb>: …") and returns the exit status for it. */
int da_cli_fail(const char *verb, const GError *error);

/* Prints JSON with a newline on stdout: one line when `compact`, else indented. Takes the reference. */
void da_cli_print_json(json_t *value, gboolean compact);

/* From now on SIGINT and SIGTERM set the returned flag instead of ending the program; a second SIGINT ends it. */
const volatile sig_atomic_t *da_cli_stop_flag(void);

/* TRUE when messages should be Chinese: DANGAN_LANG, else LC_ALL, LC_MESSAGES, LANG begins with "zh". */
gboolean da_cli_chinese(void);

int da_cli_accept(int argc, char **argv);
int da_cli_archive(int argc, char **argv);
int da_cli_batches(int argc, char **argv);
int da_cli_capacity(int argc, char **argv);
int da_cli_custody(int argc, char **argv);
int da_cli_transfer(int argc, char **argv);
int da_cli_destroy(int argc, char **argv);
int da_cli_deposit(int argc, char **argv);
int da_cli_export(int argc, char **argv);
int da_cli_fixity(int argc, char **argv);
int da_cli_fsck(int argc, char **argv);
int da_cli_import(int argc, char **argv);
int da_cli_ingest(int argc, char **argv);
int da_cli_inspect(int argc, char **argv);
int da_cli_missing(int argc, char **argv);
int da_cli_ocr(int argc, char **argv);
int da_cli_receipt(int argc, char **argv);
int da_cli_receive(int argc, char **argv);
int da_cli_reindex(int argc, char **argv);
int da_cli_return(int argc, char **argv);
int da_cli_scan(int argc, char **argv);
int da_cli_search(int argc, char **argv);
int da_cli_separators(int argc, char **argv);
int da_cli_serve(int argc, char **argv);
int da_cli_supplement(int argc, char **argv);
int da_cli_audit(int argc, char **argv);
int da_cli_user(int argc, char **argv);
int da_cli_verify(int argc, char **argv);
int da_cli_versions(int argc, char **argv);
