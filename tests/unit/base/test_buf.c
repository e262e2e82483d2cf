/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"

struct fixture {
    struct tg_buf buf;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    tg_buf_init(&f->buf, 1000);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_buf_fini(&f->buf);
    free(f);
    return 0;
}

static void assert_holds(const struct tg_buf *buf, const char *text)
{
    assert_true(tg_str_is(tg_buf_str(buf), tg_str_of(text)));
}

static void appends_stand_one_behind_the_other(void **state)
{
    struct fixture *f = *state;

    tg_buf_add(&f->buf, "ab", 2);
    tg_buf_add_char(&f->buf, 'c');
    tg_buf_add_str(&f->buf, TG_STR("de"));
    tg_buf_add_format(&f->buf, "%d-%s", 42, "x");
    tg_buf_add(&f->buf, NULL, 0);
    assert_holds(&f->buf, "abcde42-x");
    assert_int_equal(f->buf.err, TG_OK);
}

static void no_memory_is_taken_before_the_first_octet(void **state)
{
    struct fixture *f = *state;

    assert_null(f->buf.at);
    assert_holds(&f->buf, "");
    assert_int_equal(tg_buf_reserve(&f->buf, 0), TG_OK);
    assert_null(f->buf.at);
}

static void it_fills_to_its_limit_and_not_one_octet_more(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 1000; i++) {
        tg_buf_add_char(&f->buf, 'x');
    }
    assert_int_equal(f->buf.err, TG_OK);
    assert_int_equal(f->buf.length, 1000);
    assert_int_equal(f->buf.capacity, 1000);
    tg_buf_add_char(&f->buf, 'x');
    assert_int_equal(f->buf.err, TG_ERR_TOO_LARGE);
    assert_int_equal(f->buf.length, 1000);
}

static void a_failed_append_changes_nothing_and_later_ones_fail_too(void **state)
{
    struct fixture *f = *state;
    char large[1001] = {0};

    tg_buf_add_str(&f->buf, TG_STR("kept"));
    tg_buf_add(&f->buf, large, sizeof(large));
    tg_buf_add_char(&f->buf, 'x');
    assert_holds(&f->buf, "kept");
    assert_int_equal(tg_buf_reserve(&f->buf, 1), TG_ERR_TOO_LARGE);
    tg_buf_clear(&f->buf);
    tg_buf_add_char(&f->buf, 'y');
    assert_holds(&f->buf, "y");
    assert_int_equal(f->buf.err, TG_OK);
}

static void a_length_that_would_wrap_is_too_large(void **state)
{
    struct fixture *f = *state;

    tg_buf_add_char(&f->buf, 'x');
    assert_int_equal(tg_buf_reserve(&f->buf, SIZE_MAX), TG_ERR_TOO_LARGE);
    assert_holds(&f->buf, "x");
}

static void formatted_text_is_whole_or_not_there(void **state)
{
    struct fixture *f = *state;
    char long_text[999];

    memset(long_text, 'a', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    tg_buf_add_format(&f->buf, "%s", long_text);
    assert_int_equal(f->buf.length, 998);
    tg_buf_add_format(&f->buf, "%s", "bcd");
    assert_int_equal(f->buf.err, TG_ERR_TOO_LARGE);
    assert_int_equal(f->buf.length, 998);
}

static void after_fini_it_can_be_used_again(void **state)
{
    struct fixture *f = *state;
    struct tg_buf zeroes = {0};

    tg_buf_add_char(&f->buf, 'x');
    tg_buf_fini(&f->buf);
    assert_null(f->buf.at);
    tg_buf_add_char(&f->buf, 'y');
    assert_holds(&f->buf, "y");
    tg_buf_fini(&zeroes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(appends_stand_one_behind_the_other),
        TEST(no_memory_is_taken_before_the_first_octet),
        TEST(it_fills_to_its_limit_and_not_one_octet_more),
        TEST(a_failed_append_changes_nothing_and_later_ones_fail_too),
        TEST(a_length_that_would_wrap_is_too_large),
        TEST(formatted_text_is_whole_or_not_there),
        TEST(after_fini_it_can_be_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
