/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <stddef.h>
#include <time.h>

static uint64_t read_ms(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t mono_ms(void *self)
{
    (void)self;
    return read_ms(CLOCK_MONOTONIC);
}

static uint64_t wall_ms(void *self)
{
    (void)self;
    return read_ms(CLOCK_REALTIME);
}

static const struct tg_clock system_clock = {mono_ms, wall_ms, NULL};

const struct tg_clock *tg_clock_system(void)
{
    return &system_clock;
}
