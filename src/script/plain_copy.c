/* SPDX-License-Identifier: MIT */
#include "script/plain_copy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/str.h"
#include "hub/json_scan.h"
#include "hub/json_text.h"
#include "script/freeze.h"
#include "script/json_array.h"

enum { SLOTS = 12 };

struct copier {
    lua_State *L;
    struct tg_plain_faults *faults;
    char path[TG_PLAIN_PATH_BYTES]; /* of what is being copied */
    size_t length;
    uint32_t nodes;                      /* that may still come */
    uint32_t depth;                      /* tables that it is in */
    const void *open[TG_JSON_DEPTH_MAX]; /* those */
};

static void copy_table(struct copier *copier, int from);

static void leave_out(struct copier *copier, const char *why)
{
    struct tg_plain_faults *faults = copier->faults;

    if (faults->count++ == 0) {
        memcpy(faults->path, copier->path, copier->length + 1);
        (void)snprintf(faults->why, sizeof(faults->why), "%s", why);
    }
}

static void leave_out_type(struct copier *copier, int index)
{
    char why[TG_PLAIN_WHY_BYTES];

    (void)snprintf(why, sizeof(why), "a %s value is no plain data",
                   luaL_typename(copier->L, index));
    leave_out(copier, why);
}

/* Puts the key at index behind the path; gives the length the path had. */
static size_t extend_path(struct copier *copier, int index)
{
    size_t length = copier->length;
    char *end = copier->path + length;
    size_t room = sizeof(copier->path) - length;
    int added;

    switch (lua_type(copier->L, index)) {
    case LUA_TSTRING:
        added = snprintf(end, room, ".%s", lua_tostring(copier->L, index));
        break;
    case LUA_TNUMBER:
        added = snprintf(end, room, "[%.14g]", lua_tonumber(copier->L, index));
        break;
    default:
        added = snprintf(end, room, "[a %s]", luaL_typename(copier->L, index));
        break;
    }
    copier->length += added > 0 && (size_t)added < room ? (size_t)added : room - 1;
    return length;
}

static void shorten_path(struct copier *copier, size_t length)
{
    copier->length = length;
    copier->path[length] = '\0';
}

static bool is_text(lua_State *L, int index)
{
    size_t length;
    const char *at = lua_tolstring(L, index, &length);

    return tg_json_text_is_utf8(tg_str(at, length));
}

static bool is_inside_itself(const struct copier *copier, const void *table)
{
    for (uint32_t i = 0; i < copier->depth; i++) {
        if (copier->open[i] == table) {
            return true;
        }
    }
    return false;
}

/* Pushes the copy of the value at index and returns true, or leaves it out. */
static bool copy_value(struct copier *copier, int index)
{
    lua_State *L = copier->L;
    int type = lua_type(L, index);

    if (type == LUA_TTABLE) {
        if (is_inside_itself(copier, lua_topointer(L, index))) {
            leave_out(copier, "a table that is inside of itself");
            return false;
        }
        if (copier->depth == TG_JSON_DEPTH_MAX) {
            leave_out(copier, "tables are nested too deeply");
            return false;
        }
        copy_table(copier, index);
        return true;
    }
    if (type == LUA_TSTRING && !is_text(L, index)) {
        leave_out(copier, "a string that is not UTF-8");
        return false;
    }
    if (type == LUA_TNUMBER && !isfinite(lua_tonumber(L, index))) {
        leave_out(copier, "a number that is not finite");
        return false;
    }
    if (type == LUA_TBOOLEAN || type == LUA_TSTRING || type == LUA_TNUMBER ||
        (type == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == NULL)) {
        lua_pushvalue(L, index);
        return true;
    }
    leave_out_type(copier, index);
    return false;
}

/* What a table is: a list has the keys 1..length, all or but for some others; an object has
 * strings. */
struct shape {
    int length; /* of the list */
    bool has_strings;
};

static struct shape find_shape(const struct copier *copier, int table)
{
    lua_State *L = copier->L;
    struct shape shape = {.length = 0};
    int top = lua_gettop(L);

