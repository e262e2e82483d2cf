/* SPDX-License-Identifier: MIT */
#include "script/failure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>

struct fixture {
    lua_State *L;
    char text[TG_FAILURE_TEXT_BYTES];
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture.L = luaL_newstate();
    luaL_openlibs(fixture.L);
    *state = &fixture;
    return fixture.L ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    lua_close(fixture->L);
    return 0;
}

/* What the error object that the expression makes is told as. */
static const char *text_of(struct fixture *fixture, const char *expression)
{
    lua_State *L = fixture->L;

    lua_settop(L, 0);
    lua_pushfstring(L, "return %s", expression);
    assert_int_equal(luaL_dostring(L, lua_tostring(L, -1)), 0);
    tg_failure_text(L, -1, fixture->text, sizeof(fixture->text));
    return fixture->text;
}

static void every_kind_of_error_object_has_a_text(void **state)
{
    struct fixture *fixture = *state;

    assert_string_equal(text_of(fixture, "'plain'"), "plain");
    assert_string_equal(text_of(fixture, "1.5"), "1.5");
    assert_string_equal(text_of(fixture, "true"), "true");
    assert_string_equal(text_of(fixture, "nil"), "(an error object that is a nil value)");
    assert_string_equal(text_of(fixture, "print"), "(an error object that is a function value)");
    assert_string_equal(
        text_of(fixture, "setmetatable({}, { __tostring = function() error('run') end })"),
        "(an error object that is a table value)");
    assert_int_equal(strlen(text_of(fixture, "('x'):rep(5000)")), 512);
}

/* Runs the text as the file NAME in a coroutine, where it must raise. */
static struct tg_failure fail_in(struct fixture *fixture, const char *name, const char *text)
{
    struct tg_failure failure;

    lua_settop(fixture->L, 0);
    lua_State *co = lua_newthread(fixture->L);
    assert_int_equal(luaL_loadbuffer(co, text, strlen(text), name), 0);
    assert_true(lua_resume(co, 0) > LUA_YIELD);
    tg_failure_read(co, &failure);
    return failure;
}

static void the_place_is_the_innermost_of_the_authors(void **state)
{
    struct tg_failure called =
        fail_in(*state, "@a.lua", "local function f()\n  error('x')\nend\n\nf()\nreturn 1");
    struct tg_failure own =
        fail_in(*state, "@a.lua", "local function f()\n  local x\n  x()\nend\n\nf()\nreturn 1");

    assert_string_equal(called.file, "a.lua");
    assert_int_equal(called.line, 2);
    assert_string_equal(called.stack, "a.lua:2 < a.lua:5");
    assert_int_equal(own.line, 3);
    assert_string_equal(own.stack, "a.lua:3 < a.lua:6");
}

static void an_error_without_a_line_is_placed_at_its_function(void **state)
{
    struct tg_failure failure =
        fail_in(*state, "@a.lua",
                "\nlocal function f()\n  local t = setmetatable({}, { __index = function(t, k) "
                "return t[k] end })\n"
                "  return t.x + 1\nend\nlocal ok, err = pcall(f)\nerror(err, 0)");

    assert_string_equal(failure.file, "a.lua");
    assert_int_equal(failure.line, 7);
}

static void files_of_ours_have_no_place(void **state)
{
    struct tg_failure failure = fail_in(*state, "=tidegate/call", "error('x')");

    assert_string_equal(failure.file, "");
    assert_string_equal(failure.stack, "");
    assert_int_equal(failure.line, 0);
}

static void a_deep_trace_is_cut(void **state)
{
    struct tg_failure failure =
        fail_in(*state, "@a.lua",
                "local function f(n) if n == 0 then error('x') end f(n - 1) return 1 end f(1000)");

    assert_true(strlen(failure.stack) > 50);
    assert_true(strlen(failure.stack) < sizeof(failure.stack));
}

static void a_function_tells_where_it_stands(void **state)
{
    struct fixture *fixture = *state;
    struct tg_failure failure = {.line = 0};

    assert_int_equal(luaL_loadbuffer(fixture->L, "\n\nreturn function() end", 23, "@b.lua"), 0);
    lua_call(fixture->L, 0, 1);
    tg_failure_place(fixture->L, &failure);
    assert_string_equal(failure.file, "b.lua");
    assert_int_equal(failure.line, 3);
    lua_pushnil(fixture->L);
    int height = lua_gettop(fixture->L);
    tg_failure_place(fixture->L, &failure);
    assert_int_equal(lua_gettop(fixture->L), height - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_error_object_has_a_text),
        TEST(the_place_is_the_innermost_of_the_authors),
        TEST(an_error_without_a_line_is_placed_at_its_function),
        TEST(files_of_ours_have_no_place),
        TEST(a_deep_trace_is_cut),
        TEST(a_function_tells_where_it_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
