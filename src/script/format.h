/* SPDX-License-Identifier: MIT */
/* string.format over LuaJIT's: no addresses, and what would take long is done piece by piece, so
 * that it ends when the call's budget is used up.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_FORMAT_H
#define TG_SCRIPT_FORMAT_H

#include <lua.h>

/* Pops the native string.format and pushes ours. */
void tg_format_push(lua_State *L);

#endif
