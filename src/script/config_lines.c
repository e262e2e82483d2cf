/* SPDX-License-Identifier: MIT */
#include "script/config_lines.h"

#include <stdbool.h>

enum { PATH_BYTES = 256, DEPTH_MAX = 16 };

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_NUMBER, TOKEN_TEXT, TOKEN_SYMBOL };

struct token {
    enum token_kind kind;
    struct tg_str text; /* of a TEXT: what is between the quotes, escapes as written */
    int line;
};

/* Copied to look ahead. */
struct scan {
    struct tg_str rest;
    int line;
    struct token token;
};

struct path {
    char text[PATH_BYTES];
    size_t length; /* PATH_BYTES: too long to be a key */
};

struct walk {
    struct scan scan;
    tg_config_lines_fn on_key;
    void *self;
};

static bool is_name_octet(char octet)
{
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || octet == '_' ||
           (octet >= '0' && octet <= '9');
}

static char peek(const struct scan *scan, size_t ahead)
{
    return ahead < scan->rest.length ? scan->rest.at[ahead] : '\0';
}

static void skip(struct scan *scan, size_t count)
{
    for (size_t i = 0; i < count && scan->rest.length > 0; i++) {
        scan->line += scan->rest.at[0] == '\n' ? 1 : 0;
        scan->rest.at++;
        scan->rest.length--;
    }
}

/* The octets of "[[" or "[==[" when a long bracket begins here; else 0. */
static size_t long_bracket(const struct scan *scan)
{
    size_t length = 1;

    if (peek(scan, 0) != '[') {
        return 0;
    }
    while (peek(scan, length) == '=') {
        length++;
    }
    return peek(scan, length) == '[' ? length + 1 : 0;
}

/* Passes a long string or comment; gives what is inside. */
static struct tg_str skip_long(struct scan *scan, size_t bracket)
{
    skip(scan, bracket);
    struct tg_str inside = tg_str(scan->rest.at, 0);
    while (scan->rest.length > 0) {
        size_t equals = 0;
        if (peek(scan, 0) == ']') {
            while (peek(scan, 1 + equals) == '=') {
                equals++;
            }
            if (equals == bracket - 2 && peek(scan, 1 + equals) == ']') {
                skip(scan, bracket);
                return inside;
            }
        }
        /* The equals signs are no start of another end: they are passed at once, so that a run
         * of them costs its length and not its square. */
        skip(scan, 1 + equals);
        inside.length += 1 + equals;
    }
    return inside;
}

static struct tg_str skip_quoted(struct scan *scan)
{
    char end = peek(scan, 0);

    skip(scan, 1);
    struct tg_str inside = tg_str(scan->rest.at, 0);
    while (scan->rest.length > 0 && peek(scan, 0) != end && peek(scan, 0) != '\n') {
        size_t count = peek(scan, 0) == '\\' && scan->rest.length > 1 ? 2 : 1;
        skip(scan, count);
        inside.length += count;
    }
    skip(scan, peek(scan, 0) == end ? 1 : 0);
    return inside;
}

static void skip_blanks(struct scan *scan)
{
    while (scan->rest.length > 0) {
        char octet = peek(scan, 0);
        if (octet == '-' && peek(scan, 1) == '-') {
            skip(scan, 2);
            size_t bracket = long_bracket(scan);
            if (bracket > 0) {
                (void)skip_long(scan, bracket);
            } else {
                while (scan->rest.length > 0 && peek(scan, 0) != '\n') {
                    skip(scan, 1);
                }
            }
        } else if (octet == ' ' || (octet >= '\t' && octet <= '\r')) {
            skip(scan, 1);
        } else {
            return;
        }
    }
}

