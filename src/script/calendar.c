/* SPDX-License-Identifier: MIT */
/* The native os.date hands the author's format to strftime whole, for which an unknown conversion
 * is undefined and a width asks for any amount of memory. Here each conversion is one of a list,
 * and strftime sees it alone. */
#include "script/calendar.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <lauxlib.h>

#include "script/argument.h"
#include "script/vm.h"

enum { FORMAT_MAX = 1024, PART_BYTES = 128 };

/* Those of C99 that take no modifier. */
static const char conversions[] = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";

/* Farther than any year that fits struct tm. */
static const lua_Number time_max = 1e17;
static const lua_Number field_max = 1e9;

static lua_Number now(lua_State *L)
{
    return floor((lua_Number)tg_clock_wall_ms(tg_vm_of(L)->hub->clock) / 1000);
}

/* clock(): seconds of a clock that never jumps; what it starts from means nothing. */
static int calendar_clock(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)tg_clock_mono_ms(tg_vm_of(L)->hub->clock) / 1000);
    return 1;
}

static int calendar_difftime(lua_State *L)
{
    lua_pushnumber(L, luaL_checknumber(L, 1) - luaL_optnumber(L, 2, 0));
    return 1;
}

/* --- time --- */

/* A field of the table at 1. */
static int read_field(lua_State *L, const char *name, lua_Number fallback)
{
    lua_getfield(L, 1, name);
    lua_Number value = fallback;

    if (lua_isnumber(L, -1)) {
        value = lua_tonumber(L, -1);
    } else if (!lua_isnil(L, -1) || isnan(fallback)) {
        return luaL_error(L, "field '%s' of the date is missing or no number", name);
    }
    lua_pop(L, 1);
    if (!(fabs(value) <= field_max)) {
        return luaL_error(L, "field '%s' of the date is out of range", name);
    }
    return (int)value;
}

static int read_is_dst(lua_State *L)
{
    lua_getfield(L, 1, "isdst");
    int is_dst = lua_isnil(L, -1) ? -1 : lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is_dst;
}

/* time(): now; time(date): the moment of a table as date("*t") gives, in local time. */
static int calendar_time(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_pushnumber(L, now(L));
        return 1;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct tm tm = {
        .tm_sec = read_field(L, "sec", 0),
        .tm_min = read_field(L, "min", 0),
        .tm_hour = read_field(L, "hour", 12),
        .tm_mday = read_field(L, "day", NAN),
        .tm_mon = read_field(L, "month", NAN) - 1,
        .tm_year = read_field(L, "year", NAN) - 1900,
        .tm_isdst = read_is_dst(L),
    };
    time_t moment = mktime(&tm);
    if (moment == -1) {
        return 0;
    }
    lua_pushnumber(L, (lua_Number)moment);
    return 1;
}

/* --- date --- */

static void set_number(lua_State *L, const char *name, int value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

static int push_fields(lua_State *L, const struct tm *tm)
{
    lua_createtable(L, 0, 9);
    set_number(L, "sec", tm->tm_sec);
    set_number(L, "min", tm->tm_min);
    set_number(L, "hour", tm->tm_hour);
    set_number(L, "day", tm->tm_mday);
    set_number(L, "month", tm->tm_mon + 1);
    set_number(L, "year", tm->tm_year + 1900);
    set_number(L, "wday", tm->tm_wday + 1);
    set_number(L, "yday", tm->tm_yday + 1);
    if (tm->tm_isdst >= 0) {
        lua_pushboolean(L, tm->tm_isdst);
        lua_setfield(L, -2, "isdst");
    }
    return 1;
}

/* strftime of one conversion; an empty result is one too (%p of some locales). */
static void add_conversion(luaL_Buffer *out, char conversion, const struct tm *tm)
{
    /* The compiler can't check a format that is made here: the list above has done it. */
    char format[] = {'%', conversion, '\0'};
    char part[PART_BYTES];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    size_t length = strftime(part, sizeof(part), format, tm);
#pragma GCC diagnostic pop

    luaL_addlstring(out, part, length);
}

static int push_text(lua_State *L, struct tg_str format, const struct tm *tm)
{
    luaL_Buffer out;

    luaL_buffinit(L, &out);
    for (size_t i = 0; i < format.length; i++) {
        if (format.at[i] != '%') {
            luaL_addchar(&out, format.at[i]);
            continue;
        }
        char conversion = ++i < format.length ? format.at[i] : '\0';
        if (conversion == '\0' || !strchr(conversions, conversion)) {
            return luaL_argerror(L, 1, "the format has an unknown conversion");
        }
        add_conversion(&out, conversion, tm);
    }
    luaL_pushresult(&out);
    return 1;
}

/* date([format[, time]]): "!" in front is UTC, "*t" a table of the fields. */
static int calendar_date(lua_State *L)
{
    struct tg_str format = lua_isnoneornil(L, 1) ? TG_STR("%c") : tg_argument_text(L, 1);
    lua_Number seconds = lua_isnoneornil(L, 2) ? now(L) : luaL_checknumber(L, 2);
    struct tm tm;

    luaL_argcheck(L, format.length <= FORMAT_MAX, 1, "the format is longer than 1024 octets");
    luaL_argcheck(L, fabs(seconds) <= time_max, 2, "the time is out of range");
    time_t moment = (time_t)floor(seconds);
    bool is_utc = tg_str_starts(format, TG_STR("!"));
    if (is_utc) {
        format = tg_str(format.at + 1, format.length - 1);
    }
    if (!(is_utc ? gmtime_r(&moment, &tm) : localtime_r(&moment, &tm)) ||
        tm.tm_year > (int)field_max) {
        return luaL_argerror(L, 2, "the time is out of range");
    }
    return tg_str_starts(format, TG_STR("*t")) ? push_fields(L, &tm) : push_text(L, format, &tm);
}

void tg_calendar_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"clock", calendar_clock},
        {"date", calendar_date},
        {"difftime", calendar_difftime},
        {"time", calendar_time},
        {NULL, NULL},
    };

    luaL_newlib(L, functions);
}
