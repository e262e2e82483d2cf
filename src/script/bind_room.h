/* SPDX-License-Identifier: MIT */
/* Rooms as scripts see them: a name, whose tenant is the caller's at each use.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_BIND_ROOM_H
#define TG_SCRIPT_BIND_ROOM_H

#include <lua.h>

/* Once per state; may raise. */
void tg_bind_room_open(lua_State *L);

/* tide.room(name). */
int tg_bind_room_make(lua_State *L);

/* tide.broadcast(event, data). */
int tg_bind_room_broadcast(lua_State *L);

#endif
