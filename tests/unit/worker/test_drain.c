/* SPDX-License-Identifier: MIT */
#include "worker/drain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* How a whole drain goes when a tick comes every TG_DRAIN_TICK_MS. */
struct course {
    uint64_t ended_ms; /* when the last client was told */
    uint32_t largest;  /* batch */
    uint32_t ticks;
    uint64_t told;
};

static struct course run(uint32_t clients, uint64_t deadline_ms)
{
    struct course course = {0};
    uint64_t now_ms = 0;

    while (clients > 0) {
        uint32_t batch = tg_drain_batch(clients, now_ms, deadline_ms);
        assert_in_range(batch, 1, clients);
        clients -= batch;
        course.told += batch;
        course.ticks++;
        course.largest = batch > course.largest ? batch : course.largest;
        course.ended_ms = now_ms;
        now_ms += TG_DRAIN_TICK_MS;
    }
    return course;
}

static void few_clients_are_told_at_once(void **state)
{
    (void)state;
    assert_int_equal(tg_drain_batch(0, 0, 30000), 0);
    assert_int_equal(tg_drain_batch(1, 0, 30000), 1);
    assert_int_equal(tg_drain_batch(TG_DRAIN_BATCH_MIN, 0, 30000), TG_DRAIN_BATCH_MIN);
}

static void more_than_a_batch_takes_several_ticks(void **state)
{
    struct course course = run(1000, 30000);

    (void)state;
    assert_int_equal(course.ticks, 10);
    assert_int_equal(course.largest, TG_DRAIN_BATCH_MIN);
    assert_int_equal(course.ended_ms, 450);
}

static void many_clients_are_spread_evenly_over_half_of_the_deadline(void **state)
{
    struct course course = run(1000000, 30000);

    (void)state;
    assert_in_range(course.ended_ms, 14500, 15000);
    assert_in_range(course.largest, 3333, 3400);
}

static void every_client_is_told_within_half_of_any_deadline(void **state)
{
    static const uint32_t clients[] = {1, 99, 100, 101, 5000, 123457, 1000000, UINT32_MAX};
    static const uint64_t deadlines[] = {100, 101, 200, 999, 1000, 5000, 30000, 60001};

    (void)state;
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
        for (size_t j = 0; j < sizeof(deadlines) / sizeof(deadlines[0]); j++) {
            struct course course = run(clients[i], deadlines[j]);
            assert_int_equal(course.told, clients[i]);
            assert_true(course.ended_ms <= deadlines[j] / 2);
        }
    }
}

static void without_time_all_are_told_at_once(void **state)
{
    (void)state;
    assert_int_equal(tg_drain_batch(100000, 0, 0), 100000);
    assert_int_equal(tg_drain_batch(100000, 0, 1), 100000);
    assert_int_equal(tg_drain_batch(100000, 0, 2 * TG_DRAIN_TICK_MS), 100000);
}

static void a_tick_that_comes_late_makes_up_for_it(void **state)
{
    (void)state;
    assert_int_equal(tg_drain_batch(100000, 14960, 30000), 100000);
    assert_int_equal(tg_drain_batch(100000, 20000, 30000), 100000);
    assert_int_equal(tg_drain_batch(100000, UINT64_MAX / 2, 30000), 100000);
    assert_true(tg_drain_batch(100000, 7500, 30000) > tg_drain_batch(100000, 0, 30000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_clients_are_told_at_once),
        cmocka_unit_test(more_than_a_batch_takes_several_ticks),
        cmocka_unit_test(many_clients_are_spread_evenly_over_half_of_the_deadline),
        cmocka_unit_test(every_client_is_told_within_half_of_any_deadline),
        cmocka_unit_test(without_time_all_are_told_at_once),
        cmocka_unit_test(a_tick_that_comes_late_makes_up_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
