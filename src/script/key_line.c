/* SPDX-License-Identifier: MIT */
#include "script/key_line.h"

#include "script/config_lines.h"

enum { KEY_BYTES = 384 };

/* How well a place fits, the better the higher. */
enum fit { FIT_NONE, FIT_PARENT, FIT_NAMESAKE, FIT_RETURNED_NAME, FIT_RETURNED };

struct search {
    char key[KEY_BYTES]; /* as the walk tells it: events.a::b */
    size_t length;
    size_t parent; /* the length of what is before the first "." or "["; = length: it has none */
    struct tg_str returned; /* the name that the file returns; empty: none */
    int return_line;
    enum fit fit;
    int line;
};

/* events."a::b" is told as events.a::b. */
static void set_key(struct search *search, struct tg_str path)
{
    bool is_quoted = false;

    for (size_t i = 0; i < path.length && search->length < sizeof(search->key); i++) {
        bool opens = !is_quoted && path.at[i] == '"' && i > 0 && path.at[i - 1] == '.';
        bool closes = is_quoted && path.at[i] == '"' && i + 1 == path.length;
        if (opens || closes) {
            is_quoted = opens;
            continue;
        }
        search->key[search->length++] = path.at[i];
    }
    while (search->parent < search->length && search->key[search->parent] != '.' &&
           search->key[search->parent] != '[') {
        search->parent++;
    }
}

static bool is_name_octet(char octet)
{
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || octet == '_' ||
           (octet >= '0' && octet <= '9');
}

/* Takes the word off the text's start, and the blanks behind it. */
static bool take_word(struct tg_str *text, struct tg_str word)
{
    if (!tg_str_starts(*text, word) ||
        (text->length > word.length && is_name_octet(text->at[word.length]))) {
        return false;
    }
    *text = tg_str_trim(tg_str(text->at + word.length, text->length - word.length));
    return true;
}

/* What stands behind the return in that line. */
static struct tg_str returned_text(struct tg_str source, int line)
{
    struct tg_str text = {NULL, 0};

    for (int i = 0; i < line && source.at; i++) {
        text = tg_str_trim(tg_str_split(&source, '\n'));
    }
    if (!take_word(&text, TG_STR("return"))) {
        return tg_str(NULL, 0);
    }
    while (text.length > 0 && strchr("; \t\r", text.at[text.length - 1])) {
        text.length--;
    }
    return text;
}

/* The text when it is one name. */
static struct tg_str as_name(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!is_name_octet(text.at[i])) {
            return tg_str(NULL, 0);
        }
    }
    return text;
}

/* The last return is the one that ends the file: what others told before it counts no more. */
static void on_return(void *self, struct tg_str key, int line)
{
    struct search *search = self;

    if (key.length == 0) {
        search->return_line = line;
    }
}

static void on_key(void *self, struct tg_str key, int line)
{
    struct search *search = self;
    enum fit fit = FIT_NAMESAKE;

    if (key.length > 0 && key.at[0] == '.') {
        fit = line >= search->return_line ? FIT_RETURNED : FIT_NONE;
        key = tg_str(key.at + 1, key.length - 1);
    } else if (search->returned.length > 0 && key.length > search->returned.length &&
               tg_str_starts(key, search->returned) && key.at[search->returned.length] == '.') {
        fit = FIT_RETURNED_NAME;
        key =
            tg_str(key.at + search->returned.length + 1, key.length - search->returned.length - 1);
    } else if (search->parent == search->length) {
        return; /* a variable that happens to be called like the setting */
    }
    if (tg_str_is(key, tg_str(search->key, search->parent)) && search->parent < search->length) {
        fit = fit == FIT_NONE ? FIT_NONE : FIT_PARENT;
    } else if (!tg_str_is(key, tg_str(search->key, search->length))) {
        return;
    }
    if (fit != FIT_NONE && fit >= search->fit) {
        search->fit = fit;
        search->line = line;
    }
}

struct tg_key_line tg_key_line(struct tg_str source, struct tg_str path)
{
    struct search search = {.length = 0};

    set_key(&search, path);
    tg_config_lines_walk(source, on_return, &search);
    search.returned = as_name(returned_text(source, search.return_line));
    if (search.length > 0) {
        tg_config_lines_walk(source, on_key, &search);
    }
    return (struct tg_key_line){
        .line = search.fit != FIT_NONE ? search.line : search.return_line,
        .is_exact = search.fit > FIT_PARENT,
    };
}

struct tg_str tg_key_line_module(struct tg_str source)
{
    struct search search = {.length = 0};

    tg_config_lines_walk(source, on_return, &search);
    struct tg_str text = returned_text(source, search.return_line);
    if (!take_word(&text, TG_STR("require"))) {
        return tg_str(NULL, 0);
    }
    if (text.length > 2 && text.at[0] == '(' && text.at[text.length - 1] == ')') {
        text = tg_str_trim(tg_str(text.at + 1, text.length - 2));
    }
    bool is_quoted = text.length > 2 && (text.at[0] == '"' || text.at[0] == '\'') &&
                     text.at[text.length - 1] == text.at[0];
    return is_quoted ? tg_str(text.at + 1, text.length - 2) : tg_str(NULL, 0);
}
