/* SPDX-License-Identifier: MIT */
#include "watchdog.h"

#include <time.h>

#include "base/err.h"

enum tg_watchdog_tick tg_watchdog_tick(struct tg_watchdog_clock *clock, uint64_t now_ms,
                                       uint64_t *elapsed_ms)
{
    bool is_first = clock->due_ms == 0;

    if (now_ms < clock->due_ms) {
        return TG_WATCHDOG_EARLY;
    }
    bool is_late = now_ms - clock->due_ms > TG_WATCHDOG_LATE_MS;
    *elapsed_ms = is_first || is_late ? 0 : now_ms - clock->last_ms;
    clock->last_ms = now_ms;
    clock->due_ms = now_ms + TG_WATCHDOG_TICK_MS;
    return is_first || is_late ? TG_WATCHDOG_LATE : TG_WATCHDOG_IN_TIME;
}

bool tg_watchdog_judge(struct tg_watchdog *watchdog, const struct tg_watchdog_sample *sample)
{
    if (sample->heartbeat_ms != watchdog->heartbeat_ms) {
        *watchdog = (struct tg_watchdog){sample->heartbeat_ms, 0, sample->cpu_ms};
        return true;
    }
    watchdog->silent_ms += sample->elapsed_ms;
    if (sample->elapsed_ms == 0 || watchdog->silent_ms < TG_WATCHDOG_SILENT_MS) {
        return true;
    }
    uint64_t ran_ms = sample->cpu_ms > watchdog->cpu_ms ? sample->cpu_ms - watchdog->cpu_ms : 0;
    return ran_ms < TG_WATCHDOG_SILENT_CPU_MS && watchdog->silent_ms < TG_WATCHDOG_SILENT_MAX_MS;
}

int tg_watchdog_read_cpu(pid_t pid, uint64_t *cpu_us)
{
    clockid_t clock;
    struct timespec ran;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &ran) != 0) {
        return TG_ERR_NOT_FOUND;
    }
    *cpu_us = (uint64_t)ran.tv_sec * 1000000 + (uint64_t)ran.tv_nsec / 1000;
    return TG_OK;
}
