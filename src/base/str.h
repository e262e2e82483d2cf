/* SPDX-License-Identifier: MIT */
/* A view of octets: pointer and length, not terminated, never owning.
 * Lives in: every process. A view is passed and looked at, not stored. */
#ifndef TG_BASE_STR_H
#define TG_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct tg_str {
    const char *at;
    size_t length;
};

/* For printf's "%.*s": TG_STR_ARGS(s). */
#define TG_STR_ARGS(s) (int)(s).length, (s).at
#define TG_STR(literal) ((struct tg_str){(literal), sizeof(literal) - 1})

static inline struct tg_str tg_str(const char *at, size_t length)
{
    return (struct tg_str){at, length};
}

/* NULL gives the empty view. */
static inline struct tg_str tg_str_of(const char *text)
{
    return (struct tg_str){text, text ? strlen(text) : 0};
}

static inline bool tg_str_is(struct tg_str a, struct tg_str b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

/* ASCII letters alike; for header names and tokens (RFC 9110 section 5.1). */
bool tg_str_is_caseless(struct tg_str a, struct tg_str b);

bool tg_str_starts(struct tg_str text, struct tg_str start);

/* Without blanks and tabs at both ends (OWS, RFC 9110 section 5.6.3). */
struct tg_str tg_str_trim(struct tg_str text);

/* Takes the part before the first separator off *rest and gives it; *rest is then what follows
 * the separator. Without a separator the whole is given and rest->at becomes NULL. */
struct tg_str tg_str_split(struct tg_str *rest, char separator);

/* A terminated copy, freed by the caller with free(). NULL when memory is short. */
char *tg_str_copy(struct tg_str text);

#endif
