/* SPDX-License-Identifier: MIT */
/* Everything that is reachable from outside of the state is let go of; then the collector, which
 * works in steps, finds nothing but garbage. What is left when it has gone round is little, and
 * lua_close frees it. The classes' metatables stay to the end: finalizers look their objects up. */
#include "script/emptying.h"

#include <lauxlib.h>

#include "hub/hub.h"
#include "script/vm.h"

enum {
    SMALL_BYTES = 262144, /* closed at once */
    SLICE_MS = 2,
    PAUSE_MS = 5, /* between two slices */
    ROUNDS = 2    /* of the collector: the first may have begun before all was let go of */
};

/* The table at the top of the stack is a metatable with a finalizer. */
static bool is_class(lua_State *L)
{
    lua_pushliteral(L, "__gc");
    lua_rawget(L, -2);
    bool is_there = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return is_there;
}

/* In protected mode. */
static int on_let_go(lua_State *L)
{
    lua_newtable(L);
    lua_replace(L, LUA_GLOBALSINDEX);
    lua_pushnil(L);
    while (lua_next(L, LUA_REGISTRYINDEX)) {
        if (lua_istable(L, -1) && lua_type(L, -2) != LUA_TNUMBER && !is_class(L)) {
            lua_pushvalue(L, -2);
            lua_pushnil(L);
            lua_rawset(L, LUA_REGISTRYINDEX);
        }
        lua_pop(L, 1);
    }
    return 0;
}

/* In protected mode: true when the collector has gone round. */
static int on_step(lua_State *L)
{
    bool *is_round = lua_touserdata(L, 1);

    *is_round = lua_gc(L, LUA_GCSTEP, 0) != 0;
    return 0;
}

/* Whether little is left; true as well when the state can't be worked on. */
static bool work(struct tg_vm *vm)
{
    const struct tg_clock *clock = vm->hub->clock;
    uint64_t until_ms = tg_clock_mono_ms(clock) + SLICE_MS;
    bool is_round = false;

    do {
        if (tg_vm_protect_load(vm, on_step, &is_round)) {
            lua_pop(vm->L, 1);
            return true;
        }
        vm->rounds += is_round ? 1 : 0;
    } while (vm->rounds < ROUNDS && tg_clock_mono_ms(clock) < until_ms);
    return vm->rounds >= ROUNDS;
}

static void go_on(struct tg_vm *vm)
{
    struct tg_hub *hub = vm->hub;

    if (work(vm)) {
        (void)tg_hub_drop_removed(hub, vm->gateway);
    } else {
        tg_timer_set(hub->wheel, &vm->renewal, tg_hub_now_ms(hub) + PAUSE_MS);
    }
}

/* It is time for the next slice. */
static void on_due(struct tg_timer *timer)
{
    go_on(TG_CONTAINER(timer, struct tg_vm, renewal));
}

void tg_emptying_start(struct tg_hub *hub, struct tg_gateway *gateway)
{
    struct tg_vm *vm = gateway->vm;

    tg_hub_take_removed(hub, gateway);
    if (!vm || vm->alloc.used < SMALL_BYTES) {
        (void)tg_hub_drop_removed(hub, gateway);
        return;
    }
    tg_vm_let_go(vm);
    if (tg_vm_protect_load(vm, on_let_go, NULL)) {
        lua_pop(vm->L, 1);
        (void)tg_hub_drop_removed(hub, gateway);
        return;
    }
    tg_timer_init(&vm->renewal, on_due);
    go_on(vm);
}
