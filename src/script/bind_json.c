/* SPDX-License-Identifier: MIT */
#include "script/bind_json.h"

#include <lauxlib.h>

#include "script/argument.h"
#include "script/freeze.h"
#include "script/json_decode.h"
#include "script/json_encode.h"
#include "script/vm.h"

static int json_encode(lua_State *L)
{
    struct tg_buf *out = tg_vm_out(tg_vm_of(L));
    const char *why = NULL;

    luaL_checkany(L, 1);
    if (tg_json_write(L, 1, out, &why) != TG_OK) {
        luaL_argcheck(L, false, 1, why);
    }
    lua_pushlstring(L, out->at, out->length);
    return 1;
}

/* Text from a client may well be no JSON: that is a result, not a mistake of the gateway. */
static int json_decode(lua_State *L)
{
    int err = tg_json_decode(L, tg_argument_text(L, 1));

    if (err == TG_OK) {
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, err == TG_ERR_TOO_DEEP ? "too_deep" : "malformed");
    return 2;
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
    set_constants(L);
}

/* cjson.decode raises. */
static int decode_or_raise(lua_State *L)
{
    int err = tg_json_decode(L, tg_argument_text(L, 1));

    if (err) {
        return luaL_error(L, err == TG_ERR_TOO_DEEP ? "the JSON is nested too deeply or too large"
                                                    : "the text is not JSON");
    }
    return 1;
}

void tg_bind_json_open_cjson(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, json_encode);
    lua_setfield(L, -2, "encode");
    lua_pushcfunction(L, decode_or_raise);
    lua_setfield(L, -2, "decode");
    set_constants(L);
}
