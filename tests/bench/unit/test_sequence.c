/* SPDX-License-Identifier: MIT */
#include "sequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void answers_in_order_are_no_fault(void **state)
{
    struct tg_sequence sequence = {0};

    (void)state;
    for (uint64_t i = 0; i < 10 * TG_SEQUENCE_WINDOW; i++) {
        assert_true(tg_sequence_add(&sequence, i));
    }
    assert_int_equal(tg_sequence_lost(&sequence, 10 * TG_SEQUENCE_WINDOW), 0);
    assert_int_equal(sequence.doubled + sequence.reordered, 0);
}

static void what_has_no_answer_is_lost(void **state)
{
    struct tg_sequence sequence = {0};

    (void)state;
    assert_int_equal(tg_sequence_lost(&sequence, 3), 3);
    assert_true(tg_sequence_add(&sequence, 0));
    assert_false(tg_sequence_add(&sequence, 2));
    assert_int_equal(tg_sequence_lost(&sequence, 3), 1);
    assert_int_equal(tg_sequence_lost(&sequence, 5), 3);
}

static void one_that_comes_late_is_reordered_and_not_lost(void **state)
{
    struct tg_sequence sequence = {0};

    (void)state;
    assert_false(tg_sequence_add(&sequence, 2));
    assert_false(tg_sequence_add(&sequence, 0));
    assert_false(tg_sequence_add(&sequence, 1));
    assert_true(tg_sequence_add(&sequence, 3));
    assert_int_equal(sequence.reordered, 2);
    assert_int_equal(sequence.doubled, 0);
    assert_int_equal(tg_sequence_lost(&sequence, 4), 0);
}

static void one_that_comes_again_is_doubled(void **state)
{
    struct tg_sequence sequence = {0};

    (void)state;
    (void)tg_sequence_add(&sequence, 0);
    assert_false(tg_sequence_add(&sequence, 0));
    (void)tg_sequence_add(&sequence, 2);
    (void)tg_sequence_add(&sequence, 1);
    assert_false(tg_sequence_add(&sequence, 1));
    assert_int_equal(sequence.doubled, 2);
    assert_int_equal(sequence.reordered, 1);
}

static void what_falls_out_of_the_window_stays_lost(void **state)
{
    struct tg_sequence sequence = {0};

    (void)state;
    for (uint64_t i = 1; i <= 3 * TG_SEQUENCE_WINDOW; i++) {
        (void)tg_sequence_add(&sequence, i);
    }
    assert_int_equal(tg_sequence_lost(&sequence, 3 * TG_SEQUENCE_WINDOW + 1), 1);
    assert_false(tg_sequence_add(&sequence, 0));
    assert_int_equal(sequence.doubled, 1);
    assert_int_equal(tg_sequence_lost(&sequence, 3 * TG_SEQUENCE_WINDOW + 1), 1);
}

static void a_gap_wider_than_the_window_is_counted_in_full(void **state)
{
    struct tg_sequence sequence = {0};

    (void)state;
    assert_false(tg_sequence_add(&sequence, 5 * TG_SEQUENCE_WINDOW));
    assert_int_equal(tg_sequence_lost(&sequence, 5 * TG_SEQUENCE_WINDOW + 1),
                     5 * TG_SEQUENCE_WINDOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_in_order_are_no_fault),
        cmocka_unit_test(what_has_no_answer_is_lost),
        cmocka_unit_test(one_that_comes_late_is_reordered_and_not_lost),
        cmocka_unit_test(one_that_comes_again_is_doubled),
        cmocka_unit_test(what_falls_out_of_the_window_stays_lost),
        cmocka_unit_test(a_gap_wider_than_the_window_is_counted_in_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
