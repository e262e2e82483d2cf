/* SPDX-License-Identifier: MIT */
#include "script/bind_json.h"

#include <lauxlib.h>

#include "hub/json_scan.h"
#include "script/argument.h"
#include "script/freeze.h"
#include "script/handlers.h"
#include "script/json_decode.h"
#include "script/json_encode.h"
#include "script/json_raw.h"
#include "script/stop.h"
#include "script/vm.h"

enum {
    TEXT_BYTES_MAX = 16 << 20, /* to decode: as long as the longest message */
    NUMBER_DIGITS = 17         /* the most that a number is written with */
};

static int json_encode(lua_State *L)
{
    struct tg_vm *vm = tg_vm_of(L);
    struct tg_buf *out = tg_vm_out(vm);
    const char *why = NULL;

    luaL_checkany(L, 1);
    if (tg_json_write_stoppable(vm, L, 1, &why) != TG_OK) {
        luaL_argcheck(L, false, 1, why);
    }
    lua_pushlstring(L, out->at, out->length);
    return 1;
}

/* Pushes the value of the text at index 1. Both passes end early when the call is to end: the first
 * gives an error then that nobody sees. */
static int decode(lua_State *L)
{
    const struct tg_vm *vm = tg_vm_of(L);
    struct tg_str text = tg_argument_text(L, 1);
    struct tg_json_limits limits = tg_json_default_limits;
    struct tg_str value;

    if (text.length > TEXT_BYTES_MAX) {
        return TG_ERR_TOO_LARGE;
    }
    limits.stop = &vm->stop.is_set;
    int err = tg_json_scan(text, &limits, &value);
    tg_stop_poll(L);
    return err ? err : tg_json_push_stoppable(vm, L, value, NULL);
}

/* Text from a client may well be no JSON: that is a result, not a mistake of the gateway. */
static int json_decode(lua_State *L)
{
    switch (decode(L)) {
    case TG_OK:
        return 1;
    case TG_ERR_TOO_LARGE:
        lua_pushnil(L);
        lua_pushliteral(L, "too_large");
        return 2;
    case TG_ERR_TOO_DEEP:
        lua_pushnil(L);
        lua_pushliteral(L, "too_deep");
        return 2;
    default:
        lua_pushnil(L);
        lua_pushliteral(L, "malformed");
        return 2;
    }
}

static int json_array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (tg_freeze_resolve(L, 1)) {
        return luaL_error(L, "the table is frozen: json.array can't mark it");
    }
    if (lua_getmetatable(L, 1)) {
        tg_json_push_mark(L);
        luaL_argcheck(L, lua_rawequal(L, -1, -2), 1, "a table without a metatable expected");
    }
    lua_settop(L, 1);
    tg_json_mark_array(L, 1);
    return 1;
}

/* The data of a raw event was judged when its message was read. Upvalue: the metatable. */
static int json_raw(lua_State *L)
{
    const struct tg_vm *vm = tg_vm_of(L);
    struct tg_str json = tg_argument_text(L, 1);

    if (!tg_handlers_is_known_json(vm, json)) {
        struct tg_json_limits limits = tg_json_default_limits;
        limits.stop = &vm->stop.is_set;
        luaL_argcheck(L, json.length <= TEXT_BYTES_MAX, 1, "JSON longer than any message");
        const char *why = tg_json_raw_judge(json, &limits, &json);
        tg_stop_poll(L);
        luaL_argcheck(L, !why, 1, why);
    }
    tg_json_raw_push(L, json, lua_upvalueindex(1));
    return 1;
}

static int push_null(lua_State *L)
{
    lua_pushlightuserdata(L, NULL);
    return 1;
}

static const luaL_Reg functions[] = {
    {"encode", json_encode},
    {"decode", json_decode},
    {"array", json_array},
    {NULL, NULL},
};

/* With the metatable of what they make. */
static const luaL_Reg makers[] = {
    {"raw", json_raw},
    {NULL, NULL},
};

static const luaL_Reg constants[] = {
    {"null", push_null},
    {NULL, NULL},
};

static void set_constants(lua_State *L)
{
    for (const luaL_Reg *row = constants; row->name; row++) {
        (void)row->func(L);
        lua_setfield(L, -2, row->name);
    }
}

void tg_bind_json_open(lua_State *L)
{
    luaL_newlib(L, functions);
    tg_json_raw_open(L);
    luaL_setfuncs(L, makers, 1);
    set_constants(L);
}

/* --- lua-cjson's names --- */

/* cjson.decode raises. */
static int decode_or_raise(lua_State *L)
{
    switch (decode(L)) {
    case TG_OK:
        return 1;
    case TG_ERR_TOO_LARGE:
    case TG_ERR_TOO_DEEP:
        return luaL_error(L, "the JSON is nested too deeply or too large");
    default:
        return luaL_error(L, "the text is not JSON");
    }
}

/* A setting of lua-cjson, which is fixed here: given nothing, or what it is anyway, it is returned.
 * Upvalues: its name, its value. */
static int fixed_setting(lua_State *L)
{
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(2));
    if (!lua_isnil(L, 1) && !lua_rawequal(L, 1, 2)) {
        return luaL_error(L, "cjson.%s can't be changed", lua_tostring(L, lua_upvalueindex(1)));
    }
    return 1;
}

/* Pops the value. */
static void set_fixed(lua_State *L, int table, const char *name)
{
    lua_pushstring(L, name);
    lua_insert(L, -2);
    lua_pushcclosure(L, fixed_setting, 2);
    lua_setfield(L, table, name);
}

static int cjson_new(lua_State *L)
{
    tg_bind_json_open_cjson(L);
    return 1;
}

static void set_function(lua_State *L, int table, const char *name, lua_CFunction function)
{
    lua_pushcfunction(L, function);
    lua_setfield(L, table, name);
}

void tg_bind_json_open_cjson(lua_State *L)
{
    static const char *const depths[] = {"encode_max_depth", "decode_max_depth"};
    static const char *const refusals[] = {"encode_sparse_array", "encode_invalid_numbers",
                                           "decode_invalid_numbers"};

    lua_newtable(L);
    int table = lua_gettop(L);
    set_function(L, table, "encode", json_encode);
    set_function(L, table, "decode", decode_or_raise);
    set_function(L, table, "new", cjson_new);
    set_constants(L);
    for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
        lua_pushinteger(L, TG_JSON_DEPTH_MAX);
        set_fixed(L, table, depths[i]);
    }
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        lua_pushboolean(L, 0);
        set_fixed(L, table, refusals[i]);
    }
    lua_pushinteger(L, NUMBER_DIGITS);
    set_fixed(L, table, "encode_number_precision");
    lua_pushboolean(L, 1);
    set_fixed(L, table, "encode_keep_buffer");
    lua_pushliteral(L, "cjson");
    lua_setfield(L, table, "_NAME");
}
