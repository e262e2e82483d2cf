/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "base/clock.h"

static void both_hands_follow_the_kernel(void **state)
{
    const struct tg_clock *clock = tg_clock_system();
    struct timespec now;

    (void)state;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t mono = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    assert_in_range(tg_clock_mono_ms(clock), mono, mono + 5000);
    uint64_t wall = (uint64_t)time(NULL) * 1000;
    assert_in_range(tg_clock_wall_ms(clock), wall - 1000, wall + 5000);
}

static void the_monotonic_hand_counts_milliseconds(void **state)
{
    const struct tg_clock *clock = tg_clock_system();
    const struct timespec nap = {.tv_nsec = 30000000};
    uint64_t before = tg_clock_mono_ms(clock);

    (void)state;
    nanosleep(&nap, NULL);
    assert_in_range(tg_clock_mono_ms(clock) - before, 29, 5000);
}

static uint64_t read_hand(void *self)
{
    return *(const uint64_t *)self;
}

static void a_clock_of_ones_own_is_turned_by_hand(void **state)
{
    uint64_t hand = 5;
    const struct tg_clock clock = {read_hand, read_hand, &hand};

    (void)state;
    assert_int_equal(tg_clock_mono_ms(&clock), 5);
    hand = 6;
    assert_int_equal(tg_clock_wall_ms(&clock), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_hands_follow_the_kernel),
        cmocka_unit_test(the_monotonic_hand_counts_milliseconds),
        cmocka_unit_test(a_clock_of_ones_own_is_turned_by_hand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
