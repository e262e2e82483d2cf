/* SPDX-License-Identifier: MIT */
#include "script/gateway_table.h"

#include <lauxlib.h>
#include <luajit.h>

#include "base/check.h"
#include "hub/origin.h"
#include "script/setting.h"

enum { MESSAGE_BYTES_MAX = 16777216, BUDGET_MS_MAX = 60000 };

/* --- one function per key; the value is at the top of the stack --- */

static void read_path(struct tg_setting *s)
{
    struct tg_errmsg msg = {.text = ""};
    struct tg_str path = tg_setting_text(s);

    if (tg_gateway_set_path(s->vm->gateway, path, &msg) != TG_OK) {
        tg_setting_fail(s, "%s", msg.text);
    }
}

static enum tg_presence read_presence(struct tg_setting *s, const char *expected)
{
    struct tg_str text = tg_setting_text(s);

    if (tg_str_is(text, TG_STR("optional"))) {
        return TG_PRESENCE_OPTIONAL;
    }
    if (!tg_str_is(text, TG_STR("required"))) {
        tg_setting_fail(s, "expected %s, got \"%s\"", expected, text.at);
    }
    return TG_PRESENCE_REQUIRED;
}

static void read_auth(struct tg_setting *s)
{
    if (tg_setting_is_absent(s)) {
        return;
    }
    if (tg_str_is(tg_setting_text(s), TG_STR("first_message"))) {
        s->vm->gateway->auth = TG_PRESENCE_FIRST_MESSAGE;
        return;
    }
    s->vm->gateway->auth = read_presence(s, "\"optional\", \"required\" or \"first_message\"");
}

static void read_tenant(struct tg_setting *s)
{
    if (!tg_setting_is_absent(s)) {
        s->vm->gateway->tenant = read_presence(s, "\"optional\" or \"required\"");
    }
}

static void read_origin(struct tg_setting *s)
{
    struct tg_origin read;
    struct tg_str origin = tg_setting_text(s);

    if (!tg_str_is(origin, TG_STR("*")) && !tg_origin_read(origin, &read)) {
        tg_setting_fail(s,
                        "expected \"*\" or an origin such as \"https://app.example\", got \"%s\"",
                        origin.at);
    }
    tg_setting_check(s, tg_string_list_add(&s->vm->gateway->origins, origin));
}

static void read_origins(struct tg_setting *s)
{
    int count = tg_setting_list(s, "strings", TG_GATEWAY_LIST_MAX);

    s->vm->gateway->has_origins = count >= 0;
    tg_setting_items(s, count, read_origin);
}

static void read_message_bytes(struct tg_setting *s)
{
    if (!tg_setting_is_absent(s)) {
        s->vm->gateway->message_bytes = tg_setting_whole(s, 1, MESSAGE_BYTES_MAX);
    }
}

static const struct tg_setting_key limit_keys[] = {
    {"message_bytes", read_message_bytes},
    {NULL, NULL},
};

static void read_limits(struct tg_setting *s)
{
    if (!tg_setting_is_absent(s)) {
        tg_setting_table(s, limit_keys);
    }
}

static void read_on_connect(struct tg_setting *s)
{
    s->vm->refs.on_connect = tg_setting_function(s);
    s->vm->gateway->has_connect = s->vm->refs.on_connect != 0;
}

static void read_on_disconnect(struct tg_setting *s)
{
    s->vm->refs.on_disconnect = tg_setting_function(s);
    s->vm->gateway->has_disconnect = s->vm->refs.on_disconnect != 0;
}

static void read_on_text(struct tg_setting *s)
{
    s->vm->refs.on_text = tg_setting_function(s);
    s->vm->gateway->has_text = s->vm->refs.on_text != 0;
}

static void read_on_binary(struct tg_setting *s)
{
    s->vm->refs.on_binary = tg_setting_function(s);
    s->vm->gateway->has_binary = s->vm->refs.on_binary != 0;
}

static void read_on_error(struct tg_setting *s)
{
    s->vm->refs.on_error = tg_setting_function(s);
}

static void read_save(struct tg_setting *s)
{
    s->vm->refs.save = tg_setting_function(s);
}

