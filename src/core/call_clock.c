/* SPDX-License-Identifier: MIT */
#include "core/call_clock.h"

#include <signal.h>

bool tg_call_clock_read(const struct tg_call_clock *clock, struct tg_call_moment *moment)
{
    uint64_t before = atomic_load_explicit(&clock->sequence, memory_order_acquire);
    uint64_t terms = atomic_load_explicit(&clock->terms, memory_order_acquire);
    uint64_t after = atomic_load_explicit(&clock->sequence, memory_order_relaxed);

    *moment = (struct tg_call_moment){
        .sequence = before,
        .budget_ms = (uint32_t)terms,
        .gateway = (uint32_t)(terms >> 32),
    };
    return before == after;
}

int tg_call_clock_signal(void)
{
    return SIGUSR2; /* SIGUSR1: the supervisor has died (worker/orphan.h) */
}

void tg_call_clock_reset(struct tg_call_clock *clock)
{
    atomic_store(&clock->sequence, 0);
    atomic_store(&clock->terms, 0);
}
