/* SPDX-License-Identifier: MIT */
/* Frozen tables: emptied in place, read through a metatable, refusing every write. What dispatch
 * runs was copied out at load; freezing makes an edit of the gateway's table afterwards an error
 * instead of a silent nothing.
 * Lives in: a worker, inside one Lua state. Owns: the state's table of frozen -> shadow (weak).
 * Each of these but tg_freeze_resolve may raise: call them protected. */
#ifndef TG_SCRIPT_FREEZE_H
#define TG_SCRIPT_FREEZE_H

#include <stdbool.h>

#include <lua.h>

/* Makes the state's table of frozen tables. Once, before the other functions. */
void tg_freeze_open(lua_State *L);

/* Pushes that table, for the sandbox's own versions of next, rawset, table.insert ... */
void tg_freeze_push(lua_State *L);

/* Freezes the table at index and every table below it, keys included; cycles are fine, tables
 * frozen before stay as they are. Functions and their upvalues are left. */
void tg_freeze_table(lua_State *L, int index);

/* Pushes the shadow that holds the content and returns true when the table at index is frozen;
 * else pushes nothing and returns false. Never raises; needs 2 free stack slots. */
bool tg_freeze_resolve(lua_State *L, int index);

#endif
