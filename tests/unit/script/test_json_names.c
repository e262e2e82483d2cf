/* SPDX-License-Identifier: MIT */
#include "script/json_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <lauxlib.h>

enum { TABLE = 1, MANY = 20000 };

struct fixture {
    lua_State *L;
    struct tg_json_names *names; /* at index 2 */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (!fixture) {
        return -1;
    }
    fixture->L = luaL_newstate();
    if (!fixture->L) {
        free(fixture);
        return -1;
    }
    tg_json_names_create(fixture->L, TABLE);
    fixture->names = lua_touserdata(fixture->L, 2);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    lua_close(fixture->L);
    free(fixture);
    return 0;
}

/* Pushes a name from a block of just its size, and takes it off again. */
static void push_name(struct fixture *fixture, const char *text, size_t length)
{
    lua_State *L = fixture->L;
    char *copy = malloc(length ? length : 1);
    size_t pushed;

    assert_non_null(copy);
    memcpy(copy, text, length);
    tg_json_names_push(fixture->names, L, copy, length);
    free(copy);
    assert_int_equal(lua_gettop(L), 3);
    assert_int_equal(lua_type(L, 3), LUA_TSTRING);
    const char *got = lua_tolstring(L, 3, &pushed);
    assert_int_equal(pushed, length);
    assert_memory_equal(got, text, length);
    lua_settop(L, 2);
}

static int count_kept(struct fixture *fixture)
{
    int count = 0;

    for (int i = 1; i <= TG_JSON_NAMES; i++) {
        lua_rawgeti(fixture->L, TABLE, i);
        count += lua_isstring(fixture->L, -1);
        lua_settop(fixture->L, 2);
    }
    return count;
}

static void a_name_is_kept_and_pushed_again(void **state)
{
    struct fixture *fixture = *state;

    push_name(fixture, "id", 2);
    assert_int_equal(count_kept(fixture), 1);
    (void)lua_gc(fixture->L, LUA_GCCOLLECT, 0);
    push_name(fixture, "id", 2);
    assert_int_equal(count_kept(fixture), 1);
}

static void names_that_differ_in_spaces_and_zeros_are_told_apart(void **state)
{
    static const struct tg_str names[] = {
        {"a", 1},  {"a ", 2}, {"a  ", 3},     {"a\0", 2},
        {"\0", 1}, {" ", 1},  {"       ", 7}, {"        ", 8},
    };

    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            push_name(*state, names[i].at, names[i].length);
            push_name(*state, names[i].at, names[i].length);
        }
    }
}

static void long_and_empty_names_are_pushed_and_not_kept(void **state)
{
    struct fixture *fixture = *state;

    push_name(fixture, "", 0);
    push_name(fixture, "nine_long", 9);
    push_name(fixture, "a name of more than eight octets", 32);
    assert_int_equal(count_kept(fixture), 0);
    push_name(fixture, "just_so8", 8);
    assert_int_equal(count_kept(fixture), 1);
}

/* Each that comes drives out the one in its place, and is told from it. */
static void many_names_share_few_places(void **state)
{
    struct fixture *fixture = *state;
    char text[16];

    for (int i = 0; i < MANY; i++) {
        int length = snprintf(text, sizeof(text), "n%d", i * 7919 % 1000);
        push_name(fixture, text, (size_t)length);
    }
    assert_in_range(count_kept(fixture), TG_JSON_NAMES / 2, TG_JSON_NAMES);
}

static void without_a_place_to_keep_them_names_are_strings_all_the_same(void **state)
{
    struct fixture *fixture = *state;

    fixture->names = NULL;
    push_name(fixture, "id", 2);
    assert_int_equal(count_kept(fixture), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_name_is_kept_and_pushed_again),
        TEST(names_that_differ_in_spaces_and_zeros_are_told_apart),
        TEST(long_and_empty_names_are_pushed_and_not_kept),
        TEST(many_names_share_few_places),
        TEST(without_a_place_to_keep_them_names_are_strings_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
