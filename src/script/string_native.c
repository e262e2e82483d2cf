/* SPDX-License-Identifier: MIT */
#include "script/string_native.h"

#include <math.h>

#include <lauxlib.h>

#include "script/format.h"
#include "script/stop.h"
#include "script/string_copy.h"
#include "script/string_pattern.h"
#include "script/text.h"
#include "script/vm.h"

enum { COPY_BYTES = 65536 }; /* between two looks at the flag */

/* Repeats the first unit octets up to length: each round copies what is there already, in whole
 * units. */
static void fill(lua_State *L, char *to, size_t unit, size_t length)
{
    size_t most = unit < COPY_BYTES ? COPY_BYTES / unit * unit : unit;

    for (size_t known = unit; known < length;) {
        size_t step = known < most ? known : most;
        step = step < length - known ? step : length - known;
        memcpy(to + known, to, step);
        known += step;
        tg_stop_poll(L);
    }
}

/* string.rep(s, n[, separator]) */
static int string_rep(lua_State *L)
{
    size_t length;
    size_t between = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_Number count = trunc(luaL_checknumber(L, 2));
    const char *separator = luaL_optlstring(L, 3, "", &between);
    size_t unit = length + between;
    struct tg_text result;

    /* Written so that NaN is none. */
    if (!(count >= 1) || unit == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    size_t most = tg_vm_of(L)->alloc.limit / unit;
    if (count > (lua_Number)most) {
        count = (lua_Number)most + 2; /* which is too long */
    }
    size_t total = unit * (size_t)count;
    tg_text_init(&result, L, total);
    char *to = tg_text_reserve(&result, total);
    memcpy(to, text, length);
    memcpy(to + length, separator, between);
    fill(L, to, unit, total);
    result.length = total - between;
    tg_text_push(&result);
    return 1;
}

void tg_string_native_set(lua_State *L, int table, int native)
{
    tg_string_pattern_set(L, table);
    tg_string_copy_set(L, table);
    lua_pushcfunction(L, string_rep);
    lua_setfield(L, table, "rep");
    lua_getfield(L, native, "format");
    tg_format_push(L);
    lua_setfield(L, table, "format");
}
