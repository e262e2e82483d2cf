/* SPDX-License-Identifier: MIT */
#include "script/json_array.h"

#include <lauxlib.h>
#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int set_up(void **state)
{
    lua_State *L = luaL_newstate();

    if (!L) {
        return -1;
    }
    luaL_openlibs(L);
    tg_json_open(L);
    *state = L;
    return 0;
}

static int tear_down(void **state)
{
    lua_close(*state);
    return 0;
}

static void marked_tables_share_one_metatable(void **state)
{
    lua_State *L = *state;

    lua_newtable(L);
    tg_json_mark_array(L, -1);
    lua_newtable(L);
    tg_json_mark_array(L, 2);
    assert_int_equal(lua_gettop(L), 2);
    assert_true(lua_getmetatable(L, 1));
    assert_true(lua_getmetatable(L, 2));
    tg_json_push_mark(L);
    assert_true(lua_istable(L, -1));
    assert_true(lua_rawequal(L, -1, -2));
    assert_true(lua_rawequal(L, -1, -3));
}

static void a_script_sees_the_mark_and_cannot_change_it(void **state)
{
    lua_State *L = *state;

    lua_newtable(L);
    tg_json_mark_array(L, -1);
    lua_setglobal(L, "marked");
    assert_int_equal(luaL_dostring(L, "assert(getmetatable(marked) == 'array')\n"
                                      "assert(not pcall(setmetatable, marked, {}))\n"
                                      "marked[1] = 'x'\n"
                                      "assert(#marked == 1 and marked[1] == 'x')"),
                     0);
}

static void a_state_that_was_not_opened_has_no_mark(void **state)
{
    lua_State *other = luaL_newstate();

    (void)state;
    assert_non_null(other);
    tg_json_push_mark(other);
    assert_true(lua_isnil(other, -1));
    lua_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(marked_tables_share_one_metatable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_script_sees_the_mark_and_cannot_change_it, set_up,
                                        tear_down),
        cmocka_unit_test(a_state_that_was_not_opened_has_no_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
