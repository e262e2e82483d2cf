/* SPDX-License-Identifier: MIT */
/* Steps of 32 octets, on CPUs with AVX2, which is asked for while running: the program is built for
 * any x86-64. Where TG_WIDE_TARGET isn't defined (another CPU, or a build with TG_PORTABLE, by
 * which the tests run the other way too) steps are of 8 octets. Lives in: a worker. Pure. */
#ifndef TG_BASE_WIDE_H
#define TG_BASE_WIDE_H

#if defined(__x86_64__) && !defined(TG_PORTABLE)

#include <stdbool.h>
#include <stdint.h>

#include <immintrin.h>

enum { TG_WIDE = 32 };

/* In front of a function that must only be called when tg_wide_is_there. */
#define TG_WIDE_TARGET __attribute__((target("avx2")))

static inline bool tg_wide_is_there(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}

TG_WIDE_TARGET static inline __m256i tg_wide_load(const uint8_t *octets)
{
    return _mm256_loadu_si256((const __m256i_u *)(const void *)octets);
}

TG_WIDE_TARGET static inline void tg_wide_store(uint8_t *octets, __m256i wide)
{
    _mm256_storeu_si256((__m256i_u *)(void *)octets, wide);
}

#endif

#endif
