/* The dossier of an invented person with its page files, for tests of packages. */
#pragma once

#include <dangan/dossier.h>

#define SAMPLE_ID "7d9f3c52-0b1e-4c7a-9a66-2f1f0c5b8e11"
#define SAMPLE_NAME "赵测试"
#define SAMPLE_ID_NUMBER "606129196201204759"
#define SAMPLE_TITLE "职工转正定级审批表"

/* Two materials with three pages and one: turned and levelled, from a container, blank. Files are made below `folder`
 * when they are missing. */
DaDossier *sample_dossier(const char *folder);
/* `pages` more pages of material 1, all turned, levelled and recognized. */
void sample_grow(DaDossier *dossier, const char *folder, guint pages);