static void read_restore(struct tg_setting *s)
{
    s->vm->refs.restore = tg_setting_function(s);
}

/* Whether the gateway's raw[event], the event's name being at the top of the stack, is true. */
static bool is_raw(struct tg_setting *s)
{
    lua_State *L = s->L;
    bool is_true = false;

    lua_pushliteral(L, "raw");
    lua_rawget(L, s->root);
    if (lua_istable(L, -1)) {
        lua_pushvalue(L, -2);
        lua_rawget(L, -2);
        is_true = lua_isboolean(L, -1) && lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return is_true;
}

/* The name is at -2, the handler on top. */
static void add_event(struct tg_setting *s)
{
    lua_State *L = s->L;
    size_t length;
    const char *at = lua_tolstring(L, -2, &length);
    struct tg_str name = tg_str(at, length);

    lua_pushvalue(L, -2);
    bool raw = is_raw(s);
    lua_pop(L, 1);
    tg_setting_enter_name(s, name);
    if (name.length == 0 || name.length > TG_NAME_MAX) {
        tg_setting_fail(s, "an event's name has 1 to %d octets", TG_NAME_MAX);
    }
    if (!lua_isfunction(L, -1)) {
        tg_setting_fail(s, "expected a function, got %s", luaL_typename(L, -1));
    }
    lua_pushvalue(L, -1);
    int handler = tg_vm_ref(L);
    int err = tg_gateway_add_event(s->vm->gateway, name, handler, raw);
    if (err) {
        tg_vm_unref(L, handler);
    }
    if (err == TG_ERR_INVALID) {
        tg_setting_fail(s, "this name is the core's own");
    }
    tg_setting_check(s, err);
    tg_setting_leave_name(s);
}

static void read_events(struct tg_setting *s)
{
    lua_State *L = s->L;

    if (tg_setting_is_absent(s)) {
        return;
    }
    tg_setting_expect(s, LUA_TTABLE, "a table");
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            tg_setting_note(s, "expected names that are strings, got a %s", luaL_typename(L, -2));
        } else {
            tg_setting_try(s, 2, add_event);
        }
        lua_pop(L, 1);
    }
}

/* Whether the gateway's events have the name at index; one that could not be read counts. */
static bool is_event(struct tg_setting *s, int index)
{
    lua_State *L = s->L;
    bool is_there = false;

    lua_pushvalue(L, index);
    lua_pushliteral(L, "events");
    lua_rawget(L, s->root);
    if (lua_istable(L, -1)) {
        lua_insert(L, -2);
        lua_rawget(L, -2);
        is_there = !lua_isnil(L, -1);
    }
    lua_pop(L, 2);
    return is_there;
}

/* The name is at -2, the value on top. */
static void read_raw_event(struct tg_setting *s)
{
    size_t length;
    const char *at = lua_tolstring(s->L, -2, &length);

    tg_setting_enter_name(s, tg_str(at, length));
    if (!is_event(s, lua_gettop(s->L) - 1)) {
        tg_setting_note(s, "there is no such event");
    }
    tg_setting_expect(s, LUA_TBOOLEAN, "true or false");
    tg_setting_leave_name(s);
}

static void read_raw(struct tg_setting *s)
{
    lua_State *L = s->L;

    if (tg_setting_is_absent(s)) {
        return;
    }
    tg_setting_expect(s, LUA_TTABLE, "a table");
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            tg_setting_note(s, "expected names of events, got a %s", luaL_typename(L, -2));
        } else {
            tg_setting_try(s, 2, read_raw_event);
        }
        lua_pop(L, 1);
    }
}

static void read_guard(struct tg_setting *s)
{
    tg_setting_expect(s, LUA_TFUNCTION, "a function");
}

static void read_before(struct tg_setting *s)
{
    lua_State *L = s->L;
    int count = tg_setting_list(s, "functions", TG_GATEWAY_LIST_MAX);
    int list = lua_gettop(L);

    if (count <= 0) {
        return;
    }
    tg_setting_items(s, count, read_guard);
    lua_createtable(L, count, 0);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);
        lua_rawseti(L, list + 1, i);
    }
    s->vm->refs.guards = tg_vm_ref(L);
}

