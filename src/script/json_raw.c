/* SPDX-License-Identifier: MIT */
#include "script/json_raw.h"

#include <string.h>

#include "base/err.h"
#include "hub/json_text.h"

/* The object. No other one begins with the address of the mark: what they begin with are addresses
 * and lengths of ours. */
struct raw {
    const char *mark;
    char octets[];
};

static const char mark[] = "json.raw";

/* __tostring */
static int on_tostring(lua_State *L)
{
    struct tg_str json;

    if (!tg_json_raw_find(L, 1, &json)) {
        return 0;
    }
    lua_pushlstring(L, json.at, json.length);
    return 1;
}

/* __eq: called for two of them only. */
static int on_compare(lua_State *L)
{
    struct tg_str a;
    struct tg_str b;

    lua_pushboolean(L, tg_json_raw_find(L, 1, &a) && tg_json_raw_find(L, 2, &b) && tg_str_is(a, b));
    return 1;
}

void tg_json_raw_open(lua_State *L)
{
    lua_createtable(L, 0, 4);
    lua_pushcfunction(L, on_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushcfunction(L, on_compare);
    lua_setfield(L, -2, "__eq");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}

const char *tg_json_raw_judge(struct tg_str text, const struct tg_json_limits *limits,
                              struct tg_str *json)
{
    switch (tg_json_scan(text, limits, json)) {
    case TG_OK:
        return NULL;
    case TG_ERR_TOO_DEEP:
        return "JSON nested too deeply, or of too many values";
    default:
        return tg_json_text_is_utf8(text) ? "no JSON" : "text that is not UTF-8";
    }
}

void tg_json_raw_push(lua_State *L, struct tg_str json, int class)
{
    struct raw *raw = lua_newuserdata(L, sizeof(*raw) + json.length);

    raw->mark = mark;
    memcpy(raw->octets, json.at, json.length);
    lua_pushvalue(L, class);
    (void)lua_setmetatable(L, -2);
}

bool tg_json_raw_find(lua_State *L, int index, struct tg_str *json)
{
    const struct raw *raw = lua_touserdata(L, index);
    size_t size = raw ? lua_objlen(L, index) : 0;

    /* A light userdata has no length. */
    if (size <= sizeof(*raw) || raw->mark != mark) {
        return false;
    }
    *json = tg_str(raw->octets, size - sizeof(*raw));
    return true;
}