    lua_pushnil(L);
    for (uint32_t i = 0; i < copier->nodes && !shape.has_strings && lua_next(L, table); i++) {
        shape.has_strings = lua_type(L, -2) == LUA_TSTRING;
        lua_pop(L, 1);
    }
    lua_settop(L, top);
    for (; !shape.has_strings && shape.length < TG_PLAIN_NODES_MAX; shape.length++) {
        lua_rawgeti(L, table, shape.length + 1);
        bool is_end = lua_isnil(L, -1);
        lua_pop(L, 1);
        if (is_end) {
            break;
        }
    }
    return shape;
}

/* Why the key at index can't stay; NULL: it can. */
static const char *judge_key(lua_State *L, int index, const struct shape *shape)
{
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
        return is_text(L, index) ? NULL : "a key that is not UTF-8";
    case LUA_TNUMBER: {
        double key = lua_tonumber(L, index);
        if (shape->has_strings) {
            return "a number among keys that are strings";
        }
        return key >= 1 && key <= shape->length && key == floor(key) ? NULL : "a list with gaps";
    }
    default:
        return "keys are strings or numbers";
    }
}

/* The key and value at the top; list elements that are left out are so from the first on, so that
 * no gap comes to be. */
static void copy_entry(struct copier *copier, int to, const struct shape *shape, int *end)
{
    lua_State *L = copier->L;
    int value = lua_gettop(L);
    int key = value - 1;
    size_t length = extend_path(copier, key);
    const char *why = judge_key(L, key, shape);

    if (why) {
        leave_out(copier, why);
    } else if (copy_value(copier, value)) {
        lua_pushvalue(L, key);
        lua_insert(L, -2);
        lua_rawset(L, to);
    } else if (lua_type(L, key) == LUA_TNUMBER && lua_tonumber(L, key) < *end) {
        *end = (int)lua_tonumber(L, key);
    }
    shorten_path(copier, length);
}

/* The elements behind the first that was left out go as well. */
static void cut_list(struct copier *copier, int to, const struct shape *shape, int end)
{
    for (int i = end; i <= shape->length; i++) {
        lua_pushnil(copier->L);
        lua_rawseti(copier->L, to, i);
        copier->faults->count += i > end ? 1 : 0;
    }
}

static bool is_marked(lua_State *L, int table)
{
    bool is_equal = false;

    if (lua_getmetatable(L, table)) {
        tg_json_push_mark(L);
        is_equal = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
    }
    return is_equal;
}

/* Pushes the copy. */
static void copy_table(struct copier *copier, int from)
{
    lua_State *L = copier->L;
    int top = lua_gettop(L);

    luaL_checkstack(L, SLOTS, "tables are nested too deeply");
    copier->open[copier->depth++] = lua_topointer(L, from);
    int table = tg_freeze_resolve(L, from) ? top + 1 : from;
    lua_newtable(L);
    int to = lua_gettop(L);
    if (is_marked(L, table)) {
        tg_json_mark_array(L, to);
    }
    struct shape shape = find_shape(copier, table);
    int end = shape.length + 1;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (copier->nodes == 0) {
            leave_out(copier, "too many values");
            break;
        }
        copier->nodes--;
        copy_entry(copier, to, &shape, &end);
        lua_pop(L, 1);
    }
    lua_settop(L, to);
    cut_list(copier, to, &shape, end);
    if (to > top + 1) {
        lua_replace(L, top + 1);
    }
    copier->depth--;
}

void tg_plain_copy(lua_State *L, int index, const char *root, struct tg_plain_faults *faults)
{
    struct copier copier = {.L = L, .faults = faults, .nodes = TG_PLAIN_NODES_MAX};

    *faults = (struct tg_plain_faults){.count = 0};
    (void)snprintf(copier.path, sizeof(copier.path), "%s", root);
    copier.length = strlen(copier.path);
    copy_table(&copier, index);
}
