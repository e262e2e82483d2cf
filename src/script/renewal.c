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

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "hub/client.h"
#include "hub/hub.h"
#include "script/call.h"
#include "script/emptying.h"
#include "script/gateway_loader.h"
#include "script/handover.h"
#include "script/succession.h"
#include "script/vm.h"

enum { PAUSE_MS = 10000 };

static bool is_full(const struct tg_vm *vm)
{
    return vm->alloc.used > vm->alloc.limit / 10 * 9;
}

/* Clients' tables may be what fills the state: they are not to fill the next one. */
static bool has_room(const struct tg_vm *vm)
{
    return vm->alloc.used < vm->alloc.limit / 2;
}

/* Those whose table is in it, and not in the state of another generation. */
static void hand_over_clients(struct tg_vm *from, struct tg_vm *to)
{
    const struct tg_registry *registry = &from->hub->registry;

    for (uint32_t slot = 0; slot < registry->capacity && from->handle_count > 0; slot++) {
        struct tg_client *client = registry->slots[slot];
        if (!client || client->holder != from) {
            continue;
        }
        if (has_room(to)) {
            tg_handover_move(client, to);
        } else {
            tg_handover_drop(client, to, "the fresh state is half full");
        }
    }
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

    tg_log_write(TG_LOG_LEVEL_ERROR, vm->gateway->name, text,
                 "generation=%s counter=%" PRIu64 " error=%s", vm->gateway->generation,
                 vm->gateway->counter, tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg->text)));
}

static void renew(struct tg_vm *vm, struct tg_gateway *fresh)
{
    struct tg_gateway *gateway = vm->gateway;
    struct tg_vm *made = fresh->vm;
    struct tg_errmsg msg;
    struct tg_link calls;

    made->renewed_ms = tg_hub_now_ms(vm->hub);
    take_calls(vm, &calls);
    if (tg_handover_saved(vm, made, &msg) != TG_OK) {
        tg_hub_count(vm->hub, TG_COUNT_SCRIPT_HANDOVER_LOST, 1);
        tell(vm, "what was saved is lost", &msg);
    }
    hand_over_clients(vm, made);
    tg_succession_exchange(gateway, fresh);
    made->tally = vm->tally;
    vm->tally = NULL;
    size_t used = vm->alloc.used;
    uint32_t ended = tg_call_end_all(&calls);
    tg_hub_count(made->hub, TG_COUNT_SCRIPT_RENEWALS, 1);
    tg_log_write(
        TG_LOG_LEVEL_WARN, gateway->name, "a full state was replaced",
        "generation=%s counter=%" PRIu64 " held=%zu limit=%zu calls_ended=%u states_lost=%u",
        gateway->generation, gateway->counter, used, vm->alloc.limit, ended, made->states_lost);
    tg_emptying_start(made->hub, fresh);
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

    if (is_full(vm) && !vm->is_parked && !tg_timer_is_set(&vm->renewal)) {
        tg_timer_init(&vm->renewal, on_due);
        tg_timer_set(vm->hub->wheel, &vm->renewal, due_ms);
    }
}

void tg_renewal_cancel(struct tg_vm *vm)
{
    tg_timer_cancel(vm->hub->wheel, &vm->renewal);
}
