/* SPDX-License-Identifier: MIT */
/* The table that gateway.lua returns: checked key by key, handlers and settings copied out of it.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_GATEWAY_TABLE_H
#define TG_SCRIPT_GATEWAY_TABLE_H

#include <lua.h>

#include "core/fault.h"
#include "script/vm.h"

/* Reads the value at index into vm->gateway and vm->refs, and adds all that is wrong with it to
 * faults: file, line, key, and what was expected. Raises when there is anything
 * (tg_setting_is_failure). */
void tg_gateway_table_read(lua_State *L, int index, struct tg_vm *vm, struct tg_fault_list *faults);

#endif
