/* SPDX-License-Identifier: MIT */
#include "script/handlers.h"

#include <lauxlib.h>

#include "hub/client.h"
#include "hub/json_text.h"
#include "hub/provenance.h"
#include "script/argument.h"
#include "script/bind_client.h"
#include "script/call.h"
#include "script/handover.h"
#include "script/json_decode.h"
#include "script/json_encode.h"
#include "script/json_names.h"
#include "script/lua_source.h"
#include "script/vm.h"

enum { CODE_MAX = 64, MESSAGE_MAX = 4096 };

/* --- arguments --- */

/* The upvalues of begin(). */
enum {
    REFS = lua_upvalueindex(1), /* the table of references */
    NAME_STRINGS = lua_upvalueindex(2),
    NAMES = lua_upvalueindex(3)
};

static void push_ref(lua_State *L, int ref)
{
    lua_rawgeti(L, REFS, ref);
}

/* The running client's object, by which its natives know it at once. */
static void push_self(lua_State *L, struct tg_vm *vm, struct tg_client *client)
{
    if (client->holder == vm) {
        push_ref(L, (int)client->handle);
        vm->self = client->object;
    } else {
        tg_bind_client_push(L, vm, client);
        vm->self = lua_touserdata(L, -1);
    }
}

/* An event's data: its JSON as text for a raw event, else decoded; JSON null is nil. */
static void push_data(lua_State *L, const struct tg_vm *vm, const struct tg_call *call)
{
    if (call->event->is_raw) {
        lua_pushlstring(L, call->payload.length > 0 ? call->payload.at : "null",
                        call->payload.length > 0 ? call->payload.length : 4);
        return;
    }
    if (call->payload.length == 0 || tg_str_is(call->payload, TG_STR("null"))) {
        lua_pushnil(L);
        return;
    }
    struct tg_json_names *names = lua_touserdata(L, NAMES);
    if (tg_json_push_stoppable(vm, L, call->payload, names) != TG_OK) {
        lua_pushnil(L);
    }
}

static int push_event(lua_State *L, struct tg_vm *vm, const struct tg_call *call)
{
    if (vm->refs.guards) {
        push_ref(L, vm->refs.guarded);
        push_ref(L, vm->refs.guards);
        push_ref(L, call->event->handler);
        push_self(L, vm, call->client);
        lua_pushlstring(L, call->event->name, call->event->length);
        push_data(L, vm, call);
        return 6;
    }
    push_ref(L, call->event->handler);
    push_self(L, vm, call->client);
    push_data(L, vm, call);
    return 3;
}

static int push_message(lua_State *L, struct tg_vm *vm, int ref, const struct tg_call *call)
{
    push_ref(L, ref);
    push_self(L, vm, call->client);
    lua_pushlstring(L, call->payload.at, call->payload.length);
    return 3;
}

/* begin(): the function to run and its arguments. */
static int on_begin(lua_State *L)
{
    struct tg_vm *vm = tg_vm_of(L);
    struct tg_job *job = &vm->running->job;
    const struct tg_call *call = job->call;

    /* The views in it end with the hub's call, which may be before this one's end. */
    job->call = NULL;
    vm->heard = call;
    switch (job->kind) {
    case TG_JOB_EVENT:
        return push_event(L, vm, call);
    case TG_JOB_TEXT:
        return push_message(L, vm, vm->refs.on_text, call);
    case TG_JOB_BINARY:
        return push_message(L, vm, vm->refs.on_binary, call);
    case TG_JOB_CONNECT:
        push_ref(L, vm->refs.on_connect);
        push_self(L, vm, call->client);
        return 2;
    case TG_JOB_DISCONNECT:
        push_ref(L, vm->refs.on_disconnect);
        push_self(L, vm, call->client);
        lua_pushstring(L, tg_close_reason_row(call->cause)->label);
        return 3;
    case TG_JOB_TIMER:
        break;
    }
    push_ref(L, job->function);
    return 1;
}

/* The octets are compared, since the message's string may be gone, and another one in its place. */
bool tg_handlers_is_known_utf8(const struct tg_vm *vm, struct tg_str text)
{
    const struct tg_call *heard = vm->heard;

    return heard && (heard->kind == TG_CALL_TEXT || heard->kind == TG_CALL_EVENT) &&
           tg_str_is(heard->payload, text);
}

bool tg_handlers_is_known_json(const struct tg_vm *vm, struct tg_str text)
{
    const struct tg_call *heard = vm->heard;

    return heard && heard->kind == TG_CALL_EVENT && text.length > 0 &&
           tg_str_is(heard->payload, text);
}

/* --- results --- */

static struct tg_str read_text(lua_State *L, int index, size_t max, const char *what)
{
    size_t length;

    if (lua_isnoneornil(L, index)) {
        return tg_str("", 0);
    }
    if (lua_type(L, index) != LUA_TSTRING) {
        (void)luaL_error(L, "the handler's %s is not a string but a %s value", what,
                         luaL_typename(L, index));
    }
    const char *text = lua_tolstring(L, index, &length);
    if (length > max) {
        (void)luaL_error(L, "the handler's %s is longer than %d octets", what, (int)max);
    }
    return tg_str(text, length);
}

