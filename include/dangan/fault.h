/*
 * Named points at which a test can end, crash or hang the process, to show that a kill -9 between any two steps loses nothing and
 * that a page which breaks its worker costs that page alone.
 *
 * DANGAN_FAULT=<action>:<point>[:<n>] acts at the n-th (default first) passage of the point in this process,
 * DANGAN_FAULT=<action>:<point>:<subject> at each passage with this subject (a scan's file name). Actions: `kill` (SIGKILL),
 * `stop` (SIGSTOP: goes on when it is told to), `crash` (SIGSEGV), `hang` (never returns), `memory` (takes memory until there is no more). Without the variable a point costs
 * one comparison.
 */
#pragma once

/* `point` is "<module>.<step>", e.g. "deposit.staged"; each is listed in docs/faults.md. */
void da_fault_point(const char *point);
/* The same where what is worked on has a name. */
void da_fault_point_of(const char *point, const char *subject);
