/* SPDX-License-Identifier: MIT */
/* string.char, lower, reverse, sub and upper. LuaJIT makes them in assembly that doesn't note where
 * the stack ends: when memory runs out inside, LuaJIT of 2022 writes its error over a frame of the
 * stack, and the process dies. In C they end with an ordinary error, and with the call's budget.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_STRING_COPY_H
#define TG_SCRIPT_STRING_COPY_H

#include <lua.h>

/* Sets the functions in the table at index. May raise. */
void tg_string_copy_set(lua_State *L, int table);

#endif
