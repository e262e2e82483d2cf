/* SPDX-License-Identifier: MIT */
#include "kit/state_check.h"

#include <stdio.h>

#include "base/log.h"
#include "hub/client.h"
#include "hub/gateway.h"
#include "hub/json_scan.h"
#include "script/bind_client.h"
#include "script/freeze.h"
#include "script/handover.h"
#include "script/json_encode.h"
#include "script/vm.h"

enum { PATH_BYTES = 256, WHY_BYTES = 64, SLOTS = 8 };

struct finding {
    const struct tg_client *client;
    char path[PATH_BYTES];
    char why[WHY_BYTES]; /* empty: nothing is wrong */
};

static void blame(struct finding *finding, const char *why)
{
    (void)snprintf(finding->why, sizeof(finding->why), "%s", why);
}

/* Puts the key at the top of the stack behind the first length octets of the path; returns the
 * length then. */
static size_t extend_path(lua_State *L, struct finding *finding, size_t length)
{
    size_t room = sizeof(finding->path) - length;
    int added;

    if (lua_type(L, -1) == LUA_TSTRING) {
        added = snprintf(finding->path + length, room, ".%s", lua_tostring(L, -1));
    } else if (lua_type(L, -1) == LUA_TNUMBER) {
        added = snprintf(finding->path + length, room, "[%.14g]", lua_tonumber(L, -1));
    } else {
        added = snprintf(finding->path + length, room, "[a %s]", lua_typename(L, lua_type(L, -1)));
        blame(finding, "keys are strings or numbers");
    }
    return added > 0 && (size_t)added < room ? length + (size_t)added : sizeof(finding->path) - 1;
}

static bool is_plain(lua_State *L)
{
    switch (lua_type(L, -1)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case LUA_TSTRING:
    case LUA_TTABLE:
        return true;
    case LUA_TLIGHTUSERDATA:
        return lua_touserdata(L, -1) == NULL; /* JSON's null */
    default:
        return false;
    }
}

/* Looks at the value at the top of the stack, whose path is the first length octets. */
static void walk(lua_State *L, struct finding *finding, size_t length, uint32_t depth)
{
    int top = lua_gettop(L);

    if (!is_plain(L)) {
        char why[WHY_BYTES];
        (void)snprintf(why, sizeof(why), "a %s value is no plain data",
                       lua_typename(L, lua_type(L, -1)));
        blame(finding, why);
        return;
    }
    if (lua_type(L, -1) != LUA_TTABLE) {
        return;
    }
    if (depth >= tg_json_default_limits.depth || !lua_checkstack(L, SLOTS)) {
        blame(finding, "tables are nested too deeply");
        return;
    }
    (void)tg_freeze_resolve(L, top); /* pushes what a frozen table holds */
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (finding->why[0] == '\0' && lua_next(L, table)) {
        lua_pushvalue(L, -2);
        size_t longer = extend_path(L, finding, length);
        lua_pop(L, 1);
        if (finding->why[0] == '\0') {
            walk(L, finding, longer, depth + 1);
        }
        lua_pop(L, 1);
    }
    lua_settop(L, top);
}

/* In protected mode. */
static int on_check(lua_State *L)
{
    struct finding *finding = lua_touserdata(L, 1);
    size_t length = strlen(finding->path);
    struct tg_buf json;
    const char *why = NULL;

    tg_bind_client_push_state(L, finding->client);
    if (!lua_istable(L, -1)) {
        return 0;
    }
    walk(L, finding, length, 1);
    if (finding->why[0] != '\0') {
        return 0;
    }
    finding->path[length] = '\0';
    tg_buf_init(&json, TG_HANDOVER_CLIENT_MAX);
    if (tg_json_write(L, lua_gettop(L), &json, &why) != TG_OK) {
        blame(finding, why);
    }
    tg_buf_fini(&json);
    return 0;
}

void tg_state_check_run(struct tg_vm *vm, const struct tg_client *client)
{
    struct finding finding = {.client = client, .path = "client.state"};
    char quoted[PATH_BYTES * 4];

    if (client->handle == 0) {
        return;
    }
    if (tg_vm_protect(vm, on_check, &finding) != 0) {
        lua_pop(vm->L, 1); /* memory is short: nothing was found out */
        return;
    }
    if (finding.why[0] != '\0') {
        tg_log_write(TG_LOG_LEVEL_ERROR, vm->gateway->name, "client.state can't be carried over",
                     "key=%s why=\"%s\"",
                     tg_log_quote(quoted, sizeof(quoted), tg_str_of(finding.path)), finding.why);
    }
}
