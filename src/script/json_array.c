/* SPDX-License-Identifier: MIT */
#include "script/json_array.h"

static const char registry_key[] = "tidegate.json.array";

void tg_json_open(lua_State *L)
{
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "array");
    lua_setfield(L, -2, "__metatable");
    lua_setfield(L, LUA_REGISTRYINDEX, registry_key);
}

/* No allocation: tg_json_open has made the key's string, and the registry keeps it. */
void tg_json_push_mark(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, registry_key);
}

void tg_json_mark_array(lua_State *L, int index)
{
    lua_pushvalue(L, index);
    tg_json_push_mark(L);
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}