static void next(struct scan *scan)
{
    skip_blanks(scan);
    const char *at = scan->rest.at;
    char octet = peek(scan, 0);
    struct token token = {TOKEN_SYMBOL, tg_str(at, 1), scan->line};
    size_t bracket = long_bracket(scan);

    if (scan->rest.length == 0) {
        token = (struct token){TOKEN_END, tg_str(at, 0), scan->line};
    } else if (is_name_octet(octet)) {
        while (is_name_octet(peek(scan, 0))) {
            skip(scan, 1);
        }
        token.kind = octet >= '0' && octet <= '9' ? TOKEN_NUMBER : TOKEN_NAME;
        token.text.length = (size_t)(scan->rest.at - at);
    } else if (octet == '"' || octet == '\'') {
        token.kind = TOKEN_TEXT;
        token.text = skip_quoted(scan);
    } else if (bracket > 0) {
        token.kind = TOKEN_TEXT;
        token.text = skip_long(scan, bracket);
    } else {
        /* "==" and its kin must not look like an assignment. */
        bool is_pair = strchr("=~<>", octet) && octet != '\0' && peek(scan, 1) == '=';
        token.text.length = is_pair ? 2 : 1;
        skip(scan, token.text.length);
    }
    scan->token = token;
}

static bool is_symbol(const struct scan *scan, char symbol)
{
    return scan->token.kind == TOKEN_SYMBOL && scan->token.text.length == 1 &&
           scan->token.text.at[0] == symbol;
}

static void add(struct path *path, struct tg_str text)
{
    if (text.length >= PATH_BYTES - path->length) {
        path->length = PATH_BYTES;
        return;
    }
    memcpy(path->text + path->length, text.at, text.length);
    path->length += text.length;
}

static void add_name(struct path *path, struct tg_str name)
{
    add(path, TG_STR("."));
    add(path, name);
}

static void add_index(struct path *path, struct tg_str digits)
{
    add(path, TG_STR("["));
    add(path, digits);
    add(path, TG_STR("]"));
}

static void add_position(struct path *path, unsigned position)
{
    char digits[12];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + position % 10);
        position /= 10;
    } while (position > 0);
    add_index(path, tg_str(digits + at, sizeof(digits) - at));
}

static void tell(const struct walk *walk, const struct path *path, int line)
{
    if (path->length < PATH_BYTES) {
        walk->on_key(walk->self, tg_str(path->text, path->length), line);
    }
}

/* "[" has been seen: reads the number or text and "]" into the path. */
static bool read_subscript(struct scan *scan, struct path *path)
{
    next(scan);
    struct token inside = scan->token;
    if (inside.kind != TOKEN_NUMBER && inside.kind != TOKEN_TEXT) {
        return false;
    }
    next(scan);
    if (!is_symbol(scan, ']')) {
        return false;
    }
    next(scan);
    if (inside.kind == TOKEN_NUMBER) {
        add_index(path, inside.text);
    } else {
        add_name(path, inside.text);
    }
    return true;
}

static bool is_word(const struct scan *scan, const char *const *words)
{
    for (; *words; words++) {
        if (scan->token.kind == TOKEN_NAME && tg_str_is(scan->token.text, tg_str_of(*words))) {
            return true;
        }
    }
    return false;
}

/* while and for have a do of their own. */
static bool opens_block(const struct scan *scan)
{
    static const char *const words[] = {"function", "do", "if", "repeat", NULL};
    return is_word(scan, words);
}

static bool closes_block(const struct scan *scan)
{
    static const char *const words[] = {"end", "until", NULL};
    return is_word(scan, words);
}

/* To the end of a field's value; the commas in a function's body are none of its table. */
static void skip_value(struct scan *scan)
{
    unsigned nested = 0;

    while (scan->token.kind != TOKEN_END) {
        bool opens = is_symbol(scan, '{') || is_symbol(scan, '(') || is_symbol(scan, '[') ||
                     opens_block(scan);
        bool closes = is_symbol(scan, '}') || is_symbol(scan, ')') || is_symbol(scan, ']') ||
                      (nested > 0 && closes_block(scan));
        if (nested == 0 && (closes || is_symbol(scan, ',') || is_symbol(scan, ';'))) {
            return;
        }
        nested += opens ? 1 : 0;
        nested -= closes ? 1 : 0;
        next(scan);
    }
}

