/* SPDX-License-Identifier: MIT */
/* What becomes of a worker whose supervisor has died: it drains, and when it can't, because a
 * handler never returns, the kernel ends it.
 * Lives in: a worker. */
#ifndef TG_WORKER_ORPHAN_H
#define TG_WORKER_ORPHAN_H

#include <stdint.h>

/* From now on the death of the parent is a SIGTERM to this process, and its end at latest
 * patience_ms (rounded up to seconds) after it. To be called once. */
void tg_orphan_watch(uint64_t patience_ms);

#endif
