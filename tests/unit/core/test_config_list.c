/* SPDX-License-Identifier: MIT */
#include "core/config_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct tg_config_list list;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    *state = f;
    return f ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_config_list_fini(&f->list);
    free(f);
    return 0;
}

static int set(struct fixture *f, const char *text)
{
    return tg_config_list_set(&f->list, "a.b", tg_str_of(text), &f->msg);
}

static int set_item(struct fixture *f, uint64_t number, const char *text)
{
    return tg_config_list_set_item(&f->list, "a.b", number, tg_str_of(text), &f->msg);
}

static void commas_separate_and_blanks_around_are_dropped(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(set(f, "header, cookie ,query"), TG_OK);
    assert_int_equal(f->list.count, 3);
    assert_string_equal(f->list.items[0], "header");
    assert_string_equal(f->list.items[1], "cookie");
    assert_string_equal(f->list.items[2], "query");
    assert_true(tg_config_list_has(&f->list, TG_STR("query")));
    assert_false(tg_config_list_has(&f->list, TG_STR("quer")));
}

static void a_new_text_takes_the_place_of_all(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(set(f, "a,b,c"), TG_OK);
    assert_int_equal(set(f, "d"), TG_OK);
    assert_int_equal(f->list.count, 1);
    assert_string_equal(f->list.items[0], "d");
    assert_int_equal(set(f, "none"), TG_OK);
    assert_int_equal(f->list.count, 0);
}

static void what_makes_no_sense_changes_nothing(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {"", ",", "a,", ",a", "a,,b", "a,\x01", "a\x7f"};

    assert_int_equal(set(f, "kept"), TG_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(set(f, bad[i]), TG_ERR_INVALID);
        assert_memory_equal(f->msg.text, "a.b: expected items", 19);
        assert_int_equal(f->list.count, 1);
        assert_string_equal(f->list.items[0], "kept");
    }
}

static void a_list_is_bounded(void **state)
{
    struct fixture *f = *state;
    char text[2 * (TG_CONFIG_LIST_MAX + 1)];

    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = i % 2 ? ',' : 'x';
    }
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(set(f, text), TG_ERR_INVALID);
    assert_string_equal(f->msg.text, "a.b: expected at most 32 items");
    text[sizeof(text) - 3] = '\0';
    assert_int_equal(set(f, text), TG_OK);
    assert_int_equal(f->list.count, TG_CONFIG_LIST_MAX);
    assert_int_equal(set_item(f, TG_CONFIG_LIST_MAX + 1, "x"), TG_ERR_INVALID);
}

static void items_come_one_by_one_and_the_first_begins_anew(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(set(f, "default,other"), TG_OK);
    assert_int_equal(set_item(f, 1, "a,b"), TG_OK);
    assert_int_equal(set_item(f, 2, " c "), TG_OK);
    assert_int_equal(f->list.count, 2);
    assert_string_equal(f->list.items[0], "a,b");
    assert_string_equal(f->list.items[1], "c");
    assert_int_equal(set_item(f, 4, "d"), TG_ERR_INVALID);
    assert_string_equal(f->msg.text, "a.b: expected a list without holes");
    assert_int_equal(set_item(f, 1, " "), TG_ERR_INVALID);
    assert_int_equal(f->list.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commas_separate_and_blanks_around_are_dropped, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_new_text_takes_the_place_of_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_makes_no_sense_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(items_come_one_by_one_and_the_first_begins_anew, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
