/* SPDX-License-Identifier: MIT */
#include "kit/bind_codec.h"

#include <stdlib.h>

#include <lauxlib.h>

#include "jose/algorithm.h"
#include "jose/mint.h"
#include "kit/handle.h"
#include "script/json_array.h"
#include "script/json_decode.h"
#include "script/json_encode.h"
#include "script/json_raw.h"

enum { JSON_BYTES = 64 << 20 };

/* encode(value): the text, or nil and why. */
static int codec_encode(lua_State *L)
{
    struct tg_buf out;
    const char *why = NULL;

    lua_settop(L, 1);
    tg_buf_init(&out, JSON_BYTES);
    int err = tg_json_write_raw(L, 1, &out, &why);
    if (err) {
        lua_pushnil(L);
        lua_pushstring(L, why);
    } else {
        lua_pushlstring(L, out.at, out.length);
    }
    tg_buf_fini(&out);
    return err ? 2 : 1;
}

/* decode(text): the value, or nil and why; null is core.null. */
static int codec_decode(lua_State *L)
{
    int err = tg_json_decode(L, tg_handle_text(L, 1));

    return err ? tg_handle_result(L, err) : 1;
}

/* array(t): t, marked, so that it is [] when it is empty. */
static int codec_array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    tg_json_mark_array(L, 1);
    return 1;
}

/* raw(text): the text marked as JSON that encode writes as it is, or nil and why it is none. */
static int codec_raw(lua_State *L)
{
    struct tg_str json;
    const char *why = tg_json_raw_judge(tg_handle_text(L, 1), &tg_json_default_limits, &json);

    if (why) {
        lua_pushnil(L);
        lua_pushstring(L, why);
        return 2;
    }
    tg_json_raw_push(L, json, lua_upvalueindex(1));
    return 1;
}

/* mint(secret, claims as JSON): a token signed by HS256, or nil and why. */
static int codec_mint(lua_State *L)
{
    struct tg_mint_options options = {
        .algorithm = tg_algorithm_find(TG_STR("HS256")),
        .key = tg_handle_text(L, 1),
        .claims = luaL_checkstring(L, 2),
    };
    struct tg_errmsg msg = {""};
    char *token;
    int err = tg_mint_token(&options, &token, &msg);

    if (err) {
        return tg_handle_message(L, err, &msg);
    }
    lua_pushstring(L, token);
    free(token);
    return 1;
}

void tg_bind_codec_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"encode", codec_encode},
        {"decode", codec_decode},
        {"array", codec_array},
        {"mint", codec_mint},
        {NULL, NULL},
    };

    tg_json_open(L);
    luaL_setfuncs(L, functions, 0);
    tg_json_raw_open(L);
    lua_pushcclosure(L, codec_raw, 1);
    lua_setfield(L, -2, "raw");
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
}
