/* SPDX-License-Identifier: MIT */
/* Whether files of some folders have changed: names, sizes and times of all of them in one number.
 * Lives in: the process that was started. */
#ifndef TG_SPEC_WATCH_H
#define TG_SPEC_WATCH_H

#include <stdint.h>

enum {
    TG_SPEC_WATCH_LOOK_MS = 200,
    TG_SPEC_WATCH_ENTRIES_MAX = 20000 /* what lies behind them is not looked at */
};

/* Of all files below the folders, which may be links themselves; others are not followed. */
uint64_t tg_spec_watch_sum(char *const *folders, uint32_t count);

/* Returns when the sum is another than seen and two looks in a row agree, so that a save which
 * takes several steps is one change. The new sum. */
uint64_t tg_spec_watch_wait(char *const *folders, uint32_t count, uint64_t seen);

#endif
