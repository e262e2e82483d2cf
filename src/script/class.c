/* SPDX-License-Identifier: MIT */
#include "script/class.h"

#include <stdbool.h>
#include <string.h>

#include "script/lua_source.h"

/* Where a class's metatable has the address of its name: found faster than by the name, and nothing
 * else has it. */
enum { NAME_INDEX = 1 };

/* get(object, key): the value of a getter. Upvalue: the getters. */
static int on_get(lua_State *L)
{
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    lua_CFunction getter = lua_tocfunction(L, -1);
    lua_settop(L, 2);
    return getter ? getter(L) : 0;
}

static int on_refused_set(lua_State *L)
{
    return luaL_error(L, "this object's fields can't be set");
}

static void set_functions(lua_State *L, const luaL_Reg *functions)
{
    lua_newtable(L);
    for (; functions && functions->name; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}

void tg_class_open(lua_State *L, const struct tg_class *class)
{
    (void)luaL_newmetatable(L, class->name);
    lua_pushlightuserdata(L, (void *)(size_t) class->name);
    lua_rawseti(L, -2, NAME_INDEX);
    tg_lua_source_push(L, "class");
    lua_getfield(L, -1, "make");
    lua_replace(L, -2);
    set_functions(L, class->methods);
    set_functions(L, class->getters);
    lua_pushcclosure(L, on_get, 1);
    lua_call(L, 2, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, class->on_set ? class->on_set : on_refused_set);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    if (class->on_free) {
        lua_pushcfunction(L, class->on_free);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
}

void tg_class_push_methods(lua_State *L, const char *name)
{
    luaL_getmetatable(L, name);
    lua_getfield(L, -1, "__index");
    (void)lua_getupvalue(L, -1, 1); /* the first that it names: the methods */
    lua_replace(L, -3);
    lua_pop(L, 1);
}

void tg_class_set_suspending(lua_State *L, int table, int suspending, const luaL_Reg *requests)
{
    for (; requests->name; requests++) {
        lua_pushvalue(L, suspending);
        lua_pushcfunction(L, requests->func);
        lua_call(L, 1, 1);
        lua_setfield(L, table, requests->name);
    }
}

void *tg_class_new(lua_State *L, const char *name, size_t size)
{
    void *object = lua_newuserdata(L, size);

    memset(object, 0, size);
    luaL_getmetatable(L, name);
    (void)lua_setmetatable(L, -2);
    return object;
}

void *tg_class_check(lua_State *L, int index, const char *name)
{
    void *object = lua_touserdata(L, index);

    if (object && lua_getmetatable(L, index)) {
        lua_rawgeti(L, -1, NAME_INDEX);
        bool is_one = lua_touserdata(L, -1) == name;
        lua_pop(L, 2);
        if (is_one) {
            return object;
        }
    }
    return luaL_checkudata(L, index, name);
}

void *tg_class_request(lua_State *L, const char *name)
{
    void *object = luaL_testudata(L, 1, name);

    if (!object) {
        const char *got = luaL_typename(L, 1);
        lua_pushnil(L);
        lua_pushfstring(L, "bad self (%s expected, got %s)", name, got);
    }
    return object;
}
