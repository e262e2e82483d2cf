/* SPDX-License-Identifier: MIT */
#include "script/bind_room.h"

#include <string.h>

#include <lauxlib.h>

#include "hub/client.h"
#include "hub/room.h"
#include "script/argument.h"
#include "script/call.h"
#include "script/class.h"
#include "script/vm.h"

static const char CLASS[] = "room";

struct room {
    size_t length;
    char name[];
};

static struct tg_str check(lua_State *L, int index)
{
    const struct room *room = tg_class_check(L, index, CLASS);

    return tg_str(room->name, room->length);
}

static int get_name(lua_State *L)
{
    struct tg_str name = check(L, 1);

    lua_pushlstring(L, name.at, name.length);
    return 1;
}

static int room_emit(lua_State *L)
{
    struct tg_str name = check(L, 1);
    const struct tg_client *except = tg_argument_except(L, 4);
    struct tg_frame *frame = NULL;
    int err = tg_argument_event(L, 2, &frame);

    if (err == TG_OK) {
        (void)tg_room_send(tg_call_scope(tg_vm_of(L)), name, frame, except);
        tg_frame_unref(frame);
    }
    return tg_argument_result(L, err);
}

static int room_count(lua_State *L)
{
    lua_pushnumber(L, tg_room_count(tg_call_scope(tg_vm_of(L)), check(L, 1)));
    return 1;
}

/* The ids of a room's members, gathered before any of them goes to Lua: nothing may raise while
 * the hub walks its list. */
struct roll {
    char (*ids)[TG_CLIENT_ID_BYTES];
    uint32_t room;
    uint32_t count;
};

static bool on_member(void *self, struct tg_client *client)
{
    struct roll *roll = self;

    if (roll->count == roll->room) {
        return false;
    }
    tg_client_id(client, roll->ids[roll->count++]);
    return true;
}

static int room_members(lua_State *L)
{
    struct tg_str name = check(L, 1);
    struct tg_scope *scope = tg_call_scope(tg_vm_of(L));
    struct roll roll = {.room = tg_room_count(scope, name)};

    roll.ids = lua_newuserdata(L, (size_t)roll.room * TG_CLIENT_ID_BYTES);
    tg_room_each(scope, name, on_member, &roll);
    lua_createtable(L, (int)roll.count, 0);
    for (uint32_t i = 0; i < roll.count; i++) {
        lua_pushstring(L, roll.ids[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

static const luaL_Reg methods[] = {
    {"emit", room_emit},
    {"count", room_count},
    {"members", room_members},
    {NULL, NULL},
};

static const luaL_Reg getters[] = {
    {"name", get_name},
    {NULL, NULL},
};

void tg_bind_room_open(lua_State *L)
{
    static const struct tg_class class = {CLASS, methods, getters, NULL, NULL};

    tg_class_open(L, &class);
}

int tg_bind_room_make(lua_State *L)
{
    struct tg_str name = tg_argument_text(L, 1);
    luaL_argcheck(L, name.length > 0 && name.length <= TG_NAME_MAX, 1,
                  "a room's name of 1 to 128 octets expected");
    struct room *room = tg_class_new(L, CLASS, sizeof(*room) + name.length);

    room->length = name.length;
    memcpy(room->name, name.at, name.length);
    return 1;
}

int tg_bind_room_broadcast(lua_State *L)
{
    struct tg_frame *frame = NULL;
    int err = tg_argument_event(L, 1, &frame);

    if (err == TG_OK) {
        (void)tg_scope_send(tg_call_scope(tg_vm_of(L)), frame, NULL);
        tg_frame_unref(frame);
    }
    return tg_argument_result(L, err);
}
