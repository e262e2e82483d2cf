/* SPDX-License-Identifier: MIT */
#include "kit/bind_app.h"

#include <lauxlib.h>

#include "deploy/folder.h"
#include "hub/gateway.h"
#include "kit/app.h"

enum { METRICS_BYTES = 4 << 20 };

/* --- life --- */

int tg_bind_app_start(lua_State *L)
{
    struct tg_errmsg msg = {""};

    luaL_checktype(L, 1, LUA_TTABLE);
    struct tg_app_options options = {(uint64_t)(int64_t)luaL_checknumber(L, 2),
                                     tg_handle_time(L, 3)};
    struct tg_handle *handle = tg_handle_push(L);
    handle->app = tg_app_create();
    int err = handle->app ? TG_OK : tg_errmsg_set(&msg, TG_ERR_NOMEM, "out of memory");
    int count = (int)lua_objlen(L, 1);
    for (int i = 1; !err && i <= count; i++) {
        lua_rawgeti(L, 1, i);
        luaL_checktype(L, -1, LUA_TTABLE);
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        err = tg_app_set(handle->app, luaL_checkstring(L, -2), tg_handle_text(L, -1), &msg);
        lua_pop(L, 3);
    }
    if (!err && lua_toboolean(L, 4)) {
        err = tg_app_cover(handle->app);
    }
    if (!err) {
        err = tg_app_start(handle->app, &options, &msg);
    }
    return err ? tg_handle_message(L, err, &msg) : 1;
}

int tg_bind_app_folders(lua_State *L)
{
    const char *root = luaL_checkstring(L, 1);
    struct tg_errmsg msg = {""};
    char **names = NULL;
    uint32_t count = 0;
    int err = tg_folder_list(root, &names, &count, &msg);

    if (!err && count == 0) {
        err = tg_errmsg_set(&msg, TG_ERR_NOT_FOUND, "%s: no gateway is in it", root);
    }
    if (err) {
        tg_folder_free_names(names, count);
        return tg_handle_message(L, err, &msg);
    }
    lua_newtable(L);
    for (uint32_t i = 0; i < count; i++) {
        lua_pushfstring(L, "%s/%s", root, names[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    tg_folder_free_names(names, count);
    return 1;
}

static int app_load(lua_State *L)
{
    struct tg_errmsg msg = {""};

    return tg_handle_message(L, tg_app_load(tg_handle_app(L), luaL_checkstring(L, 2), &msg), &msg);
}

/* reload(folder or nil), rollback(gateway or nil), prove(gateway or nil): true, or nil and why. */
static int run_deploy(lua_State *L,
                      int (*run)(struct tg_app *app, const char *name, struct tg_errmsg *msg))
{
    struct tg_errmsg msg = {""};

    return tg_handle_message(L, run(tg_handle_app(L), luaL_optstring(L, 2, NULL), &msg), &msg);
}

static int app_reload(lua_State *L)
{
    return run_deploy(L, tg_deploys_reload);
}

static int app_rollback(lua_State *L)
{
    return run_deploy(L, tg_deploys_rollback);
}

static int app_prove(lua_State *L)
{
    return run_deploy(L, tg_deploys_prove);
}

static int app_gateways(lua_State *L)
{
    const struct tg_hub *hub = &tg_handle_app(L)->workers[0].hub;

    lua_newtable(L);
    for (uint32_t i = 0; i < hub->gateway_count; i++) {
        const struct tg_gateway *gateway = hub->gateways[i];
        lua_newtable(L);
        lua_pushstring(L, gateway->name);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, gateway->path);
        lua_setfield(L, -2, "path");
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

/* --- time --- */

static int app_settle(lua_State *L)
{
    return tg_handle_result(L, tg_app_settle(tg_handle_app(L)));
}

static int app_advance(lua_State *L)
{
    return tg_handle_result(L, tg_app_advance(tg_handle_app(L), tg_handle_span(L, 2)));
}

/* step(ms): how far the clock has moved, or nil and why. */
static int app_step(lua_State *L)
{
    uint64_t moved_ms = 0;
    int err = tg_app_step(tg_handle_app(L), tg_handle_span(L, 2), &moved_ms);

    if (err) {
        return tg_handle_result(L, err);
    }
    lua_pushnumber(L, (lua_Number)moved_ms);
    return 1;
}

static int app_now(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)tg_clock_wall_ms(&tg_handle_app(L)->clock));
    return 1;
}

/* --- faults --- */

static int app_lose_worker(lua_State *L)
{
    struct tg_app *app = tg_handle_app(L);
    struct tg_errmsg msg = {""};

    return tg_handle_message(L, tg_app_lose_worker(app, tg_handle_slot(L, 2), &msg), &msg);
}

/* delay_mail(worker, ms) */
static int app_delay_mail(lua_State *L)
{
    struct tg_app *app = tg_handle_app(L);
    uint32_t slot = tg_handle_slot(L, 2);

    tg_sim_worker_delay_mail(&app->workers[slot], tg_handle_span(L, 3));
    return 0;
}

/* refuse_publications(worker, count) */
static int app_refuse_publications(lua_State *L)
{
    struct tg_app *app = tg_handle_app(L);
    lua_Integer count = luaL_checkinteger(L, 3);

    luaL_argcheck(L, count >= 0 && count <= INT32_MAX, 3, "no count");
    app->workers[tg_handle_slot(L, 2)].refusals = (uint32_t)count;
    return 0;
}

/* exhaust(what, count): the next calls of handlers run out of "cpu" or of "memory". */
static int app_exhaust(lua_State *L)
{
    static const char *const kinds[] = {"cpu", "memory", NULL};
    struct tg_app *app = tg_handle_app(L);
    int kind = luaL_checkoption(L, 2, NULL, kinds);
    lua_Integer count = luaL_checkinteger(L, 3);

    luaL_argcheck(L, count >= 0 && count <= INT32_MAX, 3, "no count");
    *(kind == 0 ? &app->faults.cpu : &app->faults.memory) = (uint32_t)count;
    return 0;
}

/* set_tenants(text), set_revocations(text): true, or nil and why. */
static int app_set_tenants(lua_State *L)
{
    struct tg_errmsg msg = {""};

    return tg_handle_message(L, tg_app_set_tenants(tg_handle_app(L), tg_handle_text(L, 2), &msg),
                             &msg);
}

static int app_set_revocations(lua_State *L)
{
    struct tg_errmsg msg = {""};

    return tg_handle_message(
        L, tg_app_set_revocations(tg_handle_app(L), tg_handle_text(L, 2), &msg), &msg);
}

/* --- looking --- */

static bool on_member(void *self, struct tg_conn *line)
{
    lua_State *L = self;

    lua_pushnumber(L, line->number);
    lua_rawseti(L, -2, (int)lua_objlen(L, -2) + 1);
    return true;
}

/* members(gateway, tenant or nil, room): line numbers */
static int app_members(lua_State *L)
{
    struct tg_app *app = tg_handle_app(L);
    struct tg_app_room room = {
        .gateway = tg_handle_text(L, 2),
        .tenant = tg_handle_optional_text(L, 3),
        .name = tg_handle_text(L, 4),
    };

    lua_newtable(L);
    tg_app_each_member(app, &room, on_member, L);
    return 1;
}

static int app_connections(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)tg_app_connections(tg_handle_app(L)));
    return 1;
}

