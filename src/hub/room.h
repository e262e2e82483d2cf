/* SPDX-License-Identifier: MIT */
/* Rooms and broadcast. A scope is one gateway and one tenant (or none): rooms live inside it, so
 * no name reaches over its edge.
 * Lives in: a worker. Owns: scopes, rooms, member lists; empty ones are freed at once. Borrows:
 * clients, which leave before they die. */
#ifndef TG_HUB_ROOM_H
#define TG_HUB_ROOM_H

#include <stdint.h>

#include "base/str.h"
#include "core/frame.h"

struct tg_client;
struct tg_gateway;
struct tg_hub;
struct tg_room;
struct tg_scope;

/* One of a client's rooms. */
struct tg_membership {
    struct tg_room *room;
    uint32_t index; /* among the room's members */
};

/* Puts the client into its gateway's and tenant's scope. TG_ERR_NOMEM. */
int tg_scope_enter(struct tg_client *client);

/* Takes it out, of all its rooms too. */
void tg_scope_leave(struct tg_client *client);

/* Of the gateway with that name; NULL when nobody is there. tenant.at NULL: clients without
 * tenant. */
struct tg_scope *tg_scope_find(struct tg_hub *hub, struct tg_str gateway, struct tg_str tenant);

/* Joining twice is joining once. TG_ERR_INVALID (empty or over TG_NAME_MAX octets), TG_ERR_CLOSED,
 * TG_ERR_FULL (rooms_per_client, or the worker's rooms), TG_ERR_NOMEM; nothing changed then. */
int tg_room_join(struct tg_client *client, struct tg_str name);

/* TG_ERR_NOT_FOUND when it is not in. */
int tg_room_leave(struct tg_client *client, struct tg_str name);

/* The name of a client's i-th room, i below client->room_count. */
struct tg_str tg_room_name(const struct tg_client *client, uint16_t i);

/* Members of this worker; scope may be NULL. */
uint32_t tg_room_count(const struct tg_scope *scope, struct tg_str name);

/* Queues the frame for every member but except (NULL: no one), adding references of its own.
 * Returns how many took it. scope may be NULL. */
uint32_t tg_room_send(struct tg_scope *scope, struct tg_str name, struct tg_frame *frame,
                      const struct tg_client *except);

/* The same for everybody in the scope. */
uint32_t tg_scope_send(struct tg_scope *scope, struct tg_frame *frame,
                       const struct tg_client *except);

/* Calls fn for each member until it returns false; members must not change meanwhile. */
void tg_room_each(struct tg_scope *scope, struct tg_str name,
                  bool (*fn)(void *self, struct tg_client *client), void *self);

#endif
