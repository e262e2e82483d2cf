/* SPDX-License-Identifier: MIT */
#include "core/tally.h"

static void clear(struct tg_tally *tally)
{
    /* First, so that whoever reads it before and after sees that the figures are nobody's. */
    atomic_store(&tally->counter, 0);
    atomic_store(&tally->calls, 0);
    atomic_store(&tally->failures, 0);
    atomic_store(&tally->timeouts, 0);
    atomic_store(&tally->memory_bytes, 0);
    atomic_store(&tally->memory_limit, 0);
    atomic_store(&tally->clients, 0);
    atomic_store(&tally->breach, TG_BREACH_NONE);
    atomic_store(&tally->is_settled, 0);
    for (uint32_t i = 0; i < TG_TALLY_SEATS; i++) {
        struct tg_tally_seat *seat = &tally->seats[i];
        atomic_store_explicit(&seat->address, 0, memory_order_relaxed);
        atomic_store_explicit(&seat->harmed, 0, memory_order_relaxed);
        atomic_store_explicit(&seat->calls, 0, memory_order_relaxed);
        atomic_store_explicit(&seat->failures, 0, memory_order_relaxed);
        atomic_store_explicit(&seat->timeouts, 0, memory_order_relaxed);
    }
}

void tg_tally_begin(struct tg_tally *tally, uint64_t counter, uint64_t memory_limit)
{
    clear(tally);
    atomic_store(&tally->memory_limit, memory_limit);
    atomic_store(&tally->counter, counter);
}

void tg_tally_end(struct tg_tally *tally)
{
    clear(tally);
}

uint32_t tg_tally_choose(const struct tg_tally *tally, uint64_t serial, uint64_t key)
{
    uint32_t first = (uint32_t)((serial * key) >> (64 - TG_TALLY_SEAT_BITS));

    for (uint32_t i = 0; i < TG_TALLY_SEATS; i++) {
        uint32_t at = (first + i) % TG_TALLY_SEATS;
        if (atomic_load_explicit(&tally->seats[at].address, memory_order_relaxed) == 0) {
            return at;
        }
    }
    return first;
}
