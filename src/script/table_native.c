/* SPDX-License-Identifier: MIT */
#include "script/table_native.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include <lauxlib.h>

#include "base/check.h"
#include "base/str.h"
#include "script/freeze.h"
#include "script/json_number.h"
#include "script/sort.h"
#include "script/stop.h"
#include "script/text.h"
#include "script/vm.h"

/* Below it the shortest form of an integer is also that of "%.14g". */
static const lua_Number plain_integer_end = 1e14;

/* A whole number, cut to what indexes a table; NaN is the lowest. */
static int check_index(lua_State *L, int argument)
{
    lua_Number number = luaL_checknumber(L, argument);

    if (!(number > INT_MIN)) {
        return INT_MIN;
    }
    return number < INT_MAX ? (int)number : INT_MAX;
}

/* A table that may be changed. */
static void check_writable(lua_State *L, const char *name)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (tg_freeze_resolve(L, 1)) {
        (void)luaL_error(L, "the table is frozen: %s can't change it", name);
    }
}

/* --- concat --- */

struct joint {
    int at;
    int last;
    struct tg_str separator;
};

/* Adds the number at the top of the stack as tostring shows it. */
static void add_number(lua_State *L, struct tg_text *result)
{
    lua_Number number = lua_tonumber(L, -1);

    if (fabs(number) < plain_integer_end && trunc(number) == number) {
        char *to = tg_text_reserve(result, TG_JSON_NUMBER_MAX);
        result->length += tg_json_number_write(number, to);
        return;
    }
    size_t length;
    const char *at = lua_tolstring(L, -1, &length);
    tg_text_add(result, at, length);
}

static void add_element(lua_State *L, struct tg_text *result, int i)
{
    size_t length;
    const char *at;

    lua_rawgeti(L, 1, i);
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        at = lua_tolstring(L, -1, &length);
        tg_text_add(result, at, length);
        break;
    case LUA_TNUMBER:
        add_number(L, result);
        break;
    default:
        (void)luaL_error(L, "invalid value (%s) at index %d in table for 'concat'",
                         luaL_typename(L, -1), i);
    }
    lua_pop(L, 1);
}

/* Once a long text is in the making: how long it will be when its elements go on as they were. */
static void estimate(struct tg_text *result, const struct joint *joint, int first)
{
    double done = (double)joint->at - first + 1;
    double all = (double)joint->last - first + 1;

    result->expected =
        result->length + (size_t)((double)result->length / done * (all - done) * 1.05);
}

static void join(lua_State *L, struct tg_text *result, struct joint joint)
{
    int first = joint.at;
    unsigned steps = TG_STOP_STEPS;

    if (joint.at > joint.last) {
        return;
    }
    for (;; joint.at++) {
        if (--steps == 0) {
            tg_stop_poll(L);
            steps = TG_STOP_STEPS;
        }
        add_element(L, result, joint.at);
        if (joint.at == joint.last) {
            return;
        }
        if (result->length > TG_TEXT_SMALL_BYTES / 2 && result->expected == 0) {
            estimate(result, &joint, first);
        }
        tg_text_add(result, joint.separator.at, joint.separator.length);
    }
}

/* table.concat(list[, separator[, first[, last]]]). The native, upvalue 1, gets few elements in the
 * same frame. */
static int table_concat(lua_State *L)
{
    struct tg_text result;
    struct joint joint = {.at = 1};

    luaL_checktype(L, 1, LUA_TTABLE);
    if (tg_freeze_resolve(L, 1)) {
        lua_replace(L, 1);
    }
    joint.separator.at = luaL_optlstring(L, 2, "", &joint.separator.length);
    if (!lua_isnoneornil(L, 3)) {
        joint.at = check_index(L, 3);
    }
    joint.last = lua_isnoneornil(L, 4) ? (int)lua_objlen(L, 1) : check_index(L, 4);
    if ((int64_t)joint.last - joint.at < TG_STOP_STEPS) {
        return lua_tocfunction(L, lua_upvalueindex(1))(L);
    }
    tg_text_init(&result, L, 0);
    join(L, &result, joint);
    tg_text_push(&result);
    return 1;
}

/* --- insert and sort --- */

/* table.insert(list, [at,] value) */
static int table_insert(lua_State *L)
{
    int count = lua_gettop(L);

    check_writable(L, "table.insert");
    int at = (int)lua_objlen(L, 1) + 1;
    if (count == 3) {
        int first = check_index(L, 2);
        for (unsigned steps = 1; at > first; at--, steps++) {
            if (steps % TG_STOP_STEPS == 0) {
                tg_stop_poll(L);
            }
            lua_rawgeti(L, 1, at - 1);
            lua_rawseti(L, 1, at);
        }
        at = first;
    } else if (count != 2) {
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_rawseti(L, 1, at);
    return 0;
}

/* table.sort(list[, is_before]) */
static int table_sort(lua_State *L)
{
    check_writable(L, "table.sort");
    tg_vm_check_depth(L);
    lua_settop(L, 2);
    if (!lua_isnil(L, 2)) {
        luaL_checktype(L, 2, LUA_TFUNCTION);
    }
    tg_sort_table(L, (int)lua_objlen(L, 1));
    return 0;
}

static const luaL_Reg functions[] = {
    {"insert", table_insert},
    {"sort", table_sort},
    {NULL, NULL},
};

void tg_table_native_set(lua_State *L, int table, int native)
{
    lua_getfield(L, native, "concat");
    tg_require(lua_tocfunction(L, -1) != NULL);
    lua_pushcclosure(L, table_concat, 1);
    lua_setfield(L, table, "concat");
    for (const luaL_Reg *row = functions; row->name; row++) {
        lua_pushcfunction(L, row->func);
        lua_setfield(L, table, row->name);
    }
}
