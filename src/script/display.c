/* SPDX-License-Identifier: MIT */
#include "script/display.h"

#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>

#include "base/check.h"
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

/* Whether a conversion of the format shows an address. */
static bool has_pointer(const char *format, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (format[i] != '%') {
            continue;
        }
        i++;
        while (i < length && format[i] != '\0' && strchr("-+ #0123456789.", format[i])) {
            i++;
        }
        if (i < length && format[i] == 'p') {
            return true;
        }
    }
    return false;
}

/* string.format(format, ...). The native function, upvalue 1, goes on with the same arguments in
 * the same frame, so that its errors name the author's line. */
static int format(lua_State *L)
{
    int count = lua_gettop(L);
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);

    luaL_argcheck(L, !has_pointer(text, length), 1, "'%p' is not known here");
    for (int i = 2; i <= count; i++) {
        if (lua_type(L, i) > LUA_TSTRING || lua_type(L, i) == LUA_TLIGHTUSERDATA) {
            tg_display_push(L, i);
            lua_replace(L, i);
        }
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

void tg_display_push_format(lua_State *L)
{
    tg_require(lua_tocfunction(L, -1) != NULL);
    lua_pushcclosure(L, format, 1);
}
