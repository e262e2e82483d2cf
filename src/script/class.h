/* SPDX-License-Identifier: MIT */
/* Userdata that scripts see as objects: methods, properties read by getters, nothing else.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_CLASS_H
#define TG_SCRIPT_CLASS_H

#include <lauxlib.h>
#include <lua.h>

struct tg_class {
    const char *name;        /* in argument errors: "client expected, got table" */
    const luaL_Reg *methods; /* object:method(...) */
    const luaL_Reg *getters; /* object.property; called with the object and the name. NULL: none */
    lua_CFunction on_set;    /* __newindex; NULL: every assignment raises */
    lua_CFunction on_free;   /* __gc; NULL: nothing to free */
};

/* Makes the class's metatable. Once per state; may raise. */
void tg_class_open(lua_State *L, const struct tg_class *class);

/* Pushes the methods of a class opened before. */
void tg_class_push_methods(lua_State *L, const char *name);

/* Sets in the table at index the suspending function of each request; suspending: the index of
 * the Lua function that makes it (lua/tidegate/suspend.lua). May raise. */
void tg_class_set_suspending(lua_State *L, int table, int suspending, const luaL_Reg *requests);

/* Pushes a zeroed object of the class, opened before. May raise. */
void *tg_class_new(lua_State *L, const char *name, size_t size);

/* The object at index; raises an argument error when it is no object of the class. */
void *tg_class_check(lua_State *L, int index, const char *name);

/* For requests of suspending methods, which don't raise themselves: the object at index 1, or NULL
 * with nil and why pushed. */
void *tg_class_request(lua_State *L, const char *name);

#endif
