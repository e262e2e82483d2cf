/* SPDX-License-Identifier: MIT */
#include "hub/unavailable.h"

#include <inttypes.h>

#include "base/log.h"
#include "hub/client.h"
#include "hub/hub.h"

static const char LOG_MODULE[] = "hub";

static void on_call(void *vm, const struct tg_call *call, struct tg_answer *answer)
{
    (void)vm;
    (void)call;
    *answer = (struct tg_answer){.outcome = TG_OUTCOME_FAILED};
}

static void on_forget(void *vm, struct tg_client *client)
{
    (void)vm;
    (void)client;
}

static void on_destroy(void *vm)
{
    (void)vm;
}

/* In place of the gateway's own. */
static const struct tg_script no_script = {on_call, on_forget, on_destroy};

/* Its suspended call, if any, is nobody's any more: another generation's may still go on, which
 * finds no client then, and none whose handle it could make anew. */
static void end_client(struct tg_client *client)
{
    tg_client_close(client, TG_CLOSE_GATEWAY_REMOVED);
    client->is_busy = false;
    client->phase = TG_CLIENT_LEAVING;
    client->has_left = true;
    tg_link_remove(&client->ending);
    tg_client_step_end(client);
}

void tg_unavailable_set(struct tg_gateway *gateway)
{
    gateway->is_unavailable = true;
    gateway->has_disconnect = false;
    gateway->script = &no_script;
    gateway->vm = NULL;
}

uint32_t tg_unavailable_end_clients(struct tg_hub *hub, struct tg_gateway *gateway)
{
    uint32_t ended = 0;

    for (uint32_t i = 0; i < hub->registry.capacity; i++) {
        struct tg_client *client = hub->registry.slots[i];
        if (client && client->gateway == gateway) {
            end_client(client);
            ended++;
        }
    }
    return ended;
}

void tg_unavailable_make(struct tg_hub *hub, struct tg_gateway *gateway)
{
    uint32_t ended = tg_unavailable_end_clients(hub, gateway);

    if (gateway->script && gateway->vm) {
        gateway->script->destroy(gateway->vm);
    }
    tg_unavailable_set(gateway);
    TG_LOG_WARN("gateway is unavailable", "gateway=%s generation=%s clients=%" PRIu32,
                gateway->name, gateway->generation, ended);
}

void tg_unavailable_sweep(struct tg_hub *hub)
{
    uint32_t count = atomic_load(&hub->page->unloaded.count);

    if (count == hub->unloaded_seen) {
        return;
    }
    hub->unloaded_seen = count;
    for (uint32_t i = 0; i < hub->gateway_count; i++) {
        struct tg_gateway *gateway = hub->gateways[i];
        if (!gateway->is_unavailable &&
            tg_unloaded_find(&hub->page->unloaded, gateway->name, gateway->generation)) {
            tg_unavailable_make(hub, gateway);
        }
    }
}
