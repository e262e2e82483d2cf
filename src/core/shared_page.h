/* SPDX-License-Identifier: MIT */
/* The page that all processes share: seats for admission, counters, heartbeats.
 * Lives in: every process; made by the supervisor before it spawns, inherited over fork.
 * Each field says who writes it. */
#ifndef TG_CORE_SHARED_PAGE_H
#define TG_CORE_SHARED_PAGE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/call_clock.h"
#include "core/deploy_table.h"
#include "core/gateway_rows.h"
#include "core/tally.h"
#include "core/unloaded.h"
#include "core/vote.h"

struct tg_seat_table; /* core/seat_table.h */

enum { TG_PAGE_WORKERS_MAX = 64, TG_PAGE_COUNTERS_MAX = 192 };

enum tg_worker_phase {
    TG_WORKER_STARTING,
    TG_WORKER_SERVING, /* accepts clients */
    TG_WORKER_DRAINING
};

/* A worker's row. Written by that worker, and by the supervisor after waitpid (tg_page_reset_row);
 * read by all. */
struct tg_page_row {
    _Atomic uint32_t seats; /* reserved or connected; raised under the mutex (core/seats.h) */
    _Atomic uint32_t phase; /* enum tg_worker_phase */
    _Atomic uint64_t heartbeat_ms; /* monotonic */
    _Atomic uint64_t pid;
    struct tg_call_clock calls;                      /* into scripts */
    struct tg_gateway_rows gateways;                 /* whose code those are in */
    struct tg_vote vote;                             /* on the candidate it was sent last */
    _Atomic uint64_t slots_held;                     /* a bit per slot that it has anything in */
    struct tg_tally tallies[TG_GATEWAYS_MAX];        /* of live generations, by slot */
    _Atomic uint64_t counters[TG_PAGE_COUNTERS_MAX]; /* the owner of the names is hub/counter.h */
};

struct tg_page {
    pthread_mutex_t reserving;       /* robust */
    uint32_t worker_count;           /* written before the first fork, as are the next two */
    struct tg_seat_table *addresses; /* NULL: nothing is counted by address */
    struct tg_seat_table *tenants;   /* NULL: nothing is counted by tenant */
    _Atomic uint32_t is_draining;    /* the supervisor, once */
    _Atomic uint32_t is_hurried;     /* the supervisor, once: the drain is cut short */
    _Atomic uint32_t is_leaving;     /* the supervisor, once: the other processes are to go */
    _Atomic uint64_t restarts;       /* the supervisor: workers replaced */
    _Atomic uint64_t keys_wanted;    /* any worker: raised when a token named a key nobody has */
    struct tg_unloaded unloaded;     /* the supervisor: gateways that may not run any more */
    struct tg_deploy_table deploys;  /* the supervisor: what is live */
    struct tg_page_row rows[TG_PAGE_WORKERS_MAX];
};

/* A zeroed page, mapped shared and anonymous. NULL when the kernel refuses. */
struct tg_page *tg_page_create(uint32_t worker_count);

/* Unmaps, the tables too. Accepts NULL. */
void tg_page_destroy(struct tg_page *page);

/* Takes the mutex, for a reservation alone (core/seats.h). One whose owner died is made consistent:
 * what stands under it is right, or found by nobody, at every moment. False: it is of no use any
 * more. */
bool tg_page_lock(struct tg_page *page);
void tg_page_unlock(struct tg_page *page);

/* Seats taken, over all rows. */
uint64_t tg_page_seats(const struct tg_page *page);

/* Zeroes a dead worker's row but for its counters, which go on, and its part of the tables. */
void tg_page_reset_row(struct tg_page *page, uint32_t row);

/* Counters only rise, gauges are set; both by the row's worker alone, so plain loads and stores
 * suffice and no bus lock is paid per message. */
static inline void tg_row_add(struct tg_page_row *row, uint32_t counter, uint64_t by)
{
    uint64_t now = atomic_load_explicit(&row->counters[counter], memory_order_relaxed);
    atomic_store_explicit(&row->counters[counter], now + by, memory_order_relaxed);
}

static inline void tg_row_set(struct tg_page_row *row, uint32_t gauge, uint64_t value)
{
    atomic_store_explicit(&row->counters[gauge], value, memory_order_relaxed);
}

static inline uint64_t tg_row_read(const struct tg_page_row *row, uint32_t counter)
{
    return atomic_load_explicit(&row->counters[counter], memory_order_relaxed);
}

#endif
