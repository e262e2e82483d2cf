/* SPDX-License-Identifier: MIT */
/* The happy path: tg_renewal_consider sets a timer; a fresh gateway is loaded from the files that
 * the state has kept; suspended calls are taken out of the old state, so that save sees no call in
 * flight; save, restore, each client's table; the two gateways exchange what they hold; the ended
 * calls are told to the hub, whose next messages find the fresh state; the old one is destroyed.
 *
 * What can go wrong: the fresh state does not load (the old one stays, tried again after the
 * pause), or it comes out with another path (as before: clients are routed by it); save, restore or
 * a client's table fails (lost, counted and told, the renewal goes on). */
#include "script/renewal.h"

#include <string.h>

#include "base/check.h"
#include "hub/client.h"
#include "hub/hub.h"
#include "script/call.h"
#include "script/gateway_loader.h"
#include "script/handover.h"
#include "script/vm.h"

enum { PAUSE_MS = 10000 };

static bool is_full(const struct tg_vm *vm)
{
    return vm->alloc.used > vm->alloc.limit / 10 * 9;
}

/* How many clients' tables were lost, and why the first one was. */
struct losses {
    uint32_t count;
    struct tg_errmsg first;
};

static void lose(struct losses *losses, struct tg_vm *vm, const struct tg_errmsg *msg)
{
    if (losses->count++ == 0) {
        losses->first = *msg;
    }
    tg_hub_count(vm->hub, TG_COUNT_SCRIPT_HANDOVER_LOST, 1);
}

/* Clients' tables may be what fills the state: they are not to fill the next one. */
static bool has_room(const struct tg_vm *vm)
{
    return vm->alloc.used < vm->alloc.limit / 2;
}

static void hand_over_clients(struct tg_vm *from, struct tg_vm *to, struct losses *losses)
{
    const struct tg_registry *registry = &from->hub->registry;
    struct tg_errmsg msg;

    for (uint32_t slot = 0; slot < registry->capacity; slot++) {
        struct tg_client *client = registry->slots[slot];
        if (!client || client->gateway != from->gateway || !client->handle) {
            continue;
        }
        if (!has_room(to)) {
            tg_vm_unref(from->L, (int)client->handle);
            client->handle = 0;
            (void)tg_errmsg_set(&msg, TG_ERR_NOMEM, "client.state: the fresh state is half full");
            lose(losses, from, &msg);
        } else if (tg_handover_client(from, to, client, &msg) != TG_OK) {
            lose(losses, from, &msg);
        }
    }
}

/* The vms follow their contents. */
static void exchange(struct tg_gateway *gateway, struct tg_gateway *fresh)
{
    tg_gateway_exchange(gateway, fresh);
    ((struct tg_vm *)gateway->vm)->gateway = gateway;
    ((struct tg_vm *)fresh->vm)->gateway = fresh;
}

/* The calls that were suspended in the old state end with an error. */
static uint32_t end_calls(struct tg_link *calls)
{
    static const struct tg_answer failed = {.outcome = TG_OUTCOME_FAILED};
    uint32_t count = 0;

    while (!tg_link_is_alone(calls)) {
        struct tg_coroutine *co = TG_CONTAINER(calls->next, struct tg_coroutine, link);
        struct tg_hub *hub = co->vm->hub;
        struct tg_client *client = tg_call_client(co->vm, &co->job);
        tg_coroutine_drop(co);
        tg_hub_count(hub, TG_COUNT_HANDLER_ERRORS, 1);
        count++;
        if (client) {
            tg_client_resume_done(client, &failed);
        }
    }
    return count;
}

static void take_calls(struct tg_vm *vm, struct tg_link *calls)
{
    tg_link_init(calls);
    while (!tg_link_is_alone(&vm->suspended)) {
        struct tg_link *link = vm->suspended.next;
        tg_link_remove(link);
        tg_list_append(calls, link);
    }
    vm->suspended_count = 0;
}

static void tell(const struct tg_vm *vm, const char *text, const struct tg_errmsg *msg)
{
    char quoted[2 * sizeof(msg->text)];

    tg_log_write(TG_LOG_LEVEL_ERROR, vm->gateway->name, text, "generation=%s error=%s",
                 vm->gateway->generation,
                 tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg->text)));
}

static void renew(struct tg_vm *vm, struct tg_gateway *fresh)
{
    struct tg_gateway *gateway = vm->gateway;
    struct tg_vm *made = fresh->vm;
    struct losses losses = {.count = 0};
    struct tg_errmsg msg;
    struct tg_link calls;

    made->renewed_ms = tg_hub_now_ms(vm->hub);
    take_calls(vm, &calls);
    if (tg_handover_saved(vm, made, &msg) != TG_OK) {
        tg_hub_count(vm->hub, TG_COUNT_SCRIPT_HANDOVER_LOST, 1);
        tell(vm, "what was saved is lost", &msg);
    }
    hand_over_clients(vm, made, &losses);
    if (losses.count > 0) {
        tell(vm, "a client's state is lost", &losses.first);
    }
    exchange(gateway, fresh);
    size_t used = vm->alloc.used;
    uint32_t ended = end_calls(&calls);
    tg_hub_count(made->hub, TG_COUNT_SCRIPT_RENEWALS, 1);
    tg_log_write(TG_LOG_LEVEL_WARN, gateway->name, "a full state was replaced",
                 "generation=%s held=%zu limit=%zu calls_ended=%u states_lost=%u",
                 gateway->generation, used, vm->alloc.limit, ended, losses.count);
    tg_gateway_destroy(fresh);
}

/* A turn of the loop that nothing else runs in. */
static void on_due(struct tg_timer *timer)
{
    struct tg_vm *vm = TG_CONTAINER(timer, struct tg_vm, renewal);
    struct tg_gateway *fresh = NULL;
    struct tg_errmsg msg;

    tg_vm_collect(vm);
    if (!is_full(vm) || !tg_check(!vm->running && !vm->entry)) {
        return;
    }
    int err = tg_gateway_load(vm->hub, &vm->files, &fresh, &msg);
    if (err == TG_OK && strcmp(fresh->path, vm->gateway->path) != 0) {
        err = tg_errmsg_set(&msg, TG_ERR_INVALID, "it has another path now: %s", fresh->path);
        tg_gateway_destroy(fresh);
    }
    if (err) {
        tell(vm, "a full state can't be replaced", &msg);
        vm->renewed_ms = tg_hub_now_ms(vm->hub);
        tg_renewal_consider(vm);
        return;
    }
    renew(vm, fresh);
}

void tg_renewal_consider(struct tg_vm *vm)
{
    uint64_t now_ms = tg_hub_now_ms(vm->hub);
    uint64_t due_ms = vm->renewed_ms > 0 ? vm->renewed_ms + PAUSE_MS : now_ms;

    if (is_full(vm) && !tg_timer_is_set(&vm->renewal)) {
        tg_timer_init(&vm->renewal, on_due);
        tg_timer_set(vm->hub->wheel, &vm->renewal, due_ms);
    }
}

void tg_renewal_cancel(struct tg_vm *vm)
{
    tg_timer_cancel(vm->hub->wheel, &vm->renewal);
}
