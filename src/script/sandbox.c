/* SPDX-License-Identifier: MIT */
/* The natives are opened into the state's first globals table, and from it an environment is made
 * name by name. No function of the environment hands that table out. */
#include "script/sandbox.h"

#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "script/bind_log.h"
#include "script/bind_tide.h"
#include "script/calendar.h"
#include "script/coroutine.h"
#include "script/display.h"
#include "script/freeze.h"
#include "script/globals.h"
#include "script/handlers.h"
#include "script/json_array.h"
#include "script/lua_source.h"
#include "script/renewal.h"
#include "script/require.h"
#include "script/string_native.h"
#include "script/table_native.h"
#include "script/text.h"
#include "script/vm.h"

static const char *const base_names[] = {
    "assert",       "error",    "getmetatable", "rawequal", "select",
    "setmetatable", "tonumber", "type",         "_VERSION", NULL};
static const char *const string_names[] = {"byte", "len", NULL};
static const char *const math_names[] = {
    "abs",   "acos", "asin",  "atan", "atan2", "ceil", "cos",   "cosh", "deg", "exp",
    "floor", "fmod", "frexp", "huge", "ldexp", "log",  "log10", "max",  "min", "modf",
    "pi",    "pow",  "rad",   "sin",  "sinh",  "sqrt", "tan",   "tanh", NULL};
static const char *const bit_names[] = {"arshift", "band",   "bnot", "bor", "bswap",
                                        "bxor",    "lshift", "rol",  "ror", "rshift",
                                        "tobit",   "tohex",  NULL};
static const char *const frozen_aware[] = {"ipairs", "next",   "pairs", "rawget",
                                           "rawset", "unpack", NULL};

static void open_natives(lua_State *L)
{
    static const lua_CFunction libraries[] = {luaopen_base, luaopen_table, luaopen_string,
                                              luaopen_math, luaopen_bit};

    for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
        lua_pushcfunction(L, libraries[i]);
        lua_call(L, 0, 0);
    }
}

/* Copies the named fields of the table at from into the table at to. */
static void copy_fields(lua_State *L, int from, int to, const char *const *names)
{
    for (; *names; names++) {
        lua_getfield(L, from, *names);
        lua_setfield(L, to, *names);
    }
}

/* environment[name] = the allowed fields of the native library. */
static void copy_library(lua_State *L, int environment, const char *name, const char *const *names)
{
    lua_newtable(L);
    lua_getfield(L, LUA_GLOBALSINDEX, name);
    copy_fields(L, lua_gettop(L), lua_gettop(L) - 1, names);
    lua_pop(L, 1);
    lua_setfield(L, environment, name);
}

static void set_function(lua_State *L, int table, const char *name, lua_CFunction function)
{
    lua_pushcfunction(L, function);
    lua_setfield(L, table, name);
}

/* --- our own versions --- */

static int math_randomseed(lua_State *L)
{
    lua_Number number = luaL_checknumber(L, 1);
    uint64_t seed;

    /* Its bits: a conversion of a number that is too large, or none, is not defined. */
    memcpy(&seed, &number, sizeof(seed));
    tg_rand_seed(&tg_vm_of(L)->rand, seed);
    return 0;
}

static void set_math(lua_State *L, int environment)
{
    copy_library(L, environment, "math", math_names);
    lua_getfield(L, environment, "math");
    lua_pushcfunction(L, tg_bind_tide_random);
    lua_setfield(L, -2, "random");
    lua_pushcfunction(L, math_randomseed);
    lua_setfield(L, -2, "randomseed");
    lua_pop(L, 1);
}

/* ("x"):upper() must reach the environment's string table, and nobody its metatable. */
static void set_string(lua_State *L, int environment)
{
    copy_library(L, environment, "string", string_names);
    lua_getfield(L, environment, "string");
    int string = lua_gettop(L);
    lua_getfield(L, LUA_GLOBALSINDEX, "string");
    tg_string_native_set(L, string, lua_gettop(L));
    lua_pushliteral(L, "");
    (void)lua_getmetatable(L, -1);
    lua_pushvalue(L, string);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_settop(L, string - 1);
}

/* check_depth(), for our Lua. */
static int check_depth(lua_State *L)
{
    tg_vm_check_depth(L);
    return 0;
}

