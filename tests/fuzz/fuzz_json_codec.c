/* SPDX-License-Identifier: MIT */
/* Any octets: what the scanner accepts is decoded, encoded and decoded again to the same tree. So
 * it is when it is marked as raw text: what it is spliced into decodes to it. */
#include "target.h"

#include <lauxlib.h>
#include <math.h>

#include "base/check.h"
#include "base/err.h"
#include "hub/json_scan.h"
#include "script/freeze.h"
#include "script/json_decode.h"
#include "script/json_encode.h"
#include "script/json_raw.h"

enum { GROWTH = 8, SLACK = 64 }; /* "1e15" grows most */

static bool is_same(lua_State *L, int a, int b);

static bool has_metatable(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index)) {
        return false;
    }
    lua_pop(L, 1);
    return true;
}

static int count_members(lua_State *L, int table)
{
    int count = 0;

    lua_pushnil(L);
    while (lua_next(L, table)) {
        count++;
        lua_pop(L, 1);
    }
    return count;
}

/* As many members in both, and each of a in b with the same value. */
static bool has_same_members(lua_State *L, int a, int b)
{
    if (count_members(L, a) != count_members(L, b)) {
        return false;
    }
    lua_pushnil(L);
    while (lua_next(L, a)) {
        int value = lua_gettop(L);
        lua_pushvalue(L, value - 1);
        lua_rawget(L, b);
        if (!is_same(L, value, value + 1)) {
            return false;
        }
        lua_settop(L, value - 1);
    }
    return true;
}

static bool is_same(lua_State *L, int a, int b)
{
    if (lua_type(L, a) != lua_type(L, b)) {
        return false;
    }
    if (lua_type(L, a) != LUA_TTABLE) {
        return lua_rawequal(L, a, b);
    }
    luaL_checkstack(L, 8, "comparing");
    return has_metatable(L, a) == has_metatable(L, b) && has_same_members(L, a, b);
}

/* Whether there is a number past the doubles' range somewhere in the value. */
static bool has_infinity(lua_State *L, int index)
{
    if (lua_type(L, index) == LUA_TNUMBER) {
        return !isfinite(lua_tonumber(L, index));
    }
    if (lua_type(L, index) != LUA_TTABLE) {
        return false;
    }
    luaL_checkstack(L, 4, "looking");
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (has_infinity(L, lua_gettop(L))) {
            return true;
        }
        lua_pop(L, 1);
    }
    return false;
}

static void check_round(lua_State *L, size_t length)
{
    struct tg_buf out;
    const char *why = NULL;

    tg_buf_init(&out, length * GROWTH + SLACK);
    int err = tg_json_write(L, 1, &out, &why);
    if (err) {
        tg_require(err == TG_ERR_INVALID && why);
        tg_require(has_infinity(L, 1));
    } else {
        tg_require(tg_json_decode(L, tg_buf_str(&out)) == TG_OK);
        tg_require(is_same(L, 1, 2));
    }
    tg_buf_fini(&out);
}

/* [text, {"a": text}] around a text whose value is at index 1. */
static void check_raw(lua_State *L, struct tg_str text)
{
    struct tg_buf out;
    struct tg_str json;
    const char *why = NULL;

    lua_settop(L, 1);
    tg_require(!tg_json_raw_judge(text, &tg_json_default_limits, &json));
    tg_json_raw_open(L);
    lua_createtable(L, 2, 0);
    tg_json_raw_push(L, json, 2);
    lua_rawseti(L, 3, 1);
    lua_createtable(L, 0, 1);
    tg_json_raw_push(L, json, 2);
    lua_setfield(L, 4, "a");
    lua_rawseti(L, 3, 2);
    tg_buf_init(&out, text.length * 2 + SLACK);
    int err = tg_json_write_raw(L, 3, &out, &why);
    if (err) {
        tg_require(err == TG_ERR_TOO_DEEP && why);
    } else {
        tg_require(tg_json_decode(L, tg_buf_str(&out)) == TG_OK);
        lua_rawgeti(L, 4, 1);
        lua_rawgeti(L, 4, 2);
        lua_getfield(L, 6, "a");
        tg_require(is_same(L, 1, 5) && is_same(L, 1, 7));
    }
    tg_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    lua_State *L = luaL_newstate();

    tg_require(L);
    tg_json_open(L);
    tg_freeze_open(L);
    int err = tg_json_decode(L, tg_str((const char *)input, length));
    tg_require(lua_gettop(L) == (err ? 0 : 1));
    if (!err) {
        check_round(L, length);
        check_raw(L, tg_str((const char *)input, length));
    }
    lua_close(L);
    return 0;
}
