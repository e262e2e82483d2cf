/* SPDX-License-Identifier: MIT */
#include "script/display.h"

#include <lauxlib.h>

#include "script/vm.h"

void tg_display_push(lua_State *L, int index)
{
    tg_vm_check_depth(L);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (lua_type(L, -1) != LUA_TSTRING) {
            (void)luaL_error(L, "'__tostring' must return a string");
        }
        return;
    }
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
    case LUA_TNUMBER:
        lua_pushvalue(L, index);
        (void)lua_tolstring(L, -1, NULL);
        return;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        return;
    case LUA_TLIGHTUSERDATA:
        lua_pushliteral(L, "null");
        return;
    default:
        lua_pushstring(L, luaL_typename(L, index));
        return;
    }
}

int tg_display_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    tg_display_push(L, 1);
    return 1;
}