/* RFC 9110 section 5.6.2, which RFC 6455 section 4.1 refers to. */
static bool is_token(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c)) {
            return false;
        }
    }
    return text.length > 0 && text.length <= TG_NAME_MAX;
}

static void read_subprotocol(struct tg_setting *s)
{
    struct tg_str name = tg_setting_text(s);

    if (!is_token(name)) {
        tg_setting_fail(s, "expected a token, got \"%s\"", name.at);
    }
    tg_setting_check(s, tg_string_list_add(&s->vm->gateway->subprotocols, name));
}

static void read_subprotocols(struct tg_setting *s)
{
    tg_setting_items(s, tg_setting_list(s, "strings", TG_GATEWAY_LIST_MAX), read_subprotocol);
}

static void read_selftest(struct tg_setting *s)
{
    s->vm->refs.selftest = tg_setting_function(s);
}

static void read_budget_ms(struct tg_setting *s)
{
    if (!tg_setting_is_absent(s)) {
        s->vm->budget_ms = (uint32_t)tg_setting_whole(s, 1, BUDGET_MS_MAX);
    }
}

/* From here on this state's code is compiled: nothing but the end of the worker ends a loop of it.
 */
static void read_jit(struct tg_setting *s)
{
    if (tg_setting_is_absent(s)) {
        return;
    }
    tg_setting_expect(s, LUA_TBOOLEAN, "true or false");
    if (lua_toboolean(s->L, -1)) {
        s->vm->stop.has_jit = true;
        (void)tg_check(luaJIT_setmode(s->L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_ON));
    }
}

/* In the order they are read: raw after events, whose names it refers to. */
static const struct tg_setting_key keys[] = {
    {"path", read_path},
    {"auth", read_auth},
    {"tenant", read_tenant},
    {"origins", read_origins},
    {"limits", read_limits},
    {"on_connect", read_on_connect},
    {"on_disconnect", read_on_disconnect},
    {"events", read_events},
    {"raw", read_raw},
    {"before", read_before},
    {"on_text", read_on_text},
    {"on_binary", read_on_binary},
    {"subprotocols", read_subprotocols},
    {"on_error", read_on_error},
    {"save", read_save},
    {"restore", read_restore},
    {"selftest", read_selftest},
    {"budget_ms", read_budget_ms},
    {"jit", read_jit},
    {NULL, NULL},
};

/* Whether the gateway says anything about the key, be it right or wrong. */
static bool has(struct tg_setting *s, const char *key)
{
    lua_pushstring(s->L, key);
    lua_rawget(s->L, s->root);
    bool is_there = !lua_isnil(s->L, -1);
    lua_pop(s->L, 1);
    return is_there;
}

/* What no single key can know. */
static void check_whole(struct tg_setting *s)
{
    bool has_events = has(s, "events");
    bool has_protocols = s->vm->gateway->subprotocols.count > 0;

    if (has_events && has(s, "on_text")) {
        tg_setting_note_at(s, "on_text", "not beside events: text is either events or your own");
    }
    if (has_protocols && has_events) {
        tg_setting_note_at(s, "subprotocols", "not beside events, which speak tidegate.v1");
    }
    if (has_protocols && !has_events && !has(s, "on_text") && !has(s, "on_binary")) {
        tg_setting_note_at(s, "subprotocols", "only with on_text or on_binary");
    }
    if (s->vm->refs.guards && !has_events) {
        tg_setting_note_at(s, "before", "only with events, which it guards");
    }
}

void tg_gateway_table_read(lua_State *L, int index, struct tg_vm *vm, struct tg_fault_list *faults)
{
    struct tg_setting setting = {.L = L, .vm = vm, .root = index, .faults = faults};

    if (!lua_istable(L, index)) {
        tg_setting_fail(&setting, "expected to return the gateway's table, got %s",
                        luaL_typename(L, index));
    }
    lua_pushvalue(L, index);
    tg_setting_table(&setting, keys);
    lua_pop(L, 1);
    check_whole(&setting);
    tg_setting_finish(&setting);
}
