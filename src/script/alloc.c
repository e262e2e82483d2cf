/* SPDX-License-Identifier: MIT */
/* What is counted is what malloc gave, not what the state says: LuaJIT of 2022 names a wrong size
 * when memory ran out half-way through a closure, and the count would drift. */
#include "script/alloc.h"

#include <malloc.h>
#include <stdlib.h>

/* malloc may give that much more than asked for. */
enum { ROUNDING_MAX = 24 };

static size_t room(const struct tg_alloc *alloc)
{
    return alloc->limit > alloc->used ? alloc->limit - alloc->used : 0;
}

void *tg_alloc_resize(void *self, void *block, size_t old_size, size_t new_size)
{
    struct tg_alloc *alloc = self;
    size_t held = block ? malloc_usable_size(block) : 0;

    (void)old_size;
    if (new_size == 0) {
        free(block);
        alloc->used -= held;
        return NULL;
    }
    if (new_size > held && (alloc->is_dry || new_size - held + ROUNDING_MAX > room(alloc))) {
        return NULL;
    }
    void *resized = realloc(block, new_size);
    if (resized) {
        alloc->used += malloc_usable_size(resized);
        alloc->used -= held;
    }
    return resized;
}
