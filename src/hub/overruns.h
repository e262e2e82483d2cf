/* SPDX-License-Identifier: MIT */
/* How often a client's handlers had to be stopped lately: who sends what keeps handlers running is
 * closed.
 * Lives in: a worker. */
#ifndef TG_HUB_OVERRUNS_H
#define TG_HUB_OVERRUNS_H

#include <stdbool.h>
#include <stdint.h>

enum { TG_OVERRUNS_MS = 60000 };

struct tg_overruns; /* opaque; freed with free() */

/* For a limit of most, at least 1. NULL when memory is short. */
struct tg_overruns *tg_overruns_create(uint32_t most);

/* One more, now: whether there were as many as the limit within TG_OVERRUNS_MS, this one
 * included. */
bool tg_overruns_add(struct tg_overruns *overruns, uint64_t now_ms);

#endif
