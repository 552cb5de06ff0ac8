/*
 * A signed document (dangan/signed.h) as a page for people: it shows what was signed and nothing else, and carries the signed document. So
 * the page can be made again from what it carries, and compared: whoever alters what it shows is found out as well.
 *
 * A kind of document has one function that makes its page (DaSignedPageMaker) out of these pieces.
 */
#pragma once

#include <dangan/signed.h>

typedef struct {
    GString *html;
    json_t *envelope; /* the next two are borrowed from it */
    const json_t *document, *signature;
} DaSignedPage;

/* FALSE when the text is no signed document. */
gboolean da_signed_page_open(DaSignedPage *page, const char *signed_text);
void da_signed_page_clear(DaSignedPage *page);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaSignedPage, da_signed_page_clear)

/* Title and look. `style` is the name of a resource with further CSS; NULL = none. */
void da_signed_page_head(DaSignedPage *page, const char *title, const char *title_en, const char *style);
/* Signature, how it is checked, and the document that is carried. The page; the caller owns it. */
char *da_signed_page_close(DaSignedPage *page, const char *signed_text);

/* Escapes what is put in for `%s`. */
void da_signed_page_put(DaSignedPage *page, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A term of a definition list; nothing when the text is empty. */
void da_signed_page_pair(DaSignedPage *page, const char *term, const char *text);
/* A cell with a number. */
void da_signed_page_count(DaSignedPage *page, json_int_t count);
/* A title with the head of a table; heads end with NULL, `#` before one puts it to the right. The caller ends the table. */
void da_signed_page_table(DaSignedPage *page, const char *title, const char *title_en, const char *const *heads);

/* Members of an object: "" and 0 where there are none. */
const char *da_signed_page_text(const json_t *object, const char *name);
json_int_t da_signed_page_number(const json_t *object, const char *name);

/* Makes the page of a signed document; NULL with DA_ERROR_INPUT when it is of another kind. */
typedef char *(*DaSignedPageMaker)(const char *signed_text, GError **error);

/* Checks a file: a signed document as JSON, or its page; of a page also that it shows what was signed, and where it does not.
 * Errors: da_signed_check(). */
DaSigned *da_signed_page_check(GBytes *file, const DaSignKey *expected, DaSignedPageMaker maker, GError **error);
/* The signed document in a file of either form, checked or not. The caller owns it; NULL when a page carries none. */
char *da_signed_page_document(GBytes *file);
