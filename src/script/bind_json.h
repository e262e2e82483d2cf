/* SPDX-License-Identifier: MIT */
/* tide.json, and the same codec under lua-cjson's names.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_BIND_JSON_H
#define TG_SCRIPT_BIND_JSON_H

#include <lua.h>

/* Pushes the table tide.json. Once per state; may raise. */
void tg_bind_json_open(lua_State *L);

/* Pushes the table that require "cjson" gives; may raise. */
void tg_bind_json_open_cjson(lua_State *L);

#endif
