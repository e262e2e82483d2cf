/* SPDX-License-Identifier: MIT */
#include "kit/faults.h"

#include "hub/client.h"
#include "hub/gateway.h"
#include "kit/sim_worker.h"
#include "kit/state_check.h"
#include "script/handlers.h"
#include "script/handover.h"
#include "script/vm.h"

static bool take(uint32_t *left)
{
    bool is_due = *left > 0;

    *left -= is_due ? 1 : 0;
    return is_due;
}

static void call(void *self, const struct tg_call *call, struct tg_answer *answer)
{
    struct tg_vm *vm = self;
    struct tg_faults *faults = TG_CONTAINER(vm->hub, struct tg_sim_worker, hub)->faults;

    /* A fault is for the call, not for what comes over from an older generation. */
    tg_handover_move(call->client, vm);
    vm->stop.is_ordered = take(&faults->cpu);
    vm->alloc.is_dry = take(&faults->memory);
    tg_handlers_script()->call(vm, call, answer);
    vm->alloc.is_dry = false;
    vm->stop.is_ordered = false;
    if (answer->outcome != TG_OUTCOME_SUSPENDED) {
        tg_state_check_run(vm, call->client);
    }
}

static void forget(void *self, struct tg_client *client)
{
    tg_handlers_script()->forget(self, client);
}

static void destroy(void *self)
{
    tg_handlers_script()->destroy(self);
}

void tg_faults_bring(struct tg_gateway *gateway)
{
    static const struct tg_script faulty = {call, forget, destroy};

    gateway->script = &faulty;
}
