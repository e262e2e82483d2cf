/* SPDX-License-Identifier: MIT */
/* A timer stands on the level of the highest 6-bit digit in which its due time differs from the
 * wheel's now, in the slot of that digit. Two facts follow, and everything here rests on them:
 *   - while now moves within a block, a timer's level doesn't change, so cancelling finds its slot
 *     again from the due time alone;
 *   - at any one time at most one slot of all levels begins, so walking from slot to slot keeps
 *     the order in which timers of one tick were set.
 * The highest level wraps: its current slot holds what is a whole turn ahead. */
#include "core/wheel.h"

#include <stddef.h>

#include "base/check.h"

enum { DIGIT_BITS = 6, DIGIT_MASK = TG_WHEEL_SLOTS - 1, TOP = TG_WHEEL_LEVELS - 1 };

static const uint64_t FARTHEST_MS = (uint64_t)1 << (DIGIT_BITS * TG_WHEEL_LEVELS);

static unsigned digit(uint64_t time_ms, int level)
{
    return (unsigned)(time_ms >> (DIGIT_BITS * level)) & DIGIT_MASK;
}

/* due_ms is after the wheel's now. */
static int level_of(const struct tg_wheel *wheel, uint64_t due_ms)
{
    int level = (63 - __builtin_clzll(wheel->now_ms ^ due_ms)) / DIGIT_BITS;

    return level < TOP ? level : TOP;
}

static void place(struct tg_wheel *wheel, struct tg_timer *timer)
{
    if (timer->due_ms <= wheel->now_ms) {
        tg_list_append(&wheel->due, &timer->link);
        return;
    }
    int level = level_of(wheel, timer->due_ms);
    unsigned slot = digit(timer->due_ms, level);

    tg_list_append(&wheel->slots[level][slot], &timer->link);
    wheel->occupied[level] |= (uint64_t)1 << slot;
}

void tg_wheel_init(struct tg_wheel *wheel, uint64_t now_ms)
{
    for (int level = 0; level < TG_WHEEL_LEVELS; level++) {
        for (int slot = 0; slot < TG_WHEEL_SLOTS; slot++) {
            tg_link_init(&wheel->slots[level][slot]);
        }
        wheel->occupied[level] = 0;
    }
    tg_link_init(&wheel->due);
    wheel->now_ms = now_ms;
    wheel->count = 0;
}

void tg_timer_init(struct tg_timer *timer, tg_timer_fn on_due)
{
    tg_link_init(&timer->link);
    timer->due_ms = 0;
    timer->on_due = on_due;
}

bool tg_timer_is_set(const struct tg_timer *timer)
{
    return timer->link.next && !tg_link_is_alone(&timer->link);
}

void tg_timer_set(struct tg_wheel *wheel, struct tg_timer *timer, uint64_t due_ms)
{
    tg_require(timer->on_due);
    tg_timer_cancel(wheel, timer);
    tg_link_init(&timer->link);
    if (due_ms < wheel->now_ms) {
        /* What is past comes in the order it was set. */
        due_ms = wheel->now_ms;
    } else if (due_ms - wheel->now_ms > FARTHEST_MS) {
        due_ms = wheel->now_ms + FARTHEST_MS;
    }
    timer->due_ms = due_ms;
    place(wheel, timer);
    wheel->count++;
}

void tg_timer_cancel(struct tg_wheel *wheel, struct tg_timer *timer)
{
    if (!tg_timer_is_set(timer)) {
        return;
    }
    tg_link_remove(&timer->link);
    wheel->count--;
    if (timer->due_ms > wheel->now_ms) {
        int level = level_of(wheel, timer->due_ms);
        unsigned slot = digit(timer->due_ms, level);
        if (tg_link_is_alone(&wheel->slots[level][slot])) {
            wheel->occupied[level] &= ~((uint64_t)1 << slot);
        }
    }
}

/* The time at which the next occupied slot begins; UINT64_MAX when all are empty. A lower level
 * only holds times within the current slot of the next one, so the first level that holds
 * anything decides. */
static uint64_t next_begin(const struct tg_wheel *wheel, int *level, unsigned *slot)
{
    for (int i = 0; i < TG_WHEEL_LEVELS; i++) {
        uint64_t bits = wheel->occupied[i];
        if (bits == 0) {
            continue;
        }
        /* Rotated so that bit 0 is the slot after the current one. */
        unsigned first = (digit(wheel->now_ms, i) + 1) & DIGIT_MASK;
        uint64_t turned = first ? bits >> first | bits << (TG_WHEEL_SLOTS - first) : bits;
        unsigned ahead = 1 + (unsigned)__builtin_ctzll(turned);
        *level = i;
        *slot = (digit(wheel->now_ms, i) + ahead) & DIGIT_MASK;
        return ((wheel->now_ms >> (DIGIT_BITS * i)) + ahead) << (DIGIT_BITS * i);
    }
    return UINT64_MAX;
}

/* Moves to now_ms and puts all that is due by then on the list, earliest first. */
static void collect(struct tg_wheel *wheel, uint64_t now_ms)
{
    for (;;) {
        int level = 0;
        unsigned slot = 0;
        uint64_t begin = next_begin(wheel, &level, &slot);
        if (begin > now_ms) {
            break;
        }
        struct tg_link reached;
        struct tg_link *link;
        tg_link_init(&reached);
        wheel->now_ms = begin;
        wheel->occupied[level] &= ~((uint64_t)1 << slot);
        tg_list_move(&wheel->slots[level][slot], &reached);
        while ((link = tg_list_take_first(&reached))) {
            place(wheel, TG_CONTAINER(link, struct tg_timer, link));
        }
    }
    wheel->now_ms = now_ms;
}

void tg_wheel_advance(struct tg_wheel *wheel, uint64_t now_ms)
{
    struct tg_link running;
    struct tg_link *link;

    if (now_ms > wheel->now_ms) {
        collect(wheel, now_ms);
    }
    /* A list of its own: what callbacks set for now waits for the next advance, so that a timer
     * that sets itself again can't hold the loop. Cancelling takes a timer off this list too. */
    tg_link_init(&running);
    tg_list_move(&wheel->due, &running);
    while ((link = tg_list_take_first(&running))) {
        struct tg_timer *timer = TG_CONTAINER(link, struct tg_timer, link);
        wheel->count--;
        timer->on_due(timer);
    }
}

uint64_t tg_wheel_wait_ms(const struct tg_wheel *wheel)
{
    int level;
    unsigned slot;

    if (!tg_link_is_alone(&wheel->due)) {
        return 0;
    }
    uint64_t begin = next_begin(wheel, &level, &slot);
    return begin == UINT64_MAX ? UINT64_MAX : begin - wheel->now_ms;
}
