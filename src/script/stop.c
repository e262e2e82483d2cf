/* SPDX-License-Identifier: MIT */
#include "script/stop.h"

#include <stdlib.h>

#include <lauxlib.h>

void tg_stop_raise(lua_State *L)
{
    (void)luaL_error(L, "%s", TG_STOP_TEXT);
    abort(); /* luaL_error doesn't return, which its header doesn't say */
}
