/* SPDX-License-Identifier: MIT */
#include "script/bind_tide.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include <lauxlib.h>

#include "script/argument.h"
#include "script/bind_client.h"
#include "script/bind_json.h"
#include "script/bind_log.h"
#include "script/bind_room.h"
#include "script/bind_timer.h"
#include "script/class.h"
#include "script/globals.h"
#include "script/vm.h"

enum { NODE_BYTES = 65, COUNTER_BYTES = 24 };

/* random() in [0, 1), random(n) in 1..n, random(m, n) in m..n. */
int tg_bind_tide_random(lua_State *L)
{
    struct tg_rand *rand = &tg_vm_of(L)->rand;
    int count = lua_gettop(L);

    if (count == 0) {
        lua_pushnumber(L, tg_rand_real(rand));
        return 1;
    }
    lua_Number low = count > 1 ? floor(luaL_checknumber(L, 1)) : 1;
    lua_Number high = floor(luaL_checknumber(L, count > 1 ? 2 : 1));
    luaL_argcheck(L, low <= high && high - low<9007199254740992.0, count> 1 ? 2 : 1,
                  "interval is empty or too wide");
    lua_pushnumber(L, low + (lua_Number)tg_rand_below(rand, (uint64_t)(high - low) + 1));
    return 1;
}

static int tide_now(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)tg_clock_wall_ms(tg_vm_of(L)->hub->clock));
    return 1;
}

static const luaL_Reg functions[] = {
    {"room", tg_bind_room_make},
    {"broadcast", tg_bind_room_broadcast},
    {"after", tg_bind_timer_after},
    {"now", tide_now},
    {"random", tg_bind_tide_random},
    {"global", tg_globals_declare},
    {NULL, NULL},
};

static const luaL_Reg suspending_functions[] = {
    {"sleep", tg_bind_timer_sleep},
    {NULL, NULL},
};

/* HASH-COUNTER */
static int push_generation(lua_State *L)
{
    const struct tg_gateway *gateway = tg_vm_of(L)->gateway;
    char text[sizeof(gateway->generation) + COUNTER_BYTES];

    (void)snprintf(text, sizeof(text), "%s-%" PRIu64, gateway->generation, gateway->counter);
    lua_pushstring(L, text);
    return 1;
}

/* Counted from one, as in the logs. */
static int push_worker(lua_State *L)
{
    lua_pushnumber(L, tg_vm_of(L)->hub->row_index + 1);
    return 1;
}

/* The host's name. */
static int push_node(lua_State *L)
{
    char node[NODE_BYTES] = "";

    if (gethostname(node, sizeof(node) - 1) != 0 || node[0] == '\0') {
        lua_pushliteral(L, "local");
        return 1;
    }
    lua_pushstring(L, node);
    return 1;
}

static const luaL_Reg constants[] = {
    {"generation", push_generation},
    {"worker", push_worker},
    {"node", push_node},
    {NULL, NULL},
};

/* Tables of their own, under their name in tide and as modules. */
struct part {
    const char *name;
    const char *module;
    void (*open)(lua_State *L);
};

static const struct part parts[] = {
    {"log", "tidegate.log", tg_bind_log_open},
    {"json", "tidegate.json", tg_bind_json_open},
};

static void set_constants(lua_State *L, int tide)
{
    for (const luaL_Reg *row = constants; row->name; row++) {
        lua_settop(L, tide);
        (void)row->func(L);
        lua_setfield(L, tide, row->name);
    }
}

static void set_parts(lua_State *L, int tide, int modules)
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        parts[i].open(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, tide, parts[i].name);
        lua_setfield(L, modules, parts[i].module);
    }
}

void tg_bind_tide_open(lua_State *L, int modules, int suspending)
{
    tg_bind_client_open(L);
    tg_bind_room_open(L, suspending);
    tg_bind_timer_open(L);
    luaL_newlib(L, functions);
    int tide = lua_gettop(L);

    tg_class_set_suspending(L, tide, suspending, suspending_functions);
    set_constants(L, tide);
    set_parts(L, tide, modules);
    tg_bind_json_open_cjson(L);
    lua_setfield(L, modules, "cjson");
    lua_setfield(L, modules, "tidegate");
}
