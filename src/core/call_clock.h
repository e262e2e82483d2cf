/* SPDX-License-Identifier: MIT */
/* Which call into a script a worker is in, and how much CPU time it may take: what the supervisor
 * judges by. The worker writes plain stores and reads no clock, since it does so for each message.
 * Lives in: a worker's row of the shared page. */
#ifndef TG_CORE_CALL_CLOCK_H
#define TG_CORE_CALL_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Written by the worker, but for tg_call_clock_reset. */
struct tg_call_clock {
    _Atomic uint64_t sequence; /* odd: inside of a call; raised when one begins and when it ends */
    _Atomic uint64_t terms;    /* of the call: tg_call_terms */
};

/* What one moment of the clock says. */
struct tg_call_moment {
    uint64_t sequence; /* even: inside of no call, the rest says nothing */
    uint32_t budget_ms;
    uint32_t gateway; /* its index in the row's table of gateways */
};

static inline uint64_t tg_call_terms(uint32_t gateway, uint32_t budget_ms)
{
    return (uint64_t)gateway << 32 | budget_ms;
}

/* Released in this order, so that whoever reads the same number before and after the terms has read
 * terms of that call. On x86 these are plain stores. */
static inline void tg_call_clock_begin(struct tg_call_clock *clock, uint64_t terms)
{
    uint64_t now = atomic_load_explicit(&clock->sequence, memory_order_relaxed);

    atomic_store_explicit(&clock->terms, terms, memory_order_release);
    atomic_store_explicit(&clock->sequence, now + 1, memory_order_release);
}

static inline void tg_call_clock_end(struct tg_call_clock *clock)
{
    uint64_t now = atomic_load_explicit(&clock->sequence, memory_order_relaxed);

    atomic_store_explicit(&clock->sequence, now + 1, memory_order_release);
}

static inline uint64_t tg_call_clock_sequence(const struct tg_call_clock *clock)
{
    return atomic_load_explicit(&clock->sequence, memory_order_relaxed);
}

/* False when the call ended meanwhile: nothing is known then. */
bool tg_call_clock_read(const struct tg_call_clock *clock, struct tg_call_moment *moment);

/* The signal that tells a worker, with the call's sequence number as its value, that the budget is
 * used up. */
int tg_call_clock_signal(void);

/* The worker has died. */
void tg_call_clock_reset(struct tg_call_clock *clock);

#endif
