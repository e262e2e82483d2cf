/* SPDX-License-Identifier: MIT */
/* Tokens that clients bring, one per line of a file, each used in turn and again from the first.
 * Lives in: the load generator. Owns: the file's octets. */
#ifndef TG_BENCH_TOKEN_LIST_H
#define TG_BENCH_TOKEN_LIST_H

#include <stdbool.h>
#include <stddef.h>

enum { TG_TOKEN_LIST_OCTETS_MAX = 256 << 20, TG_TOKEN_OCTETS_MAX = 8192 };

/* All zero: no tokens. */
struct tg_token_list {
    char *octets; /* lines, each ended by '\0' */
    size_t length;
    size_t next; /* offset of the one that comes next */
};

/* False, told on standard error: the file can't be read, is too large, empty, or has an empty or
 * too long line. */
bool tg_token_list_read(struct tg_token_list *list, const char *path);

/* The next one; NULL when there are none. */
const char *tg_token_list_take(struct tg_token_list *list);

/* Accepts zeroes. */
void tg_token_list_fini(struct tg_token_list *list);

#endif
