/* The ingest report as a page for people: what needs a person on top, then every side, and a desk to correct them (report.js). */
#pragma once

#include <jansson.h>

/* The HTML of a whole report object (docs/ingest-report.md). It refers to images below its own folder and to nothing else. The caller owns it. */
char *da_report_html(const json_t *report);
