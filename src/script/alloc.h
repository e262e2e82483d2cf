/* SPDX-License-Identifier: MIT */
/* The memory of one Lua state: counted to the octet, capped. Small blocks that the state gives back
 * are kept for it, by size, since each message takes and gives a few.
 * Lives in: a worker, inside a vm. Owns: the count and the kept blocks; the others are the state's.
 */
#ifndef TG_SCRIPT_ALLOC_H
#define TG_SCRIPT_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* Sizes of blocks that are kept: TG_ALLOC_STEP apart, the row's number times that and 8. */
enum { TG_ALLOC_STEP = 16, TG_ALLOC_ROWS = 17 };

/* A kept block, in its own octets. */
struct tg_alloc_block {
    struct tg_alloc_block *next;
    size_t size; /* what malloc gave */
};

struct tg_alloc {
    size_t used;  /* octets that malloc gave and the state has */
    size_t kept;  /* and that it doesn't have: they count against the limit, but give way to it */
    size_t limit; /* octets at most */
    bool is_dry;  /* nothing is given, as if memory were short: a fault of the test kit */
    struct tg_alloc_block *rows[TG_ALLOC_ROWS];
};

/* A lua_Alloc; self is a struct tg_alloc. NULL, which Lua turns into an ordinary error, when the
 * limit would be passed or memory is short. */
void *tg_alloc_resize(void *self, void *block, size_t old_size, size_t new_size);

/* Frees what is kept. At the end, and whenever the memory may be of use to others. */
void tg_alloc_release(struct tg_alloc *alloc);

#endif
