/* SPDX-License-Identifier: MIT */
#include "script/setting.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include <lauxlib.h>

#include "base/edits.h"
#include "base/err.h"
#include "script/vm.h"

enum { NEAR_EDITS = 2, NAME_SHOWN = 160, MESSAGE_BYTES = TG_ERRMSG_BYTES };

static void raise(struct tg_setting *setting, const char *path, const char *message)
{
    lua_pushfstring(setting->L, "%s/gateway.lua: %s%s%s", setting->vm->files.origin, path,
                    path[0] ? ": " : "", message);
    (void)lua_error(setting->L);
    __builtin_unreachable();
}

void tg_setting_fail(struct tg_setting *setting, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    raise(setting, setting->path, message);
    __builtin_unreachable();
}

void tg_setting_fail_at(struct tg_setting *setting, const char *key, const char *message)
{
    raise(setting, key, message);
    __builtin_unreachable();
}

void tg_setting_check(struct tg_setting *setting, int err)
{
    if (err) {
        tg_setting_fail(setting, "%s", tg_err_text(err));
    }
}

/* --- the path --- */

/* Appends to the path; what does not fit is cut. */
__attribute__((format(printf, 2, 3))) static void enter(struct tg_setting *setting,
                                                        const char *format, ...)
{
    size_t length = strlen(setting->path);
    va_list args;

    setting->lengths[setting->depth++] = length;
    va_start(args, format);
    (void)vsnprintf(setting->path + length, sizeof(setting->path) - length, format, args);
    va_end(args);
}

static void leave(struct tg_setting *setting)
{
    setting->path[setting->lengths[--setting->depth]] = '\0';
}

void tg_setting_enter_item(struct tg_setting *setting, int i)
{
    enter(setting, "[%d]", i);
    lua_rawgeti(setting->L, -1, i);
}

void tg_setting_leave(struct tg_setting *setting)
{
    lua_pop(setting->L, 1);
    leave(setting);
}

void tg_setting_enter_name(struct tg_setting *setting, struct tg_str name)
{
    enter(setting, ".\"%.*s\"", name.length < NAME_SHOWN ? (int)name.length : NAME_SHOWN, name.at);
}

void tg_setting_leave_name(struct tg_setting *setting)
{
    leave(setting);
}

/* --- tables with known keys --- */

static const char *nearest(const struct tg_setting_key *keys, struct tg_str name)
{
    const char *best = NULL;
    uint32_t least = NEAR_EDITS + 1;

    for (; keys->name; keys++) {
        uint32_t edits = tg_edits(name, tg_str_of(keys->name));
        if (edits < least) {
            least = edits;
            best = keys->name;
        }
    }
    return best;
}

static bool is_known(const struct tg_setting_key *keys, struct tg_str name)
{
    for (; keys->name; keys++) {
        if (tg_str_is(name, tg_str_of(keys->name))) {
            return true;
        }
    }
    return false;
}

static void refuse_unknown(struct tg_setting *setting, const struct tg_setting_key *keys)
{
    lua_State *L = setting->L;
    size_t length;

    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            tg_setting_fail(setting, "expected keys that are strings, got a %s",
                            luaL_typename(L, -2));
        }
        const char *at = lua_tolstring(L, -2, &length);
        struct tg_str name = tg_str(at, length);
        if (!is_known(keys, name)) {
            const char *meant = nearest(keys, name);
            tg_setting_fail(setting, "unknown key '%.*s'%s%s%s",
                            length < NAME_SHOWN ? (int)length : NAME_SHOWN, at,
                            meant ? ", did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
        }
        lua_pop(L, 1);
    }
}

void tg_setting_table(struct tg_setting *setting, const struct tg_setting_key *keys)
{
    lua_State *L = setting->L;

    luaL_checkstack(L, LUA_MINSTACK, "settings");
    tg_setting_expect(setting, LUA_TTABLE, "a table");
    refuse_unknown(setting, keys);
    for (; keys->name; keys++) {
        lua_pushstring(L, keys->name);
        lua_rawget(L, -2);
        enter(setting, "%s%s", setting->path[0] ? "." : "", keys->name);
        int height = lua_gettop(L);
        keys->read(setting);
        lua_settop(L, height);
        leave(setting);
        lua_pop(L, 1);
    }
}

/* --- values --- */

bool tg_setting_is_absent(const struct tg_setting *setting)
{
    return lua_isnil(setting->L, -1);
}

void tg_setting_expect(struct tg_setting *setting, int type, const char *what)
{
    if (lua_type(setting->L, -1) != type) {
        tg_setting_fail(setting, "expected %s, got %s", what, luaL_typename(setting->L, -1));
    }
}

struct tg_str tg_setting_text(struct tg_setting *setting)
{
    size_t length;

    tg_setting_expect(setting, LUA_TSTRING, "a string");
    const char *text = lua_tolstring(setting->L, -1, &length);
    return tg_str(text, length);
}

uint64_t tg_setting_whole(struct tg_setting *setting, uint64_t min, uint64_t max)
{
    lua_State *L = setting->L;
    lua_Number number = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;

    if (number >= (lua_Number)min && number <= (lua_Number)max &&
        number == (lua_Number)(uint64_t)number) {
        return (uint64_t)number;
    }
    if (lua_type(L, -1) == LUA_TNUMBER) {
        tg_setting_fail(setting,
                        "expected a whole number from %" PRIu64 " to %" PRIu64 ", got %.14g", min,
                        max, number);
    }
    tg_setting_fail(setting, "expected a whole number from %" PRIu64 " to %" PRIu64 ", got %s", min,
                    max, luaL_typename(L, -1));
}

int tg_setting_function(struct tg_setting *setting)
{
    if (tg_setting_is_absent(setting)) {
        return 0;
    }
    tg_setting_expect(setting, LUA_TFUNCTION, "a function");
    lua_pushvalue(setting->L, -1);
    return tg_vm_ref(setting->L);
}

int tg_setting_list(struct tg_setting *setting, const char *what, int max)
{
    lua_State *L = setting->L;
    size_t count = 0;

    if (tg_setting_is_absent(setting)) {
        return -1;
    }
    if (!lua_istable(L, -1)) {
        tg_setting_fail(setting, "expected a list of %s, got %s", what, luaL_typename(L, -1));
    }
    size_t length = lua_objlen(L, -1);
    bool is_list = true;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        count++;
        lua_Number key = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
        is_list = is_list && key >= 1 && key <= (lua_Number)length;
    }
    if (!is_list || count != length) {
        tg_setting_fail(setting, "expected a list of %s, got a table with other keys or holes",
                        what);
    }
    if (count > (size_t)max) {
        tg_setting_fail(setting, "more than %d %s", max, what);
    }
    return (int)count;
}
