/* SPDX-License-Identifier: MIT */
/* Ends a call into Lua that has used up its CPU budget: the flag, and the error that is raised
 * again and again until the outermost call has returned. Who decides that it has:
 * script/stop_signal.h.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_STOP_H
#define TG_SCRIPT_STOP_H

#include <stdatomic.h>
#include <stdbool.h>

#include "script/vm.h"

/* What the error says, behind the place it was raised at. */
#define TG_STOP_TEXT "the CPU budget is used up"

/* TG_UNPROTECTED is for measuring what all this costs, and leaves it out. */

enum { TG_STOP_STEPS = 4096 }; /* of a native's work, from one look at the flag to the next */

/* Says of a call that was stopped why, and where it was when it should have ended. */
void tg_stop_tell(const struct tg_vm *vm, struct tg_failure *failure);

/* Stops the running call, as the signal does. Async-signal-safe. */
void tg_stop_set(struct tg_vm *vm);

/* Whether the running call is to end. */
static inline bool tg_stop_is_set(const struct tg_vm *vm)
{
#ifdef TG_UNPROTECTED
    (void)vm;
    return false;
#else
    return atomic_load_explicit(&vm->stop.is_set, memory_order_relaxed);
#endif
}

/* Raises the error. */
__attribute__((noreturn)) void tg_stop_raise(lua_State *L);

/* Raises the error when the running call is to end. For natives that can run long: call it every
 * TG_STOP_STEPS steps at least, when nothing is held that the error would leave behind. */
static inline void tg_stop_poll(lua_State *L)
{
    if (tg_stop_is_set(tg_vm_of(L))) {
        tg_stop_raise(L);
    }
}

#endif