/* take_logs(): the lines since the last call, and how many were lost. */
static int app_take_logs(lua_State *L)
{
    struct tg_capture *capture = &tg_handle_app(L)->capture;
    struct tg_str lines = tg_buf_str(&capture->lines);

    lua_pushlstring(L, lines.at ? lines.at : "", lines.length);
    lua_pushnumber(L, (lua_Number)capture->lost);
    tg_buf_clear(&capture->lines);
    capture->lost = 0;
    return 2;
}

/* metrics(): the exposition, or nil and why. */
static int app_metrics(lua_State *L)
{
    const struct tg_app *app = tg_handle_app(L);
    struct tg_buf out;

    tg_buf_init(&out, METRICS_BYTES);
    tg_app_write_metrics(app, &out);
    int err = out.err;
    if (!err) {
        lua_pushlstring(L, out.at, out.length);
    }
    tg_buf_fini(&out);
    return err ? tg_handle_result(L, err) : 1;
}

static void on_line(void *self, const char *file, uint32_t line, uint64_t times)
{
    lua_State *L = self;
    int length = (int)lua_objlen(L, -1);

    lua_pushstring(L, file);
    lua_rawseti(L, -2, length + 1);
    lua_pushnumber(L, line);
    lua_rawseti(L, -2, length + 2);
    lua_pushnumber(L, (lua_Number)times);
    lua_rawseti(L, -2, length + 3);
}

/* coverage(): { file, line, times, ... }; empty when it was not wanted at the start. */
static int app_coverage(lua_State *L)
{
    const struct tg_app *app = tg_handle_app(L);

    lua_newtable(L);
    if (app->coverage) {
        tg_line_count_each(app->coverage, on_line, L);
    }
    return 1;
}

const struct tg_handle_method *tg_bind_app_methods(void)
{
    static const struct tg_handle_method methods[] = {
        {"stop", tg_handle_stop},
        {"load", app_load},
        {"reload", app_reload},
        {"rollback", app_rollback},
        {"prove", app_prove},
        {"gateways", app_gateways},
        {"settle", app_settle},
        {"advance", app_advance},
        {"step", app_step},
        {"now", app_now},
        {"lose_worker", app_lose_worker},
        {"delay_mail", app_delay_mail},
        {"refuse_publications", app_refuse_publications},
        {"exhaust", app_exhaust},
        {"set_tenants", app_set_tenants},
        {"set_revocations", app_set_revocations},
        {"members", app_members},
        {"connections", app_connections},
        {"take_logs", app_take_logs},
        {"metrics", app_metrics},
        {"coverage", app_coverage},
        {NULL, NULL},
    };

    return methods;
}
