/* SPDX-License-Identifier: MIT */
/* The algorithm is that of Lua 5.1: items of the pattern one after another, and where an item may
 * take more or fewer octets, a recursion for what follows. Recursion is what costs depth; the loop
 * over plain items does not. */
#include "script/pattern.h"

#include <string.h>

enum {
    SET_SHIFT = 4,        /* a step looks at 16 octets of a set or of a back reference */
    WINDOW_BYTES = 65536, /* searched for plain text between two steps */
    NEAR_PLACES = 8       /* tried one by one before a search is prepared */
};

enum {
    CONTROL = 1,
    SPACE = 2,
    PUNCTUATION = 4,
    DIGIT = 8,
    HEX_DIGIT = 16,
    UPPER = 32,
    LOWER = 64,
    SPECIAL = 128, /* means something in a pattern */
    LETTER = UPPER | LOWER,
    ALPHANUMERIC = LETTER | DIGIT,
    GRAPHIC = ALPHANUMERIC | PUNCTUATION
};

/* ASCII alone, whatever the locale: octets past it are in no class. */
/* clang-format off */
static const unsigned char classes[256] = {
    1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    2, 4, 4, 4, 132, 132, 4, 4, 132, 4, 132, 132, 4, 132, 132, 4,
    24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 4, 4, 4, 4, 4, 132,
    4, 48, 48, 48, 48, 48, 48, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 132, 4, 4, 132, 4,
    4, 80, 80, 80, 80, 80, 80, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 4, 4, 4, 4, 1,
};
/* clang-format on */

/* A single-octet item of the pattern. */
struct item {
    const char *at;
    const char *end;
    size_t cost; /* of looking at one octet, in steps */
};

static const char *match(struct tg_pattern *m, const char *s, const char *p);

static const char *fail(struct tg_pattern *m, const char *error)
{
    m->error = error;
    return NULL;
}

static bool ask(struct tg_pattern *m)
{
    if (m->is_stopped && m->is_stopped(m->cookie)) {
        m->error = "the match was stopped";
        return true;
    }
    m->steps = TG_PATTERN_STEPS;
    return false;
}

static inline bool is_stopped(struct tg_pattern *m, size_t cost)
{
    if (cost < m->steps) {
        m->steps -= cost;
        return false;
    }
    return ask(m);
}

/* --- single octets --- */

static inline unsigned octet(const char *at)
{
    return (unsigned char)*at;
}

/* The octets of a class letter in lower case; 0: it is none. */
static unsigned class_of(unsigned letter)
{
    switch (letter | 0x20) {
    case 'a':
        return LETTER;
    case 'c':
        return CONTROL;
    case 'd':
        return DIGIT;
    case 'g':
        return GRAPHIC;
    case 'l':
        return LOWER;
    case 'p':
        return PUNCTUATION;
    case 's':
        return SPACE;
    case 'u':
        return UPPER;
    case 'w':
        return ALPHANUMERIC;
    case 'x':
        return HEX_DIGIT;
    default:
        return 0;
    }
}

/* Whether c is what the octet after a '%' means. */
static bool is_in_class(unsigned c, unsigned letter)
{
    unsigned class = classes[letter] & LETTER ? class_of(letter) : 0;

    if (class) {
        bool is_member = (classes[c] & class) != 0;
        return is_member == (letter >= 'a');
    }
    if (letter == 'z') {
        return c == 0;
    }
    if (letter == 'Z') {
        return c != 0;
    }
    return c == letter;
}

/* Whether c is in the set from its '[' at p to its ']' at end. */
static bool is_in_set(unsigned c, const char *p, const char *end)
{
    bool is_wanted = true;

    if (p[1] == '^') {
        is_wanted = false;
        p++;
    }
    while (++p < end) {
        if (*p == '%') {
            p++;
            if (is_in_class(c, octet(p))) {
                return is_wanted;
            }
        } else if (p[1] == '-' && p + 2 < end) {
            p += 2;
            if (octet(p - 2) <= c && c <= octet(p)) {
                return is_wanted;
            }
        } else if (octet(p) == c) {
            return is_wanted;
        }
    }
    return !is_wanted;
}

static inline bool is_matched(const struct item *item, unsigned c)
{
    switch (*item->at) {
    case '.':
        return true;
    case '%':
        return is_in_class(c, octet(item->at + 1));
    case '[':
        return is_in_set(c, item->at, item->end - 1);
    default:
        return octet(item->at) == c;
    }
}

/* The end of the set that starts at p; NULL with an error. */
static const char *set_end(struct tg_pattern *m, const char *p)
{
    p++;
    if (*p == '^') {
        p++;
    }
    /* The first octet is a member even when it is a ']'. */
    do {
        if (*p == '\0') {
            return fail(m, "malformed pattern (missing ']')");
        }
        if (*p++ == '%' && *p != '\0') {
            p++;
        }
    } while (*p != ']');
    return p + 1;
}

