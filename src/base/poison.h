/* SPDX-License-Identifier: MIT */
/* Memory that is kept for later and that nobody may touch meanwhile: under AddressSanitizer, as gcc
 * builds it, whoever does is caught, as if it had been freed.
 * Lives in: every process. */
#ifndef TG_BASE_POISON_H
#define TG_BASE_POISON_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
/* Of the sanitizer's interface. */
void __asan_poison_memory_region(const volatile void *at, size_t size);
void __asan_unpoison_memory_region(const volatile void *at, size_t size);
#endif

static inline void tg_poison_set(const void *at, size_t size)
{
#if defined(__SANITIZE_ADDRESS__)
    __asan_poison_memory_region(at, size);
#else
    (void)at;
    (void)size;
#endif
}

/* The memory may be touched, and freed, again. */
static inline void tg_poison_clear(const void *at, size_t size)
{
#if defined(__SANITIZE_ADDRESS__)
    __asan_unpoison_memory_region(at, size);
#else
    (void)at;
    (void)size;
#endif
}

#endif
