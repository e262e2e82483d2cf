/* SPDX-License-Identifier: MIT */
#include "deployer/settle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct tg_sight first = {.fingerprint = 1, .generation = "aaaaaaaaaaaa"};
static const struct tg_sight second = {.fingerprint = 2, .generation = "bbbbbbbbbbbb"};
static const struct tg_sight touched = {.fingerprint = 3, .generation = "bbbbbbbbbbbb"};
static const struct tg_sight broken = {.fingerprint = 2, .fault = 9};

static void what_never_moved_is_due_never(void **state)
{
    const struct tg_settle settle = {.is_moving = false};

    (void)state;
    assert_true(tg_settle_due_ms(&settle) == UINT64_MAX);
}

static void two_equal_sights_200_ms_apart_are_rest(void **state)
{
    struct tg_settle settle = {.is_moving = false};

    (void)state;
    assert_int_equal(tg_settle_look(&settle, &first, 1000), TG_SETTLE_WAIT);
    assert_int_equal(tg_settle_due_ms(&settle), 1200);
    assert_int_equal(tg_settle_look(&settle, &first, 1199), TG_SETTLE_WAIT);
    assert_int_equal(tg_settle_look(&settle, &first, 1200), TG_SETTLE_REST);
    assert_true(tg_settle_due_ms(&settle) == UINT64_MAX);
}

static void another_sight_begins_anew(void **state)
{
    struct tg_settle settle = {.is_moving = false};

    (void)state;
    assert_int_equal(tg_settle_look(&settle, &first, 1000), TG_SETTLE_WAIT);
    assert_int_equal(tg_settle_look(&settle, &second, 1200), TG_SETTLE_WAIT);
    assert_int_equal(tg_settle_due_ms(&settle), 1400);
    assert_int_equal(tg_settle_look(&settle, &touched, 1400), TG_SETTLE_WAIT);
    assert_int_equal(tg_settle_look(&settle, &touched, 1600), TG_SETTLE_REST);
}

static void a_fault_comes_to_rest_like_content(void **state)
{
    struct tg_settle settle = {.is_moving = false};

    (void)state;
    assert_int_equal(tg_settle_look(&settle, &second, 1000), TG_SETTLE_WAIT);
    assert_int_equal(tg_settle_look(&settle, &broken, 1200), TG_SETTLE_WAIT);
    assert_int_equal(tg_settle_look(&settle, &broken, 1400), TG_SETTLE_REST);
}

static void what_is_heard_between_two_sights_begins_anew(void **state)
{
    struct tg_settle settle = {.is_moving = false};

    (void)state;
    assert_int_equal(tg_settle_look(&settle, &first, 1000), TG_SETTLE_WAIT);
    tg_settle_stir(&settle);
    assert_int_equal(tg_settle_look(&settle, &first, 1200), TG_SETTLE_WAIT);
    assert_int_equal(tg_settle_due_ms(&settle), 1400);
    assert_int_equal(tg_settle_look(&settle, &first, 1400), TG_SETTLE_REST);
}

static void what_is_heard_of_a_folder_at_rest_is_nothing_yet(void **state)
{
    struct tg_settle settle = {.is_moving = false};

    (void)state;
    tg_settle_stir(&settle);
    assert_int_equal(tg_settle_look(&settle, &first, 1000), TG_SETTLE_WAIT);
    assert_int_equal(tg_settle_look(&settle, &first, 1200), TG_SETTLE_REST);
}

static void noise_without_a_change_delays_five_seconds_and_is_told_once(void **state)
{
    struct tg_settle settle = {.is_moving = false};
    uint64_t now_ms = 1000;
    enum tg_settle_verdict verdict;
    int late = 0;

    (void)state;
    do {
        verdict = tg_settle_look(&settle, &first, now_ms);
        late += verdict == TG_SETTLE_LATE;
        tg_settle_stir(&settle);
        now_ms += 100;
        assert_true(now_ms < 20000);
    } while (verdict != TG_SETTLE_REST);
    assert_in_range(now_ms, 1000 + TG_SETTLE_PATIENCE_MS,
                    1000 + TG_SETTLE_PATIENCE_MS + TG_SETTLE_MS + 200);
    assert_int_equal(late, 0); /* it was no trouble: patience ended, rest came */
}

static void a_folder_that_always_differs_is_told_of_once_and_waited_for(void **state)
{
    struct tg_settle settle = {.is_moving = false};
    int late = 0;

    (void)state;
    for (uint64_t i = 0; i < 600; i++) {
        const struct tg_sight sight = {.fingerprint = i + 1};
        enum tg_settle_verdict verdict = tg_settle_look(&settle, &sight, 1000 + i * 100);
        assert_int_not_equal(verdict, TG_SETTLE_REST);
        late += verdict == TG_SETTLE_LATE;
    }
    assert_int_equal(late, 1);
    assert_int_equal(tg_settle_look(&settle, &first, 70000), TG_SETTLE_WAIT);
    assert_int_equal(tg_settle_look(&settle, &first, 70200), TG_SETTLE_REST);
    assert_false(settle.has_warned); /* the next time is told of again */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_never_moved_is_due_never),
        cmocka_unit_test(two_equal_sights_200_ms_apart_are_rest),
        cmocka_unit_test(another_sight_begins_anew),
        cmocka_unit_test(a_fault_comes_to_rest_like_content),
        cmocka_unit_test(what_is_heard_between_two_sights_begins_anew),
        cmocka_unit_test(what_is_heard_of_a_folder_at_rest_is_nothing_yet),
        cmocka_unit_test(noise_without_a_change_delays_five_seconds_and_is_told_once),
        cmocka_unit_test(a_folder_that_always_differs_is_told_of_once_and_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
