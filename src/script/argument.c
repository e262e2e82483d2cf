/* SPDX-License-Identifier: MIT */
#include "script/argument.h"

#include <math.h>

#include <lauxlib.h>

#include "hub/close_reason.h"
#include "hub/envelope.h"
#include "script/bind_client.h"
#include "script/freeze.h"
#include "script/json_encode.h"
#include "script/vm.h"

/* A year. */
static const double delay_max_ms = 366.0 * 24 * 60 * 60 * 1000;

struct tg_str tg_argument_text(lua_State *L, int index)
{
    size_t length;

    if (lua_type(L, index) != LUA_TSTRING) {
        luaL_checktype(L, index, LUA_TSTRING);
    }
    const char *text = lua_tolstring(L, index, &length);
    return tg_str(text, length);
}

int tg_argument_event(struct tg_vm *vm, lua_State *L, int index, struct tg_frame **frame)
{
    struct tg_buf *out = tg_vm_out(vm);
    struct tg_str event = tg_argument_text(L, index);
    const char *why = NULL;

    luaL_argcheck(L, event.length > 0 && event.length <= TG_NAME_MAX, index,
                  "an event's name has 1 to 128 octets");
    int err = tg_envelope_begin_event(out, event);
    if (!err) {
        err = tg_json_write_stoppable(vm, L, index + 1, &why);
    }
    if (!err) {
        return tg_envelope_end_event(out, vm->hub->frames, frame);
    }
    luaL_argcheck(L, err != TG_ERR_INVALID || why, index, "an event's name is UTF-8");
    if (err == TG_ERR_INVALID || err == TG_ERR_TOO_DEEP || err == TG_ERR_TIMEOUT) {
        luaL_argcheck(L, false, index + 1, why);
    }
    return err;
}

const struct tg_client *tg_argument_except(lua_State *L, int index)
{
    const struct tg_client *except = NULL;

    if (lua_isnoneornil(L, index)) {
        return NULL;
    }
    luaL_checktype(L, index, LUA_TTABLE);
    if (tg_freeze_resolve(L, index)) {
        lua_replace(L, index);
    }
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, -2) != LUA_TSTRING ||
            !tg_str_is(tg_argument_text(L, -2), TG_STR("except"))) {
            luaL_argcheck(L, false, index, "the one option is 'except'");
        }
        except = tg_bind_client_find(L, -1);
        lua_pop(L, 1);
    }
    return except;
}

bool tg_argument_is_delay(lua_Number delay)
{
    return delay >= 0 && delay <= delay_max_ms;
}

bool tg_argument_is_close_code(lua_Number number, int *code)
{
    /* Only then is the conversion defined; NaN is not. */
    if (!(number >= 1000 && number <= 4999)) {
        return false;
    }
    *code = (int)number;
    return (lua_Number)*code == number && tg_close_code_is_sendable(*code);
}

uint64_t tg_argument_delay_ms(lua_State *L, int index)
{
    lua_Number delay = luaL_checknumber(L, index);

    luaL_argcheck(L, tg_argument_is_delay(delay), index, TG_ARGUMENT_DELAY);
    return (uint64_t)ceil(delay);
}

int tg_argument_result(lua_State *L, int err)
{
    const char *code = "unavailable";

    if (err == TG_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    switch (err) {
    case TG_ERR_CLOSED:
        code = "closed";
        break;
    case TG_ERR_EVICTED:
        code = "evicted";
        break;
    case TG_ERR_TOO_LARGE:
        code = "too_large";
        break;
    case TG_ERR_FULL:
        code = "full";
        break;
    case TG_ERR_INVALID:
        code = "invalid";
        break;
    case TG_ERR_NOT_FOUND:
        code = "not_found";
        break;
    case TG_ERR_NOMEM:
        code = "no_memory";
        break;
    default:
        break;
    }
    lua_pushnil(L);
    lua_pushstring(L, code);
    return 2;
}
