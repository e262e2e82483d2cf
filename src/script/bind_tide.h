/* SPDX-License-Identifier: MIT */
/* The module "tidegate" and its parts.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_BIND_TIDE_H
#define TG_SCRIPT_BIND_TIDE_H

#include <lua.h>

/* Fills the table at index modules: name -> what require gives. suspending: the index of the Lua
 * function that makes a suspending function of a request. Once per state; may raise. */
void tg_bind_tide_open(lua_State *L, int modules, int suspending);

/* math.random and tide.random: the state's own generator, which a test may seed. */
int tg_bind_tide_random(lua_State *L);

#endif
