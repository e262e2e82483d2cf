/* SPDX-License-Identifier: MIT */
/* The globals of a gateway: the environment can be read and not be changed, and a name that was
 * not declared can't be written. A forgotten `local` is an error with its file and line instead of
 * a variable that all handlers share.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_GLOBALS_H
#define TG_SCRIPT_GLOBALS_H

#include <lua.h>

#include "base/str.h"

/* Makes the state's globals, which read through to the table at index environment. Once, when the
 * environment is complete; may raise. */
void tg_globals_open(lua_State *L, int environment);

/* The global that is nearest to the name, at most two edits away; empty: there is none. A view into
 * the state. Takes no memory of it, and never raises. */
struct tg_str tg_globals_nearest(lua_State *L, struct tg_str name);

/* tide.global(name[, value]): declares a global; while the gateway loads. */
int tg_globals_declare(lua_State *L);

#endif
