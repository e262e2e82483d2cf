/* SPDX-License-Identifier: MIT */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "spec_options.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
    struct tg_spec_options options;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){0};
    *state = &fixture;
    return 0;
}

static int parse(struct fixture *f, const char *const *words)
{
    return tg_spec_options_parse(&f->options, (char *const *)(uintptr_t)words, &f->msg);
}

#define PARSE(f, ...) parse(f, (const char *const[]){__VA_ARGS__, NULL})

static void words_are_folders_and_options_are_busteds(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "gateways/chat", "-o", "TAP", "--seed=1", "gateways/echo"), TG_OK);
    assert_int_equal(f->options.folder_count, 2);
    assert_string_equal(f->options.folders[1], "gateways/echo");
    assert_int_equal(f->options.passed_count, 3);
    assert_string_equal(f->options.passed[0], "-o");
    assert_string_equal(f->options.passed[1], "TAP");
    assert_string_equal(f->options.passed[2], "--seed=1");
    assert_false(f->options.is_watching);
    assert_null(f->options.coverage);
}

static void an_option_takes_the_next_word_only_when_busteds_does(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "--helper", "set_up.lua", "chat"), TG_OK);
    assert_int_equal(f->options.folder_count, 1);
    assert_int_equal(PARSE(f, "--list", "chat", "--filter", "a room", "-v", "echo"), TG_OK);
    assert_int_equal(f->options.folder_count, 2);
    assert_int_equal(f->options.passed_count, 4);
    assert_string_equal(f->options.passed[2], "a room");
}

static void a_value_that_is_missing_is_said(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "--filter"), TG_ERR_INVALID);
    assert_string_equal(f->msg.text, "--filter: a value must follow");
}

static void watch_and_coverage_are_our_own(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "--watch", "--coverage"), TG_OK);
    assert_true(f->options.is_watching);
    assert_string_equal(f->options.coverage, "coverage");
    assert_int_equal(f->options.passed_count, 0);
    assert_int_equal(PARSE(f, "--coverage=out"), TG_OK);
    assert_string_equal(f->options.coverage, "out");
}

static void behind_two_dashes_all_is_busteds(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "chat", "--", "--watch", "spec"), TG_OK);
    assert_int_equal(f->options.folder_count, 1);
    assert_int_equal(f->options.passed_count, 2);
    assert_false(f->options.is_watching);
}

static void what_the_runner_sets_cannot_be_set(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "-C", "x"), TG_ERR_INVALID);
    assert_string_equal(f->msg.text, "-C: tidegate test sets it itself");
    assert_int_equal(PARSE(f, "--lua=lua5.1"), TG_ERR_INVALID);
}

static void folders_and_options_are_bounded(void **state)
{
    struct fixture *f = *state;
    const char *words[TG_SPEC_FOLDERS_MAX + 2] = {NULL};

    for (size_t i = 0; i <= TG_SPEC_FOLDERS_MAX; i++) {
        words[i] = "folder";
    }
    assert_int_equal(parse(f, words), TG_ERR_FULL);
    words[TG_SPEC_FOLDERS_MAX] = NULL;
    assert_int_equal(parse(f, words), TG_OK);
    for (size_t i = 0; i <= TG_SPEC_PASSED_MAX; i++) {
        words[i] = "-v";
    }
    assert_int_equal(parse(f, words), TG_ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(words_are_folders_and_options_are_busteds, set_up),
        cmocka_unit_test_setup(an_option_takes_the_next_word_only_when_busteds_does, set_up),
        cmocka_unit_test_setup(a_value_that_is_missing_is_said, set_up),
        cmocka_unit_test_setup(watch_and_coverage_are_our_own, set_up),
        cmocka_unit_test_setup(behind_two_dashes_all_is_busteds, set_up),
        cmocka_unit_test_setup(what_the_runner_sets_cannot_be_set, set_up),
        cmocka_unit_test_setup(folders_and_options_are_bounded, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
