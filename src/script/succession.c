/* SPDX-License-Identifier: MIT */
#include "script/succession.h"

#include "core/tally.h"
#include "hub/client.h"
#include "hub/gateway.h"
#include "script/bind_client.h"
#include "script/bind_timer.h"
#include "script/call.h"
#include "script/handover.h"
#include "script/renewal.h"
#include "script/vm.h"

static struct tg_vm *vm_of(const struct tg_gateway *gateway)
{
    return gateway->vm;
}

static void follow(struct tg_gateway *gateway)
{
    struct tg_vm *vm = vm_of(gateway);

    if (vm) {
        vm->gateway = gateway;
    }
}

void tg_succession_exchange(struct tg_gateway *a, struct tg_gateway *b)
{
    tg_gateway_exchange(a, b);
    follow(a);
    follow(b);
}

void tg_succession_park(struct tg_gateway *gateway)
{
    struct tg_vm *vm = vm_of(gateway);

    if (vm) {
        vm->is_parked = true;
        vm->tally = NULL;
        tg_renewal_cancel(vm);
        tg_bind_timer_park_all(vm);
    }
}

void tg_succession_unpark(struct tg_gateway *gateway, struct tg_tally *tally)
{
    struct tg_vm *vm = vm_of(gateway);

    if (vm) {
        vm->is_parked = false;
        vm->tally = tally;
        vm->states_lost = 0;
        tg_bind_timer_unpark_all(vm);
        tg_renewal_consider(vm);
    }
}

void tg_succession_retire(struct tg_gateway *gateway)
{
    struct tg_vm *vm = vm_of(gateway);

    if (vm) {
        vm->is_parked = true;
        vm->is_retiring = true;
        vm->tally = NULL;
        tg_renewal_cancel(vm);
        tg_bind_timer_cancel_all(vm);
    }
}

uint32_t tg_succession_calls(const struct tg_gateway *gateway)
{
    return gateway->vm ? vm_of(gateway)->suspended_count : 0;
}

uint32_t tg_succession_handles(const struct tg_gateway *gateway)
{
    return gateway->vm ? vm_of(gateway)->handle_count : 0;
}

size_t tg_succession_memory(const struct tg_gateway *gateway)
{
    return gateway->vm ? vm_of(gateway)->alloc.used : 0;
}

uint32_t tg_succession_end_calls(struct tg_gateway *gateway, uint32_t count)
{
    struct tg_vm *vm = vm_of(gateway);
    struct tg_link calls;
    uint32_t ended = 0;

    tg_link_init(&calls);
    for (; vm && ended < count && !tg_link_is_alone(&vm->suspended); ended++) {
        struct tg_link *link = vm->suspended.next;
        tg_link_remove(link);
        tg_list_append(&calls, link);
        vm->suspended_count--;
    }
    tg_call_end_all(&calls);
    return ended;
}

int tg_succession_hand_over(struct tg_gateway *from, struct tg_gateway *to, struct tg_errmsg *msg)
{
    return from->vm && to->vm ? tg_handover_saved(vm_of(from), vm_of(to), msg) : TG_OK;
}

bool tg_succession_is_stranded(const struct tg_client *client)
{
    const struct tg_vm *holder = client->holder;

    return holder && holder->is_retiring;
}

void tg_succession_move(struct tg_client *client)
{
    if (client->gateway->vm) {
        tg_handover_move(client, vm_of(client->gateway));
    } else {
        tg_bind_client_forget(client);
    }
}

void tg_succession_forget_parked(struct tg_client *client)
{
    const struct tg_vm *holder = client->holder;

    if (holder && holder->is_parked) {
        tg_bind_client_forget(client);
    }
}
