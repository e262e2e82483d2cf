/* SPDX-License-Identifier: MIT */
/* Fills the hub's table of script functions: arguments in, results out, of a gateway's handlers.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_HANDLERS_H
#define TG_SCRIPT_HANDLERS_H

#include <lua.h>

#include "hub/script.h"

struct tg_vm;

/* Static. */
const struct tg_script *tg_handlers_script(void);

/* Makes the coroutines' body and keeps it in vm->refs. Once per state; may raise. */
void tg_handlers_open(lua_State *L);

#endif
