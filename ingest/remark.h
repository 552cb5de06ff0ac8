/* Findings of ingest: by the rule of the profile where it has one, so that a site decides how severe it is. */
#pragma once

#include <dangan/profile.h>

/* The caller owns it. Clause, severity and mend come from rule `id`; `severity` counts when the profile has no such rule. */
DaFinding *da_remark_new(const DaProfile *profile, const char *id, DaSeverity severity,
                         const char *subject, const char *message, const char *message_zh);

/* TRUE when one of them is an error or fatal. */
gboolean da_remark_any_error(const GPtrArray *findings);
guint da_remark_count(const GPtrArray *findings, DaSeverity severity);

/* A file name as text (da_name_text) for terminals and logs: ID numbers lose their middle, Chinese characters (names) become ＊. */
char *da_remark_masked(const char *name);
