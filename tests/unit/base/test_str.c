/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static void assert_part(struct tg_str *rest, const char *part)
{
    assert_true(tg_str_is(tg_str_split(rest, ','), tg_str_of(part)));
}

static void views_are_equal_by_octets(void **state)
{
    (void)state;
    assert_true(tg_str_is(TG_STR("a\0b"), tg_str("a\0b", 3)));
    assert_false(tg_str_is(TG_STR("a\0b"), TG_STR("a\0c")));
    assert_false(tg_str_is(TG_STR("ab"), TG_STR("abc")));
    assert_false(tg_str_is(TG_STR("ab"), TG_STR("AB")));
    assert_true(tg_str_is(tg_str_of(NULL), TG_STR("")));
}

static void letters_are_alike_in_a_caseless_comparison(void **state)
{
    (void)state;
    assert_true(tg_str_is_caseless(TG_STR("Sec-WebSocket-Key"), TG_STR("sec-websocket-KEY")));
    assert_true(tg_str_is_caseless(tg_str(NULL, 0), TG_STR("")));
    assert_false(tg_str_is_caseless(TG_STR("key"), TG_STR("keys")));
    assert_false(tg_str_is_caseless(TG_STR("k@y"), TG_STR("k`y")));
}

static void a_start_may_be_the_whole_or_nothing(void **state)
{
    (void)state;
    assert_true(tg_str_starts(TG_STR("bearer x"), TG_STR("bearer ")));
    assert_true(tg_str_starts(TG_STR("x"), TG_STR("x")));
    assert_true(tg_str_starts(tg_str(NULL, 0), TG_STR("")));
    assert_false(tg_str_starts(TG_STR("be"), TG_STR("bearer")));
    assert_false(tg_str_starts(TG_STR("Bearer"), TG_STR("bearer")));
}

static void blanks_and_tabs_are_trimmed_at_both_ends_only(void **state)
{
    (void)state;
    assert_true(tg_str_is(tg_str_trim(TG_STR(" \ta b\t ")), TG_STR("a b")));
    assert_true(tg_str_is(tg_str_trim(TG_STR(" \t ")), TG_STR("")));
    assert_true(tg_str_is(tg_str_trim(TG_STR("\na\r")), TG_STR("\na\r")));
    assert_int_equal(tg_str_trim(tg_str(NULL, 0)).length, 0);
}

static void splitting_gives_every_part_and_then_ends(void **state)
{
    struct tg_str rest = TG_STR("a,,bc,");

    (void)state;
    assert_part(&rest, "a");
    assert_part(&rest, "");
    assert_part(&rest, "bc");
    assert_non_null(rest.at);
    assert_part(&rest, "");
    assert_null(rest.at);
}

static void without_a_separator_the_whole_is_one_part(void **state)
{
    struct tg_str rest = TG_STR("abc");
    struct tg_str empty = tg_str(NULL, 0);

    (void)state;
    assert_part(&rest, "abc");
    assert_null(rest.at);
    assert_part(&empty, "");
    assert_null(empty.at);
}

static void a_copy_is_terminated_and_its_own(void **state)
{
    char text[] = "abc";
    char *copy = tg_str_copy(tg_str(text, 2));
    char *nothing = tg_str_copy(tg_str(NULL, 0));

    (void)state;
    text[0] = 'x';
    assert_string_equal(copy, "ab");
    assert_string_equal(nothing, "");
    free(copy);
    free(nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_are_equal_by_octets),
        cmocka_unit_test(letters_are_alike_in_a_caseless_comparison),
        cmocka_unit_test(a_start_may_be_the_whole_or_nothing),
        cmocka_unit_test(blanks_and_tabs_are_trimmed_at_both_ends_only),
        cmocka_unit_test(splitting_gives_every_part_and_then_ends),
        cmocka_unit_test(without_a_separator_the_whole_is_one_part),
        cmocka_unit_test(a_copy_is_terminated_and_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
