/* SPDX-License-Identifier: MIT */
#include "fake_memory.h"

#include <stdlib.h>

static struct {
    bool is_armed;
    bool has_failed;
    uint32_t left;
} state;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);

void fake_memory_fail_after(uint32_t count)
{
    state.is_armed = true;
    state.has_failed = false;
    state.left = count;
}

bool fake_memory_heal(void)
{
    state.is_armed = false;
    return state.has_failed;
}

static bool fails_now(void)
{
    if (!state.is_armed || state.has_failed) {
        return false;
    }
    if (state.left > 0) {
        state.left--;
        return false;
    }
    state.has_failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size)
{
    return fails_now() ? NULL : __real_realloc(at, size);
}
