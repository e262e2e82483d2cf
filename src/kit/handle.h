/* SPDX-License-Identifier: MIT */
/* The app as a userdata of the spec's Lua state, and the readers of arguments that the kit's
 * bindings share. A wrong argument raises: it is a mistake in the spec.
 * Lives in: the test kit, inside the spec's Lua state. */
#ifndef TG_KIT_HANDLE_H
#define TG_KIT_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

#include "base/err.h"
#include "base/str.h"

struct tg_app;
struct tg_conn;

/* Makes the userdata's class with these methods, each { name, function }, the last NULL. Once per
 * state. */
struct tg_handle_method {
    const char *name;
    lua_CFunction function;
};
void tg_handle_open(lua_State *L, const struct tg_handle_method *const *lists, int list_count);

/* The userdata: app is destroyed with it, and NULL before it was made and after it was stopped. */
struct tg_handle {
    struct tg_app *app;
};

/* Pushes one without an app, which is the caller's to set. */
struct tg_handle *tg_handle_push(lua_State *L);

/* Destroys the app of the userdata at index 1; accepts one that has none any more. */
int tg_handle_stop(lua_State *L);

/* The app of the userdata at index 1; raises when it was stopped. */
struct tg_app *tg_handle_app(lua_State *L);

/* The line whose number is at index 2. */
struct tg_conn *tg_handle_line(lua_State *L);

/* The slot of the worker whose number, from 1 as in the logs, is at index. */
uint32_t tg_handle_slot(lua_State *L, int index);

/* A string; optional: .at NULL for nil. */
struct tg_str tg_handle_text(lua_State *L, int index);
struct tg_str tg_handle_optional_text(lua_State *L, int index);

/* A span of milliseconds; a time in milliseconds since 1970. */
uint64_t tg_handle_span(lua_State *L, int index);
uint64_t tg_handle_time(lua_State *L, int index);

/* Push true, or nil and what is wrong; return how many they pushed. */
int tg_handle_result(lua_State *L, int err);
int tg_handle_message(lua_State *L, int err, const struct tg_errmsg *msg);

#endif
