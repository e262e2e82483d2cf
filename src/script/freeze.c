/* SPDX-License-Identifier: MIT */
#include "script/freeze.h"

#include <lauxlib.h>

#include "script/json_array.h"
#include "script/vm.h"

/* Its address is the registry key. */
static const char registry_key;

static void push_key(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)(size_t)&registry_key);
}

void tg_freeze_open(lua_State *L)
{
    push_key(L);
    lua_newtable(L);
    /* Both ends weak: a shadow is kept by its frozen table's metatable, for as long as that. */
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "kv");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

void tg_freeze_push(lua_State *L)
{
    push_key(L);
    lua_rawget(L, LUA_REGISTRYINDEX);
}

/* A gateway's code tried to set a field of a frozen table. */
static int on_write(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TSTRING) {
        return luaL_error(L, "the table is frozen: '%s' can't be set", lua_tostring(L, 2));
    }
    return luaL_error(L, "the table is frozen: nothing can be set");
}

/* Moves the content of the table at index to a new table, pushed; tables met as keys or values
 * are appended to the list pending. */
static void move_content(lua_State *L, int index, int pending)
{
    lua_newtable(L);
    int shadow = lua_gettop(L);

    lua_pushnil(L);
    while (lua_next(L, index)) {
        for (int i = -2; i <= -1; i++) {
            if (lua_istable(L, i)) {
                lua_pushvalue(L, i);
                lua_rawseti(L, pending, (int)lua_objlen(L, pending) + 1);
            }
        }
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, shadow);
        /* Setting a visited field to nil is allowed during the traversal. */
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, index);
    }
}

/* A field that the content of a frozen table, upvalue 1, may lack: then what the author's own
 * __index said when it was frozen, upvalue 2, is asked. It gets the frozen table: handing it the
 * content would let it write. */
static int on_read(lua_State *L)
{
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    if (!lua_isnil(L, -1)) {
        return 1;
    }
    tg_vm_check_depth(L);
    lua_pop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(2));
    if (lua_isfunction(L, -1)) {
        lua_insert(L, 1);
        lua_call(L, 2, 1);
    } else {
        lua_pushvalue(L, 2);
        lua_gettable(L, -2);
    }
    return 1;
}

/* Sets field __index of the metatable on top: reads of the frozen table go to its shadow. */
static void set_index(lua_State *L, int shadow)
{
    lua_pushliteral(L, "__index");
    lua_rawget(L, -2);
    bool has_own = !lua_isnil(L, -1);

    lua_pushvalue(L, shadow);
    lua_insert(L, -2);
    if (has_own) {
        lua_pushcclosure(L, on_read, 2);
    } else {
        lua_pop(L, 1);
    }
    lua_setfield(L, -2, "__index");
}

/* Pushes the frozen table's metatable: the author's other metamethods stay, as they are now: the
 * author may still hold the table they come from. */
static void push_metatable(lua_State *L, int index, int shadow)
{
    lua_newtable(L);
    int made = lua_gettop(L);

    if (lua_getmetatable(L, index)) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, made);
        }
        tg_json_push_mark(L);
        if (lua_rawequal(L, -1, -2)) {
            lua_pushvalue(L, -1);
            (void)lua_setmetatable(L, shadow);
        }
        lua_settop(L, made);
    }
    set_index(L, shadow);
    lua_pushcfunction(L, on_write);
    lua_setfield(L, made, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, made, "__metatable");
    lua_pushnil(L);
    lua_setfield(L, made, "__mode");
}

static void freeze_one(lua_State *L, int index, int frozen, int pending)
{
    move_content(L, index, pending);
    int shadow = lua_gettop(L);

    push_metatable(L, index, shadow);
    lua_setmetatable(L, index);
    lua_pushvalue(L, index);
    lua_pushvalue(L, shadow);
    lua_rawset(L, frozen);
    lua_settop(L, shadow - 1);
}

static bool is_frozen(lua_State *L, int index, int frozen)
{
    lua_pushvalue(L, index);
    lua_rawget(L, frozen);
    bool is_found = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return is_found;
}

void tg_freeze_table(lua_State *L, int index)
{
    luaL_checkstack(L, 16, "freezing a table");
    lua_pushvalue(L, index);
    tg_freeze_push(L);
    int frozen = lua_gettop(L);
    lua_newtable(L);
    int pending = lua_gettop(L);

    lua_pushvalue(L, frozen - 1);
    lua_rawseti(L, pending, 1);
    /* A list of what is left instead of recursion: depth and cycles cost no C stack. */
    for (size_t left = 1; left > 0; left = lua_objlen(L, pending)) {
        lua_rawgeti(L, pending, (int)left);
        lua_pushnil(L);
        lua_rawseti(L, pending, (int)left);
        int table = lua_gettop(L);
        if (!is_frozen(L, table, frozen)) {
            freeze_one(L, table, frozen, pending);
        }
        lua_settop(L, pending);
    }
    lua_settop(L, frozen - 2);
}

bool tg_freeze_resolve(lua_State *L, int index)
{
    /* Most tables have no metatable: this is all they pay. */
    if (!lua_getmetatable(L, index)) {
        return false;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, index);
    int table = lua_gettop(L);

    tg_freeze_push(L);
    if (lua_istable(L, -1)) {
        lua_insert(L, table);
        lua_rawget(L, table);
        lua_replace(L, table);
        if (lua_istable(L, -1)) {
            return true;
        }
    }
    lua_settop(L, table - 1);
    return false;
}
