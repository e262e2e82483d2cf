/* SPDX-License-Identifier: MIT */
/* One pass over each table: lua_next gives the array part in order, so keys that come as 1, 2, 3
 * are written as they come, and only a table whose keys come otherwise is looked at as a whole.
 * Nothing here allocates in Lua, so no collector runs and nothing raises. */
#include "script/json_encode.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "hub/json_scan.h"
#include "hub/json_text.h"
#include "script/freeze.h"
#include "script/json_number.h"
#include "script/json_raw.h"
#include "script/stop.h"

enum {
    LEVEL_SLOTS = 3, /* what a frozen table holds, key, value */
    EXTRA_SLOTS = 4, /* the mark and what is compared with it */
    /* Levels that fit what the caller leaves free. */
    FREE_LEVELS = ((int)TG_JSON_WRITE_SLOTS - EXTRA_SLOTS) / LEVEL_SLOTS,
    ESCAPED_ROOM = 2 * TG_JSON_TEXT_SLACK, /* what stands around a string, and the slack */
    ALL_SLOTS = LEVEL_SLOTS * (int)TG_JSON_DEPTH_MAX + EXTRA_SLOTS
};

struct writer {
    lua_State *L;
    struct tg_buf *out;
    const char *why;
    uint32_t nodes;         /* values that may still come */
    uint32_t depth;         /* tables that the current value is in */
    const struct tg_vm *vm; /* whose call may be stopped; NULL: none */
    bool takes_raw;         /* what tide.json.raw marked */
};

/* Each value of each message that is sent comes by here. */
#define TG_INLINE static inline __attribute__((always_inline))

/* top is how high the stack stands, here and below: what to write is at index, not above top. */
static int write_table(struct writer *writer, int index, int top);
static int write_other(struct writer *writer, int index, int type);

static int refuse(struct writer *writer, int err, const char *why)
{
    writer->why = why;
    return err;
}

/* Where length more octets go, if they fit what memory there is. What doesn't fit, or just so,
 * takes a slower way, which makes room to the octet. */
TG_INLINE char *room_for(const struct writer *writer, size_t length)
{
    const struct tg_buf *out = writer->out;

    return length <= out->capacity - out->length ? out->at + out->length : NULL;
}

static int write_octets_slowly(struct writer *writer, struct tg_str octets)
{
    tg_buf_add_str(writer->out, octets);
    return writer->out->err;
}

TG_INLINE int write_octets(struct writer *writer, struct tg_str octets)
{
    char *to = room_for(writer, octets.length);

    if (!to) {
        return write_octets_slowly(writer, octets);
    }
    memcpy(to, octets.at, octets.length);
    writer->out->length += octets.length;
    return TG_OK;
}

/* A string in quotes, with before in front of them and after behind. */
static int write_string_slowly(struct writer *writer, struct tg_str string, const char *before,
                               const char *after)
{
    char escape[TG_JSON_ESCAPE_MAX];
    const char *at = string.at;
    const char *end = at + string.length;

    tg_buf_add_str(writer->out, tg_str_of(before));
    /* The text may be far longer than what fits. */
    while (!writer->out->err) {
        const char *clean = tg_json_text_clean_end(at, end);
        tg_buf_add(writer->out, at, (size_t)(clean - at));
        if (clean == end) {
            break;
        }
        if (*clean & 0x80) {
            return refuse(writer, TG_ERR_INVALID, "string that is not UTF-8");
        }
        tg_buf_add(writer->out, escape, tg_json_text_escape_octet(*clean, escape));
        at = clean + 1;
    }
    tg_buf_add_str(writer->out, tg_str_of(after));
    return writer->out->err;
}

