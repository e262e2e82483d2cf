/* SPDX-License-Identifier: MIT */
/* The Lua of the product itself (lua/tidegate), made into C arrays at build time by
 * cmake/embed.cmake.
 * Lives in: every process; static. */
#ifndef TG_SCRIPT_LUA_SOURCE_H
#define TG_SCRIPT_LUA_SOURCE_H

#include <stddef.h>

#include <lua.h>

struct tg_lua_source {
    const char *name; /* "coroutine" for lua/tidegate/coroutine.lua */
    const char *text;
    size_t length;
};

/* Ends with a row whose name is NULL. Generated. */
extern const struct tg_lua_source tg_lua_source_table[];

/* NULL when there is none of that name. */
const struct tg_lua_source *tg_lua_source_find(const char *name);

/* Runs the file and pushes the module that it returns; may raise. Its functions stand in error
 * messages as "tidegate/NAME". */
void tg_lua_source_push(lua_State *L, const char *name);

#endif
