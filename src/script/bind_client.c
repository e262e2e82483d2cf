/* SPDX-License-Identifier: MIT */
#include "script/bind_client.h"

#include <lauxlib.h>

#include "core/frame_pool.h"
#include "hub/bus.h"
#include "hub/client.h"
#include "hub/hub.h"
#include "hub/json_scan.h"
#include "hub/json_text.h"
#include "hub/provenance.h"
#include "hub/room.h"
#include "hub/tenants.h"
#include "script/argument.h"
#include "script/bind_room.h"
#include "script/class.h"
#include "script/handlers.h"
#include "script/json_decode.h"
#include "script/query.h"
#include "script/vm.h"

static const char CLASS[] = "client";

enum { CLAIM_NAME_MAX = 256 };

/* The handle's environment is the author's state table; the metatable stands for none yet. */
struct handle {
    struct tg_provenance *provenance;
    uint64_t serial;
    uint32_t slot;
    char id[TG_CLIENT_ID_BYTES];
};

static const struct handle *check(lua_State *L, int index)
{
    return tg_class_check(L, index, CLASS);
}

static inline struct tg_client *find(const struct tg_vm *vm, lua_State *L, int index)
{
    if (vm->self && lua_touserdata(L, index) == vm->self) {
        return vm->hub->running;
    }
    const struct handle *handle = check(L, index);
    return tg_registry_find(&vm->hub->registry, handle->slot, handle->serial);
}

struct tg_client *tg_bind_client_find(lua_State *L, int index)
{
    return find(tg_vm_of(L), L, index);
}

/* --- properties --- */

static int get_id(lua_State *L)
{
    lua_pushstring(L, check(L, 1)->id);
    return 1;
}

static int get_path(lua_State *L)
{
    lua_pushstring(L, check(L, 1)->provenance->path);
    return 1;
}

static int get_trace_id(lua_State *L)
{
    lua_pushstring(L, check(L, 1)->provenance->trace.id);
    return 1;
}

static int get_address(lua_State *L)
{
    lua_pushstring(L, check(L, 1)->provenance->address);
    return 1;
}

static int get_connected_at(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)check(L, 1)->provenance->connected_at_ms);
    return 1;
}

static int get_tenant(lua_State *L)
{
    const char *tenant = check(L, 1)->provenance->tenant;

    if (!tenant) {
        return 0;
    }
    lua_createtable(L, 0, 2);
    lua_pushstring(L, tenant);
    lua_setfield(L, -2, "id");
    struct tg_str name = tg_tenants_name(tg_vm_of(L)->hub, tg_str_of(tenant));
    lua_pushlstring(L, name.at, name.length);
    lua_setfield(L, -2, "name");
    return 1;
}

static int get_params(lua_State *L)
{
    const struct tg_provenance *provenance = check(L, 1)->provenance;

    lua_createtable(L, 0, (int)provenance->param_count);
    for (uint32_t i = 0; i < provenance->param_count; i++) {
        lua_pushstring(L, provenance->params[i].value);
        lua_setfield(L, -2, provenance->params[i].name);
    }
    return 1;
}

static int get_query(lua_State *L)
{
    tg_query_push(L, tg_str_of(check(L, 1)->provenance->query));
    return 1;
}

static int get_state(lua_State *L)
{
    (void)check(L, 1);
    lua_getfenv(L, 1);
    lua_getmetatable(L, 1);
    if (lua_rawequal(L, -1, -2)) {
        lua_newtable(L);
        lua_pushvalue(L, -1);
        (void)lua_setfenv(L, 1);
        return 1;
    }
    lua_pop(L, 1);
    return 1;
}

/* client.state = {...}: the only field that can be set. */
static int on_set(lua_State *L)
{
    (void)check(L, 1);
    if (lua_type(L, 2) != LUA_TSTRING || !tg_str_is(tg_argument_text(L, 2), TG_STR("state"))) {
        return luaL_error(L, "a client's fields can't be set; client.state is yours");
    }
    if (!lua_istable(L, 3)) {
        return luaL_error(L, "client.state is a table, not a %s value", luaL_typename(L, 3));
    }
    lua_settop(L, 3);
    (void)lua_setfenv(L, 1);
    return 0;
}