/* The same where all of it fits even if each octet had to be escaped. */
static int write_escaped(struct writer *writer, struct tg_str string, const char *before,
                         const char *after)
{
    const char *at = string.at;
    const char *end = at + string.length;
    char *to = room_for(writer, string.length * TG_JSON_ESCAPE_MAX + ESCAPED_ROOM);

    if (!to) {
        return write_string_slowly(writer, string, before, after);
    }
    to = stpcpy(to, before);
    while (at < end) {
        size_t plain = tg_json_text_copy_plain(at, (size_t)(end - at), to);
        at += plain;
        to += plain;
        if (at == end) {
            break;
        }
        if (*at & 0x80) {
            const char *clean = tg_json_text_clean_end_past_ascii(at, end);
            if (clean == at) {
                return refuse(writer, TG_ERR_INVALID, "string that is not UTF-8");
            }
            memcpy(to, at, (size_t)(clean - at));
            to += clean - at;
            at = clean;
        } else {
            to += tg_json_text_escape_octet(*at++, to);
        }
    }
    writer->out->length = (size_t)(stpcpy(to, after) - writer->out->at);
    return TG_OK;
}

enum { QUOTES_ROOM = TG_JSON_TEXT_SLACK + 2 }; /* a bracket or comma and a quote */

TG_INLINE int write_string(struct writer *writer, int index)
{
    struct tg_str string;

    string.at = lua_tolstring(writer->L, index, &string.length);
    char *to = room_for(writer, string.length + QUOTES_ROOM);
    if (to) {
        to[0] = '"';
        if (tg_json_text_copy_plain(string.at, string.length, to + 1) == string.length) {
            to[string.length + 1] = '"';
            writer->out->length += string.length + 2;
            return TG_OK;
        }
    }
    return write_escaped(writer, string, "\"", "\"");
}

/* A member's name, with the brace or comma in front and the colon behind. */
TG_INLINE int write_name(struct writer *writer, int index, char first)
{
    struct tg_str name;

    name.at = lua_tolstring(writer->L, index, &name.length);
    char *to = room_for(writer, name.length + QUOTES_ROOM);
    if (to) {
        to[0] = first;
        to[1] = '"';
        if (tg_json_text_copy_plain(name.at, name.length, to + 2) == name.length) {
            to[name.length + 2] = '"';
            to[name.length + 3] = ':';
            writer->out->length += name.length + 4;
            return TG_OK;
        }
    }
    return write_escaped(writer, name, first == '{' ? "{\"" : ",\"", "\":");
}

TG_INLINE int write_number(struct writer *writer, int index)
{
    double value = lua_tonumber(writer->L, index);
    char *to = room_for(writer, TG_JSON_NUMBER_MAX);

    if (to && value >= 1 && value < TG_JSON_NUMBER_SMALL && (double)(uint32_t)value == value) {
        writer->out->length += tg_json_number_write_small((uint32_t)value, to);
        return TG_OK;
    }
    if (!isfinite(value)) {
        return refuse(writer, TG_ERR_INVALID, "number that is not finite");
    }
    if (to) {
        writer->out->length += tg_json_number_write(value, to);
        return TG_OK;
    }
    char text[TG_JSON_NUMBER_MAX];
    return write_octets_slowly(writer, tg_str(text, tg_json_number_write(value, text)));
}

TG_INLINE int write_value(struct writer *writer, int index, int top)
{
    int type = lua_type(writer->L, index);

    if (writer->nodes == 0) {
        return TG_ERR_TOO_LARGE;
    }
    writer->nodes--;
    switch (type) {
    case LUA_TSTRING:
        return write_string(writer, index);
    case LUA_TNUMBER:
        return write_number(writer, index);
    case LUA_TTABLE:
        return write_table(writer, index, top);
    default:
        return write_other(writer, index, type);
    }
}

