/* SPDX-License-Identifier: MIT */
#include "deployer/roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void a_row_is_made_once_and_stays_where_it_is(void **state)
{
    struct tg_roster roster = {.count = 0};
    struct tg_roster_row *chat = tg_roster_need(&roster, "chat");

    (void)state;
    assert_non_null(chat);
    assert_string_equal(chat->name, "chat");
    for (int i = 0; i < 100; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "%d", i);
        assert_non_null(tg_roster_need(&roster, name));
    }
    assert_ptr_equal(tg_roster_need(&roster, "chat"), chat);
    assert_ptr_equal(tg_roster_find(&roster, "chat"), chat);
    assert_null(tg_roster_find(&roster, "cha"));
    assert_int_equal(roster.count, 101);
    tg_roster_fini(&roster);
    assert_null(tg_roster_find(&roster, "chat"));
}

static void rows_have_owners_of_their_own(void **state)
{
    struct tg_roster roster = {.count = 0};
    struct tg_roster_row *chat = tg_roster_need(&roster, "chat");
    struct tg_roster_row *echo = tg_roster_need(&roster, "echo");

    (void)state;
    assert_int_not_equal(chat->owner, 0);
    assert_int_not_equal(chat->owner, echo->owner);
    tg_roster_fini(&roster);
}

static void a_row_that_is_forgotten_leaves_the_others(void **state)
{
    struct tg_roster roster = {.count = 0};
    struct tg_roster_row *echo;

    (void)state;
    (void)tg_roster_need(&roster, "chat");
    echo = tg_roster_need(&roster, "echo");
    tg_roster_forget(&roster, 0);
    assert_int_equal(roster.count, 1);
    assert_null(tg_roster_find(&roster, "chat"));
    assert_ptr_equal(tg_roster_find(&roster, "echo"), echo);
    tg_roster_fini(&roster);
}

static void there_is_an_end_to_it(void **state)
{
    struct tg_roster roster = {.count = 0};
    char name[16];

    (void)state;
    for (int i = 0; i < TG_ROSTER_MAX; i++) {
        (void)snprintf(name, sizeof(name), "%d", i);
        assert_non_null(tg_roster_need(&roster, name));
    }
    assert_null(tg_roster_need(&roster, "one more"));
    assert_non_null(tg_roster_need(&roster, "7"));
    tg_roster_fini(&roster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_made_once_and_stays_where_it_is),
        cmocka_unit_test(rows_have_owners_of_their_own),
        cmocka_unit_test(a_row_that_is_forgotten_leaves_the_others),
        cmocka_unit_test(there_is_an_end_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
