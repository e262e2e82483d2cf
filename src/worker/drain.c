/* SPDX-License-Identifier: MIT */
#include "worker/drain.h"

uint32_t tg_drain_batch(uint32_t untold, uint64_t elapsed_ms, uint64_t deadline_ms)
{
    uint64_t half_ms = deadline_ms / 2;

    if (elapsed_ms + TG_DRAIN_TICK_MS >= half_ms) {
        return untold; /* no further tick comes in time */
    }
    uint64_t ticks = (half_ms - elapsed_ms) / TG_DRAIN_TICK_MS;
    uint64_t even = (untold + ticks - 1) / ticks;
    uint64_t batch = even > TG_DRAIN_BATCH_MIN ? even : TG_DRAIN_BATCH_MIN;

    return batch < untold ? (uint32_t)batch : untold;
}
