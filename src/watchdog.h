/* SPDX-License-Identifier: MIT */
/* Whether a worker still lives, judged by its heartbeat in the page, the supervisor's own ticks and
 * the worker's CPU clock: a busy or paused machine must not fail the innocent.
 * Lives in: the supervisor. The judgement is pure. Times are milliseconds. */
#ifndef TG_WATCHDOG_H
#define TG_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    TG_WATCHDOG_TICK_MS = 500,
    TG_WATCHDOG_LATE_MS = 100,         /* a tick that comes later judges nobody */
    TG_WATCHDOG_SILENT_MS = 10000,     /* without a heartbeat, while ... */
    TG_WATCHDOG_SILENT_CPU_MS = 1000,  /* ... it ran so long */
    TG_WATCHDOG_SILENT_MAX_MS = 30000, /* without a heartbeat, whether it ran or not */
};

/* The supervisor's clockwork. Zeroes: the first tick is still to come. */
struct tg_watchdog_clock {
    uint64_t last_ms;
    uint64_t due_ms;
};

enum tg_watchdog_tick { TG_WATCHDOG_EARLY, TG_WATCHDOG_IN_TIME, TG_WATCHDOG_LATE };

/* Whether a tick has come; sets *elapsed_ms since the last one, and when the next is due. The first
 * tick, and one that is late, isn't to be judged by. */
enum tg_watchdog_tick tg_watchdog_tick(struct tg_watchdog_clock *clock, uint64_t now_ms,
                                       uint64_t *elapsed_ms);

/* What is known of one worker. Zeroes: nothing, as when it has been started. */
struct tg_watchdog {
    uint64_t heartbeat_ms; /* the last one seen */
    uint64_t silent_ms;    /* since then, late ticks not counted */
    uint64_t cpu_ms;       /* its CPU clock then */
};

struct tg_watchdog_sample {
    uint64_t heartbeat_ms;
    uint64_t cpu_ms;     /* its CPU clock */
    uint64_t elapsed_ms; /* since the last tick; 0 at a late one, which counts for nobody */
};

/* Takes a tick's sample. False when the worker must be taken for dead. */
bool tg_watchdog_judge(struct tg_watchdog *watchdog, const struct tg_watchdog_sample *sample);

/* How long the process has run, on all cores, in microseconds. TG_ERR_NOT_FOUND when the kernel
 * doesn't say. */
int tg_watchdog_read_cpu(pid_t pid, uint64_t *cpu_us);

#endif
