/* SPDX-License-Identifier: MIT */
/* Lua values to JSON; always valid UTF-8.
 * An array is a table with exactly the keys 1..n, or an empty one that bears the array mark; an
 * object one whose keys are strings, or an empty one without the mark. nil and the light userdata
 * NULL are null. Integers up to 2^53 are written as such, other numbers with the fewest digits
 * that read back as the same double. Tables are read raw, no metamethod runs; a frozen table of a
 * gateway is written as what it holds.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_JSON_ENCODE_H
#define TG_SCRIPT_JSON_ENCODE_H

#include <lua.h>

#include "base/buf.h"
#include "script/json_array.h"

struct tg_vm; /* script/vm.h */

/* Slots of the Lua stack that the caller leaves free; a C function starts with LUA_MINSTACK. Where
 * more are needed, they are taken in a protected call. */
enum { TG_JSON_WRITE_SLOTS = 16 };

/* Appends the JSON of the value at index. Never raises. 0; TG_ERR_INVALID: a value that JSON can't
 * express; TG_ERR_TOO_DEEP: arrays and objects nested past TG_JSON_DEPTH_MAX, as in a cycle;
 * TG_ERR_TOO_LARGE: past the buffer's limit or TG_JSON_NODES_MAX values; TG_ERR_NOMEM. On an error
 * *why is a static text that names it, and the buffer has the length it had. What json.raw marked
 * is refused: it is no plain data, which could be kept. */
int tg_json_write(lua_State *L, int index, struct tg_buf *out, const char **why);

/* The same for what is sent: what json.raw marked is written as it stands (script/json_raw.h). */
int tg_json_write_raw(lua_State *L, int index, struct tg_buf *out, const char **why);

/* As tg_json_write_raw in a state of the vm, into vm->out, where it also ends, with TG_ERR_TIMEOUT,
 * when the running call has used up its budget. */
int tg_json_write_stoppable(struct tg_vm *vm, lua_State *L, int index, const char **why);

#endif