/* At the first token of a field: appends its key to the path and passes "=". */
static void read_field_key(struct scan *scan, struct path *path, unsigned *position)
{
    struct scan ahead = *scan;
    struct path named = *path;
    bool is_named = false;

    if (ahead.token.kind == TOKEN_NAME) {
        add_name(&named, ahead.token.text);
        next(&ahead);
        is_named = is_symbol(&ahead, '=');
    } else if (is_symbol(&ahead, '[')) {
        is_named = read_subscript(&ahead, &named) && is_symbol(&ahead, '=');
    }
    if (is_named) {
        next(&ahead);
        *scan = ahead;
        *path = named;
    } else {
        add_position(path, (*position)++);
    }
}

/* "{" is the token. Leaves the token after its "}". */
static void walk_constructor(struct walk *walk, const struct path *path, int depth)
{
    struct scan *scan = &walk->scan;
    unsigned position = 1;

    next(scan);
    while (scan->token.kind != TOKEN_END && !is_symbol(scan, '}')) {
        struct path field = *path;
        int line = scan->token.line;
        const char *before = scan->rest.at;
        read_field_key(scan, &field, &position);
        tell(walk, &field, line);
        if (is_symbol(scan, '{') && depth < DEPTH_MAX) {
            walk_constructor(walk, &field, depth + 1);
        }
        skip_value(scan);
        if (is_symbol(scan, ',') || is_symbol(scan, ';') || scan->rest.at == before) {
            next(scan);
        } else if (!is_symbol(scan, '}')) {
            return; /* no Lua: a bracket that nothing opened */
        }
    }
    next(scan);
}

/* Passes "name(" and "name" where a constructor follows: return setmetatable({ ... }). */
static void skip_call(struct scan *scan)
{
    struct scan ahead = *scan;

    if (ahead.token.kind != TOKEN_NAME) {
        return;
    }
    next(&ahead);
    if (is_symbol(&ahead, '(')) {
        next(&ahead);
    }
    if (is_symbol(&ahead, '{')) {
        *scan = ahead;
    }
}

/* A block begins here: passes it, with those inside, and its end. */
static void skip_block(struct scan *scan)
{
    int nested = 0;

    do {
        nested += opens_block(scan) ? 1 : 0;
        nested -= closes_block(scan) ? 1 : 0;
        next(scan);
    } while (nested > 0 && scan->token.kind != TOKEN_END);
}

/* A name is the token: reads "name.name[1]" and, behind "=", a constructor. */
static void walk_statement(struct walk *walk)
{
    struct scan *scan = &walk->scan;
    struct path path = {.length = 0};
    int line = scan->token.line;

    if (tg_str_is(scan->token.text, TG_STR("return"))) {
        walk->on_key(walk->self, TG_STR(""), line);
        next(scan);
        if (opens_block(scan)) {
            skip_block(scan); /* a function, whose returns are its own */
            return;
        }
        skip_call(scan);
        if (is_symbol(scan, '{')) {
            walk_constructor(walk, &path, 1);
        }
        return;
    }
    add(&path, scan->token.text);
    next(scan);
    for (;;) {
        if (is_symbol(scan, '.')) {
            next(scan);
            if (scan->token.kind != TOKEN_NAME) {
                return;
            }
            add_name(&path, scan->token.text);
            next(scan);
        } else if (is_symbol(scan, '[')) {
            if (!read_subscript(scan, &path)) {
                return;
            }
        } else {
            break;
        }
    }
    if (!is_symbol(scan, '=')) {
        return;
    }
    tell(walk, &path, line);
    next(scan);
    if (is_symbol(scan, '{')) {
        walk_constructor(walk, &path, 1);
    }
}

void tg_config_lines_walk(struct tg_str source, tg_config_lines_fn on_key, void *self)
{
    struct walk walk = {{.rest = source, .line = 1}, on_key, self};

    if (source.length == 0) {
        return;
    }
    next(&walk.scan);
    while (walk.scan.token.kind != TOKEN_END) {
        if (walk.scan.token.kind == TOKEN_NAME) {
            walk_statement(&walk);
        } else {
            next(&walk.scan);
        }
    }
}
