/* SPDX-License-Identifier: MIT */
/* The mark that tells an empty array from an empty object: a metatable that all arrays of a state
 * share. Its __metatable is "array", so that scripts see it and can't change it.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_JSON_ARRAY_H
#define TG_SCRIPT_JSON_ARRAY_H

#include <lua.h>

/* Makes the state's mark: once, before anything else of the codec. May raise out of memory. */
void tg_json_open(lua_State *L);

/* Marks the table at index, which may have no other metatable. May raise out of memory. */
void tg_json_mark_array(lua_State *L, int index);

/* Pushes the mark; after tg_json_open it neither raises nor allocates. Before, it pushes nil and
 * may raise out of memory. */
void tg_json_push_mark(lua_State *L);

#endif