/* Reads the item at p. False with an error. */
static inline bool read_item(struct tg_pattern *m, const char *p, struct item *item)
{
    item->at = p;
    item->cost = 1;
    if (*p == '[') {
        item->end = set_end(m, p);
        item->cost += (size_t)(item->end ? item->end - p : 0) >> SET_SHIFT;
        return item->end != NULL;
    }
    if (*p == '%' && p[1] == '\0') {
        return fail(m, "malformed pattern (ends with '%')") != NULL;
    }
    item->end = p + (*p == '%' ? 2 : 1);
    return true;
}

/* --- items that take more than one octet --- */

/* %bxy, with p at the x. */
static const char *match_balance(struct tg_pattern *m, const char *s, const char *p)
{
    size_t open = 1;

    if (p[0] == '\0' || p[1] == '\0') {
        return fail(m, "unbalanced pattern");
    }
    if (s >= m->end || *s != p[0]) {
        return NULL;
    }
    for (s++; s < m->end; s++) {
        if (is_stopped(m, 1)) {
            return NULL;
        }
        if (*s == p[1]) {
            if (--open == 0) {
                return s + 1;
            }
        } else if (*s == p[0]) {
            open++;
        }
    }
    return NULL;
}

/* %f[set], with p at the '['. Gives the end of the set where the frontier is. */
static const char *match_frontier(struct tg_pattern *m, const char *s, const char *p)
{
    struct item set;

    if (*p != '[') {
        return fail(m, "missing '[' after '%f' in pattern");
    }
    if (!read_item(m, p, &set) || is_stopped(m, set.cost)) {
        return NULL;
    }
    unsigned before = s == m->subject ? 0 : octet(s - 1);
    unsigned after = s < m->end ? octet(s) : 0;
    return !is_matched(&set, before) && is_matched(&set, after) ? set.end : NULL;
}

/* %1 to %9. */
static const char *match_again(struct tg_pattern *m, const char *s, unsigned digit)
{
    int i = (int)digit - '1';

    if (i < 0 || i >= m->count || m->captures[i].length == TG_PATTERN_OPEN) {
        return fail(m, "invalid capture index");
    }
    /* A position is longer than any subject. */
    size_t length = (size_t)m->captures[i].length;
    if ((size_t)(m->end - s) < length || is_stopped(m, length >> SET_SHIFT)) {
        return NULL;
    }
    return memcmp(m->captures[i].at, s, length) == 0 ? s + length : NULL;
}

/* As many octets as possible, then fewer. */
static const char *expand_most(struct tg_pattern *m, const char *s, const struct item *item)
{
    ptrdiff_t taken = 0;

    while (s + taken < m->end && is_matched(item, octet(s + taken))) {
        if (is_stopped(m, item->cost)) {
            return NULL;
        }
        taken++;
    }
    for (; taken >= 0; taken--) {
        const char *end = match(m, s + taken, item->end + 1);
        if (end || m->error) {
            return end;
        }
    }
    return NULL;
}

/* As few octets as possible, then more. */
static const char *expand_least(struct tg_pattern *m, const char *s, const struct item *item)
{
    for (;;) {
        const char *end = match(m, s, item->end + 1);
        if (end || m->error) {
            return end;
        }
        if (s == m->end || !is_matched(item, octet(s)) || is_stopped(m, item->cost)) {
            return NULL;
        }
        s++;
    }
}

static const char *open_capture(struct tg_pattern *m, const char *s, const char *p)
{
    bool is_position = p[1] == ')';

    if (m->count == TG_PATTERN_CAPTURES_MAX) {
        return fail(m, "too many captures");
    }
    m->captures[m->count].at = s;
    m->captures[m->count].length = is_position ? TG_PATTERN_POSITION : TG_PATTERN_OPEN;
    m->count++;
    const char *end = match(m, s, p + (is_position ? 2 : 1));
    if (!end) {
        m->count--;
    }
    return end;
}

static const char *close_capture(struct tg_pattern *m, const char *s, const char *p)
{
    int i = m->count - 1;

    while (i >= 0 && m->captures[i].length != TG_PATTERN_OPEN) {
        i--;
    }
    if (i < 0) {
        return fail(m, "invalid pattern capture");
    }
    m->captures[i].length = s - m->captures[i].at;
    const char *end = match(m, s, p + 1);
    if (!end) {
        m->captures[i].length = TG_PATTERN_OPEN;
    }
    return end;
}

/* --- the pattern --- */

/* What a '%' at *p starts, when it is no single octet: moves *s and *p past it. True when it was
 * such an item; *s is NULL when it does not match. */
