/* SPDX-License-Identifier: MIT */
/* A client stands in its scope and in each of its rooms by index, and every list is closed by
 * moving its last entry into the gap: joining and leaving cost O(1) however large a room is.
 * Sending never changes a list: whoever is evicted on the way leaves at the end of the turn. */
#include "hub/room.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/hash.h"
#include "hub/client.h"
#include "hub/hub.h"
#include "hub/provenance.h"
#include "hub/tenant.h"

struct member {
    struct tg_client *client;
    uint16_t membership; /* index among the client's rooms */
};

struct tg_room {
    UT_hash_handle hh;
    struct tg_scope *scope;
    struct member *members;
    uint32_t count;
    uint32_t capacity;
    uint32_t length;
    char name[];
};

struct tg_scope {
    UT_hash_handle hh;
    struct tg_hub *hub;
    struct tg_client **members;
    uint32_t count;
    uint32_t capacity;
    struct tg_room *rooms;
    uint32_t length;
    char key[]; /* see write_key */
};

enum { FIRST_CAPACITY = 4, FIRST_ROOMS = 2, GATEWAY_MAX = 63 };
enum { KEY_MAX = GATEWAY_MAX + 1 + (int)TG_TENANT_MAX };

/* "gateway" or "gateway/tenant": neither name can hold a slash. 0 when one is too long to exist. By
 * name, not by address, so that rooms outlive a gateway's generation. */
static uint32_t write_key(char key[KEY_MAX], struct tg_str gateway, struct tg_str tenant)
{
    size_t length = gateway.length;

    if (length == 0 || length > GATEWAY_MAX || tenant.length > TG_TENANT_MAX) {
        return 0;
    }
    memcpy(key, gateway.at, length);
    if (tenant.at) {
        key[length++] = '/';
        memcpy(key + length, tenant.at, tenant.length);
        length += tenant.length;
    }
    return (uint32_t)length;
}

struct tg_scope *tg_scope_find(struct tg_hub *hub, struct tg_str gateway, struct tg_str tenant)
{
    char key[KEY_MAX];
    uint32_t length = write_key(key, gateway, tenant);
    struct tg_scope *scope = NULL;

    if (length > 0) {
        HASH_FIND(hh, hub->scopes, key, length, scope);
    }
    return scope;
}

static struct tg_scope *create_scope(struct tg_hub *hub, const struct tg_gateway *gateway,
                                     struct tg_str tenant)
{
    struct tg_scope *scope = calloc(1, sizeof(*scope) + KEY_MAX);

    if (!scope) {
        return NULL;
    }
    scope->hub = hub;
    scope->length = write_key(scope->key, tg_str_of(gateway->name), tenant);
    if (scope->length == 0) {
        free(scope);
        return NULL;
    }
    HASH_ADD(hh, hub->scopes, key[0], scope->length, scope);
    if (!scope->hh.tbl) {
        free(scope);
        return NULL;
    }
    return scope;
}

static void free_scope_when_empty(struct tg_scope *scope)
{
    if (scope->count > 0) {
        return;
    }
    HASH_DEL(scope->hub->scopes, scope);
    free(scope->members);
    free(scope);
}

/* The next capacity of a list that holds count entries in capacity; 0 when it has room. */
static uint32_t next_capacity(uint32_t count, uint32_t capacity)
{
    if (count < capacity) {
        return 0;
    }
    return capacity ? capacity * 2 : FIRST_CAPACITY;
}

int tg_scope_enter(struct tg_client *client)
{
    struct tg_str tenant = tg_str_of(client->provenance->tenant);
    struct tg_scope *scope = tg_scope_find(client->hub, tg_str_of(client->gateway->name), tenant);

    if (!scope) {
        scope = create_scope(client->hub, client->gateway, tenant);
    }
    if (!scope) {
        return TG_ERR_NOMEM;
    }
    uint32_t capacity = next_capacity(scope->count, scope->capacity);
    if (capacity) {
        struct tg_client **grown = realloc(scope->members, capacity * sizeof(struct tg_client *));
        if (!grown) {
            free_scope_when_empty(scope);
            return TG_ERR_NOMEM;
        }
        scope->members = grown;
        scope->capacity = capacity;
    }
    client->scope = scope;
    client->scope_index = scope->count;
    scope->members[scope->count++] = client;
    return TG_OK;
}

static void count_rooms(struct tg_hub *hub, int change)
{
    hub->room_count += (uint32_t)change;
    tg_row_set(hub->row, TG_COUNT_ROOMS, hub->room_count);
}

static void free_room_when_empty(struct tg_room *room)
{
    struct tg_scope *scope = room->scope;

    if (room->count > 0) {
        return;
    }
    HASH_DEL(scope->rooms, room);
    free(room->members);
    free(room);
    count_rooms(scope->hub, -1);
}

static void leave_at(struct tg_client *client, uint16_t i)
{
    struct tg_room *room = client->rooms[i].room;
    uint32_t index = client->rooms[i].index;
    struct member *last = &room->members[--room->count];

    if (index != room->count) {
        room->members[index] = *last;
        last->client->rooms[last->membership].index = index;
    }
    client->room_count--;
    if (i != client->room_count) {
        struct tg_membership moved = client->rooms[client->room_count];
        client->rooms[i] = moved;
        moved.room->members[moved.index].membership = i;
    }
    free_room_when_empty(room);
}

