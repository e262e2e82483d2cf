/* SPDX-License-Identifier: MIT */
/* The client handle. It holds slot and serial, never the client: a late call finds nobody instead
 * of somebody else.
 * Lives in: a worker, inside a Lua state. Owns: a reference on the client's provenance. */
#ifndef TG_SCRIPT_BIND_CLIENT_H
#define TG_SCRIPT_BIND_CLIENT_H

#include <lua.h>

struct tg_client;

/* Once per state; may raise. */
void tg_bind_client_open(lua_State *L);

/* Pushes the client's handle, made at its first call and kept in client->handle. May raise. */
void tg_bind_client_push(lua_State *L, struct tg_client *client);

/* Pushes the table that is client.state, or nil when the client has none in this state. */
void tg_bind_client_push_state(lua_State *L, const struct tg_client *client);

/* Pops a table, which client.state is from now on. May raise. */
void tg_bind_client_set_state(lua_State *L, struct tg_client *client);

/* The client of the handle at index; NULL when it has ended. Raises when it is no handle. */
struct tg_client *tg_bind_client_find(lua_State *L, int index);

#endif
