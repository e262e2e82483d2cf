/* SPDX-License-Identifier: MIT */
/* That results are LuaJIT's is shown by compare_natives.lua. */
#include "fake_natives.h"

#include <string.h>

#include "script/stop.h"

static void no_address_is_shown(void **state)
{
    fake_natives_run(*state, "for _, pad in ipairs { '', ('%%'):rep(600) } do "
                             "for _, f in ipairs { '%p', '%-9p', '%s%p', '%5.3p' } do "
                             "local ok, err = pcall(ours.string.format, pad .. f, {}, {}) "
                             "assert(not ok and err:find('%p', 1, true), err) end "
                             "local shown = ours.string.format(pad .. '%s %s %q', {}, print, {}) "
                             "assert(shown:sub(-22) == 'table function \"table\"', shown) "
                             "assert(ours.string.format(pad .. '%%p'):sub(-2) == '%p') end");
}

static void objects_show_as_their_tostring_says(void **state)
{
    struct fake_natives *natives = *state;

    fake_natives_run(natives,
                     "local o = setmetatable({}, { __tostring = function() return 'me' end }) "
                     "for _, pad in ipairs { '', ('x'):rep(2000) } do "
                     "assert(ours.string.format(pad .. '%s|%5s|%-4s|%q', o, o, o, o) == "
                     "pad .. 'me|   me|me  |\"me\"') end");
    assert_false(fake_natives_try(natives, "ours.string.format('%s', setmetatable({}, "
                                           "{ __tostring = function() return 1 end }))"));
    assert_non_null(strstr(natives->error, "must return a string"));
}

static void errors_of_long_formats_name_the_argument(void **state)
{
    static const char *const rows[][2] = {
        {"ours.string.format(('%d'):rep(600), unpack(one, 1, 599))",
         "bad argument #601 to 'format' (value expected)"},
        {"ours.string.format(('%d'):rep(600) .. '%y', unpack(one))",
         "invalid option '%y' to 'format'"},
        {"ours.string.format(('%d'):rep(600) .. '%100d', unpack(one))",
         "invalid option '%100' to 'format'"},
        {"one[300] = 'x' ours.string.format(('%d'):rep(600), unpack(one))",
         "bad argument #301 to 'format' (number expected, got string)"},
    };
    struct fake_natives *natives = *state;

    fake_natives_run(natives, "one = {} for i = 1, 600 do one[i] = 1 end");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_false(fake_natives_try(natives, rows[i][0]));
        assert_non_null(strstr(natives->error, rows[i][1]));
    }
}

static void what_takes_long_looks_at_the_flag(void **state)
{
    static const char *const rows[] = {
        "stop() ours.string.format(('%%'):rep(1e6))",
        "local s = ('\\0'):rep(1e6) stop() ours.string.format('%q', s)",
        "local t = {} for i = 1, 5000 do t[i] = 1e300 end stop() "
        "ours.string.format(('%99.99f'):rep(5000), unpack(t))",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_natives *natives = *state;
        assert_false(fake_natives_try(natives, rows[i]));
        assert_non_null(strstr(natives->error, TG_STOP_TEXT));
    }
}

static void a_format_bomb_is_an_error(void **state)
{
    struct fake_natives *natives = *state;

    assert_false(fake_natives_try(natives, "local s, t = ('a'):rep(1e6), {} for i = 1, 500 do "
                                           "t[i] = s end "
                                           "ours.string.format(('%s'):rep(500), unpack(t))"));
    assert_string_equal(natives->error, "not enough memory");
    assert_false(fake_natives_try(natives, "ours.string.format('%999999999d', 1)"));
    assert_non_null(strstr(natives->error, "invalid option '%999' to 'format'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NATIVES_TEST(no_address_is_shown),
        NATIVES_TEST(objects_show_as_their_tostring_says),
        NATIVES_TEST(errors_of_long_formats_name_the_argument),
        NATIVES_TEST(what_takes_long_looks_at_the_flag),
        NATIVES_TEST(a_format_bomb_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
