/* SPDX-License-Identifier: MIT */
/* Lua 5.1 patterns over octets, by backtracking, with LuaJIT's results and error texts. A pattern
 * ends at its first NUL. Work is counted: every few thousand steps the caller is asked whether to
 * go on, so that no pattern can hold the process; nesting is bounded.
 * Lives in: a worker. Pure; owns nothing, allocates nothing. */
#ifndef TG_SCRIPT_PATTERN_H
#define TG_SCRIPT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { TG_PATTERN_CAPTURES_MAX = 32, TG_PATTERN_DEPTH_MAX = 200, TG_PATTERN_STEPS = 4096 };

/* Lengths of captures that are no text. */
enum { TG_PATTERN_OPEN = -1, TG_PATTERN_POSITION = -2 };

struct tg_pattern_capture {
    const char *at; /* into the subject */
    ptrdiff_t length;
};

/* One subject and one pattern, matched at as many places as wanted. */
struct tg_pattern {
    const char *subject;
    const char *end;     /* of the subject */
    const char *pattern; /* NUL-terminated, without an anchor */
    /* Asked every TG_PATTERN_STEPS steps; true ends the match with an error. */
    bool (*is_stopped)(void *cookie);
    void *cookie;
    size_t steps; /* left until it is asked */
    int depth;

    const char *error; /* a static text when a match failed for another reason than no match */
    int count;         /* of captures of the last match */
    struct tg_pattern_capture captures[TG_PATTERN_CAPTURES_MAX];
};

/* Nothing is copied: subject, pattern and cookie must stay. */
void tg_pattern_init(struct tg_pattern *pattern, struct tg_str subject, const char *text);

/* Matches at one place of the subject. Gives the end of the match, or NULL: no match, or an error
 * (then pattern->error is set). */
const char *tg_pattern_match(struct tg_pattern *pattern, const char *at);

/* The first match at or after *at, which is moved to its start. NULL as above. */
const char *tg_pattern_search(struct tg_pattern *pattern, const char **at);

/* Whether the text means something else than itself as a pattern. */
bool tg_pattern_is_special(struct tg_str text);

/* The first place at or after at where the subject has the text as it is, or NULL; an error as
 * above. Takes time in proportion to the subject. */
const char *tg_pattern_find_plain(struct tg_pattern *pattern, const char *at, struct tg_str text);

#endif
