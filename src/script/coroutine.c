/* SPDX-License-Identifier: MIT */
#include "script/coroutine.h"

#include <stdlib.h>

#include "hub/provenance.h"
#include "script/question.h"
#include "script/vm.h"

enum { POOL_MAX = 64 };

/* In protected mode: a thread with what stays at its bottom. */
static int on_create(lua_State *L)
{
    struct tg_coroutine *co = lua_touserdata(L, 1);

    co->L = lua_newthread(L);
    tg_vm_push_ref(L, co->vm->refs.body_of_two);
    tg_vm_push_ref(L, co->vm->refs.body);
    tg_vm_push_ref(L, co->vm->refs.finish);
    lua_xmove(L, co->L, TG_COROUTINE_FINISH);
    co->ref = tg_vm_ref(L);
    return 0;
}

static struct tg_coroutine *create(struct tg_vm *vm)
{
    struct tg_coroutine *co = calloc(1, sizeof(*co));

    if (!co) {
        return NULL;
    }
    co->vm = vm;
    tg_link_init(&co->link);
    if (tg_vm_protect(vm, on_create, co) == 0) {
        return co;
    }
    lua_pop(vm->L, 1);
    /* A state full of garbage must be able to begin again. */
    tg_vm_collect(vm);
    if (tg_vm_protect(vm, on_create, co) == 0) {
        return co;
    }
    lua_pop(vm->L, 1);
    free(co);
    return NULL;
}

struct tg_coroutine *tg_coroutine_take(struct tg_vm *vm)
{
    struct tg_link *link = tg_list_take_first(&vm->idle);

    if (!link) {
        return create(vm);
    }
    vm->idle_count--;
    return TG_CONTAINER(link, struct tg_coroutine, link);
}

static void forget_job(struct tg_coroutine *co)
{
    tg_provenance_unref(co->job.caller);
    tg_vm_unref(co->vm->L, co->job.function);
    co->job = (struct tg_job){.kind = TG_JOB_CONNECT};
}

void tg_coroutine_give(struct tg_coroutine *co)
{
    struct tg_vm *vm = co->vm;

    if (vm->idle_count == POOL_MAX) {
        tg_coroutine_drop(co);
        return;
    }
    forget_job(co);
    if (lua_gettop(co->L) != TG_COROUTINE_FINISH) {
        lua_settop(co->L, TG_COROUTINE_FINISH);
    }
    /* At the front: the one used last is the one still in the cache. */
    tg_list_append(vm->idle.next, &co->link);
    vm->idle_count++;
}

void tg_coroutine_drop(struct tg_coroutine *co)
{
    tg_link_remove(&co->link);
    tg_timer_cancel(co->vm->hub->wheel, &co->timer);
    tg_question_cancel(co);
    forget_job(co);
    tg_vm_unref(co->vm->L, co->ref);
    free(co);
}

void tg_coroutine_drop_all(struct tg_vm *vm)
{
    while (!tg_link_is_alone(&vm->idle)) {
        tg_coroutine_drop(TG_CONTAINER(vm->idle.next, struct tg_coroutine, link));
    }
    while (!tg_link_is_alone(&vm->suspended)) {
        tg_coroutine_drop(TG_CONTAINER(vm->suspended.next, struct tg_coroutine, link));
    }
    vm->idle_count = 0;
    vm->suspended_count = 0;
}
