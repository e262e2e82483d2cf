/* SPDX-License-Identifier: MIT */
#include "script/bind_timer.h"

#include "core/wheel.h"
#include "hub/provenance.h"
#include "script/argument.h"
#include "script/call.h"
#include "script/class.h"
#include "script/vm.h"

static const char CLASS[] = "timer";

struct delay {
    struct tg_timer timer;
    struct tg_link link; /* in vm->timers while set */
    uint64_t rest_ms;    /* while the vm is parked: what was left of its time */
    struct tg_vm *vm;
    struct tg_provenance *caller; /* whose tenant the function works for */
    int self;                     /* references while set: this object, the function */
    int function;
};

/* It is not set any more; the object is the garbage collector's. */
static void release(struct delay *delay)
{
    struct tg_vm *vm = delay->vm;

    tg_link_remove(&delay->link);
    vm->timer_count--;
    tg_timer_cancel(vm->hub->wheel, &delay->timer);
    tg_provenance_unref(delay->caller);
    delay->caller = NULL;
    tg_vm_unref(vm->L, delay->function);
    delay->function = 0;
    int self = delay->self;
    delay->self = 0;
    tg_vm_unref(vm->L, self);
}

static void start(struct delay *delay)
{
    struct tg_hub *hub = delay->vm->hub;

    tg_timer_set(hub->wheel, &delay->timer, tg_hub_due_ms(hub, delay->rest_ms));
}

/* The time has come: the function runs in a coroutine of its own, for the tenant of whoever set
 * it. */
static void on_due(struct tg_timer *timer)
{
    struct delay *delay = TG_CONTAINER(timer, struct delay, timer);
    struct tg_vm *vm = delay->vm;
    struct tg_job job = {
        .kind = TG_JOB_TIMER,
        .caller = delay->caller,
        .function = delay->function,
    };
    struct tg_answer answer;

    delay->caller = NULL;
    delay->function = 0;
    release(delay);
    tg_vm_relieve(vm);
    struct tg_coroutine *co = tg_coroutine_take(vm);
    if (!co) {
        tg_call_out_of_memory(vm, &job);
        tg_provenance_unref(job.caller);
        tg_vm_unref(vm->L, job.function);
        return;
    }
    co->job = job;
    tg_call_run(co, NULL, &answer);
}

static int timer_cancel(lua_State *L)
{
    struct delay *delay = tg_class_check(L, 1, CLASS);
    bool was_set = delay->self != 0;

    if (was_set) {
        release(delay);
    }
    lua_pushboolean(L, was_set);
    return 1;
}

/* A timer that is set is never garbage; what is left here is one whose making raised half-way. */
static int on_free(lua_State *L)
{
    struct delay *delay = tg_class_check(L, 1, CLASS);

    tg_vm_unref(L, delay->function);
    delay->function = 0;
    return 0;
}

static const luaL_Reg methods[] = {
    {"cancel", timer_cancel},
    {NULL, NULL},
};

void tg_bind_timer_open(lua_State *L)
{
    static const struct tg_class class = {CLASS, methods, NULL, NULL, on_free};

    tg_class_open(L, &class);
}

int tg_bind_timer_after(lua_State *L)
{
    struct tg_vm *vm = tg_vm_of(L);
    uint64_t delay_ms = tg_argument_delay_ms(L, 1);

    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    if (vm->timer_count >= vm->hub->config->script_timers) {
        return luaL_error(L, "too many timers: limits.script_timers is %d",
                          (int)vm->hub->config->script_timers);
    }
    struct delay *delay = tg_class_new(L, CLASS, sizeof(*delay));
    lua_pushvalue(L, 2);
    delay->function = tg_vm_ref(L);
    lua_pushvalue(L, 3);
    delay->self = tg_vm_ref(L);
    delay->vm = vm;
    delay->caller =
        vm->running && vm->running->job.caller ? tg_provenance_ref(vm->running->job.caller) : NULL;
    tg_link_init(&delay->link);
    tg_list_append(&vm->timers, &delay->link);
    vm->timer_count++;
    tg_timer_init(&delay->timer, on_due);
    delay->rest_ms = delay_ms;
    if (!vm->is_parked) {
        start(delay);
    }
    return 1;
}

int tg_bind_timer_sleep(lua_State *L)
{
    if (lua_type(L, 1) != LUA_TNUMBER || !tg_argument_is_delay(lua_tonumber(L, 1))) {
        lua_pushnil(L);
        lua_pushliteral(L, "bad argument #1 to 'sleep' (" TG_ARGUMENT_DELAY ")");
        return 2;
    }
    if (tg_call_is_full(L)) {
        return 2;
    }
    lua_pushnumber(L, (lua_Number)tg_argument_delay_ms(L, 1));
    return 1;
}

void tg_bind_timer_cancel_all(struct tg_vm *vm)
{
    while (!tg_link_is_alone(&vm->timers)) {
        release(TG_CONTAINER(vm->timers.next, struct delay, link));
    }
}

void tg_bind_timer_park_all(struct tg_vm *vm)
{
    struct tg_wheel *wheel = vm->hub->wheel;

    for (struct tg_link *link = vm->timers.next; link != &vm->timers; link = link->next) {
        struct delay *delay = TG_CONTAINER(link, struct delay, link);
        if (tg_timer_is_set(&delay->timer)) {
            uint64_t due_ms = delay->timer.due_ms;
            delay->rest_ms = due_ms > wheel->now_ms ? due_ms - wheel->now_ms : 0;
            tg_timer_cancel(wheel, &delay->timer);
        }
    }
}

void tg_bind_timer_unpark_all(struct tg_vm *vm)
{
    for (struct tg_link *link = vm->timers.next; link != &vm->timers; link = link->next) {
        struct delay *delay = TG_CONTAINER(link, struct delay, link);
        if (!tg_timer_is_set(&delay->timer)) {
            start(delay);
        }
    }
}