static bool match_escape(struct tg_pattern *m, const char **s, const char **p)
{
    unsigned letter = octet(*p + 1);
    const char *end;

    switch (letter) {
    case 'b':
        *s = match_balance(m, *s, *p + 2);
        *p += *s ? 4 : 0;
        return true;
    case 'f':
        end = match_frontier(m, *s, *p + 2);
        *s = end ? *s : NULL;
        *p = end;
        return true;
    default:
        if (!(classes[letter] & DIGIT)) {
            return false;
        }
        *s = match_again(m, *s, letter);
        *p += 2;
        return true;
    }
}

/* The single-octet item at *p with its suffix. True when the loop goes on at *s and *p; else *s is
 * the result. */
static inline bool match_item(struct tg_pattern *m, const char **s, const char **p)
{
    struct item item;

    if (!read_item(m, *p, &item) || is_stopped(m, item.cost)) {
        *s = NULL;
        return false;
    }
    bool is_match = *s < m->end && is_matched(&item, octet(*s));
    switch (*item.end) {
    case '?':
        *p = item.end + 1;
        if (is_match) {
            const char *end = match(m, *s + 1, *p);
            if (end || m->error) {
                *s = end;
                return false;
            }
        }
        return true;
    case '*':
        *s = expand_most(m, *s, &item);
        return false;
    case '+':
        *s = is_match ? expand_most(m, *s + 1, &item) : NULL;
        return false;
    case '-':
        *s = expand_least(m, *s, &item);
        return false;
    default:
        *s = is_match ? *s + 1 : NULL;
        *p = item.end;
        return is_match;
    }
}

static const char *match_here(struct tg_pattern *m, const char *s, const char *p)
{
    for (;;) {
        switch (*p) {
        case '\0':
            return s;
        case '(':
            return open_capture(m, s, p);
        case ')':
            return close_capture(m, s, p);
        case '$':
            if (p[1] == '\0') {
                return s == m->end ? s : NULL;
            }
            break;
        case '%':
            if (match_escape(m, &s, &p)) {
                if (!s || is_stopped(m, 1)) {
                    return NULL;
                }
                continue;
            }
            break;
        default:
            break;
        }
        if (!match_item(m, &s, &p)) {
            return s;
        }
    }
}

static const char *match(struct tg_pattern *m, const char *s, const char *p)
{
    if (++m->depth > TG_PATTERN_DEPTH_MAX) {
        return fail(m, "pattern too complex");
    }
    if (is_stopped(m, 1)) {
        return NULL;
    }
    const char *end = match_here(m, s, p);
    m->depth--;
    return end;
}

void tg_pattern_init(struct tg_pattern *pattern, struct tg_str subject, const char *text)
{
    pattern->subject = subject.at;
    pattern->end = subject.at + subject.length;
    pattern->pattern = text;
    pattern->is_stopped = NULL;
    pattern->cookie = NULL;
    pattern->steps = TG_PATTERN_STEPS;
    pattern->error = NULL;
    pattern->count = 0;
}

const char *tg_pattern_match(struct tg_pattern *pattern, const char *at)
{
    pattern->depth = 0;
    pattern->count = 0;
    return match(pattern, at, pattern->pattern);
}

const char *tg_pattern_search(struct tg_pattern *pattern, const char **at)
{
    for (const char *s = *at; s <= pattern->end; s++) {
        const char *end = tg_pattern_match(pattern, s);
        if (end || pattern->error) {
            *at = s;
            return end;
        }
    }
    return NULL;
}

bool tg_pattern_is_special(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (classes[octet(text.at + i)] & SPECIAL) {
            return true;
        }
    }
    return false;
}

/* Tries the first places that begin like the text, which mostly is enough. True when *at is the
 * result; else the search goes on there. */
static bool find_near(const struct tg_pattern *m, const char **at, struct tg_str text)
{
    for (int i = 0; i < NEAR_PLACES; i++) {
        size_t left = (size_t)(m->end - *at);
        size_t places = left >= text.length ? left - text.length + 1 : 0;
        *at = places > 0 ? memchr(*at, text.at[0], places) : NULL;
        if (!*at || memcmp(*at, text.at, text.length) == 0) {
            return true;
        }
        ++*at;
    }
    return false;
}

const char *tg_pattern_find_plain(struct tg_pattern *pattern, const char *at, struct tg_str text)
{
    /* The C library searches in linear time, but takes some to prepare a long text: windows are
     * no shorter than a few of it. */
    size_t window = text.length > WINDOW_BYTES / 4 ? text.length * 4 : (size_t)WINDOW_BYTES;

    if (text.length == 0 ||
        ((size_t)(pattern->end - at) <= WINDOW_BYTES && find_near(pattern, &at, text))) {
        return at;
    }
    for (;;) {
        size_t left = (size_t)(pattern->end - at);
        size_t length = left < window ? left : window;
        const char *found = memmem(at, length, text.at, text.length);
        if (found || length == left) {
            return found;
        }
        if (ask(pattern)) {
            return NULL;
        }
        at += length - text.length + 1;
    }
}
