/* SPDX-License-Identifier: MIT */
/* What a gateway's code can reach: an allow list. The state's globals are this environment;
 * nothing of the host (files, processes, code loading, debugging, the garbage collector) is in it.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_SANDBOX_H
#define TG_SCRIPT_SANDBOX_H

#include <lua.h>

/* Opens libraries and bindings and makes the environment. Once per state, in protected mode; may
 * raise. */
void tg_sandbox_open(lua_State *L);

#endif
