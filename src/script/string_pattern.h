/* SPDX-License-Identifier: MIT */
/* string.find, match, gmatch and gsub. They do what LuaJIT's do, but end when the call's budget is
 * used up, and a recursion through gsub's callbacks is bounded.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_STRING_PATTERN_H
#define TG_SCRIPT_STRING_PATTERN_H

#include <lua.h>

/* Sets the functions in the table at index. May raise. */
void tg_string_pattern_set(lua_State *L, int table);

#endif
