/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_memory.h"
#include "hub/line_table.h"

static bool is_good(struct tg_str line)
{
    return line.length > 0 && !memchr(line.at, '!', line.length);
}

static const struct tg_line_form form = {
    .document = "things",
    .expected = "a thing",
    .lines_max = 1000,
    .key_end = '=',
    .is_good = is_good,
};

static void a_line_is_found_by_its_key(void **state)
{
    struct tg_line_table *table = NULL;
    struct tg_errmsg msg = {{0}};
    struct tg_str line;

    (void)state;
    assert_int_equal(tg_line_table_create(TG_STR("a=1\nab=2\nb\n"), &form, &table, &msg), TG_OK);
    assert_int_equal(tg_line_table_count(table), 3);
    assert_true(tg_line_table_find(table, TG_STR("ab"), &line));
    assert_true(tg_str_is(line, TG_STR("ab=2")));
    assert_true(tg_line_table_find(table, TG_STR("b"), &line));
    assert_true(tg_str_is(line, TG_STR("b")));
    assert_false(tg_line_table_find(table, TG_STR("a="), &line));
    assert_false(tg_line_table_find(table, TG_STR(""), &line));
    assert_false(tg_line_table_find(table, TG_STR("c"), &line));
    tg_line_table_destroy(table);
}

static void an_empty_text_and_no_table_hold_nothing(void **state)
{
    struct tg_line_table *table = NULL;
    struct tg_errmsg msg = {{0}};
    struct tg_str line;

    (void)state;
    assert_int_equal(tg_line_table_create(tg_str(NULL, 0), &form, &table, &msg), TG_OK);
    assert_int_equal(tg_line_table_count(table), 0);
    assert_false(tg_line_table_find(table, TG_STR("a"), &line));
    tg_line_table_destroy(table);
    assert_int_equal(tg_line_table_count(NULL), 0);
    assert_false(tg_line_table_find(NULL, TG_STR("a"), &line));
    tg_line_table_destroy(NULL);
}

static void what_is_wrong_is_named_by_its_line(void **state)
{
    static const struct {
        const char *text;
        int err;
        const char *message;
    } cases[] = {
        {"a=1\nb=2", TG_ERR_SYNTAX, "things: expected lines that end with a line feed"},
        {"a=1\n!\n", TG_ERR_SYNTAX, "things, line 2: expected a thing"},
        {"a=1\n\n", TG_ERR_SYNTAX, "things, line 2: expected a thing"},
        {"a=1\nb\na=2\n", TG_ERR_EXISTS, "things, line 3: it is there twice"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_line_table *table = NULL;
        struct tg_errmsg msg = {{0}};
        assert_int_equal(tg_line_table_create(tg_str_of(cases[i].text), &form, &table, &msg),
                         cases[i].err);
        assert_string_equal(msg.text, cases[i].message);
        assert_null(table);
    }
}

static void repeated_keys_may_be_no_error(void **state)
{
    struct tg_line_form loose = form;
    struct tg_line_table *table = NULL;
    struct tg_errmsg msg = {{0}};
    struct tg_str line;

    (void)state;
    loose.may_repeat = true;
    assert_int_equal(tg_line_table_create(TG_STR("a=1\na=2\n"), &loose, &table, &msg), TG_OK);
    assert_int_equal(tg_line_table_count(table), 1);
    assert_true(tg_line_table_find(table, TG_STR("a"), &line));
    assert_true(tg_str_is(line, TG_STR("a=1")));
    tg_line_table_destroy(table);
}

static void the_bound_is_exact_and_all_lines_are_found(void **state)
{
    struct tg_line_table *table = NULL;
    struct tg_errmsg msg = {{0}};
    struct tg_buf text;
    struct tg_str line;
    char key[16];

    (void)state;
    tg_buf_init(&text, 1 << 20);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "k%d=%d\n", i, i);
        tg_buf_add_str(&text, tg_str_of(key));
    }
    assert_int_equal(tg_line_table_create(tg_buf_str(&text), &form, &table, &msg), TG_OK);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        assert_true(tg_line_table_find(table, tg_str_of(key), &line));
        assert_int_equal(strtol(line.at + strlen(key) + 1, NULL, 10), i);
    }
    tg_line_table_destroy(table);
    tg_buf_add_str(&text, TG_STR("more\n"));
    table = NULL;
    assert_int_equal(tg_line_table_create(tg_buf_str(&text), &form, &table, &msg), TG_ERR_FULL);
    assert_string_equal(msg.text, "things: 1001 lines, at most 1000 are possible");
    tg_buf_fini(&text);
}

static void each_failing_allocation_leaves_nothing(void **state)
{
    struct tg_errmsg msg = {{0}};

    (void)state;
    for (uint32_t i = 0;; i++) {
        struct tg_line_table *table = NULL;
        fake_memory_fail_after(i);
        int err = tg_line_table_create(TG_STR("a=1\n"), &form, &table, &msg);
        if (!fake_memory_heal()) {
            assert_int_equal(err, TG_OK);
            assert_in_range(i, 3, 10);
            tg_line_table_destroy(table);
            return;
        }
        assert_int_equal(err, TG_ERR_NOMEM);
        assert_null(table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_found_by_its_key),
        cmocka_unit_test(an_empty_text_and_no_table_hold_nothing),
        cmocka_unit_test(what_is_wrong_is_named_by_its_line),
        cmocka_unit_test(repeated_keys_may_be_no_error),
        cmocka_unit_test(the_bound_is_exact_and_all_lines_are_found),
        cmocka_unit_test(each_failing_allocation_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
