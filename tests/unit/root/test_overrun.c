/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "overrun.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { TICK = TG_OVERRUN_TICK_MS, BUDGET = 50, START_US = 7000000 };

struct fixture {
    struct tg_overrun overrun;
    uint64_t sequence;
    uint64_t cpu_us;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.sequence = 1, .cpu_us = START_US};
    *state = &fixture;
    return 0;
}

/* A tick after elapsed_ms, in which the worker ran for cpu_ms. */
static enum tg_overrun_verdict look(struct fixture *f, uint64_t elapsed_ms, uint64_t cpu_ms)
{
    f->cpu_us += cpu_ms * 1000;
    struct tg_overrun_sample sample = {f->sequence, BUDGET, f->cpu_us, elapsed_ms};
    return tg_overrun_judge(&f->overrun, &sample);
}

static void a_call_is_stopped_when_it_has_run_for_its_budget(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(look(f, TICK, 0), TG_OVERRUN_FINE);
    for (int ran = TICK; ran < BUDGET; ran += TICK) {
        assert_int_equal(look(f, TICK, TICK), TG_OVERRUN_FINE);
    }
    assert_int_equal(look(f, TICK, TICK), TG_OVERRUN_STOP);
    assert_int_equal(look(f, TICK, TICK), TG_OVERRUN_STOP);
}

static void calls_that_follow_each_other_are_fine(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 1000; i++) {
        assert_int_equal(look(f, TICK, TICK), TG_OVERRUN_FINE);
        assert_int_equal(look(f, TICK, BUDGET - 1), TG_OVERRUN_FINE);
        f->sequence += 2;
    }
}

static void a_call_that_waits_for_the_machine_is_fine(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 10000; i++) {
        assert_int_equal(look(f, TICK, 0), TG_OVERRUN_FINE);
    }
}

static void what_ran_before_the_first_look_does_not_count(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(look(f, TICK, 10 * BUDGET), TG_OVERRUN_FINE);
    assert_int_equal(look(f, TICK, BUDGET - 1), TG_OVERRUN_FINE);
}

static void a_late_tick_judges_nobody(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(look(f, TICK, 0), TG_OVERRUN_FINE);
    assert_int_equal(look(f, 0, 10 * BUDGET), TG_OVERRUN_FINE);
    assert_int_equal(look(f, TICK, 0), TG_OVERRUN_STOP);
}

static void what_can_not_be_stopped_is_killed(void **state)
{
    struct fixture *f = *state;
    int waited_ms = 0;

    (void)look(f, TICK, 0);
    assert_int_equal(look(f, TICK, BUDGET), TG_OVERRUN_STOP);
    while (look(f, TICK, TICK) == TG_OVERRUN_STOP) {
        waited_ms += TICK;
        assert_true(waited_ms <= TG_OVERRUN_KILL_MS);
    }
    assert_int_equal(waited_ms + TICK, TG_OVERRUN_KILL_MS);
}

static void nobody_is_killed_without_cpu_time(void **state)
{
    struct fixture *f = *state;

    (void)look(f, TICK, 0);
    assert_int_equal(look(f, TICK, BUDGET), TG_OVERRUN_STOP);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(look(f, TICK, 0), TG_OVERRUN_STOP);
    }
    assert_int_equal(look(f, TICK, TG_OVERRUN_KILL_BUDGETS * BUDGET - 1), TG_OVERRUN_STOP);
    assert_int_equal(look(f, TICK, 1), TG_OVERRUN_KILL);
}

static void nobody_is_killed_at_a_late_tick(void **state)
{
    struct fixture *f = *state;

    (void)look(f, TICK, 0);
    assert_int_equal(look(f, TICK, BUDGET), TG_OVERRUN_STOP);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(look(f, 0, 10 * BUDGET), TG_OVERRUN_FINE);
    }
}

static void a_call_that_ends_after_the_signal_is_forgotten(void **state)
{
    struct fixture *f = *state;

    (void)look(f, TICK, 0);
    assert_int_equal(look(f, TICK, BUDGET), TG_OVERRUN_STOP);
    f->sequence += 2;
    assert_int_equal(look(f, TICK, 10 * BUDGET), TG_OVERRUN_FINE);
    assert_int_equal(look(f, TICK, BUDGET - 1), TG_OVERRUN_FINE);
}

static void the_clock_is_fine_only_while_calls_are_seen(void **state)
{
    struct tg_overrun_clock clock = {0};
    uint64_t elapsed_ms = 99;

    (void)state;
    assert_true(tg_overrun_tick(&clock, 1000, &elapsed_ms));
    assert_int_equal(elapsed_ms, 0);
    tg_overrun_plan(&clock, 1000, false);
    assert_false(tg_overrun_tick(&clock, 1000 + TG_OVERRUN_IDLE_TICK_MS - 1, &elapsed_ms));
    assert_true(tg_overrun_tick(&clock, 1000 + TG_OVERRUN_IDLE_TICK_MS, &elapsed_ms));
    assert_int_equal(elapsed_ms, TG_OVERRUN_IDLE_TICK_MS);
    tg_overrun_plan(&clock, 1050, true);
    assert_true(tg_overrun_tick(&clock, 1050 + TICK, &elapsed_ms));
    assert_int_equal(elapsed_ms, TICK);
}

static void a_tick_is_late_past_its_limit(void **state)
{
    struct tg_overrun_clock clock = {0};
    uint64_t elapsed_ms = 99;

    (void)state;
    (void)tg_overrun_tick(&clock, 1000, &elapsed_ms);
    tg_overrun_plan(&clock, 1000, true);
    assert_true(tg_overrun_tick(&clock, 1000 + TICK + TG_OVERRUN_LATE_MS, &elapsed_ms));
    assert_int_equal(elapsed_ms, TICK + TG_OVERRUN_LATE_MS);
    tg_overrun_plan(&clock, 2000, true);
    assert_true(tg_overrun_tick(&clock, 2000 + TICK + TG_OVERRUN_LATE_MS + 1, &elapsed_ms));
    assert_int_equal(elapsed_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_call_is_stopped_when_it_has_run_for_its_budget, set_up),
        cmocka_unit_test_setup(calls_that_follow_each_other_are_fine, set_up),
        cmocka_unit_test_setup(a_call_that_waits_for_the_machine_is_fine, set_up),
        cmocka_unit_test_setup(what_ran_before_the_first_look_does_not_count, set_up),
        cmocka_unit_test_setup(a_late_tick_judges_nobody, set_up),
        cmocka_unit_test_setup(what_can_not_be_stopped_is_killed, set_up),
        cmocka_unit_test_setup(nobody_is_killed_without_cpu_time, set_up),
        cmocka_unit_test_setup(nobody_is_killed_at_a_late_tick, set_up),
        cmocka_unit_test_setup(a_call_that_ends_after_the_signal_is_forgotten, set_up),
        cmocka_unit_test(the_clock_is_fine_only_while_calls_are_seen),
        cmocka_unit_test(a_tick_is_late_past_its_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
