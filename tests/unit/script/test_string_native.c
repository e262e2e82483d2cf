/* SPDX-License-Identifier: MIT */
#include "fake_natives.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        NATIVES_TEST(natives_and_ours_agree),
        NATIVES_TEST(rep_gives_whole_copies_of_any_length),
        NATIVES_TEST(a_rep_bomb_is_an_error),
        NATIVES_TEST(rep_looks_at_the_flag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
