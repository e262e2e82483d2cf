/* SPDX-License-Identifier: MIT */
/* That the results are LuaJIT's is shown by compare_natives.lua and the fuzz target. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "script/pattern.h"

/* Goes on as often as the count says. */
static bool count_down(void *cookie)
{
    int *left = cookie;

    return (*left)-- == 0;
}

static const char *search(struct tg_pattern *m, const char *subject, const char *text)
{
    const char *at = subject;

    tg_pattern_init(m, tg_str_of(subject), text);
    return tg_pattern_search(m, &at);
}

static void a_search_gives_the_match_and_its_captures(void **state)
{
    static const char subject[] = "key = value";
    const char *at = subject;
    struct tg_pattern m;

    (void)state;
    tg_pattern_init(&m, tg_str_of(subject), "(%w+)%s*=()");
    const char *end = tg_pattern_search(&m, &at);
    assert_ptr_equal(at, subject);
    assert_ptr_equal(end, subject + 5);
    assert_int_equal(m.count, 2);
    assert_ptr_equal(m.captures[0].at, subject);
    assert_int_equal(m.captures[0].length, 3);
    assert_ptr_equal(m.captures[1].at, subject + 5);
    assert_int_equal(m.captures[1].length, TG_PATTERN_POSITION);
    assert_null(search(&m, "none", "%d"));
    assert_null(m.error);
}

static void a_malformed_pattern_is_an_error_with_a_text(void **state)
{
    static const char *const rows[][2] = {
        {"%", "malformed pattern (ends with '%')"},
        {"[a", "malformed pattern (missing ']')"},
        {"[^", "malformed pattern (missing ']')"},
        {"%b", "unbalanced pattern"},
        {"%bx", "unbalanced pattern"},
        {"%fa", "missing '[' after '%f' in pattern"},
        {"%1", "invalid capture index"},
        {"(%1)", "invalid capture index"},
        {"%0", "invalid capture index"},
        {")", "invalid pattern capture"},
    };
    struct tg_pattern m;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(search(&m, "a", rows[i][0]));
        assert_non_null(m.error);
        assert_string_equal(m.error, rows[i][1]);
    }
}

static void depth_and_captures_are_bounded(void **state)
{
    char text[3 * (TG_PATTERN_DEPTH_MAX + 2)] = "";
    struct tg_pattern m;

    (void)state;
    for (int i = 0; i < TG_PATTERN_CAPTURES_MAX + 1; i++) {
        memcpy(text + (size_t)i * 2, "()", 3);
    }
    assert_null(search(&m, "a", text));
    assert_string_equal(m.error, "too many captures");
    text[(size_t)TG_PATTERN_CAPTURES_MAX * 2] = '\0';
    assert_non_null(search(&m, "a", text));
    for (int i = 0; i < TG_PATTERN_DEPTH_MAX + 1; i++) {
        memcpy(text + (size_t)i * 2, "a*", 3);
    }
    assert_null(search(&m, "a", text));
    assert_string_equal(m.error, "pattern too complex");
}

static void what_takes_long_asks_whether_to_go_on(void **state)
{
    enum { LENGTH = 1 << 20 };
    static const char *const texts[] = {
        "a*a*a*a*a*a*a*a*a*a*b",
        "a-a-a-a-a-a-a-a-a-a-b",
        "(a?)(a*)(a*)%1%2%3a*a*a*b",
        "a*[^a]",
        "%b(a",
        "%bab",
        "(a*)%1%1b",
        "a?a?a?a?a?a?a?a?a?a*b$",
        ".-%f[b]",
    };
    char *subject = malloc(LENGTH + 1);
    struct tg_pattern m;

    (void)state;
    assert_non_null(subject);
    memset(subject, 'a', LENGTH);
    subject[LENGTH] = '\0';
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int left = 3;
        const char *at = subject;
        tg_pattern_init(&m, tg_str(subject, LENGTH), texts[i]);
        m.is_stopped = count_down;
        m.cookie = &left;
        assert_null(tg_pattern_search(&m, &at));
        assert_int_equal(left, strcmp(texts[i], "%b(a") == 0 ? left : -1);
        assert_true(left >= 0 || strcmp(m.error, "the match was stopped") == 0);
    }
    free(subject);
}

static void a_long_set_counts_as_much_as_it_is_long(void **state)
{
    enum { LENGTH = 1 << 16 };
    char *set = malloc(LENGTH + 3);
    int left = 100;
    const char *at = "bbbbbbbbbbbbbbbbbbbb";
    struct tg_pattern m;

    (void)state;
    assert_non_null(set);
    memset(set, 'a', LENGTH);
    set[0] = '[';
    memcpy(set + LENGTH, "]*", 3);
    tg_pattern_init(&m, tg_str_of(at), set);
    m.is_stopped = count_down;
    m.cookie = &left;
    assert_non_null(tg_pattern_search(&m, &at));
    assert_true(left < 100);
    free(set);
}

static void plain_text_is_found_over_all_windows(void **state)
{
    enum { LENGTH = 300000, NEEDLE = 40000 };
    char *subject = malloc(LENGTH);
    struct tg_pattern m;
    int left = 1000;

    (void)state;
    assert_non_null(subject);
    memset(subject, 'a', LENGTH);
    tg_pattern_init(&m, tg_str(subject, LENGTH), "");
    m.is_stopped = count_down;
    m.cookie = &left;
    for (size_t place = 0; place < LENGTH - 3; place += 4099) {
        memcpy(subject + place, "xyz", 3);
        assert_ptr_equal(tg_pattern_find_plain(&m, subject, TG_STR("xyz")), subject + place);
        memcpy(subject + place, "aaa", 3);
    }
    assert_null(tg_pattern_find_plain(&m, subject, TG_STR("xyz")));
    assert_ptr_equal(tg_pattern_find_plain(&m, subject + 5, TG_STR("")), subject + 5);
    assert_true(left < 1000);
    subject[LENGTH - 1] = 'b';
    struct tg_str long_text = tg_str(subject + LENGTH - NEEDLE, NEEDLE);
    assert_ptr_equal(tg_pattern_find_plain(&m, subject, long_text), long_text.at);
    left = 0;
    assert_null(tg_pattern_find_plain(&m, subject, TG_STR("b")));
    assert_string_equal(m.error, "the match was stopped");
    free(subject);
}

static void special_octets_are_told_from_plain_ones(void **state)
{
    (void)state;
    assert_false(tg_pattern_is_special(TG_STR("")));
    assert_false(tg_pattern_is_special(TG_STR("a]b) c,\0d\xff")));
    for (const char *special = "^$*+?.([%-"; *special; special++) {
        assert_true(tg_pattern_is_special(tg_str(special, 1)));
    }
    assert_true(tg_pattern_is_special(TG_STR("a\0.")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_gives_the_match_and_its_captures),
        cmocka_unit_test(a_malformed_pattern_is_an_error_with_a_text),
        cmocka_unit_test(depth_and_captures_are_bounded),
        cmocka_unit_test(what_takes_long_asks_whether_to_go_on),
        cmocka_unit_test(a_long_set_counts_as_much_as_it_is_long),
        cmocka_unit_test(plain_text_is_found_over_all_windows),
        cmocka_unit_test(special_octets_are_told_from_plain_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