static int push_claims(lua_State *L)
{
    const struct handle *handle = check(L, lua_upvalueindex(1));

    if (!handle->provenance->token.claims) {
        return 0;
    }
    if (tg_json_decode(L, tg_str_of(handle->provenance->token.claims)) != TG_OK) {
        return luaL_error(L, "the claims are nested too deeply");
    }
    return 1;
}

/* Bound to the client, so that client.claims() and client:claims() are the same. */
static int get_claims(lua_State *L)
{
    (void)check(L, 1);
    lua_settop(L, 1);
    lua_pushcclosure(L, push_claims, 1);
    return 1;
}

/* --- methods --- */

static int client_claim(lua_State *L)
{
    const char *claims = check(L, 1)->provenance->token.claims;
    struct tg_str wanted = tg_argument_text(L, 2);
    struct tg_json_member member;
    struct tg_str object;
    size_t cursor = 0;
    char name[CLAIM_NAME_MAX];

    if (!claims || tg_json_scan(tg_str_of(claims), &tg_json_default_limits, &object) != TG_OK) {
        return 0;
    }
    while (tg_json_next_member(object, &cursor, &member)) {
        int length = tg_json_unescape(member.name, name, sizeof(name));
        if (length >= 0 && tg_str_is(tg_str(name, (size_t)length), wanted)) {
            return tg_json_push(L, member.value) == TG_OK ? 1 : 0;
        }
    }
    return 0;
}

/* Sends the caller's frame and gives the reference back. */
static int send_frame(lua_State *L, struct tg_client *client, int err, struct tg_frame *frame)
{
    if (err == TG_OK) {
        err = client ? tg_client_send(client, frame) : TG_ERR_CLOSED;
        tg_frame_unref(frame);
    }
    return tg_argument_result(L, err);
}

static int client_send(lua_State *L)
{
    struct tg_vm *vm = tg_vm_of(L);
    struct tg_client *client = find(vm, L, 1);
    struct tg_frame *frame = NULL;
    int err = tg_argument_event(vm, L, 2, &frame);

    return send_frame(L, client, err, frame);
}

/* The message at index 2, as it is. */
static int send_payload(lua_State *L, enum tg_opcode opcode)
{
    const struct tg_vm *vm = tg_vm_of(L);
    const struct tg_hub *hub = vm->hub;
    struct tg_client *client = find(vm, L, 1);
    struct tg_str payload = tg_argument_text(L, 2);

    if (opcode == TG_OPCODE_TEXT && !tg_handlers_is_known_utf8(vm, payload)) {
        luaL_argcheck(L, tg_json_text_is_utf8(payload), 2, "a text message is UTF-8");
    }
    /* Before a copy is made that would be refused anyway. */
    if (payload.length > hub->config->outbound_bytes) {
        return tg_argument_result(L, TG_ERR_TOO_LARGE);
    }
    struct tg_frame *frame = tg_frame_pool_take(hub->frames, opcode, payload.length);
    if (frame && payload.length > 0) {
        memcpy(tg_frame_payload(frame), payload.at, payload.length);
    }
    return send_frame(L, client, frame ? TG_OK : TG_ERR_NOMEM, frame);
}

static int client_send_text(lua_State *L)
{
    return send_payload(L, TG_OPCODE_TEXT);
}

static int client_send_binary(lua_State *L)
{
    return send_payload(L, TG_OPCODE_BINARY);
}

static int client_close(lua_State *L)
{
    struct tg_client *client = tg_bind_client_find(L, 1);
    int code = 0;
    struct tg_str reason = lua_isnoneornil(L, 3) ? tg_str("", 0) : tg_argument_text(L, 3);

    luaL_argcheck(L, tg_argument_is_close_code(luaL_optnumber(L, 2, 1000), &code), 2,
                  "a close code that may be sent expected");
    luaL_argcheck(L, tg_json_text_is_utf8(reason), 3, "a close reason is UTF-8");
    return tg_argument_result(L,
                              client ? tg_client_close_with(client, code, reason) : TG_ERR_CLOSED);
}

static int client_join(lua_State *L)
{
    struct tg_client *client = tg_bind_client_find(L, 1);
    struct tg_str room = tg_argument_text(L, 2);

    return tg_argument_result(L, client ? tg_room_join(client, room) : TG_ERR_CLOSED);
}