void tg_scope_leave(struct tg_client *client)
{
    struct tg_scope *scope = client->scope;

    while (client->room_count > 0) {
        leave_at(client, (uint16_t)(client->room_count - 1));
    }
    free(client->rooms);
    client->rooms = NULL;
    client->room_capacity = 0;
    if (!scope) {
        return;
    }
    struct tg_client *last = scope->members[--scope->count];
    scope->members[client->scope_index] = last;
    last->scope_index = client->scope_index;
    client->scope = NULL;
    free_scope_when_empty(scope);
}

static struct tg_room *find_room(const struct tg_scope *scope, struct tg_str name)
{
    struct tg_room *room = NULL;

    if (scope && name.length > 0) {
        HASH_FIND(hh, scope->rooms, name.at, name.length, room);
    }
    return room;
}

static struct tg_room *create_room(struct tg_scope *scope, struct tg_str name)
{
    struct tg_room *room = calloc(1, sizeof(*room) + name.length);

    if (!room) {
        return NULL;
    }
    room->scope = scope;
    room->length = (uint32_t)name.length;
    memcpy(room->name, name.at, name.length);
    HASH_ADD(hh, scope->rooms, name[0], room->length, room);
    if (!room->hh.tbl) {
        free(room);
        return NULL;
    }
    count_rooms(scope->hub, 1);
    return room;
}

static bool is_member(const struct tg_client *client, const struct tg_room *room)
{
    for (uint16_t i = 0; i < client->room_count; i++) {
        if (client->rooms[i].room == room) {
            return true;
        }
    }
    return false;
}

static int reserve_membership(struct tg_client *client)
{
    if (client->room_count < client->room_capacity) {
        return TG_OK;
    }
    uint32_t capacity = client->room_capacity ? client->room_capacity * 2u : FIRST_ROOMS;
    if (capacity > UINT16_MAX) {
        capacity = UINT16_MAX;
    }
    struct tg_membership *grown = realloc(client->rooms, capacity * sizeof(struct tg_membership));
    if (!grown) {
        return TG_ERR_NOMEM;
    }
    client->rooms = grown;
    client->room_capacity = (uint16_t)capacity;
    return TG_OK;
}

static int reserve_member(struct tg_room *room)
{
    uint32_t capacity = next_capacity(room->count, room->capacity);

    if (!capacity) {
        return TG_OK;
    }
    struct member *grown = realloc(room->members, capacity * sizeof(struct member));
    if (!grown) {
        return TG_ERR_NOMEM;
    }
    room->members = grown;
    room->capacity = capacity;
    return TG_OK;
}

int tg_room_join(struct tg_client *client, struct tg_str name)
{
    struct tg_hub *hub = client->hub;
    struct tg_room *room = find_room(client->scope, name);

    if (name.length == 0 || name.length > TG_NAME_MAX) {
        return TG_ERR_INVALID;
    }
    if (!tg_client_is_open(client)) {
        return TG_ERR_CLOSED;
    }
    if (room && is_member(client, room)) {
        return TG_OK;
    }
    if (client->room_count >= hub->config->rooms_per_client ||
        (!room && hub->room_count >= hub->config->rooms)) {
        return TG_ERR_FULL;
    }
    if (reserve_membership(client)) {
        return TG_ERR_NOMEM;
    }
    if (!room) {
        room = create_room(client->scope, name);
    }
    if (!room) {
        return TG_ERR_NOMEM;
    }
    if (reserve_member(room)) {
        free_room_when_empty(room);
        return TG_ERR_NOMEM;
    }
    room->members[room->count] = (struct member){client, client->room_count};
    client->rooms[client->room_count++] = (struct tg_membership){room, room->count++};
    return TG_OK;
}

int tg_room_leave(struct tg_client *client, struct tg_str name)
{
    struct tg_room *room = find_room(client->scope, name);

    for (uint16_t i = 0; room && i < client->room_count; i++) {
        if (client->rooms[i].room == room) {
            leave_at(client, i);
            return TG_OK;
        }
    }
    return TG_ERR_NOT_FOUND;
}

struct tg_str tg_room_name(const struct tg_client *client, uint16_t i)
{
    const struct tg_room *room = client->rooms[i].room;

    return tg_str(room->name, room->length);
}

uint32_t tg_room_count(const struct tg_scope *scope, struct tg_str name)
{
    const struct tg_room *room = find_room(scope, name);

    return room ? room->count : 0;
}

uint32_t tg_room_send(struct tg_scope *scope, struct tg_str name, struct tg_frame *frame,
                      const struct tg_client *except)
{
    struct tg_room *room = find_room(scope, name);
    uint32_t taken = 0;

    for (uint32_t i = 0; room && i < room->count; i++) {
        struct tg_client *client = room->members[i].client;
        if (client != except && tg_client_send(client, frame) == TG_OK) {
            taken++;
        }
    }
    return taken;
}

uint32_t tg_scope_send(struct tg_scope *scope, struct tg_frame *frame,
                       const struct tg_client *except)
{
    uint32_t taken = 0;

    for (uint32_t i = 0; scope && i < scope->count; i++) {
        struct tg_client *client = scope->members[i];
        if (client != except && tg_client_send(client, frame) == TG_OK) {
            taken++;
        }
    }
    return taken;
}

void tg_room_each(struct tg_scope *scope, struct tg_str name,
                  bool (*fn)(void *self, struct tg_client *client), void *self)
{
    struct tg_room *room = find_room(scope, name);

    for (uint32_t i = 0; room && i < room->count; i++) {
        if (!fn(self, room->members[i].client)) {
            return;
        }
    }
}