/* lua/tidegate/tables.lua: what reads and writes tables raw, knowing frozen ones. */
static void set_tables(lua_State *L, int environment)
{
    tg_lua_source_push(L, "tables");
    lua_getfield(L, -1, "make");
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    tg_freeze_push(L);
    lua_call(L, 2, 1);
    copy_fields(L, lua_gettop(L), environment, frozen_aware);
    lua_getfield(L, -1, "table");
    lua_getfield(L, LUA_GLOBALSINDEX, "table");
    tg_table_native_set(L, lua_gettop(L) - 1, lua_gettop(L));
    lua_pop(L, 1);
    lua_setfield(L, environment, "table");
    lua_pop(L, 2);
}

/* For our Lua, which has caught a lack of memory. */
static int collect(lua_State *L)
{
    struct tg_vm *vm = tg_vm_of(L);

    tg_hub_count(vm->hub, TG_COUNT_SCRIPT_MEMORY, 1);
    (void)lua_gc(L, LUA_GCCOLLECT, 0);
    tg_renewal_consider(vm);
    return 0;
}

/* died(co, err), for our Lua: a coroutine of the author's has. */
static int died(lua_State *L)
{
    lua_settop(L, 2);
    tg_failure_note(tg_vm_of(L), lua_tothread(L, 1), L);
    return 0;
}

/* Whether the running coroutine is the server's own, which authors must not get hold of. */
static int is_base(lua_State *L)
{
    const struct tg_vm *vm = tg_vm_of(L);

    lua_pushboolean(L, vm->running && vm->running->L == L);
    return 1;
}

/* lua/tidegate/suspend.lua: pushes the function that makes suspending functions. */
static void set_coroutine(lua_State *L, int environment)
{
    static const char *const names[] = {"create",  "resume",      "yield", "status",
                                        "running", "isyieldable", NULL};
    static const char *const base[] = {"error", "setmetatable", NULL};

    tg_lua_source_push(L, "suspend");
    lua_getfield(L, -1, "make");
    lua_newtable(L);
    int native = lua_gettop(L);
    lua_getfield(L, LUA_GLOBALSINDEX, "coroutine");
    copy_fields(L, native + 1, native, names);
    lua_pop(L, 1);
    copy_fields(L, LUA_GLOBALSINDEX, native, base);
    set_function(L, native, "is_base", is_base);
    set_function(L, native, "collect", collect);
    set_function(L, native, "check_depth", check_depth);
    set_function(L, native, "died", died);
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "coroutine");
    lua_setfield(L, environment, "coroutine");
    lua_getfield(L, -1, "signal");
    tg_vm_of(L)->signal = lua_topointer(L, -1);
    /* Kept for as long as its address means something. */
    lua_setfield(L, LUA_REGISTRYINDEX, "tidegate.signal");
    lua_getfield(L, -1, "suspending");
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* lua/tidegate/protection.lua: pcall and xpcall. */
static void set_protection(lua_State *L, int environment)
{
    static const char *const names[] = {"pcall", "select", NULL};
    static const char *const made[] = {"pcall", "xpcall", NULL};

    tg_lua_source_push(L, "protection");
    lua_getfield(L, -1, "make");
    lua_newtable(L);
    copy_fields(L, LUA_GLOBALSINDEX, lua_gettop(L), names);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "collect");
    lua_call(L, 1, 1);
    copy_fields(L, lua_gettop(L), environment, made);
    lua_pop(L, 2);
}

void tg_sandbox_open(lua_State *L)
{
    luaL_checkstack(L, LUA_MINSTACK * 2, "sandbox");
    open_natives(L);
    tg_freeze_open(L);
    tg_text_open(L);
    tg_json_open(L);
    tg_handlers_open(L);
    lua_newtable(L);
    int environment = lua_gettop(L);

    copy_fields(L, LUA_GLOBALSINDEX, environment, base_names);
    set_string(L, environment);
    set_math(L, environment);
    copy_library(L, environment, "bit", bit_names);
    tg_calendar_open(L);
    lua_setfield(L, environment, "os");
    set_tables(L, environment);
    set_protection(L, environment);
    set_function(L, environment, "tostring", tg_display_tostring);
    set_function(L, environment, "print", tg_bind_log_print);
    set_function(L, environment, "require", tg_require_module);
    set_coroutine(L, environment);
    int suspending = lua_gettop(L);
    tg_require_open(L);
    tg_bind_tide_open(L, lua_gettop(L), suspending);
    lua_settop(L, environment);
    /* The state's registry still knows the libraries by name. The table itself stays: a literal
     * such as 1LL makes LuaJIT load its FFI, whose tables live by this alone. */
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "_LOADED");
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "_PRELOAD");
    tg_globals_open(L, environment);
    lua_settop(L, environment - 1);
}
