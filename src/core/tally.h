/* SPDX-License-Identifier: MIT */
/* How the live generation of a gateway does in one worker: what its calls came to, in all and by
 * client, and what memory it takes. The supervisor adds the workers' tallies up and judges a new
 * generation by them.
 * Lives in: a worker's row of the shared page. Written by that worker alone, with plain stores;
 * read by the supervisor. Figures are of the generation that counter names, and of nobody while it
 * is 0. */
#ifndef TG_CORE_TALLY_H
#define TG_CORE_TALLY_H

#include <stdatomic.h>
#include <stdint.h>

enum { TG_TALLY_SEATS = 128, TG_TALLY_SEAT_BITS = 7 };

enum tg_breach {
    TG_BREACH_NONE,
    TG_BREACH_HANDOVER /* save of the generation before, or restore of this one, failed */
};

enum tg_tally_outcome {
    TG_TALLY_DONE,
    TG_TALLY_FAILED,  /* raised, or had no memory to begin */
    TG_TALLY_OVERRAN, /* was stopped for its CPU budget */
    TG_TALLY_OUTCOMES
};

/* Calls made for some of the clients: of one, as long as there are seats enough. However many come,
 * the room stays the same. Addresses are hashes of an IPv4 address or IPv6 /64, the same in all
 * workers; 0: none yet. */
struct tg_tally_seat {
    _Atomic uint32_t address; /* of the first one that called */
    _Atomic uint32_t harmed;  /* of the first one whose call failed or overran */
    _Atomic uint32_t calls;   /* ended, in any way */
    _Atomic uint32_t failures;
    _Atomic uint32_t timeouts;
};

struct tg_tally {
    _Atomic uint64_t counter; /* of the generation; 0: the worker holds nothing in this slot */
    _Atomic uint64_t calls;   /* of clients and of timers, ended in any way */
    _Atomic uint64_t failures;
    _Atomic uint64_t timeouts;
    _Atomic uint64_t memory_bytes; /* of its state, as last looked at */
    _Atomic uint64_t memory_limit;
    _Atomic uint32_t clients;    /* connected, as last looked at */
    _Atomic uint32_t breach;     /* enum tg_breach */
    _Atomic uint32_t is_settled; /* the generation before has handed over; nothing is owed */
    struct tg_tally_seat seats[TG_TALLY_SEATS];
};

/* Another generation is live: all figures begin anew. */
void tg_tally_begin(struct tg_tally *tally, uint64_t counter, uint64_t memory_limit);

/* Nobody is. */
void tg_tally_end(struct tg_tally *tally);

static inline void tg_tally_raise(_Atomic uint64_t *figure)
{
    uint64_t now = atomic_load_explicit(figure, memory_order_relaxed);
    atomic_store_explicit(figure, now + 1, memory_order_relaxed);
}

static inline void tg_tally_raise_seat(_Atomic uint32_t *figure)
{
    uint32_t now = atomic_load_explicit(figure, memory_order_relaxed);
    atomic_store_explicit(figure, now + 1, memory_order_relaxed);
}

/* A call has ended. */
static inline void tg_tally_count(struct tg_tally *tally, enum tg_tally_outcome outcome)
{
    tg_tally_raise(&tally->calls);
    if (outcome != TG_TALLY_DONE) {
        tg_tally_raise(outcome == TG_TALLY_FAILED ? &tally->failures : &tally->timeouts);
    }
}

/* The index of a seat for a client: one where nobody has called, or else the one that a keyed hash
 * says. key: odd, the worker's secret. */
uint32_t tg_tally_choose(const struct tg_tally *tally, uint64_t serial, uint64_t key);

/* It was made for a client: the same in its seat. */
static inline void tg_tally_count_seat(struct tg_tally_seat *seat, enum tg_tally_outcome outcome)
{
    tg_tally_raise_seat(&seat->calls);
    if (outcome != TG_TALLY_DONE) {
        tg_tally_raise_seat(outcome == TG_TALLY_FAILED ? &seat->failures : &seat->timeouts);
    }
}

#endif
