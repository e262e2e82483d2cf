/* SPDX-License-Identifier: MIT */
/* The functions of string that could run long: find, match, gmatch and gsub (string_pattern.c),
 * format (format.c) and rep; and those that can't stay LuaJIT's (string_copy.h). They do what
 * LuaJIT's do, but end when the call's budget is used up. What stays LuaJIT's walks at most once
 * over what the state holds, as the operator '..' does: byte and len; tonumber, unpack, next and
 * table.maxn; table.remove is bytecode, which the hook of script/stop.h ends.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_STRING_NATIVE_H
#define TG_SCRIPT_STRING_NATIVE_H

#include <lua.h>

/* Sets the functions in the table at index; native: the index of LuaJIT's own. May raise. */
void tg_string_native_set(lua_State *L, int table, int native);

#endif
