/* SPDX-License-Identifier: MIT */
/* require: the product's modules, and the gateway's own files, text only, each run once per state.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_REQUIRE_H
#define TG_SCRIPT_REQUIRE_H

#include <lua.h>

#include "core/bundle.h"

/* Makes the table of loaded modules, and pushes it. Once per state; may raise. */
void tg_require_open(lua_State *L);

/* require(name): "lib.rooms" is lib/rooms.lua of the gateway's folder. */
int tg_require_module(lua_State *L);

/* The file that require gives for the name; NULL: there is none. */
const struct tg_bundle_file *tg_require_find(const struct tg_bundle *files, struct tg_str name);

/* Pushes the file as a function, its name as "@ORIGIN/PATH". Raises when it is bytecode or does
 * not compile. */
void tg_require_load(lua_State *L, const char *origin, const struct tg_bundle_file *file);

#endif
