/* SPDX-License-Identifier: MIT */
/* That elements come out in LuaJIT's very order is shown by compare_natives.lua. */
#include "fake_natives.h"

#include <string.h>

#include "script/stop.h"

/* Makes the list that takes this quicksort's choice of pivots to quadratic time: an adversary
 * answers the order function, and makes each pivot one of the least elements left (McIlroy, "A
 * killer adversary for quicksort", 1999). */
#define KILLER                                                                             \
    "local function killer(n) local gas, value, solid, candidate = n, {}, 0, 0 "           \
    "local list = {} for i = 1, n do list[i] = i value[i] = gas end "                      \
    "table.sort(list, function(a, b) if value[a] == gas and value[b] == gas then "         \
    "solid = solid + 1 value[a == candidate and a or b] = solid end "                      \
    "if value[a] == gas then candidate = a elseif value[b] == gas then candidate = b end " \
    "return value[a] < value[b] end) return value end "

static void hostile_input_takes_no_quadratic_time(void **state)
{
    fake_natives_run(*state, KILLER
                     "local list = killer(4000) local count = 0 "
                     "ours.table.sort(list, function(a, b) count = count + 1 return a < b end) "
                     "assert(count < 4000 * 12 * 4 * 2, count) "
                     "for i = 2, #list do assert(list[i - 1] <= list[i]) end");
}

static void all_shapes_of_lists_are_sorted(void **state)
{
    fake_natives_run(
        *state, "local shapes = { function(i) return i end, function(i) return -i end, "
                "function() return 1 end, function(i) return i % 2 end, "
                "function(i) return i * 7919 % 1009 end, function(i) return math.abs(500 - i) end, "
                "function(i) return tostring(i * 7919 % 1009) end } "
                "for n = 0, 1000, 37 do for _, shape in ipairs(shapes) do local list = {} "
                "for i = 1, n do list[i] = shape(i) end ours.table.sort(list) "
                "for i = 2, n do assert(list[i - 1] <= list[i]) end end end");
}

static void an_order_function_that_lies_does_no_harm(void **state)
{
    fake_natives_run(
        *state,
        KILLER "local function all(list, n) local seen = {} for i = 1, n do seen[list[i]] = true "
               "end for i = 1, n do assert(seen[i]) end end "
               "for n = 1, 200 do local orders = { function() return true end, "
               "function() return false end, function() return math.random(2) == 1 end } "
               "for _, order in ipairs(orders) do local list = {} for i = 1, n do list[i] = i end "
               "local ok, err = pcall(ours.table.sort, list, order) all(list, n) "
               "assert(ok or err:find('invalid order function', 1, true), err) end end "
               "local list = killer(3000) local k = 0 "
               "pcall(ours.table.sort, list, function(a, b) k = k + 1 "
               "if k > 60000 then return true end return a < b end)");
}

static void an_order_function_may_change_the_table(void **state)
{
    fake_natives_run(
        *state, "for _, change in ipairs { function(t) for i = 1, 50 do t[i] = nil end end, "
                "function(t) t[#t + 1] = 1 end, function(t) t[1] = 'x' end, "
                "function(t) setmetatable(t, { __index = error, __newindex = error }) end } do "
                "local t = {} for i = 1, 100 do t[i] = (i * 37) % 101 end "
                "pcall(ours.table.sort, t, function(a, b) change(t) return a < b end) end");
}

static void errors_of_the_order_function_pass(void **state)
{
    struct fake_natives *natives = *state;

    fake_natives_run(natives, "local e = {} local ok, err = pcall(ours.table.sort, { 1, 2, 3 }, "
                              "function() error(e) end) assert(not ok and err == e)");
    assert_false(fake_natives_try(natives, "ours.table.sort({ 1, 'a' })"));
    assert_non_null(strstr(natives->error, "attempt to compare"));
}

static void a_sort_looks_at_the_flag(void **state)
{
    static const char *const rows[] = {
        "local t = {} for i = 1, 1e5 do t[i] = i * 7919 % 1e5 end stop() ours.table.sort(t)",
        "local t = {} for i = 1, 1e3 do t[i] = i end stop() "
        "ours.table.sort(t, function(a, b) return a < b end)",
        "local s, t = ('a'):rep(1e5), {} for i = 1, 9 do t[i] = s .. i % 3 end stop() "
        "ours.table.sort(t)",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_natives *natives = *state;
        assert_false(fake_natives_try(natives, rows[i]));
        assert_non_null(strstr(natives->error, TG_STOP_TEXT));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NATIVES_TEST(hostile_input_takes_no_quadratic_time),
        NATIVES_TEST(all_shapes_of_lists_are_sorted),
        NATIVES_TEST(an_order_function_that_lies_does_no_harm),
        NATIVES_TEST(an_order_function_may_change_the_table),
        NATIVES_TEST(errors_of_the_order_function_pass),
        NATIVES_TEST(a_sort_looks_at_the_flag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
