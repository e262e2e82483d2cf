/* SPDX-License-Identifier: MIT */
/* tostring without addresses: where things lie in memory helps only an
 * attacker.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_DISPLAY_H
#define TG_SCRIPT_DISPLAY_H

#include <lua.h>

/* Pushes the value at index as a string: by its __tostring when it has one; a table without is
 * "table". May raise. */
void tg_display_push(lua_State *L, int index);

/* tostring(value). */
int tg_display_tostring(lua_State *L);

#endif
