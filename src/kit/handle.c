/* SPDX-License-Identifier: MIT */
#include "kit/handle.h"

#include <lauxlib.h>

#include "kit/app.h"

static const char CLASS[] = "tidegate.kit.app";

void tg_handle_open(lua_State *L, const struct tg_handle_method *const *lists, int list_count)
{
    (void)luaL_newmetatable(L, CLASS);
    lua_newtable(L);
    for (int i = 0; i < list_count; i++) {
        for (const struct tg_handle_method *method = lists[i]; method->name; method++) {
            lua_pushcfunction(L, method->function);
            lua_setfield(L, -2, method->name);
        }
    }
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, tg_handle_stop);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

struct tg_handle *tg_handle_push(lua_State *L)
{
    struct tg_handle *handle = lua_newuserdata(L, sizeof(*handle));

    handle->app = NULL;
    luaL_getmetatable(L, CLASS);
    (void)lua_setmetatable(L, -2);
    return handle;
}

int tg_handle_stop(lua_State *L)
{
    struct tg_handle *handle = luaL_checkudata(L, 1, CLASS);

    tg_app_destroy(handle->app);
    handle->app = NULL;
    return 0;
}

struct tg_app *tg_handle_app(lua_State *L)
{
    const struct tg_handle *handle = luaL_checkudata(L, 1, CLASS);

    if (!handle->app) {
        (void)luaL_error(L, "the app was stopped");
    }
    return handle->app;
}

struct tg_conn *tg_handle_line(lua_State *L)
{
    const struct tg_app *app = tg_handle_app(L);
    lua_Integer number = luaL_checkinteger(L, 2);
    struct tg_conn *line = number < 0 ? NULL : tg_app_line(app, (uint32_t)number);

    luaL_argcheck(L, line != NULL, 2, "no such line");
    return line;
}

uint32_t tg_handle_slot(lua_State *L, int index)
{
    const struct tg_app *app = tg_handle_app(L);
    lua_Integer worker = luaL_checkinteger(L, index);

    luaL_argcheck(L, worker >= 1 && worker <= (lua_Integer)app->worker_count, index,
                  "no such worker");
    return (uint32_t)worker - 1;
}

struct tg_str tg_handle_text(lua_State *L, int index)
{
    size_t length;
    const char *at = luaL_checklstring(L, index, &length);

    return tg_str(at, length);
}

struct tg_str tg_handle_optional_text(lua_State *L, int index)
{
    return lua_isnoneornil(L, index) ? tg_str(NULL, 0) : tg_handle_text(L, index);
}

uint64_t tg_handle_span(lua_State *L, int index)
{
    lua_Number ms = luaL_checknumber(L, index);

    luaL_argcheck(L, ms >= 0 && ms <= 1e11, index, "milliseconds from 0 to 10^11 expected");
    return (uint64_t)ms;
}

uint64_t tg_handle_time(lua_State *L, int index)
{
    lua_Number ms = luaL_checknumber(L, index);

    luaL_argcheck(L, ms >= 86400000 && ms < 253402300800000.0, index,
                  "a time in ms since 1970 expected");
    return (uint64_t)ms;
}

int tg_handle_result(lua_State *L, int err)
{
    if (err) {
        lua_pushnil(L);
        lua_pushstring(L, err == TG_ERR_TIMEOUT ? "the gateway does not come to rest: something in "
                                                  "it is due again and again at the same moment"
                                                : tg_err_text(err));
        return 2;
    }
    lua_pushboolean(L, 1);
    return 1;
}

int tg_handle_message(lua_State *L, int err, const struct tg_errmsg *msg)
{
    if (err) {
        lua_pushnil(L);
        lua_pushstring(L, msg->text);
        return 2;
    }
    lua_pushboolean(L, 1);
    return 1;
}