/* Whether the keys of the table are exactly 1..n, and how many they are. */
static int check_sequence(struct writer *writer, int table, int *count)
{
    lua_State *L = writer->L;
    double last = 0;

    *count = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        int type = lua_type(L, -2);
        if (type != LUA_TNUMBER) {
            return refuse(writer, TG_ERR_INVALID,
                          type == LUA_TSTRING ? "mixed table" : "key that is not a string");
        }
        double key = lua_tonumber(L, -2);
        if (!(key >= 1) || key != floor(key)) {
            return refuse(writer, TG_ERR_INVALID, "sparse array");
        }
        if (*count == TG_JSON_NODES_MAX) {
            return TG_ERR_TOO_LARGE;
        }
        last = key > last ? key : last;
        ++*count;
        lua_pop(L, 1);
    }
    return last == *count ? TG_OK : refuse(writer, TG_ERR_INVALID, "sparse array");
}

/* The elements from first on, by number: lua_next gave them in another order. */
static int write_array_rest(struct writer *writer, int table, int top, int first)
{
    int count;
    int err = check_sequence(writer, table, &count);

    for (int i = first; !err && i <= count; i++) {
        tg_buf_add_char(writer->out, i == 1 ? '[' : ',');
        lua_rawgeti(writer->L, table, i);
        err = write_value(writer, top + 1, top + 1);
        lua_settop(writer->L, top);
    }
    return err ? err : write_octets(writer, TG_STR("]"));
}

/* The first key, a number, and its value are on the stack, above top. */
static int write_array(struct writer *writer, int table, int top)
{
    lua_State *L = writer->L;
    int key = top + 1;
    int i = 1;

    do {
        if (lua_type(L, key) != LUA_TNUMBER || lua_tonumber(L, key) != i) {
            lua_settop(L, top);
            return write_array_rest(writer, table, top, i);
        }
        int err = write_octets(writer, i == 1 ? TG_STR("[") : TG_STR(","));
        if (!err) {
            err = write_value(writer, key + 1, key + 1);
        }
        if (err) {
            return err;
        }
        lua_settop(L, key);
        i++;
    } while (lua_next(L, table));
    return write_octets(writer, TG_STR("]"));
}

/* The first key, of this type and no number, and its value are on the stack, above top. */
static int write_object(struct writer *writer, int table, int top, int type)
{
    lua_State *L = writer->L;
    int key = top + 1;

    for (char first = '{'; type == LUA_TSTRING; first = ',') {
        int err = write_name(writer, key, first);
        if (!err) {
            err = write_value(writer, key + 1, key + 1);
        }
        if (err) {
            return err;
        }
        lua_settop(L, key);
        if (!lua_next(L, table)) {
            return write_octets(writer, TG_STR("}"));
        }
        type = lua_type(L, key);
    }
    return refuse(writer, TG_ERR_INVALID,
                  type == LUA_TNUMBER ? "mixed table" : "key that is not a string");
}

static bool is_marked(lua_State *L, int table)
{
    if (!lua_getmetatable(L, table)) {
        return false;
    }
    tg_json_push_mark(L);
    bool is_equal = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is_equal;
}

static int write_content(struct writer *writer, int table, int top)
{
    lua_State *L = writer->L;

    lua_pushnil(L);
    if (!lua_next(L, table)) {
        return write_octets(writer, is_marked(L, table) ? TG_STR("[]") : TG_STR("{}"));
    }
    int type = lua_type(L, top + 1);
    return type == LUA_TNUMBER ? write_array(writer, table, top)
                               : write_object(writer, table, top, type);
}

/* The stack is to grow to all that a value may need. */
static int on_grow(lua_State *L)
{
    return lua_checkstack(L, ALL_SLOTS) ? 0 : luaL_error(L, "no stack");
}

/* Room for the levels that the caller did not leave any for; protected, because lua_checkstack
 * raises when memory is short. The stack does not shrink before the collector runs. */
static int grow_stack(struct writer *writer)
{
    if (lua_cpcall(writer->L, on_grow, NULL) == 0) {
        return TG_OK;
    }
    lua_pop(writer->L, 1);
    return TG_ERR_NOMEM;
}

