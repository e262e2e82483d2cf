/* SPDX-License-Identifier: MIT */
#include "script/lua_source.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/check.h"

const struct tg_lua_source *tg_lua_source_find(const char *name)
{
    for (const struct tg_lua_source *row = tg_lua_source_table; row->name; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

void tg_lua_source_push(lua_State *L, const char *name)
{
    const struct tg_lua_source *source = tg_lua_source_find(name);
    char chunk[64];

    tg_require(source != NULL);
    /* '=': shown as it is, and told apart from the gateway's own files, which have '@'. */
    (void)snprintf(chunk, sizeof(chunk), "=tidegate/%s", name);
    if (luaL_loadbufferx(L, source->text, source->length, chunk, "t")) {
        (void)lua_error(L);
    }
    lua_call(L, 0, 1);
}
