/* SPDX-License-Identifier: MIT */
/* Whether the call that a worker is in has used up its budget, judged by the call's number in the
 * page and the worker's CPU clock: a handler that waits for a busy or paused machine uses none.
 * Lives in: the supervisor. Pure. */
#ifndef TG_OVERRUN_H
#define TG_OVERRUN_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TG_OVERRUN_TICK_MS = 10,      /* while a worker is in a call */
    TG_OVERRUN_IDLE_TICK_MS = 50, /* else: how late a call may be noticed */
    TG_OVERRUN_LATE_MS = 100,     /* a tick that comes later judges nobody */
    TG_OVERRUN_KILL_BUDGETS = 5,  /* of CPU time since the first signal, and ... */
    TG_OVERRUN_KILL_MS = 1000     /* ... of time, in ticks that were not late */
};

/* The supervisor's fine clockwork. Zeroes: the first tick is still to come. */
struct tg_overrun_clock {
    uint64_t last_ms;
    uint64_t due_ms;
    bool is_inside; /* a worker was in a call at the last tick */
};

/* Whether a tick has come; sets *elapsed_ms since the last one, 0 when it is not to be judged by:
 * the first, or a late one. */
bool tg_overrun_tick(struct tg_overrun_clock *clock, uint64_t now_ms, uint64_t *elapsed_ms);

/* After a tick's looks: when the next one is due. */
void tg_overrun_plan(struct tg_overrun_clock *clock, uint64_t now_ms, bool is_inside);

/* What is known of one worker's call. Zeroes: nothing. */
struct tg_overrun {
    uint64_t sequence;
    uint64_t cpu_us;      /* its CPU clock when the call was first seen */
    uint64_t over_cpu_us; /* and when it was first found to be over its budget */
    uint64_t over_ms;     /* since then */
    bool is_over;
};

struct tg_overrun_sample {
    uint64_t sequence; /* odd */
    uint32_t budget_ms;
    uint64_t cpu_us;
    uint64_t elapsed_ms; /* of tg_overrun_tick */
};

enum tg_overrun_verdict {
    TG_OVERRUN_FINE,
    TG_OVERRUN_STOP, /* the signal is to be sent, at each tick again */
    TG_OVERRUN_KILL  /* it can't be stopped */
};

enum tg_overrun_verdict tg_overrun_judge(struct tg_overrun *overrun,
                                         const struct tg_overrun_sample *sample);

#endif