static int client_leave(lua_State *L)
{
    struct tg_client *client = tg_bind_client_find(L, 1);
    struct tg_str room = tg_argument_text(L, 2);

    return tg_argument_result(L, client ? tg_room_leave(client, room) : TG_ERR_CLOSED);
}

static int client_rooms(lua_State *L)
{
    const struct tg_client *client = tg_bind_client_find(L, 1);
    uint16_t count = client ? client->room_count : 0;

    lua_createtable(L, count, 0);
    for (uint16_t i = 0; i < count; i++) {
        struct tg_str name = tg_room_name(client, i);
        lua_pushlstring(L, name.at, name.length);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

static int client_broadcast(lua_State *L)
{
    const struct handle *handle = check(L, 1);
    const struct tg_client *except = tg_argument_except(L, 4);
    struct tg_audience audience = {
        .gateway = tg_str_of(tg_vm_of(L)->gateway->name),
        .tenant = tg_str_of(handle->provenance->tenant),
    };

    return tg_bind_room_publish(L, 2, &audience, except);
}

static int client_queued(lua_State *L)
{
    const struct tg_client *client = tg_bind_client_find(L, 1);

    lua_pushnumber(L, client ? client->outbox.count : 0);
    lua_pushnumber(L, client ? (lua_Number)client->outbox.bytes : 0);
    return 2;
}

/* --- the class --- */

static int on_free(lua_State *L)
{
    struct handle *handle = tg_class_check(L, 1, CLASS);

    tg_provenance_unref(handle->provenance);
    handle->provenance = NULL;
    return 0;
}

static const luaL_Reg methods[] = {
    {"claim", client_claim},
    {"send", client_send},
    {"send_text", client_send_text},
    {"send_binary", client_send_binary},
    {"close", client_close},
    {"join", client_join},
    {"leave", client_leave},
    {"rooms", client_rooms},
    {"broadcast", client_broadcast},
    {"queued", client_queued},
    {NULL, NULL},
};

static const luaL_Reg getters[] = {
    {"id", get_id},
    {"claims", get_claims},
    {"tenant", get_tenant},
    {"path", get_path},
    {"params", get_params},
    {"query", get_query},
    {"trace_id", get_trace_id},
    {"address", get_address},
    {"connected_at", get_connected_at},
    {"state", get_state},
    {NULL, NULL},
};

void tg_bind_client_open(lua_State *L)
{
    static const struct tg_class class = {CLASS, methods, getters, on_set, on_free};

    tg_class_open(L, &class);
}

void tg_bind_client_push(lua_State *L, struct tg_vm *vm, struct tg_client *client)
{
    if (client->holder == vm) {
        tg_vm_push_ref(L, (int)client->handle);
        return;
    }
    struct handle *handle = tg_class_new(L, CLASS, sizeof(*handle));
    handle->slot = client->slot;
    handle->serial = client->serial;
    handle->provenance = tg_provenance_ref(client->provenance);
    tg_client_id(client, handle->id);
    lua_getmetatable(L, -1);
    (void)lua_setfenv(L, -2);
    /* Another state's handle leaves that by script/handover.h alone. */
    if (!client->holder) {
        lua_pushvalue(L, -1);
        client->handle = tg_vm_ref(L);
        client->holder = vm;
        client->object = handle;
        vm->handle_count++;
    }
}

void tg_bind_client_forget(struct tg_client *client)
{
    struct tg_vm *vm = client->holder;

    if (vm) {
        tg_vm_unref(vm->L, (int)client->handle);
        vm->handle_count--;
        client->handle = 0;
        client->holder = NULL;
        client->object = NULL;
    }
}

void tg_bind_client_push_state(lua_State *L, const struct tg_client *client)
{
    tg_vm_push_ref(L, (int)client->handle);
    if (lua_isnil(L, -1)) {
        return;
    }
    lua_getfenv(L, -1);
    (void)lua_getmetatable(L, -2);
    bool has_none = lua_rawequal(L, -1, -2);
    lua_pop(L, 1);
    if (has_none) {
        lua_pop(L, 1);
        lua_pushnil(L);
    }
    lua_replace(L, -2);
}

void tg_bind_client_set_state(lua_State *L, struct tg_client *client)
{
    tg_bind_client_push(L, tg_vm_of(L), client);
    lua_insert(L, -2);
    (void)lua_setfenv(L, -2);
    lua_pop(L, 1);
}
