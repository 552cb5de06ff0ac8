/* A temporary folder, pages that look like text without any font, and small batches made of them. Invented people only. */
#pragma once

#include <dangan/handle/pix.h>
#include <dangan/profile.h>
#include <glib.h>

/* The two people of every batch. */
#define SCENE_ID_A "11010519491231002X"
#define SCENE_ID_B "440524188001010014"

char *scene_begin(void);
void scene_end(char *folder);

/* The profile soe-retiree from the source tree; its folder. */
DaProfile *scene_profile(void);
char *scene_profile_dir(void);

/* An A6 page at 200 dpi with rows of marks; `seed` makes pages differ; 0 = blank paper. */
Pix *scene_page(guint seed);
void scene_write_page(const char *folder, const char *name, guint seed);
void scene_write_text(const char *folder, const char *name, const char *text);

/* <folder>/batch: list and two dossiers; A: unnamed scans 0001 to 0004, the second blank, in two materials of 1 and 2 pages;
 * B: two named scans. Returns its path. */
char *scene_batch(const char *folder);

extern const char scene_list_head[];
extern const char scene_row_a[], scene_row_b[];
