/* SPDX-License-Identifier: MIT */
/* The functions of table that could run long: concat, insert and sort. They do what LuaJIT's do,
 * but end when the call's budget is used up, and they know frozen tables.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_TABLE_NATIVE_H
#define TG_SCRIPT_TABLE_NATIVE_H

#include <lua.h>

/* Sets the functions in the table at index; native: the index of LuaJIT's own. May raise. */
void tg_table_native_set(lua_State *L, int table, int native);

#endif
