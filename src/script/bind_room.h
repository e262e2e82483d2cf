/* SPDX-License-Identifier: MIT */
/* Rooms as scripts see them: a name, whose tenant is the caller's at each use.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_BIND_ROOM_H
#define TG_SCRIPT_BIND_ROOM_H

#include <stdbool.h>

#include <lua.h>

#include "base/str.h"

struct tg_audience; /* hub/bus.h */
struct tg_client;

/* suspending as in bind_tide.h. Once per state; may raise. */
void tg_bind_room_open(lua_State *L, int suspending);

/* tide.room(name). */
int tg_bind_room_make(lua_State *L);

/* tide.broadcast(event, data). */
int tg_bind_room_broadcast(lua_State *L);

/* Publishes the event whose name is at index, its data behind, on all workers; gives its results to
 * Lua. */
int tg_bind_room_publish(lua_State *L, int index, const struct tg_audience *audience,
                         const struct tg_client *except);

/* For requests of suspending methods: whether a room is at index 1, with its name, a view into it.
 * If not, nil and why not are pushed. */
bool tg_bind_room_request(lua_State *L, struct tg_str *name);

/* The name of what is known to be a room. */
struct tg_str tg_bind_room_name(lua_State *L, int index);

#endif
