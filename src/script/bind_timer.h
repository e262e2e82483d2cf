/* SPDX-License-Identifier: MIT */
/* tide.after and tide.sleep: time on the hub's wheel.
 * Lives in: a worker, inside a Lua state. Owns: nothing; a timer lives in its Lua object, which
 * the vm keeps while it is set. */
#ifndef TG_SCRIPT_BIND_TIMER_H
#define TG_SCRIPT_BIND_TIMER_H

#include <lua.h>

struct tg_vm;

/* Once per state; may raise. */
void tg_bind_timer_open(lua_State *L);

/* tide.after(ms, fn): a timer with cancel(). */
int tg_bind_timer_after(lua_State *L);

/* The request of tide.sleep(ms) (lua/tidegate/suspend.lua): the milliseconds, or nil and why not.
 */
int tg_bind_timer_sleep(lua_State *L);

/* The vm does not serve for a while: its timers stand, and go on with what was left of their time.
 * What is set between the two stands as well, while vm->is_parked. */
void tg_bind_timer_park_all(struct tg_vm *vm);
void tg_bind_timer_unpark_all(struct tg_vm *vm);

/* Before the state ends. */
void tg_bind_timer_cancel_all(struct tg_vm *vm);

#endif
