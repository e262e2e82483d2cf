/* SPDX-License-Identifier: MIT */
#include "hub/hub.h"

#include "base/check.h"
#include "base/hash.h"
#include "core/frame_pool.h"
#include "hub/auth.h"
#include "hub/client.h"
#include "hub/line_table.h"
#include "hub/room.h"

static void free_frames(struct tg_hub *hub)
{
    tg_frame_unref(hub->ping);
    hub->ping = NULL;
    tg_frame_pool_destroy(hub->frames);
    hub->frames = NULL;
}

int tg_hub_init(struct tg_hub *hub, const struct tg_hub_options *options, struct tg_errmsg *msg)
{
    *hub = (struct tg_hub){
        .config = options->config,
        .page = options->page,
        .row = &options->page->rows[options->row_index],
        .row_index = options->row_index,
        .wheel = options->wheel,
        .clock = options->clock,
        .transport = options->transport,
        .line_count = options->line_count,
        .bus = options->bus ? options->bus : tg_bus_alone(),
    };
    tg_link_init(&hub->ending);
    if (options->seed) {
        tg_rand_seed(&hub->rand, options->seed);
    } else {
        tg_rand_seed_kernel(&hub->rand);
    }
    hub->boot = tg_rand_next(&hub->rand);
    hub->seat_key = tg_hash(&hub->boot, sizeof(hub->boot)) | 1;
    hub->ping = tg_frame_of(TG_OPCODE_PING, tg_str(NULL, 0));
    hub->frames = tg_frame_pool_create();
    int err = hub->ping && hub->frames ? tg_auth_create(options->config, &hub->auth, msg)
                                       : tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    if (err) {
        free_frames(hub);
    }
    return err;
}

/* Clients that are left have no socket any more; their scripts go without a last word. */
static void end_clients(struct tg_hub *hub)
{
    for (uint32_t slot = 0; slot < hub->registry.capacity; slot++) {
        struct tg_client *client = hub->registry.slots[slot];
        if (client) {
            tg_client_discard(client);
        }
    }
}

void tg_hub_fini(struct tg_hub *hub)
{
    if (!hub->ping) {
        return;
    }
    end_clients(hub);
    tg_recheck_stop(hub);
    tg_line_table_destroy(hub->tenants);
    tg_line_table_destroy(hub->revocations);
    hub->tenants = NULL;
    hub->revocations = NULL;
    for (uint32_t i = 0; i < hub->gateway_count; i++) {
        tg_gateway_destroy(hub->gateways[i]);
    }
    hub->gateway_count = 0;
    while (hub->removed && tg_hub_drop_removed(hub, hub->removed)) {
    }
    tg_registry_fini(&hub->registry);
    tg_auth_destroy(hub->auth);
    hub->auth = NULL;
    free_frames(hub);
}

int tg_hub_add_gateway(struct tg_hub *hub, struct tg_gateway *gateway, struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < hub->gateway_count; i++) {
        const struct tg_gateway *other = hub->gateways[i];
        if (tg_gateway_is_same_path(other, gateway)) {
            return tg_errmsg_set(msg, TG_ERR_EXISTS, "gateways %s and %s are both at the path %s",
                                 other->name, gateway->name, gateway->path);
        }
    }
    if (hub->gateway_count == TG_GATEWAYS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_FULL, "more than %d gateways", TG_GATEWAYS_MAX);
    }
    hub->gateways[hub->gateway_count++] = gateway;
    return TG_OK;
}

void tg_hub_remove_gateway(struct tg_hub *hub, struct tg_gateway *gateway)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < hub->gateway_count; i++) {
        if (hub->gateways[i] != gateway) {
            hub->gateways[left++] = hub->gateways[i];
        }
    }
    if (tg_check(left + 1 == hub->gateway_count)) {
        hub->gateway_count = left;
        tg_hub_take_removed(hub, gateway);
    }
}

void tg_hub_take_removed(struct tg_hub *hub, struct tg_gateway *gateway)
{
    if (!gateway->is_removed) {
        gateway->is_removed = true;
        gateway->next_removed = hub->removed;
        hub->removed = gateway;
    }
}

bool tg_hub_drop_removed(struct tg_hub *hub, struct tg_gateway *gateway)
{
    struct tg_gateway **at = &hub->removed;

    if (gateway->client_count > 0) {
        return false;
    }
    while (*at != gateway) {
        tg_require(*at != NULL);
        at = &(*at)->next_removed;
    }
    *at = gateway->next_removed;
    tg_gateway_destroy(gateway);
    return true;
}

void tg_hub_turn(struct tg_hub *hub)
{
    struct tg_link now;
    struct tg_link *link;

    /* on_disconnect may close others: their ends come behind and are run in this turn too. Each
     * client ends once, so this is bounded by how many there are. */
    tg_link_init(&now);
    while (!tg_link_is_alone(&hub->ending)) {
        tg_list_move(&hub->ending, &now);
        while ((link = tg_list_take_first(&now))) {
            tg_client_step_end(TG_CONTAINER(link, struct tg_client, ending));
        }
    }
}

void tg_hub_start_drain(struct tg_hub *hub)
{
    hub->is_draining = true;
    hub->drain_cursor = 0;
}

uint32_t tg_hub_drain_some(struct tg_hub *hub, uint32_t count)
{
    while (count > 0 && hub->drain_cursor < hub->registry.capacity) {
        struct tg_client *client = hub->registry.slots[hub->drain_cursor++];
        if (client && tg_client_is_open(client)) {
            tg_client_close(client, TG_CLOSE_DRAIN);
            count--;
        }
    }
    return hub->registry.count;
}
