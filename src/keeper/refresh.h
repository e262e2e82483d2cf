/* SPDX-License-Identifier: MIT */
/* When to fetch: at every interval, sooner when somebody wants it but not more often than every
 * TG_REFRESH_WANTED_MS, and after a failure later and later.
 * Lives in: the keeper. Pure; times are monotonic milliseconds. */
#ifndef TG_KEEPER_REFRESH_H
#define TG_KEEPER_REFRESH_H

#include <stdint.h>

enum {
    TG_REFRESH_WANTED_MS = 10000,
    TG_REFRESH_RETRY_MIN_MS = 1000, /* doubled by each failure in a row */
    TG_REFRESH_RETRY_MAX_MS = 60000
};

struct tg_refresh {
    uint64_t interval_ms;
    uint64_t started_ms; /* the last fetch */
    uint64_t due_ms;     /* the next one */
    uint64_t retry_ms;   /* 0: the last one did not fail */
};

/* age_ms: of what is there already; UINT64_MAX: nothing is, and a fetch has just failed. */
void tg_refresh_init(struct tg_refresh *refresh, uint64_t interval_ms, uint64_t age_ms,
                     uint64_t now_ms);

/* Somebody has seen that what is there is not enough. */
void tg_refresh_want(struct tg_refresh *refresh, uint64_t now_ms);

void tg_refresh_start(struct tg_refresh *refresh, uint64_t now_ms);
void tg_refresh_end(struct tg_refresh *refresh, uint64_t now_ms, int err);

#endif
