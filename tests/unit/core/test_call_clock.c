/* SPDX-License-Identifier: MIT */
#include "core/call_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_call_is_odd_and_its_end_even(void **state)
{
    struct tg_call_clock clock = {0};
    struct tg_call_moment moment;

    (void)state;
    assert_true(tg_call_clock_read(&clock, &moment));
    assert_int_equal(moment.sequence % 2, 0);
    tg_call_clock_begin(&clock, tg_call_terms(63, 1000));
    assert_true(tg_call_clock_read(&clock, &moment));
    assert_int_equal(moment.sequence % 2, 1);
    assert_int_equal(moment.budget_ms, 1000);
    assert_int_equal(moment.gateway, 63);
    assert_int_equal(tg_call_clock_sequence(&clock), moment.sequence);
    tg_call_clock_end(&clock);
    assert_int_equal(tg_call_clock_sequence(&clock), moment.sequence + 1);
}

static void no_two_calls_have_the_same_number(void **state)
{
    struct tg_call_clock clock = {0};
    uint64_t last = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        tg_call_clock_begin(&clock, tg_call_terms(0, 50));
        assert_true(tg_call_clock_sequence(&clock) > last);
        last = tg_call_clock_sequence(&clock);
        tg_call_clock_end(&clock);
    }
}

static void a_dead_workers_clock_is_outside_of_any_call(void **state)
{
    struct tg_call_clock clock = {0};

    (void)state;
    tg_call_clock_begin(&clock, tg_call_terms(1, 50));
    tg_call_clock_reset(&clock);
    assert_int_equal(tg_call_clock_sequence(&clock), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_odd_and_its_end_even),
        cmocka_unit_test(no_two_calls_have_the_same_number),
        cmocka_unit_test(a_dead_workers_clock_is_outside_of_any_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
