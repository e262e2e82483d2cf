/* SPDX-License-Identifier: MIT */
/* request (in the author's coroutine) -> the signal reaches the server -> ask -> on_answers, a
 * later turn -> the result is built, protected -> the coroutine goes on.
 *
 * Other ways: nobody could be asked (a timer wakes the coroutine with our own part); no memory for
 * the result (the call raises); the coroutine or the state ends first (the question is cancelled).
 */
#include "script/question.h"

#include <lauxlib.h>

#include "hub/client.h"
#include "hub/hub.h"
#include "hub/publish.h"
#include "hub/room.h"
#include "script/bind_room.h"
#include "script/call.h"
#include "script/vm.h"

static const struct tg_answers no_answers = {.count = 0};
static const struct tg_answers answers_missing = {.is_partial = true};

/* --- results --- */

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

static void push_members(lua_State *L, struct tg_scope *scope, struct tg_str room,
                         const struct tg_answers *answers)
{
    struct roll roll = {.room = tg_room_count(scope, room)};
    struct tg_str ids = answers->ids;
    int count = 0;

    roll.ids = lua_newuserdata(L, (size_t)roll.room * TG_CLIENT_ID_BYTES);
    tg_room_each(scope, room, on_member, &roll);
    lua_createtable(L, (int)(roll.count + answers->count), 0);
    for (uint32_t i = 0; i < roll.count; i++) {
        lua_pushstring(L, roll.ids[i]);
        lua_rawseti(L, -2, ++count);
    }
    for (uint64_t i = 0; i < answers->count; i++) {
        struct tg_str id = tg_str_split(&ids, '\0');
        lua_pushlstring(L, id.at, id.length);
        lua_rawseti(L, -2, ++count);
    }
    lua_replace(L, -2);
}

/* The result, of our own part and the answers, and behind it whether something is missing. Returns
 * how many values it pushed. May raise. */
static int push_result(lua_State *L, enum tg_question_kind kind, const struct tg_audience *audience,
                       const struct tg_answers *answers)
{
    struct tg_scope *scope = tg_publish_find_scope(tg_vm_of(L)->hub, audience);

    if (kind == TG_QUESTION_MEMBERS) {
        push_members(L, scope, audience->room, answers);
    } else {
        lua_pushnumber(L, (lua_Number)(tg_room_count(scope, audience->room) + answers->count));
    }
    if (!answers->is_partial) {
        return 1;
    }
    lua_pushliteral(L, "partial");
    return 2;
}

/* --- the call is made --- */

int tg_question_request(lua_State *L, enum tg_question_kind kind)
{
    struct tg_vm *vm = tg_vm_of(L);
    const struct tg_bus *bus = vm->hub->bus;
    struct tg_str room;

    if (!tg_bind_room_request(L, &room)) {
        return 2;
    }
    if (bus->is_alone(bus->self)) {
        struct tg_audience audience = tg_call_audience(vm, vm->running, room);
        lua_pushboolean(L, 1);
        return 1 + push_result(L, kind, &audience, &no_answers);
    }
    if (tg_call_is_full(L)) {
        return 2;
    }
    lua_pushvalue(L, 1);
    lua_pushnumber(L, kind);
    return 2;
}

/* --- it waits --- */

/* What the coroutine yielded behind the signal; it keeps the room alive while it waits. */
static struct tg_audience read_audience(const struct tg_coroutine *co)
{
    return tg_call_audience(co->vm, co, tg_bind_room_name(co->L, 2));
}

static enum tg_question_kind read_kind(const struct tg_coroutine *co)
{
    return (enum tg_question_kind)lua_tonumber(co->L, 3);
}

struct reply {
    struct tg_coroutine *co;
    const struct tg_answers *answers;
};

/* In protected mode: what the call returns, on the coroutine's stack. There is room for it where
 * the request was. */
static int on_reply(lua_State *L)
{
    const struct reply *reply = lua_touserdata(L, 1);
    struct tg_coroutine *co = reply->co;
    struct tg_audience audience = read_audience(co);

    luaL_checkstack(L, LUA_MINSTACK, "members");
    int count = push_result(L, read_kind(co), &audience, reply->answers);
    lua_settop(co->L, 0);
    lua_pushboolean(co->L, 1);
    lua_xmove(L, co->L, count);
    return 0;
}

static void wake(struct tg_coroutine *co, const struct tg_answers *answers)
{
    struct reply reply = {co, answers};
    struct tg_vm *vm = co->vm;

    tg_vm_relieve(vm);
    if (tg_vm_protect(vm, on_reply, &reply)) {
        lua_settop(co->L, 0);
        lua_pushboolean(co->L, 0);
        lua_xmove(vm->L, co->L, 1);
    }
    tg_call_wake(co);
}

/* The others have said what they had to say, or a second has passed. */
static void on_answers(void *self, const struct tg_answers *answers)
{
    struct tg_coroutine *co = self;

    co->is_asking = false;
    wake(co, answers);
}

/* Nobody can be in such a room: nobody was asked. */
static void on_nobody(struct tg_timer *timer)
{
    wake(TG_CONTAINER(timer, struct tg_coroutine, timer), &no_answers);
}

/* Nobody could be asked. */
static void on_unasked(struct tg_timer *timer)
{
    wake(TG_CONTAINER(timer, struct tg_coroutine, timer), &answers_missing);
}

void tg_question_ask(struct tg_coroutine *co)
{
    struct tg_hub *hub = co->vm->hub;
    struct tg_question question = {read_kind(co), read_audience(co), on_answers, co};
    int asked = hub->bus->ask(hub->bus->self, &question, &co->question);

    if (asked > 0) {
        co->is_asking = true;
        return;
    }
    tg_timer_init(&co->timer, asked < 0 ? on_unasked : on_nobody);
    tg_timer_set(hub->wheel, &co->timer, tg_hub_now_ms(hub));
}

void tg_question_cancel(struct tg_coroutine *co)
{
    if (co->is_asking) {
        const struct tg_bus *bus = co->vm->hub->bus;
        co->is_asking = false;
        bus->cancel(bus->self, co->question);
    }
}
