/*
 * Named points at which a test can end the process, to show that a kill -9 between any two steps loses nothing.
 *
 * DANGAN_FAULT=kill:<point>[:<n>] ends the process with SIGKILL at the n-th (default first) passage of the point. Without
 * the variable a point costs one comparison.
 */
#pragma once

/* `point` is "<module>.<step>", e.g. "deposit.staged"; each is listed in docs/faults.md. */
void da_fault_point(const char *point);
