#include "split_content.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TOKEN 127
#define INVISIBLE 3
/* q inside q; deeper than any scanner writes. */
#define MAX_SAVED 64

typedef struct {
    const guint8 *at, *end;
    char token[MAX_TOKEN + 1];
} Lexer;

static gboolean is_space(guint8 c)
{
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static gboolean is_delimiter(guint8 c)
{
    return c != 0 && strchr("()<>[]{}/%", c) != NULL;
}

static void skip_string(Lexer *lexer)
{
    guint depth = 1;
    for (lexer->at++; lexer->at < lexer->end && depth > 0; lexer->at++) {
        if (*lexer->at == '\\')
            lexer->at++;
        else if (*lexer->at == '(')
            depth++;
        else if (*lexer->at == ')')
            depth--;
    }
    lexer->at = MIN(lexer->at, lexer->end);
}

static void skip_until(Lexer *lexer, const char *stops)
{
    while (lexer->at < lexer->end && (*lexer->at == 0 || strchr(stops, *lexer->at) == NULL))
        lexer->at++;
}

static void take_word(Lexer *lexer)
{
    gsize length = 0;
    do {
        if (length < MAX_TOKEN)
            lexer->token[length++] = (char)*lexer->at;
        lexer->at++;
    } while (lexer->at < lexer->end && !is_space(*lexer->at) && !is_delimiter(*lexer->at));
    lexer->token[length] = '\0';
}

/* The next name, number or operator; strings, dictionaries' brackets and comments are passed over. */
static gboolean next_token(Lexer *lexer)
{
    while (lexer->at < lexer->end) {
        guint8 c = *lexer->at;
        if (c == '(') {
            skip_string(lexer);
        } else if (c == '%') {
            skip_until(lexer, "\r\n");
        } else if (is_space(c) || (is_delimiter(c) && c != '/')) {
            lexer->at++;
        } else {
            take_word(lexer);
            return TRUE;
        }
    }
    return FALSE;
}

typedef struct {
    int mode, saved[MAX_SAVED];
    guint depth;
} TextMode;

static void save_mode(TextMode *text)
{
    if (text->depth < MAX_SAVED)
        text->saved[text->depth] = text->mode;
    text->depth++;
}

static void restore_mode(TextMode *text)
{
    if (text->depth == 0)
        return;
    text->depth--;
    if (text->depth < MAX_SAVED)
        text->mode = text->saved[text->depth];
}

static gboolean shows_text(const char *token)
{
    return strcmp(token, "Tj") == 0 || strcmp(token, "TJ") == 0 || strcmp(token, "'") == 0 ||
           strcmp(token, "\"") == 0;
}

void da_split_content_walk(DaSplitContent *content, const guint8 *data, gsize size)
{
    if (size == 0)
        return; /* then `data` may be NULL, from which no end can be reckoned */
    Lexer lexer = {.at = data, .end = data + size};
    TextMode text = {0};
    char before[MAX_TOKEN + 1] = "";
    while (next_token(&lexer)) {
        if (strcmp(lexer.token, "BI") == 0) {
            content->inline_images++;
            return;
        }
        if (strcmp(lexer.token, "q") == 0)
            save_mode(&text);
        else if (strcmp(lexer.token, "Q") == 0)
            restore_mode(&text);
        else if (strcmp(lexer.token, "Tr") == 0)
            text.mode = atoi(before);
        else if (strcmp(lexer.token, "Do") == 0 && before[0] == '/')
            content->draws(content->data, before);
        else if (shows_text(lexer.token) && text.mode != INVISIBLE)
            content->visible_texts++;
        memcpy(before, lexer.token, sizeof before);
    }
}
