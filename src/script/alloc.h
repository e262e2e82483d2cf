/* SPDX-License-Identifier: MIT */
/* The memory of one Lua state: counted to the octet, capped.
 * Lives in: a worker, inside a vm. Owns: the count; the blocks are the state's. */
#ifndef TG_SCRIPT_ALLOC_H
#define TG_SCRIPT_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

struct tg_alloc {
    size_t used;  /* octets that malloc gave */
    size_t limit; /* octets at most */
    bool is_dry;  /* nothing is given, as if memory were short: a fault of the test kit */
};

/* A lua_Alloc; self is a struct tg_alloc. NULL, which Lua turns into an ordinary error, when the
 * limit would be passed or memory is short. */
void *tg_alloc_resize(void *self, void *block, size_t old_size, size_t new_size);

#endif
