/* SPDX-License-Identifier: MIT */
#include "script/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <lauxlib.h>

struct fixture {
    lua_State *L;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture.L = luaL_newstate();
    *state = &fixture;
    return fixture.L ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    lua_close(fixture->L);
    return 0;
}

static int count(lua_State *L)
{
    int n = 0;

    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        n++;
    }
    return n;
}

/* The value of the name; NULL when it is absent. */
static const char *value(struct fixture *fixture, const char *query, const char *name)
{
    lua_settop(fixture->L, 0);
    tg_query_push(fixture->L, tg_str_of(query));
    assert_int_equal(lua_gettop(fixture->L), 1);
    lua_getfield(fixture->L, 1, name);
    return lua_tostring(fixture->L, -1);
}

static void parameters_are_decoded(void **state)
{
    assert_string_equal(value(*state, "a=1&b=two", "b"), "two");
    assert_string_equal(value(*state, "a=x%20y+z", "a"), "x y z");
    assert_string_equal(value(*state, "%61=%C3%a9", "a"), "\xc3\xa9");
    assert_string_equal(value(*state, "a=b=c", "a"), "b=c");
    assert_string_equal(value(*state, "a", "a"), "");
    assert_string_equal(value(*state, "a=", "a"), "");
}

static void what_is_no_escape_stays(void **state)
{
    assert_string_equal(value(*state, "a=100%", "a"), "100%");
    assert_string_equal(value(*state, "a=%4", "a"), "%4");
    assert_string_equal(value(*state, "a=%zz%", "a"), "%zz%");
}

static void of_equal_names_the_first_stands(void **state)
{
    assert_string_equal(value(*state, "a=1&a=2&%61=3", "a"), "1");
}

static void empty_parts_are_nothing(void **state)
{
    struct fixture *fixture = *state;

    assert_null(value(fixture, "", "a"));
    assert_null(value(fixture, "&&=x&", ""));
    lua_settop(fixture->L, 1);
    assert_int_equal(count(fixture->L), 0);
    tg_query_push(fixture->L, tg_str(NULL, 0));
    assert_int_equal(count(fixture->L), 0);
}

static void parameters_past_the_limit_are_left_out(void **state)
{
    struct fixture *fixture = *state;
    char query[1024];
    int length = 0;

    for (int i = 0; i < 100; i++) {
        length += snprintf(query + length, sizeof(query) - (size_t)length, "p%d=1&", i);
    }
    assert_non_null(value(fixture, query, "p31"));
    assert_null(value(fixture, query, "p32"));
    lua_settop(fixture->L, 1);
    assert_int_equal(count(fixture->L), TG_QUERY_PARAMS_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parameters_are_decoded),
        TEST(what_is_no_escape_stays),
        TEST(of_equal_names_the_first_stands),
        TEST(empty_parts_are_nothing),
        TEST(parameters_past_the_limit_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
