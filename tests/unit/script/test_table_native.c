/* SPDX-License-Identifier: MIT */
#include "fake_natives.h"

#include <string.h>

#include "script/stop.h"

static void frozen_tables_are_read_and_not_written(void **state)
{
    fake_natives_run(
        *state, "local t = freeze { 'b', 'a', 'c' } assert(ours.table.concat(t, '-') == 'b-a-c') "
                "for name, call in pairs { sort = function() ours.table.sort(t) end, "
                "insert = function() ours.table.insert(t, 'd') end } do "
                "local ok, err = pcall(call) assert(not ok and "
                "err == 'test:1: the table is frozen: table.' .. name .. \" can't change it\", "
                "err) end assert(t[1] == 'b' and rawget(t, 1) == nil and t[4] == nil)");
}

static void concat_reads_raw(void **state)
{
    fake_natives_run(*state, "local t = setmetatable({}, { __index = function() return 'x' end }) "
                             "assert(ours.table.concat(t) == '') "
                             "assert(not pcall(ours.table.concat, t, '', 1, 2))");
}

static void what_takes_long_looks_at_the_flag(void **state)
{
    static const char *const rows[] = {
        "local t = {} for i = 1, 1e4 do t[i] = 'a' end stop() ours.table.concat(t)",
        "local t = {} for i = 1, 1e4 do t[i] = i + 0.5 end stop() ours.table.concat(t, ',')",
        "local t = {} for i = 1, 1e4 do t[i] = i end stop() ours.table.insert(t, 1, 0)",
        "stop() ours.table.insert({ 1 }, -1e9, 0)",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_natives *natives = *state;
        assert_false(fake_natives_try(natives, rows[i]));
        assert_non_null(strstr(natives->error, TG_STOP_TEXT));
    }
}

static void a_concat_bomb_is_an_error(void **state)
{
    struct fake_natives *natives = *state;

    assert_false(fake_natives_try(natives, "local s, t = ('a'):rep(1e6), {} "
                                           "for i = 1, 1e4 do t[i] = s end ours.table.concat(t)"));
    assert_non_null(strstr(natives->error, "not enough memory"));
    assert_false(fake_natives_try(
        natives, "local s = ('a'):rep(1e6) ours.table.concat({ 1, 2 }, s, 1, 2e9)"));
    assert_non_null(strstr(natives->error, "invalid value (nil) at index 3"));
}

static void a_recursion_of_sorts_is_bounded(void **state)
{
    struct fake_natives *natives = *state;

    assert_false(fake_natives_try(natives, "local function f() ours.table.sort({ 1, 2 }, f) end "
                                           "f()"));
    assert_non_null(strstr(natives->error, "stack overflow"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NATIVES_TEST(frozen_tables_are_read_and_not_written),
        NATIVES_TEST(concat_reads_raw),
        NATIVES_TEST(what_takes_long_looks_at_the_flag),
        NATIVES_TEST(a_concat_bomb_is_an_error),
        NATIVES_TEST(a_recursion_of_sorts_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
