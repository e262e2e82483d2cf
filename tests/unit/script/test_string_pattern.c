/* SPDX-License-Identifier: MIT */
/* That results are LuaJIT's is shown by compare_natives.lua. */
#include "fake_natives.h"

#include <string.h>

#include "script/stop.h"

static void what_takes_long_looks_at_the_flag(void **state)
{
    static const char *const rows[] = {
        "stop() ours.string.find(('a'):rep(40), ('a*'):rep(40) .. 'b')",
        "stop() ours.string.match(('a'):rep(40), ('a-'):rep(40) .. 'b')",
        "stop() ours.string.gsub(('a'):rep(40), ('a?'):rep(40) .. ('a'):rep(40) .. 'b', '')",
        "stop() for _ in ours.string.gmatch(('a'):rep(40), ('a*'):rep(40) .. 'b') do end",
        "stop() ours.string.find(('('):rep(1e5), '%b()')",
        "stop() ours.string.gsub(('a'):rep(1e5), '', 'b')",
        "stop() ours.string.gsub('a', 'a', ('%%'):rep(1e5))",
        "stop() ours.string.find(('a'):rep(1e6), 'b', 1, true)",
        "stop() ours.string.find(('a'):rep(1e6), ('a'):rep(1e5) .. 'b', 1, true)",
        "stop() ours.string.find(('a'):rep(1e5), '[' .. ('b'):rep(1e5) .. ']')",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_natives *natives = *state;
        assert_false(fake_natives_try(natives, rows[i]));
        assert_non_null(strstr(natives->error, TG_STOP_TEXT));
    }
}

static void a_recursion_through_callbacks_is_bounded(void **state)
{
    struct fake_natives *natives = *state;

    assert_false(fake_natives_try(natives, "local function f() ours.string.gsub('a', 'a', f) end "
                                           "f()"));
    assert_non_null(strstr(natives->error, "stack overflow"));
    assert_false(fake_natives_try(natives, "local t t = setmetatable({}, { __index = function() "
                                           "return ours.string.gsub('a', 'a', t) end }) "
                                           "return t.x"));
    assert_non_null(strstr(natives->error, "stack overflow"));
}

static void a_callback_can_not_yield(void **state)
{
    fake_natives_run(*state,
                     "local co = coroutine.create(function() ours.string.gsub('a', 'a', function() "
                     "assert(not coroutine.isyieldable()) coroutine.yield() end) end) "
                     "local ok, err = coroutine.resume(co) assert(not ok and "
                     "err:find('attempt to yield across C-call boundary', 1, true), err)");
}

static void replacements_may_be_huge_or_too_huge(void **state)
{
    struct fake_natives *natives = *state;

    fake_natives_run(natives, "local s = ('a'):rep(1000) "
                              "assert(ours.string.gsub(s, 'a', s) == ('a'):rep(1e6)) "
                              "assert(ours.string.gsub(s, 'a', function() return s end) == "
                              "('a'):rep(1e6))");
    assert_false(fake_natives_try(natives, "local s = ('a'):rep(1e5) ours.string.gsub(s, 'a', s)"));
    assert_non_null(strstr(natives->error, "not enough memory"));
    fake_natives_run(natives, "collectgarbage() assert(ours.string.gsub('abc', 'b', 'x') == "
                              "'axc')");
}

static void frozen_tables_answer_gsub(void **state)
{
    fake_natives_run(*state, "local t = freeze { a = 'b', c = false } "
                             "assert(ours.string.gsub('abc', '%w', t) == 'bbc')");
}

static void a_match_that_ended_stays_ended(void **state)
{
    fake_natives_run(*state, "local n = ours.string.gmatch('ab', '%w') "
                             "assert(n() == 'a' and n() == 'b' and n() == nil and n() == nil)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NATIVES_TEST(what_takes_long_looks_at_the_flag),
        NATIVES_TEST(a_recursion_through_callbacks_is_bounded),
        NATIVES_TEST(a_callback_can_not_yield),
        NATIVES_TEST(replacements_may_be_huge_or_too_huge),
        NATIVES_TEST(frozen_tables_answer_gsub),
        NATIVES_TEST(a_match_that_ended_stays_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
