/* SPDX-License-Identifier: MIT */
/* JSON to Lua values. Objects and arrays become tables, an empty array one that bears the array
 * mark, null inside and outside the light userdata NULL. The last of equal names wins (RFC 8259
 * section 4 leaves it open). Numbers are the nearest double; past its range they are infinite.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_JSON_DECODE_H
#define TG_SCRIPT_JSON_DECODE_H

#include <lua.h>

#include "base/str.h"
#include "script/json_array.h"

struct tg_json_names; /* script/json_names.h */
struct tg_vm;         /* script/vm.h */

/* Slots of the Lua stack that the caller leaves free; a C function starts with LUA_MINSTACK. */
enum { TG_JSON_PUSH_SLOTS = 12 };

/* Pushes the value of a text that tg_json_scan accepted; what it did not accept must not come
 * here. The text must stay while it runs. 0, or TG_ERR_SYNTAX with nothing pushed when text is
 * blank. Raises out of memory, so it wants protected mode. */
int tg_json_push(lua_State *L, struct tg_str text);

/* The same in a state of the vm: raises when the running call is to end (script/stop.h). names: of
 * the calling function; NULL: none. */
int tg_json_push_stoppable(const struct tg_vm *vm, lua_State *L, struct tg_str text,
                           struct tg_json_names *names);

/* Scans any text by the product's limits, then pushes its value. 0, TG_ERR_SYNTAX or
 * TG_ERR_TOO_DEEP with nothing pushed. Raises as tg_json_push does. */
int tg_json_decode(lua_State *L, struct tg_str text);

#endif
