/* SPDX-License-Identifier: MIT */
/* Sorting a Lua table in place: the quicksort of Lua 5.1, with its order of equal elements, and
 * where it would take quadratic time a heap sort. Elements are reached by raw access alone, so an
 * order function may lie or change the table: the result is then some order, or an error.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_SORT_H
#define TG_SCRIPT_SORT_H

#include <lua.h>

/* Sorts elements 1 to count of the table at index 1 by the function at index 2, or by '<' when
 * that is nil; the stack's top is 2. Raises the order function's errors, and when the call's
 * budget is used up. */
void tg_sort_table(lua_State *L, int count);

#endif
