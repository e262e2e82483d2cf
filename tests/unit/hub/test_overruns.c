/* SPDX-License-Identifier: MIT */
#include "hub/overruns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { START = 1000 };

static void the_last_of_as_many_as_the_limit_within_a_minute_is_told(void **state)
{
    struct tg_overruns *overruns = tg_overruns_create(3);

    (void)state;
    assert_non_null(overruns);
    assert_false(tg_overruns_add(overruns, START));
    assert_false(tg_overruns_add(overruns, START + 1));
    assert_true(tg_overruns_add(overruns, START + TG_OVERRUNS_MS - 1));
    assert_true(tg_overruns_add(overruns, START + TG_OVERRUNS_MS));
    free(overruns);
}

static void older_ones_do_not_count(void **state)
{
    struct tg_overruns *overruns = tg_overruns_create(3);

    (void)state;
    assert_non_null(overruns);
    for (uint64_t i = 0; i < 100; i++) {
        assert_false(tg_overruns_add(overruns, START + i * TG_OVERRUNS_MS / 2));
    }
    assert_false(tg_overruns_add(overruns, START + 52 * TG_OVERRUNS_MS));
    assert_false(tg_overruns_add(overruns, START + 52 * TG_OVERRUNS_MS));
    assert_true(tg_overruns_add(overruns, START + 52 * TG_OVERRUNS_MS));
    free(overruns);
}

static void one_may_be_enough(void **state)
{
    struct tg_overruns *overruns = tg_overruns_create(1);

    (void)state;
    assert_non_null(overruns);
    assert_true(tg_overruns_add(overruns, START));
    assert_true(tg_overruns_add(overruns, START + 10 * TG_OVERRUNS_MS));
    free(overruns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_of_as_many_as_the_limit_within_a_minute_is_told),
        cmocka_unit_test(older_ones_do_not_count),
        cmocka_unit_test(one_may_be_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
