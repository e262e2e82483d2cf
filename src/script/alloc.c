/* SPDX-License-Identifier: MIT */
/* What is counted is what malloc gave, not what the state says: LuaJIT of 2022 names a wrong size
 * when memory ran out half-way through a closure, and the count would drift. */
#include "script/alloc.h"

#include <malloc.h>
#include <stdlib.h>

#include "base/poison.h"

enum {
    ROUNDING_MAX = 24, /* malloc may give that much more than asked for */
    ROW_LEAST = 8,     /* the size of row 0 */
    SMALL_MAX = (TG_ALLOC_ROWS - 1) * TG_ALLOC_STEP + ROW_LEAST,
    KEPT_SHARE = 64 /* at most one of so many octets of the limit is kept */
};

_Static_assert(sizeof(struct tg_alloc_block) <= TG_ALLOC_STEP + ROW_LEAST, "row 1 holds it");

/* The row whose blocks hold size octets, at least 1. */
static inline size_t row_for(size_t size)
{
    return size <= TG_ALLOC_STEP + ROW_LEAST
               ? 1
               : (size + TG_ALLOC_STEP - ROW_LEAST - 1) / TG_ALLOC_STEP;
}

static inline size_t row_size(size_t row)
{
    return row * TG_ALLOC_STEP + ROW_LEAST;
}

/* Takes the first block of the row, which has one. */
static inline struct tg_alloc_block *take(struct tg_alloc *alloc, size_t row)
{
    struct tg_alloc_block *block = alloc->rows[row];

    tg_poison_clear(block, row_size(row));
    tg_poison_clear(block, block->size);
    alloc->rows[row] = block->next;
    alloc->kept -= block->size;
    return block;
}

void tg_alloc_release(struct tg_alloc *alloc)
{
    for (size_t row = 0; row < TG_ALLOC_ROWS; row++) {
        while (alloc->rows[row]) {
            free(take(alloc, row));
        }
    }
}

/* Whether size octets more may be asked of malloc. */
static bool has_room(struct tg_alloc *alloc, size_t size)
{
    size_t room = alloc->limit > alloc->used ? alloc->limit - alloc->used : 0;

    if (alloc->is_dry || size > room || room - size < ROUNDING_MAX) {
        return false;
    }
    if (alloc->kept > room - size - ROUNDING_MAX) {
        tg_alloc_release(alloc);
    }
    return true;
}

__attribute__((noinline)) static void *give_new(struct tg_alloc *alloc, size_t size)
{
    void *block = has_room(alloc, size) ? malloc(size) : NULL;

    if (block) {
        alloc->used += malloc_usable_size(block);
    }
    return block;
}

static inline void *give_small(struct tg_alloc *alloc, size_t size)
{
    size_t row = row_for(size);

    if (!alloc->rows[row] || alloc->is_dry || alloc->used + alloc->kept > alloc->limit) {
        return give_new(alloc, row_size(row));
    }
    struct tg_alloc_block *block = take(alloc, row);
    alloc->used += block->size;
    return block;
}

/* Keeps the block, or frees it when enough are kept. */
static inline void take_back(struct tg_alloc *alloc, void *at)
{
    struct tg_alloc_block *block = at;
    size_t size = malloc_usable_size(at);

    alloc->used -= size;
    if (size < row_size(1) || size >= row_size(TG_ALLOC_ROWS) ||
        alloc->kept + size > alloc->limit / KEPT_SHARE) {
        free(at);
        return;
    }
    /* All blocks of a row are at least as long as its size. */
    size_t row = (size - ROW_LEAST) / TG_ALLOC_STEP;
    block->next = alloc->rows[row];
    block->size = size;
    alloc->rows[row] = block;
    alloc->kept += size;
    tg_poison_set(block, size);
}

__attribute__((noinline)) static void *resize(struct tg_alloc *alloc, void *block, size_t size)
{
    size_t held = malloc_usable_size(block);

    if (size > held && !has_room(alloc, size - held)) {
        return NULL;
    }
    void *resized = realloc(block, size);
    if (resized) {
        alloc->used += malloc_usable_size(resized);
        alloc->used -= held;
    }
    return resized;
}

void *tg_alloc_resize(void *self, void *block, size_t old_size, size_t new_size)
{
    struct tg_alloc *alloc = self;

    (void)old_size;
    if (block && new_size > 0) {
        return resize(alloc, block, new_size);
    }
    if (block) {
        take_back(alloc, block);
        return NULL;
    }
    if (new_size - 1 < SMALL_MAX) {
        return give_small(alloc, new_size);
    }
    return new_size > 0 ? give_new(alloc, new_size) : NULL;
}
