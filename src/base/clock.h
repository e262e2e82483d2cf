/* SPDX-License-Identifier: MIT */
/* Time by an object, so that tests and the test kit can turn the hands.
 * Lives in: every process. */
#ifndef TG_BASE_CLOCK_H
#define TG_BASE_CLOCK_H

#include <stdint.h>

/* Both in milliseconds. mono never jumps and starts anywhere; wall is since the Unix epoch. */
struct tg_clock {
    uint64_t (*mono_ms)(void *self);
    uint64_t (*wall_ms)(void *self);
    void *self;
};

/* The kernel's clocks. Static. */
const struct tg_clock *tg_clock_system(void);

static inline uint64_t tg_clock_mono_ms(const struct tg_clock *clock)
{
    return clock->mono_ms(clock->self);
}

static inline uint64_t tg_clock_wall_ms(const struct tg_clock *clock)
{
    return clock->wall_ms(clock->self);
}

#endif
