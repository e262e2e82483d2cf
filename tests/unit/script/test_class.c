/* SPDX-License-Identifier: MIT */
#include "script/class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <lualib.h>

static int freed;

static int thing_double(lua_State *L)
{
    const int *number = tg_class_check(L, 1, "thing");

    lua_pushinteger(L, *number * 2);
    return 1;
}

static int get_number(lua_State *L)
{
    const int *number = tg_class_check(L, 1, "thing");

    assert_int_equal(lua_gettop(L), 2);
    lua_pushinteger(L, *number);
    return 1;
}

static int on_set(lua_State *L)
{
    int *number = tg_class_check(L, 1, "thing");

    *number = (int)luaL_checkinteger(L, 3);
    return 0;
}

static int on_free(lua_State *L)
{
    (void)L;
    freed++;
    return 0;
}

static int make_thing(lua_State *L)
{
    int *number = tg_class_new(L, "thing", sizeof(*number));

    assert_int_equal(*number, 0);
    *number = 21;
    return 1;
}

static int make_stone(lua_State *L)
{
    (void)tg_class_new(L, "stone", 1);
    return 1;
}

static void an_object_has_methods_and_properties_and_nothing_else(void **state)
{
    static const luaL_Reg methods[] = {{"double", thing_double}, {NULL, NULL}};
    static const luaL_Reg getters[] = {{"number", get_number}, {NULL, NULL}};
    static const struct tg_class thing = {"thing", methods, getters, on_set, on_free};
    static const struct tg_class stone = {"stone", methods, NULL, NULL, NULL};
    lua_State *L = luaL_newstate();

    (void)state;
    luaL_openlibs(L);
    tg_class_open(L, &thing);
    tg_class_open(L, &stone);
    lua_register(L, "thing", make_thing);
    lua_register(L, "stone", make_stone);
    assert_int_equal(lua_gettop(L), 0);
    if (luaL_dostring(L,
                      "local t = thing() assert(t:double() == 42 and t.number == 21)"
                      "t.number = 5 assert(t.number == 5 and t.other == nil and t[1] == nil)"
                      "assert(getmetatable(t) == false and not pcall(setmetatable, t, {}))"
                      "local ok, err = pcall(t.double, {}) assert(err:find('thing expected'))"
                      "local s = stone() assert(s.number == nil and s.double ~= nil)"
                      "assert(not pcall(function() s.x = 1 end))"
                      "for _, other in ipairs({1, 'thing', true, print, newproxy(true)}) do "
                      "ok, err = pcall(t.double, other) assert(err:find('thing expected')) end "
                      "ok, err = pcall(t.double) assert(err:find('thing expected'))"
                      "ok, err = pcall(s.double, s) assert(not ok and err:find('thing expected'))"
                      "t, s = nil, nil collectgarbage() collectgarbage()")) {
        fail_msg("%s", lua_tostring(L, -1));
    }
    assert_int_equal(freed, 1);
    lua_close(L);
}

/* The request of a thing's treble: itself, or nil and why not. */
static int request_treble(lua_State *L)
{
    const int *number = tg_class_request(L, "thing");

    if (!number) {
        return 2;
    }
    lua_pushinteger(L, *number * 3);
    return 1;
}

static void a_suspending_method_is_made_from_its_request(void **state)
{
    static const luaL_Reg methods[] = {{"double", thing_double}, {NULL, NULL}};
    static const luaL_Reg requests[] = {{"treble", request_treble}, {NULL, NULL}};
    static const struct tg_class thing = {"thing", methods, NULL, NULL, NULL};
    lua_State *L = luaL_newstate();

    (void)state;
    luaL_openlibs(L);
    tg_class_open(L, &thing);
    lua_register(L, "thing", make_thing);
    if (luaL_dostring(L, "return function(request) return function(...) return 'made', "
                         "request(...) end end")) {
        fail_msg("%s", lua_tostring(L, -1));
    }
    tg_class_push_methods(L, "thing");
    assert_int_equal(lua_gettop(L), 2);
    tg_class_set_suspending(L, 2, 1, requests);
    lua_settop(L, 0);
    if (luaL_dostring(L, "local t = thing() local made, treble = t:treble()"
                         "assert(made == 'made' and treble == 63 and t:double() == 42)"
                         "local _, none, why = t.treble('t') assert(none == nil and "
                         "why == 'bad self (thing expected, got string)')")) {
        fail_msg("%s", lua_tostring(L, -1));
    }
    lua_close(L);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_has_methods_and_properties_and_nothing_else),
        cmocka_unit_test(a_suspending_method_is_made_from_its_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
