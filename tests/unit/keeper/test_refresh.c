/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keeper/refresh.h"

enum { INTERVAL = 600000, NOW = 1000000 };

static struct tg_refresh of_age(uint64_t age_ms)
{
    struct tg_refresh refresh;

    tg_refresh_init(&refresh, INTERVAL, age_ms, NOW);
    return refresh;
}

static void the_next_fetch_is_an_interval_after_the_last(void **state)
{
    struct tg_refresh refresh = of_age(1000);

    (void)state;
    assert_int_equal(refresh.due_ms, NOW + INTERVAL - 1000);
    tg_refresh_start(&refresh, NOW + INTERVAL);
    assert_int_equal(refresh.due_ms, UINT64_MAX);
    tg_refresh_end(&refresh, NOW + INTERVAL + 300, 0);
    assert_int_equal(refresh.due_ms, NOW + 2 * INTERVAL);
}

static void a_keeper_that_follows_another_does_not_fetch_at_once(void **state)
{
    (void)state;
    assert_int_equal(of_age(INTERVAL * 3).due_ms, NOW + TG_REFRESH_RETRY_MIN_MS);
    assert_int_equal(of_age(UINT64_MAX).due_ms, NOW + TG_REFRESH_RETRY_MIN_MS);
}

static void who_wants_keys_gets_them_ten_seconds_after_the_last_fetch(void **state)
{
    struct tg_refresh refresh = of_age(3000);

    (void)state;
    tg_refresh_want(&refresh, NOW);
    assert_int_equal(refresh.due_ms, NOW + 7000);
    tg_refresh_want(&refresh, NOW + 50);
    assert_int_equal(refresh.due_ms, NOW + 7000);
    refresh = of_age(20000);
    tg_refresh_want(&refresh, NOW + 5);
    assert_int_equal(refresh.due_ms, NOW + 5);
}

static void what_was_wanted_during_a_fetch_is_kept(void **state)
{
    struct tg_refresh refresh = of_age(20000);

    (void)state;
    tg_refresh_start(&refresh, NOW);
    tg_refresh_want(&refresh, NOW + 100);
    tg_refresh_end(&refresh, NOW + 200, 0);
    assert_int_equal(refresh.due_ms, NOW + TG_REFRESH_WANTED_MS);
}

static void failures_are_retried_later_and_later(void **state)
{
    struct tg_refresh refresh = of_age(INTERVAL);
    uint64_t now = NOW;
    static const uint64_t waits[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};

    (void)state;
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        tg_refresh_start(&refresh, now);
        tg_refresh_end(&refresh, now, -1);
        assert_int_equal(refresh.due_ms, now + waits[i]);
        now = refresh.due_ms;
    }
    tg_refresh_start(&refresh, now);
    tg_refresh_end(&refresh, now, 0);
    assert_int_equal(refresh.due_ms, now + INTERVAL);
    tg_refresh_start(&refresh, now);
    tg_refresh_end(&refresh, now, -1);
    assert_int_equal(refresh.due_ms, now + 1000);
}

static void a_retry_is_never_later_than_the_interval(void **state)
{
    struct tg_refresh refresh;

    (void)state;
    tg_refresh_init(&refresh, 10000, 0, NOW);
    for (int i = 0; i < 10; i++) {
        tg_refresh_start(&refresh, NOW);
        tg_refresh_end(&refresh, NOW, -1);
    }
    assert_int_equal(refresh.due_ms, NOW + 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_fetch_is_an_interval_after_the_last),
        cmocka_unit_test(a_keeper_that_follows_another_does_not_fetch_at_once),
        cmocka_unit_test(who_wants_keys_gets_them_ten_seconds_after_the_last_fetch),
        cmocka_unit_test(what_was_wanted_during_a_fetch_is_kept),
        cmocka_unit_test(failures_are_retried_later_and_later),
        cmocka_unit_test(a_retry_is_never_later_than_the_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
