/* SPDX-License-Identifier: MIT */
/* The file's environment is an empty table that stays empty: __newindex puts each global into a
 * table of values and notes the line, so that every assignment is seen, not only a name's first;
 * __index reads from there. */
#include "script/config_reader.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "base/list.h"
#include "script/bare_state.h"
#include "script/config_lines.h"

enum {
    FILE_BYTES_MAX = 256 << 10,
    MEMORY_BYTES_MAX = 16 << 20,
    INSTRUCTIONS_MAX = 10 * 1000 * 1000,
    DEPTH_MAX = 8,
    KEYS_MAX = 1000,
    KEY_BYTES = 256
};

struct reader {
    struct tg_bare_state state;
    tg_config_pair_fn on_pair;
    void *self;
    uint32_t keys; /* values and tables seen */
};

/* Where push_environment leaves, on the stack, the globals by name and the lines by flat key. */
enum { VALUES = 1, LINES = 2 };

/* env "NAME", env("NAME", default) */
static int read_env(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    const char *value = getenv(name);

    if (value) {
        lua_pushstring(L, value);
    } else if (lua_isnoneornil(L, 2)) {
        return luaL_error(L, "environment variable %s is not set", name);
    } else {
        lua_pushvalue(L, 2);
    }
    return 1;
}

/* A global that nobody assigned is read: upvalue 1 is "env", the one name that exists. */
static int on_index(lua_State *L)
{
    const char *name = lua_tostring(L, 2);

    if (name && strcmp(name, "env") == 0) {
        lua_pushvalue(L, lua_upvalueindex(1));
        return 1;
    }
    return luaL_error(L, "%s is not defined (a configuration has env and no libraries)",
                      name ? name : "?");
}

/* A global is assigned: upvalue 1 holds the values, 2 the lines. */
static int on_newindex(lua_State *L)
{
    lua_Debug at;
    int line = 0;

    if (lua_getstack(L, 1, &at) && lua_getinfo(L, "l", &at)) {
        line = at.currentline;
    }
    lua_settop(L, 3);
    lua_pushvalue(L, 2);
    lua_pushinteger(L, line);
    lua_rawset(L, lua_upvalueindex(2));
    lua_rawset(L, lua_upvalueindex(1));
    return 0;
}

/* Leaves values and lines at 1 and 2. */
static void push_environment(lua_State *L)
{
    lua_newtable(L);
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, read_env);
    lua_pushcclosure(L, on_index, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, VALUES);

    lua_newtable(L);
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, VALUES);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, VALUES);
    lua_pushvalue(L, LINES);
    lua_pushcclosure(L, on_newindex, 2);
    lua_setfield(L, -2, "__newindex");
    (void)lua_setmetatable(L, -2);
}

/* --- from values to keys --- */

/* The source says where a key stands: better than what on_newindex saw, which is the line where
 * the statement ends. */
static void on_key(void *self, struct tg_str key, int line)
{
    lua_State *L = self;

    lua_pushlstring(L, key.at, key.length);
    lua_pushinteger(L, line);
    lua_rawset(L, LINES);
}

static int look_up_line(lua_State *L, const char *key, size_t length)
{
    lua_pushlstring(L, key, length);
    lua_rawget(L, LINES);
    int line = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    return line;
}

/* Where the key stands; else where the global that holds it was assigned. */
static int line_of(lua_State *L, const char *key)
{
    int line = look_up_line(L, key, strlen(key));

    return line ? line : look_up_line(L, key, strcspn(key, ".["));
}

/* An empty key is the file as a whole. */
static int refuse(lua_State *L, struct reader *reader, const char *key, const char *what)
{
    return tg_errmsg_set(reader->state.msg, TG_ERR_INVALID, "%s:%d: %s%s%s", reader->state.path,
                         line_of(L, key), key, *key ? ": " : "", what);
}

static int give(lua_State *L, struct reader *reader, const char *key, struct tg_str value)
{
    return reader->on_pair(reader->self, key, value, line_of(L, key), reader->state.msg);
}

static int give_number(lua_State *L, struct reader *reader, const char *key)
{
    static const double exact = 9007199254740992.0; /* 2^53 */
    double number = lua_tonumber(L, -1);
    char digits[32];

    /* Also false for NaN. */
    if (!(number >= -exact && number <= exact) || number != (double)(int64_t)number) {
        return refuse(L, reader, key, "expected a whole number below 2^53");
    }
    int length = snprintf(digits, sizeof(digits), "%lld", (long long)number);
    return give(L, reader, key, tg_str(digits, (size_t)length));
}

static bool is_name(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        char octet = text.at[i];
        bool is_letter =
            (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || octet == '_';
        if (!is_letter && (i == 0 || octet < '0' || octet > '9')) {
            return false;
        }
    }
    return text.length > 0;
}

