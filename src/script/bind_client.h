/* SPDX-License-Identifier: MIT */
/* The client handle. It holds slot and serial, never the client: a late call finds nobody instead
 * of somebody else.
 * Lives in: a worker, inside a Lua state. Owns: a reference on the client's provenance. */
#ifndef TG_SCRIPT_BIND_CLIENT_H
#define TG_SCRIPT_BIND_CLIENT_H

#include <lua.h>

struct tg_client;
struct tg_vm;

/* Once per state; may raise. */
void tg_bind_client_open(lua_State *L);

/* Pushes the client's handle in the state vm, made at its first call and kept: client->handle is
 * the reference, client->holder the vm. May raise. */
void tg_bind_client_push(lua_State *L, struct tg_vm *vm, struct tg_client *client);

/* Lets go of the handle in whichever state it is. */
void tg_bind_client_forget(struct tg_client *client);

/* Pushes the table that is client.state, or nil when it has none. L is of the handle's state. */
void tg_bind_client_push_state(lua_State *L, const struct tg_client *client);

/* Pops a table, which client.state is from now on. May raise. */
void tg_bind_client_set_state(lua_State *L, struct tg_client *client);

/* The client of the handle at index; NULL when it has ended. Raises when it is no handle. */
struct tg_client *tg_bind_client_find(lua_State *L, int index);

#endif