/* Copies the words of a refusal out of the state. */
static void refuse(lua_State *L, struct tg_vm *vm, struct tg_str code, struct tg_str message)
{
    struct tg_buf *words = &vm->words;

    tg_buf_clear(words);
    if (tg_buf_reserve(words, code.length + message.length) != TG_OK) {
        (void)luaL_error(L, "not enough memory");
    }
    tg_buf_add_str(words, code);
    tg_buf_add_str(words, message);
    vm->answer->outcome = TG_OUTCOME_REFUSED;
    vm->answer->code = tg_str(words->at, code.length);
    vm->answer->message = tg_str(words->at + code.length, message.length);
}

static void finish_connect(lua_State *L, struct tg_vm *vm)
{
    if (!lua_isboolean(L, 1) || lua_toboolean(L, 1)) {
        return;
    }
    int code = 0;
    if (!lua_isnoneornil(L, 2) &&
        (lua_type(L, 2) != LUA_TNUMBER || !tg_argument_is_close_code(lua_tonumber(L, 2), &code))) {
        (void)luaL_error(L, "on_connect returned false and a close code that may not be sent");
    }
    struct tg_str reason = read_text(L, 3, TG_FRAME_CONTROL_MAX - 2, "close reason");
    if (!tg_json_text_is_utf8(reason)) {
        (void)luaL_error(L, "on_connect returned false and a close reason that is not UTF-8");
    }
    refuse(L, vm, tg_str("", 0), reason);
    vm->answer->close_code = code;
}

static void finish_event(lua_State *L, struct tg_vm *vm)
{
    const char *why = NULL;

    if (lua_isnoneornil(L, 1) && !lua_isnoneornil(L, 2)) {
        struct tg_str code = read_text(L, 2, CODE_MAX, "error code");
        refuse(L, vm, code, read_text(L, 3, MESSAGE_MAX, "error message"));
        return;
    }
    if (!vm->running->job.wants_answer || lua_isnoneornil(L, 1)) {
        return;
    }
    struct tg_buf *out = tg_vm_out(vm);
    if (tg_json_write_stoppable(vm, L, 1, &why) != TG_OK) {
        (void)luaL_error(L, "the handler's value can't be sent: %s", why);
    }
    vm->answer->data = tg_buf_str(out);
}

/* finish(...): what the function returned, of a connect or an event. */
static int on_finish(lua_State *L)
{
    struct tg_vm *vm = tg_vm_of(L);

    luaL_checkstack(L, LUA_MINSTACK, "results");
    if (vm->running->job.kind == TG_JOB_CONNECT) {
        finish_connect(L, vm);
    } else {
        finish_event(L, vm);
    }
    return 0;
}

void tg_handlers_open(lua_State *L)
{
    struct tg_vm *vm = tg_vm_of(L);

    tg_lua_source_push(L, "call");
    lua_getfield(L, -1, "make");
    tg_vm_push_refs(L);
    tg_json_names_create(L, NAME_STRINGS);
    lua_pushcclosure(L, on_begin, 3);
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "body");
    vm->refs.body = tg_vm_ref(L);
    lua_getfield(L, -1, "body_of_two");
    vm->refs.body_of_two = tg_vm_ref(L);
    lua_pushcfunction(L, on_finish);
    vm->refs.finish = tg_vm_ref(L);
    lua_getfield(L, -1, "guarded");
    vm->refs.guarded = tg_vm_ref(L);
    lua_pop(L, 2);
}

/* --- the hub's table --- */

static bool has_handler(const struct tg_vm *vm, const struct tg_call *call)
{
    switch (call->kind) {
    case TG_CALL_CONNECT:
        return vm->refs.on_connect != 0;
    case TG_CALL_EVENT:
        return call->event->handler != 0;
    case TG_CALL_TEXT:
        return vm->refs.on_text != 0;
    case TG_CALL_BINARY:
        return vm->refs.on_binary != 0;
    case TG_CALL_DISCONNECT:
        return vm->refs.on_disconnect != 0;
    }
    return false;
}

static struct tg_job job_of(const struct tg_call *call)
{
    return (struct tg_job){
        .kind = (enum tg_job_kind)call->kind,
        .has_client = true,
        .wants_answer = call->wants_answer,
        .slot = call->client->slot,
        .serial = call->client->serial,
        .event = call->event,
        .call = call,
    };
}

static void on_call(void *self, const struct tg_call *call, struct tg_answer *answer)
{
    struct tg_vm *vm = self;

    if (!has_handler(vm, call)) {
        *answer = (struct tg_answer){.outcome = TG_OUTCOME_DONE};
        return;
    }
    tg_vm_relieve(vm);
    if (call->client->holder != vm && call->client->holder) {
        tg_handover_move(call->client, vm);
    }
    struct tg_coroutine *co = tg_coroutine_take(vm);
    if (!co) {
        const struct tg_job job = job_of(call);
        tg_call_out_of_memory(vm, &job);
        *answer = (struct tg_answer){.outcome = TG_OUTCOME_FAILED};
        return;
    }
    co->job = job_of(call);
    co->job.caller = tg_provenance_ref(call->client->provenance);
    tg_call_run(co, call->client, answer);
}

/* Whose gateway's it is; the handle may be in the state of an earlier generation. */
static void on_forget(void *self, struct tg_client *client)
{
    (void)self;
    tg_bind_client_forget(client);
}

static void on_destroy(void *self)
{
    tg_vm_destroy(self);
}

const struct tg_script *tg_handlers_script(void)
{
    static const struct tg_script script = {on_call, on_forget, on_destroy};

    return &script;
}