/* Checks every key of the table on top, counting list items. */
static int check_keys(lua_State *L, struct reader *reader, const char *key, uint32_t *items)
{
    uint32_t count = 0;
    uint32_t numbers = 0;
    double highest = 0;

    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        if (++count > KEYS_MAX) {
            return refuse(L, reader, key, "expected fewer than 1000 entries");
        }
        if (lua_type(L, -1) == LUA_TNUMBER) {
            double index = lua_tonumber(L, -1);
            if (!(index >= 1 && index <= KEYS_MAX) || index != (double)(int)index) {
                return refuse(L, reader, key, "expected names or 1, 2, 3 as keys");
            }
            highest = index > highest ? index : highest;
            numbers++;
            continue;
        }
        size_t length;
        const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
        if (!text || !is_name(tg_str(text, length))) {
            return refuse(L, reader, key, "expected names or 1, 2, 3 as keys");
        }
    }
    if (highest > (double)numbers) {
        return refuse(L, reader, key, "expected a list without holes");
    }
    *items = numbers;
    return TG_OK;
}

/* The name that follows last among the keys of the table on top: pairs come in the same order
 * whatever the hash does. The text is the table's. NULL at the end. */
static const char *name_after(lua_State *L, const char *last)
{
    const char *least = NULL;

    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING) {
            continue;
        }
        const char *name = lua_tostring(L, -1);
        if ((!last || strcmp(name, last) > 0) && (!least || strcmp(name, least) < 0)) {
            least = name;
        }
    }
    return least;
}

static int give_value(lua_State *L, struct reader *reader, const char *key, int depth);

static int give_table(lua_State *L, struct reader *reader, const char *key, int depth)
{
    char inner[KEY_BYTES];
    uint32_t items = 0;
    const char *name = NULL;

    if (depth > DEPTH_MAX || !lua_checkstack(L, 8)) {
        return refuse(L, reader, key, "nested too deeply");
    }
    int err = check_keys(L, reader, key, &items);
    if (err) {
        return err;
    }
    for (uint32_t i = 1; i <= items; i++) {
        if (snprintf(inner, sizeof(inner), "%s[%u]", key, i) >= (int)sizeof(inner)) {
            return refuse(L, reader, key, "too long");
        }
        lua_rawgeti(L, -1, (int)i);
        err = give_value(L, reader, inner, depth);
        if (err) {
            return err;
        }
        lua_pop(L, 1);
    }
    while ((name = name_after(L, name))) {
        int length = depth > 0 ? snprintf(inner, sizeof(inner), "%s.%s", key, name)
                               : snprintf(inner, sizeof(inner), "%s", name);
        if (length >= (int)sizeof(inner)) {
            return refuse(L, reader, key, "too long");
        }
        lua_pushstring(L, name);
        lua_rawget(L, -2);
        err = give_value(L, reader, inner, depth);
        if (err) {
            return err;
        }
        lua_pop(L, 1);
    }
    return TG_OK;
}

static int give_value(lua_State *L, struct reader *reader, const char *key, int depth)
{
    size_t length;
    const char *text;

    if (++reader->keys > KEYS_MAX) {
        return refuse(L, reader, key, "expected fewer than 1000 values in all");
    }
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        text = lua_tolstring(L, -1, &length);
        return give(L, reader, key, tg_str(text, length));
    case LUA_TNUMBER:
        return give_number(L, reader, key);
    case LUA_TBOOLEAN:
        return give(L, reader, key, lua_toboolean(L, -1) ? TG_STR("true") : TG_STR("false"));
    case LUA_TTABLE:
        return give_table(L, reader, key, depth + 1);
    default:
        return refuse(L, reader, key, "expected a text, a number, true, false or a table");
    }
}

static void walk(lua_State *L, struct tg_bare_state *state)
{
    struct reader *reader = TG_CONTAINER(state, struct reader, state);

    if (!lua_isnil(L, -1)) {
        /* Passed over in silence, it would take all keys and limits with it. */
        state->err = tg_errmsg_set(state->msg, TG_ERR_INVALID,
                                   "%s: expected settings such as limits = { ... }, not a value "
                                   "that is returned",
                                   state->path);
        return;
    }
    tg_config_lines_walk(state->source, on_key, L);
    lua_pushvalue(L, VALUES);
    state->err = give_table(L, reader, "", 0);
}

int tg_config_reader_run(const char *path, tg_config_pair_fn on_pair, void *self,
                         struct tg_errmsg *msg)
{
    struct reader reader = {
        .state =
            {
                .path = path,
                .title = "the configuration",
                .file_bytes = FILE_BYTES_MAX,
                .memory_bytes = MEMORY_BYTES_MAX,
                .instructions = INSTRUCTIONS_MAX,
                .push_environment = push_environment,
                .walk = walk,
                .msg = msg,
            },
        .on_pair = on_pair,
        .self = self,
    };

    return tg_bare_state_run(&reader.state);
}
