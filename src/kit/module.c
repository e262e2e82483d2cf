/* SPDX-License-Identifier: MIT */
/* tidegate.kit.core, the Lua module under lua/tidegate/kit.lua: an app as a userdata with methods
 * that take line numbers, and the product's JSON codec. What is convenient is done in Lua.
 * The state that loads it is the spec's. The gateways' states are others, in the same process. */
#include <lauxlib.h>
#include <lua.h>

#include "kit/bind_app.h"
#include "kit/bind_codec.h"
#include "kit/bind_line.h"

static const char KEY[] = "tidegate.kit.core";

__attribute__((visibility("default"))) int luaopen_tidegate_kit_core(lua_State *L);

/* busted gives each file a package.loaded of its own, so this is called more than once in a state:
 * there is one table all the same, and what the kit keeps in it is kept for the whole run. */
int luaopen_tidegate_kit_core(lua_State *L)
{
    const struct tg_handle_method *lists[] = {tg_bind_app_methods(), tg_bind_line_methods()};

    lua_getfield(L, LUA_REGISTRYINDEX, KEY);
    if (lua_istable(L, -1)) {
        return 1;
    }
    tg_handle_open(L, lists, 2);
    lua_newtable(L);
    lua_pushcfunction(L, tg_bind_app_start);
    lua_setfield(L, -2, "start");
    lua_pushcfunction(L, tg_bind_app_folders);
    lua_setfield(L, -2, "folders");
    tg_bind_codec_open(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, KEY);
    return 1;
}
