/* SPDX-License-Identifier: MIT */
#include "script/string_copy.h"

#include <limits.h>
#include <math.h>
#include <stddef.h>

#include <lauxlib.h>

#include "base/str.h"
#include "script/stop.h"
#include "script/text.h"

static const char CASE_BIT = 'a' - 'A';

static struct tg_str check_text(lua_State *L)
{
    size_t length;
    const char *at = luaL_checklstring(L, 1, &length);

    return tg_str(at, length);
}

/* A position from 1, negative from the end, as a whole number; NaN is 0. */
static lua_Number position(lua_Number number, struct tg_str text)
{
    number = trunc(number);
    if (!(number < 0) && !(number > 0)) {
        return 0;
    }
    return number < 0 ? number + (lua_Number)text.length + 1 : number;
}

/* string.sub(s, first[, last]) */
static int string_sub(lua_State *L)
{
    struct tg_str text = check_text(L);
    lua_Number first = position(luaL_checknumber(L, 2), text);
    lua_Number last = position(luaL_optnumber(L, 3, -1), text);

    first = first < 1 ? 1 : first;
    last = last > (lua_Number)text.length ? (lua_Number)text.length : last;
    if (first > last) {
        lua_pushliteral(L, "");
    } else {
        lua_pushlstring(L, text.at + (size_t)first - 1, (size_t)(last - first) + 1);
    }
    return 1;
}

/* ASCII alone, whatever the locale. */
static char lower(char octet)
{
    return octet >= 'A' && octet <= 'Z' ? (char)(octet + CASE_BIT) : octet;
}

static char upper(char octet)
{
    return octet >= 'a' && octet <= 'z' ? (char)(octet - CASE_BIT) : octet;
}

/* Pushes the text with each octet changed, read backward or not. */
static int push_changed(lua_State *L, char (*change)(char octet), bool is_backward)
{
    struct tg_str text = check_text(L);
    struct tg_text result;

    tg_text_init(&result, L, text.length);
    char *to = tg_text_reserve(&result, text.length);
    for (size_t i = 0; i < text.length; i++) {
        if (i % TG_STOP_STEPS == TG_STOP_STEPS - 1) {
            tg_stop_poll(L);
        }
        char octet = text.at[is_backward ? text.length - 1 - i : i];
        to[i] = change ? change(octet) : octet;
    }
    result.length = text.length;
    tg_text_push(&result);
    return 1;
}

static int string_lower(lua_State *L)
{
    return push_changed(L, lower, false);
}

static int string_upper(lua_State *L)
{
    return push_changed(L, upper, false);
}

static int string_reverse(lua_State *L)
{
    return push_changed(L, NULL, true);
}

/* string.char(...). There are no more arguments than the stack takes. */
static int string_char(lua_State *L)
{
    int count = lua_gettop(L);
    struct tg_text result;

    tg_text_init(&result, L, (size_t)count);
    char *to = tg_text_reserve(&result, (size_t)count);
    for (int i = 1; i <= count; i++) {
        lua_Number code = luaL_checknumber(L, i);
        /* Written so that NaN is none. */
        luaL_argcheck(L, code > -1 && code < UCHAR_MAX + 1, i, "invalid value");
        to[i - 1] = (char)(unsigned char)code;
    }
    result.length = (size_t)count;
    tg_text_push(&result);
    return 1;
}

static const luaL_Reg functions[] = {
    {"char", string_char}, {"lower", string_lower}, {"reverse", string_reverse},
    {"sub", string_sub},   {"upper", string_upper}, {NULL, NULL},
};

void tg_string_copy_set(lua_State *L, int table)
{
    for (const luaL_Reg *row = functions; row->name; row++) {
        lua_pushcfunction(L, row->func);
        lua_setfield(L, table, row->name);
    }
}
