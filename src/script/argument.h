/* SPDX-License-Identifier: MIT */
/* Readers of arguments that several bindings take, and the one form of their results. A wrong type
 * raises: it is a mistake in the gateway. What may happen to right code is a result.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_ARGUMENT_H
#define TG_SCRIPT_ARGUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

#include "base/str.h"
#include "core/frame.h"

struct tg_client;
struct tg_vm;

/* A string, not a number. */
struct tg_str tg_argument_text(lua_State *L, int index);

/* The frame of an event: its name at index, its data behind. 0 with a reference of the caller's,
 * who calls nothing that may raise before giving it back; TG_ERR_TOO_LARGE or TG_ERR_NOMEM. */
int tg_argument_event(struct tg_vm *vm, lua_State *L, int index, struct tg_frame **frame);

/* The options table or nothing: { except = client }. NULL when it names none that is connected. */
const struct tg_client *tg_argument_except(lua_State *L, int index);

/* Whether a number is one that tg_argument_delay_ms takes. */
#define TG_ARGUMENT_DELAY "milliseconds from 0 to a year expected"
bool tg_argument_is_delay(lua_Number delay);

/* Whether a number is a close code that may be sent; then it is in *code. */
bool tg_argument_is_close_code(lua_Number number, int *code);

/* A time from now in milliseconds, rounded up. */
uint64_t tg_argument_delay_ms(lua_State *L, int index);

/* Returns what a C function returns: true on 0, else nil and a stable word. */
int tg_argument_result(lua_State *L, int err);

#endif
