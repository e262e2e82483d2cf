/* SPDX-License-Identifier: MIT */
/* How fast clients are sent away when a worker drains: spread over half of the time there is, so
 * that they don't all come back to the next gateway in the same moment, and the other half is left
 * for their answers.
 * Lives in: a worker. */
#ifndef TG_WORKER_DRAIN_H
#define TG_WORKER_DRAIN_H

#include <stdint.h>

enum { TG_DRAIN_TICK_MS = 50, TG_DRAIN_BATCH_MIN = 100 };

/* How many of the clients that were not told yet to tell at this tick, elapsed_ms after the start.
 * Pure. */
uint32_t tg_drain_batch(uint32_t untold, uint64_t elapsed_ms, uint64_t deadline_ms);

#endif
