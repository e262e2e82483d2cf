/* SPDX-License-Identifier: MIT */
#include "overrun.h"

bool tg_overrun_tick(struct tg_overrun_clock *clock, uint64_t now_ms, uint64_t *elapsed_ms)
{
    bool is_first = clock->due_ms == 0;

    if (now_ms < clock->due_ms) {
        return false;
    }
    bool is_late = now_ms - clock->due_ms > TG_OVERRUN_LATE_MS;
    *elapsed_ms = is_first || is_late ? 0 : now_ms - clock->last_ms;
    clock->last_ms = now_ms;
    return true;
}

void tg_overrun_plan(struct tg_overrun_clock *clock, uint64_t now_ms, bool is_inside)
{
    clock->is_inside = is_inside;
    clock->due_ms = now_ms + (is_inside ? TG_OVERRUN_TICK_MS : TG_OVERRUN_IDLE_TICK_MS);
}

static uint64_t since(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0;
}

enum tg_overrun_verdict tg_overrun_judge(struct tg_overrun *overrun,
                                         const struct tg_overrun_sample *sample)
{
    uint64_t budget_us = (uint64_t)sample->budget_ms * 1000;

    if (sample->sequence != overrun->sequence) {
        *overrun = (struct tg_overrun){.sequence = sample->sequence, .cpu_us = sample->cpu_us};
        return TG_OVERRUN_FINE;
    }
    if (sample->elapsed_ms == 0 || since(sample->cpu_us, overrun->cpu_us) < budget_us) {
        return TG_OVERRUN_FINE;
    }
    if (!overrun->is_over) {
        overrun->is_over = true;
        overrun->over_cpu_us = sample->cpu_us;
        return TG_OVERRUN_STOP;
    }
    overrun->over_ms += sample->elapsed_ms;
    bool has_run =
        since(sample->cpu_us, overrun->over_cpu_us) >= TG_OVERRUN_KILL_BUDGETS * budget_us;
    return has_run && overrun->over_ms >= TG_OVERRUN_KILL_MS ? TG_OVERRUN_KILL : TG_OVERRUN_STOP;
}
