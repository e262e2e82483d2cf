/* SPDX-License-Identifier: MIT */
#include "deployer/absence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { AFTER_MS = 10000 };

static void a_folder_that_is_there_is_never_due(void **state)
{
    struct tg_absence absence = {.is_away = false};

    (void)state;
    tg_absence_forget(&absence);
    assert_true(tg_absence_due_ms(&absence, AFTER_MS) == UINT64_MAX);
}

static void one_that_was_away_for_all_of_the_time_is_gone(void **state)
{
    struct tg_absence absence = {.is_away = false};

    (void)state;
    assert_false(tg_absence_miss(&absence, 1000, AFTER_MS));
    assert_int_equal(tg_absence_due_ms(&absence, AFTER_MS), 11000);
    assert_false(tg_absence_miss(&absence, 10999, AFTER_MS));
    assert_true(tg_absence_miss(&absence, 11000, AFTER_MS));
}

static void one_that_came_back_begins_anew(void **state)
{
    struct tg_absence absence = {.is_away = false};

    (void)state;
    assert_false(tg_absence_miss(&absence, 1000, AFTER_MS));
    tg_absence_forget(&absence);
    assert_false(tg_absence_miss(&absence, 10500, AFTER_MS));
    assert_false(tg_absence_miss(&absence, 11000, AFTER_MS));
    assert_true(tg_absence_miss(&absence, 20500, AFTER_MS));
}

static void time_in_which_the_root_could_not_be_read_does_not_count(void **state)
{
    struct tg_absence absence = {.is_away = false};

    (void)state;
    assert_false(tg_absence_miss(&absence, 1000, AFTER_MS));
    tg_absence_forget(&absence);
    assert_true(tg_absence_due_ms(&absence, AFTER_MS) == UINT64_MAX);
    assert_false(tg_absence_miss(&absence, 60000, AFTER_MS));
    assert_true(tg_absence_miss(&absence, 70000, AFTER_MS));
}

static void without_a_time_it_is_gone_at_once(void **state)
{
    struct tg_absence absence = {.is_away = false};

    (void)state;
    assert_true(tg_absence_miss(&absence, 1000, 0));
}

static void a_root_that_lost_all_gateways_at_once_can_not_be_right(void **state)
{
    (void)state;
    assert_true(tg_absence_is_loss(0, 1));
    assert_true(tg_absence_is_loss(0, 64));
    assert_false(tg_absence_is_loss(1, 64));
    assert_false(tg_absence_is_loss(0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_that_is_there_is_never_due),
        cmocka_unit_test(one_that_was_away_for_all_of_the_time_is_gone),
        cmocka_unit_test(one_that_came_back_begins_anew),
        cmocka_unit_test(time_in_which_the_root_could_not_be_read_does_not_count),
        cmocka_unit_test(without_a_time_it_is_gone_at_once),
        cmocka_unit_test(a_root_that_lost_all_gateways_at_once_can_not_be_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
