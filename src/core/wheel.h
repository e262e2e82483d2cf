/* SPDX-License-Identifier: MIT */
/* Timers: a hierarchical wheel of 1 ms ticks. Setting and cancelling cost O(1), a turn costs what
 * is due and not what is set.
 * Lives in: a worker, the admin process. Owns: nothing; timers live inside their owners' structs,
 * which cancel them before they die. */
#ifndef TG_CORE_WHEEL_H
#define TG_CORE_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

struct tg_timer;
typedef void (*tg_timer_fn)(struct tg_timer *timer);

/* Zero-initialised or after tg_timer_init it is not set. */
struct tg_timer {
    struct tg_link link;
    uint64_t due_ms;
    tg_timer_fn on_due;
};

enum { TG_WHEEL_LEVELS = 6, TG_WHEEL_SLOTS = 64 };

struct tg_wheel {
    struct tg_link slots[TG_WHEEL_LEVELS][TG_WHEEL_SLOTS];
    uint64_t occupied[TG_WHEEL_LEVELS]; /* a bit per slot that holds a timer */
    struct tg_link due;                 /* reached, not yet called */
    uint64_t now_ms;
    uint64_t count;
};

void tg_wheel_init(struct tg_wheel *wheel, uint64_t now_ms);

void tg_timer_init(struct tg_timer *timer, tg_timer_fn on_due);

bool tg_timer_is_set(const struct tg_timer *timer);

/* Calls on_due once when the wheel has advanced to due_ms, at the next advance when that is past.
 * A set timer is moved. Farther than 2^36 ms (two years) counts as that far. */
void tg_timer_set(struct tg_wheel *wheel, struct tg_timer *timer, uint64_t due_ms);

/* Accepts a timer that is not set. */
void tg_timer_cancel(struct tg_wheel *wheel, struct tg_timer *timer);

/* Moves to now_ms (never back) and calls what is due, earliest tick first, in the order it was
 * set within a tick. Callbacks may set and cancel any timer; one set for now or the past runs at
 * the next advance. */
void tg_wheel_advance(struct tg_wheel *wheel, uint64_t now_ms);

/* Milliseconds from the wheel's now until tg_wheel_advance has work to do; it may be early, never
 * late. UINT64_MAX when nothing is set. */
uint64_t tg_wheel_wait_ms(const struct tg_wheel *wheel);

#endif
