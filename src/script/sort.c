/* SPDX-License-Identifier: MIT */
#include "script/sort.h"

#include <stdbool.h>

#include <lauxlib.h>

#include "script/stop.h"

enum {
    TABLE = 1,
    ORDER = 2,
    PARTITIONS = 4,   /* a level of an even split may take so many before it is hopeless */
    STRING_SHIFT = 4, /* comparing strings is a step for every 16 octets */
    CALL_STEPS = 64   /* an order function does more than an '<' */
};

struct sorter {
    lua_State *L;
    bool has_order;
    size_t steps; /* until the flag is looked at */
};

static void spend(struct sorter *sorter, size_t steps)
{
    if (steps < sorter->steps) {
        sorter->steps -= steps;
        return;
    }
    tg_stop_poll(sorter->L);
    sorter->steps = TG_STOP_STEPS;
}

/* Whether the value at stack index a comes before the one at b; both count from the top. */
static bool is_before(struct sorter *sorter, int a, int b)
{
    lua_State *L = sorter->L;

    if (!sorter->has_order) {
        size_t octets = lua_type(L, a) == LUA_TSTRING ? lua_objlen(L, a) : 0;
        spend(sorter, 1 + (octets >> STRING_SHIFT));
        return lua_lessthan(L, a, b);
    }
    spend(sorter, CALL_STEPS);
    lua_pushvalue(L, ORDER);
    lua_pushvalue(L, a - 1);
    lua_pushvalue(L, b - 2);
    lua_call(L, 2, 1);
    bool is_first = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is_first;
}

/* Pops two values: table[i] = the upper one, table[j] = the lower one. */
static void set_two(lua_State *L, int i, int j)
{
    lua_rawseti(L, TABLE, i);
    lua_rawseti(L, TABLE, j);
}

/* --- heap sort --- */

/* The heap's elements low to high; lets the one at root sink to its place. */
static void sink(struct sorter *sorter, int low, int root, int high)
{
    lua_State *L = sorter->L;

    lua_rawgeti(L, TABLE, root);
    while (root - low < high - root) {
        int child = root + (root - low) + 1;
        lua_rawgeti(L, TABLE, child);
        if (child < high) {
            lua_rawgeti(L, TABLE, child + 1);
            if (is_before(sorter, -2, -1)) {
                lua_replace(L, -2);
                child++;
            } else {
                lua_pop(L, 1);
            }
        }
        if (!is_before(sorter, -2, -1)) {
            lua_pop(L, 1);
            break;
        }
        lua_rawseti(L, TABLE, root);
        root = child;
    }
    lua_rawseti(L, TABLE, root);
}

static void heap_sort(struct sorter *sorter, int low, int high)
{
    lua_State *L = sorter->L;

    for (int root = low + (high - low) / 2; root >= low; root--) {
        sink(sorter, low, root, high);
    }
    for (; high > low; high--) {
        lua_rawgeti(L, TABLE, low);
        lua_rawgeti(L, TABLE, high);
        set_two(L, low, high);
        sink(sorter, low, low, high - 1);
    }
}

/* --- quicksort --- */

/* Puts the elements at low, middle and high into order: the middle one is the pivot. */
static void order_three(struct sorter *sorter, int low, int middle, int high)
{
    lua_State *L = sorter->L;

    lua_rawgeti(L, TABLE, low);
    lua_rawgeti(L, TABLE, high);
    if (is_before(sorter, -1, -2)) {
        set_two(L, low, high);
    } else {
        lua_pop(L, 2);
    }
    if (high - low == 1) {
        return;
    }
    lua_rawgeti(L, TABLE, middle);
    lua_rawgeti(L, TABLE, low);
    if (is_before(sorter, -2, -1)) {
        set_two(L, middle, low);
        return;
    }
    lua_pop(L, 1);
    lua_rawgeti(L, TABLE, high);
    if (is_before(sorter, -1, -2)) {
        set_two(L, middle, high);
    } else {
        lua_pop(L, 2);
    }
}

/* Goes on to where the two sides of the pivot meet, which is at the top of the stack and stays
 * there. Returns the pivot's place. */
static int meet(struct sorter *sorter, int low, int high)
{
    lua_State *L = sorter->L;
    int i = low;
    int j = high - 1;

    for (;;) {
        while (lua_rawgeti(L, TABLE, ++i), is_before(sorter, -1, -2)) {
            if (i >= high) {
                (void)luaL_error(L, "invalid order function for sorting");
            }
            lua_pop(L, 1);
        }
        while (lua_rawgeti(L, TABLE, --j), is_before(sorter, -3, -1)) {
            if (j <= low) {
                (void)luaL_error(L, "invalid order function for sorting");
            }
            lua_pop(L, 1);
        }
        if (j < i) {
            lua_pop(L, 2);
            return i;
        }
        set_two(L, i, j);
    }
}

/* Splits low to high, of at least four elements, whose pivot is at middle. Returns its place:
 * nothing before it is after it. */
static int split(struct sorter *sorter, int low, int middle, int high)
{
    lua_State *L = sorter->L;

    lua_rawgeti(L, TABLE, middle);
    lua_pushvalue(L, -1);
    lua_rawgeti(L, TABLE, high - 1);
    set_two(L, middle, high - 1);
    int place = meet(sorter, low, high);
    lua_pop(L, 1);
    lua_rawgeti(L, TABLE, high - 1);
    lua_rawgeti(L, TABLE, place);
    set_two(L, high - 1, place);
    return place;
}

/* Recursion is for the smaller side, so it is no deeper than the count has binary digits. */
static void quick_sort(struct sorter *sorter, int low, int high, int partitions)
{
    while (low < high) {
        int middle = low + (high - low) / 2;
        order_three(sorter, low, middle, high);
        if (high - low <= 2) {
            return;
        }
        if (partitions-- == 0) {
            heap_sort(sorter, low, high);
            return;
        }
        int place = split(sorter, low, middle, high);
        if (place - low < high - place) {
            quick_sort(sorter, low, place - 1, partitions);
            low = place + 1;
        } else {
            quick_sort(sorter, place + 1, high, partitions);
            high = place - 1;
        }
    }
}

void tg_sort_table(lua_State *L, int count)
{
    struct sorter sorter = {.L = L, .has_order = !lua_isnil(L, ORDER), .steps = TG_STOP_STEPS};
    int partitions = 0;

    for (int left = count; left > 0; left /= 2) {
        partitions += PARTITIONS;
    }
    quick_sort(&sorter, 1, count, partitions);
}
