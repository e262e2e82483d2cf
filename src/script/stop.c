/* SPDX-License-Identifier: MIT */
/* Why lua_sethook may be called at any moment, be it in the middle of the allocator, the collector
 * or a native: with the JIT off it writes a few numbers of the state and a table of addresses,
 * takes no memory and reads nothing that others change half-way. What it interrupts may write the
 * hook mask back as it was (LuaJIT's hook_restore); then the hook is lost, and the next signal sets
 * it. With the JIT on a recorder may be at work on the same table: then there is the flag alone. */
#include "script/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

enum { STACK_LEVELS = 200 };

/* Notes the innermost line of the gateway's own files, once per call: further errors are raised
 * ever further out. */
static void note_place(lua_State *L, struct tg_vm_stop *stop)
{
    lua_Debug ar;

    for (int level = 0; stop->line == 0 && level < STACK_LEVELS; level++) {
        if (!lua_getstack(L, level, &ar)) {
            return;
        }
        if (lua_getinfo(L, "Sl", &ar) && ar.source[0] == '@' && ar.currentline > 0) {
            (void)snprintf(stop->file, sizeof(stop->file), "%s", ar.source + 1);
            stop->line = ar.currentline;
        }
    }
}

void tg_stop_tell(const struct tg_vm *vm, struct tg_failure *failure)
{
    const struct tg_vm_stop *stop = &vm->stop;

    (void)snprintf(failure->text, sizeof(failure->text), "%s", TG_STOP_TEXT);
    if (stop->line > 0) {
        memcpy(failure->file, stop->file, sizeof(failure->file));
        failure->line = stop->line;
    }
}

void tg_stop_raise(lua_State *L)
{
    struct tg_vm_stop *stop = &tg_vm_of(L)->stop;

    note_place(L, stop);
    if (stop->line > 0) {
        (void)lua_pushfstring(L, "%s:%d: %s", stop->file, stop->line, TG_STOP_TEXT);
    } else {
        lua_pushliteral(L, TG_STOP_TEXT);
    }
    (void)lua_error(L);
    abort(); /* lua_error doesn't return, which its header doesn't say */
}

/* An instruction of a stopped call is to run. */
static void on_instruction(lua_State *L, lua_Debug *at)
{
    (void)at;
    tg_stop_poll(L);
}

void tg_stop_set(struct tg_vm *vm)
{
    if (!tg_stop_is_set(vm)) {
        vm->stop.line = 0;
    }
    atomic_store_explicit(&vm->stop.is_set, true, memory_order_relaxed);
    if (!vm->stop.has_jit) {
        (void)lua_sethook(vm->L, on_instruction, LUA_MASKCOUNT | LUA_MASKCALL | LUA_MASKRET, 1);
    }
}