/* On an error the stack stands as it may. */
static int write_table(struct writer *writer, int index, int top)
{
    lua_State *L = writer->L;
    int err = TG_OK;

    if (writer->depth == TG_JSON_DEPTH_MAX) {
        return TG_ERR_TOO_DEEP;
    }
    /* The values are few enough to need no look, but a table may have had millions of them: to
     * find that it is empty now takes long. */
    if (writer->vm && tg_stop_is_set(writer->vm)) {
        return refuse(writer, TG_ERR_TIMEOUT, TG_STOP_TEXT);
    }
    if (writer->depth == FREE_LEVELS) {
        err = grow_stack(writer);
    }
    if (err) {
        return err;
    }
    writer->depth++;
    if (tg_freeze_resolve(L, index)) {
        err = write_content(writer, top + 1, top + 1);
        lua_settop(L, top);
    } else {
        err = write_content(writer, index, top);
    }
    writer->depth--;
    return err;
}

/* Text that was judged by the limits of a value alone: inside of tables there is less left of them.
 * It is added first, which bounds what is looked at by what fits. */
static int write_raw(struct writer *writer, struct tg_str json)
{
    int err = write_octets(writer, json);

    if (err || writer->depth == 0) {
        return err;
    }
    struct tg_json_walk walk = {
        .at = json.at,
        .end = json.at + json.length,
        .depth = TG_JSON_DEPTH_MAX - writer->depth,
        .nodes = writer->nodes + 1, /* the value itself was counted */
    };
    struct tg_str value;
    err = tg_json_walk_value(&walk, &value);
    if (err) {
        return refuse(writer, err, "json.raw text nested too deeply here, or of too many values");
    }
    writer->nodes = walk.nodes;
    return TG_OK;
}

/* No string, number or table. */
static int write_other(struct writer *writer, int index, int type)
{
    lua_State *L = writer->L;
    struct tg_str json;

    switch (type) {
    case LUA_TUSERDATA:
        if (tg_json_raw_find(L, index, &json)) {
            return writer->takes_raw ? write_raw(writer, json)
                                     : refuse(writer, TG_ERR_INVALID, "json.raw text");
        }
        return refuse(writer, TG_ERR_INVALID, lua_typename(L, type));
    case LUA_TBOOLEAN:
        return write_octets(writer, lua_toboolean(L, index) ? TG_STR("true") : TG_STR("false"));
    case LUA_TNONE:
    case LUA_TNIL:
        return write_octets(writer, TG_STR("null"));
    default:
        if (type == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == NULL) {
            return write_octets(writer, TG_STR("null"));
        }
        return refuse(writer, TG_ERR_INVALID, lua_typename(L, type));
    }
}

static int write_all(struct writer *writer, int index, const char **why)
{
    lua_State *L = writer->L;
    struct tg_buf *out = writer->out;
    size_t start = out->length;
    int top = lua_gettop(L);

    if (index < 0 && index > LUA_REGISTRYINDEX) {
        index += top + 1;
    }
    int err = write_value(writer, index, top);
    if (err) {
        lua_settop(L, top);
        out->length = start;
        *why = writer->why ? writer->why : tg_err_text(err);
    }
    return err;
}

int tg_json_write(lua_State *L, int index, struct tg_buf *out, const char **why)
{
    struct writer writer = {.L = L, .out = out, .nodes = TG_JSON_NODES_MAX};

    return write_all(&writer, index, why);
}

int tg_json_write_raw(lua_State *L, int index, struct tg_buf *out, const char **why)
{
    struct writer writer = {.L = L, .out = out, .nodes = TG_JSON_NODES_MAX, .takes_raw = true};

    return write_all(&writer, index, why);
}

int tg_json_write_stoppable(struct tg_vm *vm, lua_State *L, int index, const char **why)
{
    struct writer writer = {
        .L = L,
        .out = &vm->out,
        .nodes = TG_JSON_NODES_MAX,
        .vm = vm,
        .takes_raw = true,
    };

    return write_all(&writer, index, why);
}
