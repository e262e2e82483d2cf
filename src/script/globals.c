/* SPDX-License-Identifier: MIT */
/* The table of globals itself stays empty but for declared names, so that a write to a name of the
 * environment is seen as well: __newindex is not asked about fields that exist. */
#include "script/globals.h"

#include <stdbool.h>

#include <lauxlib.h>

#include "base/edits.h"
#include "script/argument.h"
#include "script/vm.h"

enum { NAME_MAX_OCTETS = 128, NEAR_EDITS = 2 };

/* Addresses as registry keys: name -> true of what is declared; the environment. */
static const char declared_key;
static const char environment_key;

static void push_key(lua_State *L, const char *key)
{
    lua_pushlightuserdata(L, (void *)(size_t)key);
}

/* Pushes table[name], the table kept under that key; the name is at index. */
static void push_field_of(lua_State *L, const char *key, int index)
{
    push_key(L, key);
    lua_rawget(L, LUA_REGISTRYINDEX);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    lua_remove(L, -2);
}

static bool has_name(lua_State *L, const char *key, int index)
{
    push_field_of(L, key, index);
    bool is_there = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return is_there;
}

/* A gateway's code writes a global that has no value yet. */
static int on_write(lua_State *L)
{
    if (has_name(L, &declared_key, 2)) {
        lua_settop(L, 3);
        lua_rawset(L, 1);
        return 0;
    }
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
    if (has_name(L, &environment_key, 2)) {
        return luaL_error(L, "global '%s' is the server's and can't be set", name);
    }
    return luaL_error(L, "global '%s' is not declared: use local, or tide.global", name);
}

static bool is_name(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return text.length > 0 && text.length <= NAME_MAX_OCTETS;
}

int tg_globals_declare(lua_State *L)
{
    struct tg_str name = tg_argument_text(L, 1);

    lua_settop(L, 2);
    if (tg_vm_of(L)->running) {
        return luaL_error(L, "globals are declared while the gateway loads");
    }
    luaL_argcheck(L, is_name(name), 1, "a global's name is letters, digits and '_'");
    if (has_name(L, &environment_key, 1)) {
        return luaL_error(L, "global '%s' is the server's and can't be declared", name.at);
    }
    if (has_name(L, &declared_key, 1)) {
        return luaL_error(L, "global '%s' is declared already", name.at);
    }
    push_key(L, &declared_key);
    lua_rawget(L, LUA_REGISTRYINDEX);
    lua_pushvalue(L, 1);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_rawset(L, LUA_GLOBALSINDEX);
    return 0;
}

/* Keeps in best what is nearer to the name in the table under that key. */
static void search(lua_State *L, const char *key, struct tg_str name, struct tg_str *best,
                   uint32_t *least)
{
    push_key(L, key);
    lua_rawget(L, LUA_REGISTRYINDEX);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        size_t length = 0;
        const char *at = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
        uint32_t edits = at ? tg_edits(name, tg_str(at, length)) : UINT32_MAX;
        /* In a short name two edits leave nothing of it. */
        if (edits < *least && edits * 2 < name.length) {
            *least = edits;
            *best = tg_str(at, length);
        }
    }
    lua_pop(L, 1);
}

struct tg_str tg_globals_nearest(lua_State *L, struct tg_str name)
{
    struct tg_str best = {NULL, 0};
    uint32_t least = NEAR_EDITS + 1;

    search(L, &environment_key, name, &best, &least);
    search(L, &declared_key, name, &best, &least);
    return best;
}

void tg_globals_open(lua_State *L, int environment)
{
    push_key(L, &environment_key);
    lua_pushvalue(L, environment);
    lua_rawset(L, LUA_REGISTRYINDEX);
    push_key(L, &declared_key);
    lua_newtable(L);
    lua_rawset(L, LUA_REGISTRYINDEX);

    lua_newtable(L);
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, environment);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, on_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    (void)lua_setmetatable(L, -2);
    lua_replace(L, LUA_GLOBALSINDEX);
}
