/* SPDX-License-Identifier: MIT */
#include "fake_natives.h"

#include <stdio.h>
#include <string.h>

#include "script/stop.h"

static void natives_and_ours_agree(void **state)
{
    fake_natives_run_file(*state, "compare_natives.lua");
}

static void rep_gives_whole_copies_of_any_length(void **state)
{
    fake_natives_run(*state,
                     "for _, length in ipairs { 1, 3, 7, 1000, 65535, 65536, 65537, 100000 } do "
                     "local unit = ('abcdefg'):rep(length):sub(1, length) "
                     "for _, n in ipairs { 1, 2, 3, 40 } do "
                     "assert(ours.string.rep(unit, n) == unit:rep(n)) "
                     "assert(ours.string.rep(unit, n, '--') == unit:rep(n, '--')) end end "
                     "assert(ours.string.rep('abc', 1e6) == ('abc'):rep(1e6)) "
                     "assert(ours.string.rep('', 1e300) == '')");
}

static void a_rep_bomb_is_an_error(void **state)
{
    static const char *const rows[] = {
        "ours.string.rep('a', 1e300)",     "ours.string.rep('a', 2 ^ 63)",
        "ours.string.rep('a', 1 / 0)",     "ours.string.rep(('a'):rep(1e6), 2 ^ 60)",
        "ours.string.rep('', 1e18, 'ab')", "ours.string.rep('a', 65e6)",
    };
    struct fake_natives *natives = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_false(fake_natives_try(natives, rows[i]));
        assert_string_equal(natives->error, "not enough memory");
    }
    fake_natives_run(natives, "collectgarbage() assert(#ours.string.rep('a', 1e6) == 1e6)");
}

static void rep_looks_at_the_flag(void **state)
{
    struct fake_natives *natives = *state;

    assert_false(fake_natives_try(natives, "stop() ours.string.rep('ab', 1e6)"));
    assert_non_null(strstr(natives->error, TG_STOP_TEXT));
}

/* LuaJIT's own would end the process: memory runs out where they have not noted where the stack
 * ends. */
static void copies_without_memory_are_errors(void **state)
{
    static const char *const rows[] = {
        "ours.string.lower(held)",
        "ours.string.upper(held)",
        "ours.string.reverse(held)",
        "ours.string.sub(held, 2)",
        "pcall(ours.string.lower, held) error('gone on')",
    };
    struct fake_natives *natives = *state;

    fake_natives_run(natives, "held, rest = ('A'):rep(24 * 2 ^ 20), {} collectgarbage() "
                              "for i = 1, 18 do rest[i] = i .. ('b'):rep(2 ^ 20) end "
                              "collectgarbage()");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_false(fake_natives_try(natives, rows[i]));
        assert_non_null(strstr(natives->error, i < 4 ? "not enough memory" : "gone on"));
    }
    fake_natives_run(
        natives, "held, rest = nil, nil collectgarbage() assert(ours.string.lower('A') == 'a')");
}

static void copies_look_at_the_flag(void **state)
{
    static const char *const names[] = {"lower", "upper", "reverse"};
    struct fake_natives *natives = *state;
    char text[128];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(text, sizeof(text), "local t = ('ab'):rep(1e5) stop() ours.string.%s(t)",
                       names[i]);
        assert_false(fake_natives_try(natives, text));
        assert_non_null(strstr(natives->error, TG_STOP_TEXT));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NATIVES_TEST(natives_and_ours_agree),
        NATIVES_TEST(rep_gives_whole_copies_of_any_length),
        NATIVES_TEST(a_rep_bomb_is_an_error),
        NATIVES_TEST(rep_looks_at_the_flag),
        NATIVES_TEST(copies_without_memory_are_errors),
        NATIVES_TEST(copies_look_at_the_flag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
