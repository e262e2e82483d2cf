/* SPDX-License-Identifier: MIT */
#include "script/bind_room.h"

#include <string.h>

#include <lauxlib.h>

#include "hub/gateway.h"
#include "hub/hub.h"
#include "hub/publish.h"
#include "script/argument.h"
#include "script/call.h"
#include "script/class.h"
#include "script/question.h"
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

int tg_bind_room_publish(lua_State *L, int index, const struct tg_audience *audience,
                         const struct tg_client *except)
{
    struct tg_publication publication = {.audience = *audience};
    struct tg_vm *vm = tg_vm_of(L);
    int err = tg_argument_event(vm, L, index, &publication.frame);

    if (err == TG_OK) {
        struct tg_hub *hub = vm->hub;
        err = tg_publish(hub, hub->bus, &publication, except);
        tg_frame_unref(publication.frame);
    }
    return tg_argument_result(L, err);
}

static int room_emit(lua_State *L)
{
    struct tg_str name = check(L, 1);
    const struct tg_vm *vm = tg_vm_of(L);
    const struct tg_client *except = tg_argument_except(L, 4);
    struct tg_audience audience = tg_call_audience(vm, vm->running, name);

    return tg_bind_room_publish(L, 2, &audience, except);
}

static int room_count(lua_State *L)
{
    return tg_question_request(L, TG_QUESTION_COUNT);
}

static int room_members(lua_State *L)
{
    return tg_question_request(L, TG_QUESTION_MEMBERS);
}

static const luaL_Reg methods[] = {
    {"emit", room_emit},
    {NULL, NULL},
};

static const luaL_Reg suspending_methods[] = {
    {"count", room_count},
    {"members", room_members},
    {NULL, NULL},
};

static const luaL_Reg getters[] = {
    {"name", get_name},
    {NULL, NULL},
};

void tg_bind_room_open(lua_State *L, int suspending)
{
    static const struct tg_class class = {CLASS, methods, getters, NULL, NULL};

    tg_class_open(L, &class);
    tg_class_push_methods(L, CLASS);
    tg_class_set_suspending(L, lua_gettop(L), suspending, suspending_methods);
    lua_pop(L, 1);
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
    const struct tg_vm *vm = tg_vm_of(L);
    struct tg_audience audience = tg_call_audience(vm, vm->running, tg_str(NULL, 0));

    return tg_bind_room_publish(L, 1, &audience, NULL);
}

bool tg_bind_room_request(lua_State *L, struct tg_str *name)
{
    const struct room *room = tg_class_request(L, CLASS);

    if (room) {
        *name = tg_str(room->name, room->length);
    }
    return room != NULL;
}

struct tg_str tg_bind_room_name(lua_State *L, int index)
{
    const struct room *room = lua_touserdata(L, index);

    return tg_str(room->name, room->length);
}
