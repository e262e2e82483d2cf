/* SPDX-License-Identifier: MIT */
#include "hub/overruns.h"

#include <stdlib.h>

#include "base/check.h"

/* When the last ones were: a ring, next is the oldest. */
struct tg_overruns {
    uint32_t most;
    uint32_t count;
    uint32_t next;
    uint64_t at_ms[];
};

struct tg_overruns *tg_overruns_create(uint32_t most)
{
    tg_require(most >= 1);
    struct tg_overruns *overruns = calloc(1, sizeof(*overruns) + most * sizeof(uint64_t));

    if (overruns) {
        overruns->most = most;
    }
    return overruns;
}

bool tg_overruns_add(struct tg_overruns *overruns, uint64_t now_ms)
{
    overruns->at_ms[overruns->next] = now_ms;
    overruns->next = (overruns->next + 1) % overruns->most;
    if (overruns->count < overruns->most) {
        overruns->count++;
    }
    /* When the ring is full, next is the oldest of as many as the limit. */
    return overruns->count == overruns->most &&
           now_ms - overruns->at_ms[overruns->next] < TG_OVERRUNS_MS;
}
