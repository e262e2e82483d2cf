/* SPDX-License-Identifier: MIT */
#include "keeper/refresh.h"

void tg_refresh_init(struct tg_refresh *refresh, uint64_t interval_ms, uint64_t age_ms,
                     uint64_t now_ms)
{
    *refresh = (struct tg_refresh){.interval_ms = interval_ms, .started_ms = now_ms};
    if (age_ms == UINT64_MAX) {
        refresh->retry_ms = TG_REFRESH_RETRY_MIN_MS;
        refresh->due_ms = now_ms + refresh->retry_ms;
        return;
    }
    /* A keeper that died does not fetch at once: one that dies again and again would do nothing
     * else. */
    uint64_t left_ms = age_ms < interval_ms ? interval_ms - age_ms : 0;
    refresh->due_ms =
        now_ms + (left_ms > TG_REFRESH_RETRY_MIN_MS ? left_ms : TG_REFRESH_RETRY_MIN_MS);
    refresh->started_ms = now_ms > age_ms ? now_ms - age_ms : 0;
}

void tg_refresh_want(struct tg_refresh *refresh, uint64_t now_ms)
{
    uint64_t earliest_ms = refresh->started_ms + TG_REFRESH_WANTED_MS;

    earliest_ms = earliest_ms > now_ms ? earliest_ms : now_ms;
    refresh->due_ms = earliest_ms < refresh->due_ms ? earliest_ms : refresh->due_ms;
}

void tg_refresh_start(struct tg_refresh *refresh, uint64_t now_ms)
{
    refresh->started_ms = now_ms;
    refresh->due_ms = UINT64_MAX;
}

void tg_refresh_end(struct tg_refresh *refresh, uint64_t now_ms, int err)
{
    /* What was wanted while it went on is kept: due_ms is then the time that want chose. */
    uint64_t wanted_ms = refresh->due_ms;

    if (err) {
        refresh->retry_ms = refresh->retry_ms ? refresh->retry_ms * 2 : TG_REFRESH_RETRY_MIN_MS;
        if (refresh->retry_ms > TG_REFRESH_RETRY_MAX_MS) {
            refresh->retry_ms = TG_REFRESH_RETRY_MAX_MS;
        }
        if (refresh->retry_ms > refresh->interval_ms) {
            refresh->retry_ms = refresh->interval_ms;
        }
        refresh->due_ms = now_ms + refresh->retry_ms;
    } else {
        refresh->retry_ms = 0;
        refresh->due_ms = refresh->started_ms + refresh->interval_ms;
    }
    refresh->due_ms = wanted_ms < refresh->due_ms ? wanted_ms : refresh->due_ms;
}
