/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "hub/revocations.h"
#include "keeper/revocation_file.h"

enum { OUT_MAX = 16 << 20 };

struct fixture {
    struct tg_buf out;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    tg_buf_init(&f->out, OUT_MAX);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_buf_fini(&f->out);
    free(f);
    return 0;
}

static int parse(struct fixture *f, const char *text)
{
    tg_buf_clear(&f->out);
    return tg_revocation_file_parse(tg_str_of(text), "r.txt", &f->out, &f->msg);
}

static void assert_parses(struct fixture *f, const char *text, const char *expected)
{
    assert_int_equal(parse(f, text), TG_OK);
    assert_true(tg_str_is(tg_buf_str(&f->out), tg_str_of(expected)));
}

static void assert_refused(struct fixture *f, const char *text, const char *message)
{
    assert_int_equal(parse(f, text), TG_ERR_SYNTAX);
    assert_string_equal(f->msg.text, message);
}

static void each_line_revokes_one(void **state)
{
    struct fixture *f = *state;

    assert_parses(f, "sub alice\njti 4711\ntenant acme\n", "sub alice\njti 4711\ntenant acme\n");
    assert_parses(f, "sub alice", "sub alice\n");
    assert_parses(f, "", "");
}

static void comments_and_empty_lines_say_nothing(void **state)
{
    struct fixture *f = *state;

    assert_parses(f, "# who left\n\n   \n\t# indented\nsub bob\n\n", "sub bob\n");
}

static void blanks_around_words_are_passed_over(void **state)
{
    struct fixture *f = *state;

    assert_parses(f, "  sub \t bob \r\njti\tx y\r\n", "sub bob\njti x y\n");
}

static void a_hash_within_a_value_is_part_of_it(void **state)
{
    struct fixture *f = *state;

    assert_parses(f, "sub auth0|a#b\n", "sub auth0|a#b\n");
}

static void a_line_that_makes_no_sense_is_named(void **state)
{
    struct fixture *f = *state;
    char longest[TG_REVOCATION_VALUE_MAX + 16] = "jti ";

    assert_refused(f, "sub a\nuser b\n",
                   "r.txt:2: expected \"jti VALUE\", \"sub VALUE\" or \"tenant VALUE\"");
    assert_refused(f, "sub\n", "r.txt:1: expected a value of 1 to 128 octets");
    assert_refused(f, "\n\nsub a\x01", "r.txt:3: expected a value without control characters");
    assert_refused(f, "tenant Acme", "r.txt:1: expected an id of 1 to 63 of a-z, 0-9, _ and -");
    memset(longest + 4, 'x', TG_REVOCATION_VALUE_MAX);
    assert_int_equal(parse(f, longest), TG_OK);
    longest[4 + TG_REVOCATION_VALUE_MAX] = 'x';
    assert_refused(f, longest, "r.txt:1: expected a value of 1 to 128 octets");
}

static void a_nul_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_revocation_file_parse(tg_str("sub a\0b\n", 8), "r.txt", &f->out, &f->msg),
                     TG_ERR_SYNTAX);
}

static void they_are_bounded(void **state)
{
    struct fixture *f = *state;
    struct tg_buf text;
    struct tg_buf small;

    tg_buf_init(&text, OUT_MAX);
    for (int i = 0; i < TG_REVOCATIONS_MAX; i++) {
        tg_buf_add_format(&text, "jti %d\n", i);
    }
    assert_int_equal(text.err, 0);
    assert_int_equal(tg_revocation_file_parse(tg_buf_str(&text), "r.txt", &f->out, &f->msg), TG_OK);
    assert_int_equal(f->out.length, text.length);
    tg_buf_init(&small, 100);
    assert_int_equal(tg_revocation_file_parse(tg_buf_str(&text), "r.txt", &small, &f->msg),
                     TG_ERR_TOO_LARGE);
    tg_buf_fini(&small);
    tg_buf_add_str(&text, TG_STR("# a comment is none\njti more\n"));
    tg_buf_clear(&f->out);
    assert_int_equal(tg_revocation_file_parse(tg_buf_str(&text), "r.txt", &f->out, &f->msg),
                     TG_ERR_FULL);
    assert_string_equal(f->msg.text, "r.txt:100002: expected at most 100000 revocations");
    tg_buf_fini(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_line_revokes_one),
        TEST(comments_and_empty_lines_say_nothing),
        TEST(blanks_around_words_are_passed_over),
        TEST(a_hash_within_a_value_is_part_of_it),
        TEST(a_line_that_makes_no_sense_is_named),
        TEST(a_nul_is_refused),
        TEST(they_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
