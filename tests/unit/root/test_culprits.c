/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "culprits.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct tg_gateway_row chat = {.name = "chat", .generation = "0123456789ab"};
static const struct tg_gateway_row newer = {.name = "chat", .generation = "0123456789ac"};

static void the_third_death_within_a_minute_is_too_many(void **state)
{
    struct tg_culprits culprits = {.count = 0};

    (void)state;
    assert_false(tg_culprits_add(&culprits, &chat, 1000));
    assert_false(tg_culprits_add(&culprits, &chat, 1000));
    assert_true(tg_culprits_add(&culprits, &chat, 1000 + TG_CULPRITS_MS - 1));
}

static void deaths_of_more_than_a_minute_ago_do_not_count(void **state)
{
    struct tg_culprits culprits = {.count = 0};

    (void)state;
    for (uint64_t i = 1; i < 100; i++) {
        assert_false(tg_culprits_add(&culprits, &chat, i * TG_CULPRITS_MS / 2));
    }
}

static void another_generation_is_another_culprit(void **state)
{
    struct tg_culprits culprits = {.count = 0};

    (void)state;
    assert_false(tg_culprits_add(&culprits, &chat, 1000));
    assert_false(tg_culprits_add(&culprits, &chat, 1001));
    assert_false(tg_culprits_add(&culprits, &newer, 1002));
    assert_true(tg_culprits_add(&culprits, &chat, 1003));
}

static void a_full_table_forgets_the_oldest(void **state)
{
    struct tg_culprits culprits = {.count = 0};

    (void)state;
    (void)tg_culprits_add(&culprits, &newer, 1000);
    (void)tg_culprits_add(&culprits, &newer, 1001);
    (void)tg_culprits_add(&culprits, &chat, 1002);
    (void)tg_culprits_add(&culprits, &chat, 1003);
    for (unsigned i = 0; i < TG_CULPRITS_MAX - 1; i++) {
        struct tg_gateway_row other = {.generation = "0"};
        (void)snprintf(other.name, sizeof(other.name), "other%u", i);
        assert_false(tg_culprits_add(&culprits, &other, 2000 + i));
    }
    assert_int_equal(culprits.count, TG_CULPRITS_MAX);
    assert_true(tg_culprits_add(&culprits, &chat, 3000));
    assert_false(tg_culprits_add(&culprits, &newer, 3001));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_third_death_within_a_minute_is_too_many),
        cmocka_unit_test(deaths_of_more_than_a_minute_ago_do_not_count),
        cmocka_unit_test(another_generation_is_another_culprit),
        cmocka_unit_test(a_full_table_forgets_the_oldest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
