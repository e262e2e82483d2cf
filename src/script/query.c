/* SPDX-License-Identifier: MIT */
#include "script/query.h"

#include <lauxlib.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void push_decoded(lua_State *L, struct tg_str text)
{
    luaL_Buffer buffer;

    luaL_buffinit(L, &buffer);
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '%' && text.length - i > 2 && digit(text.at[i + 1]) >= 0 &&
            digit(text.at[i + 2]) >= 0) {
            c = (char)(digit(text.at[i + 1]) * 16 + digit(text.at[i + 2]));
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        luaL_addchar(&buffer, c);
    }
    luaL_pushresult(&buffer);
}

void tg_query_push(lua_State *L, struct tg_str query)
{
    lua_newtable(L);
    int table = lua_gettop(L);

    for (int i = 0; query.at && i < TG_QUERY_PARAMS_MAX; i++) {
        struct tg_str value = tg_str_split(&query, '&');
        struct tg_str name = tg_str_split(&value, '=');
        if (name.length == 0) {
            continue;
        }
        push_decoded(L, name);
        lua_pushvalue(L, -1);
        lua_rawget(L, table);
        bool is_new = lua_isnil(L, -1);
        lua_pop(L, 1);
        if (is_new) {
            push_decoded(L, value);
            lua_rawset(L, table);
        } else {
            lua_pop(L, 1);
        }
    }
}
