/* SPDX-License-Identifier: MIT */
/* Fills the hub's table of script functions: arguments in, results out, of a gateway's handlers.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_HANDLERS_H
#define TG_SCRIPT_HANDLERS_H

#include <lua.h>

#include "hub/script.h"

struct tg_vm;

/* Whether the text is, octet for octet, what the running call was given: then it was judged when
 * the message was read. False also after the call was suspended. */
bool tg_handlers_is_known_utf8(const struct tg_vm *vm, struct tg_str text);
bool tg_handlers_is_known_json(const struct tg_vm *vm, struct tg_str text);

/* Static. */
const struct tg_script *tg_handlers_script(void);

/* Makes the coroutines' body and keeps it in vm->refs. Once per state; may raise. */
void tg_handlers_open(lua_State *L);

#endif
