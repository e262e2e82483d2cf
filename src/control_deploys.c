/* SPDX-License-Identifier: MIT */
#include "control_deploys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* --- status --- */

/* Any worker that has read the generation's table knows its path. */
static void find_path(const struct tg_page *page, struct tg_control_gateway *gateway)
{
    for (uint32_t worker = 0; worker < page->worker_count; worker++) {
        const struct tg_gateway_rows *rows = &page->rows[worker].gateways;
        for (int i = 0; i < TG_GATEWAY_ROWS_MAX; i++) {
            const struct tg_gateway_row *row = &rows->rows[i];
            if (row->path[0] && tg_gateway_rows_is(row, gateway->name, gateway->generation)) {
                (void)snprintf(gateway->path, sizeof(gateway->path), "%.*s",
                               (int)sizeof(gateway->path) - 1, row->path);
                return;
            }
        }
    }
}

static uint64_t count_connections(const struct tg_page *page, uint32_t slot)
{
    uint64_t sum = 0;

    for (uint32_t worker = 0; worker < page->worker_count; worker++) {
        sum += atomic_load(&page->rows[worker].tallies[slot].clients);
    }
    return sum;
}

static bool is_serving(const struct tg_control_deploys *self, uint32_t worker)
{
    const struct tg_deploy_door *door = &self->deploys->options.door;

    return door->is_alive(door->self, worker) &&
           atomic_load(&self->page->rows[worker].phase) == TG_WORKER_SERVING;
}

/* A commit is in the page at once; each worker follows at the end of its turn. */
static bool is_switched(const struct tg_control_deploys *self, uint32_t worker,
                        const struct tg_deploy_slot *slot)
{
    return atomic_load(&self->page->rows[worker].tallies[slot->index].counter) ==
           slot->live.counter;
}

static uint32_t count_serving(const struct tg_control_deploys *self)
{
    uint32_t count = 0;

    for (uint32_t worker = 0; worker < self->page->worker_count; worker++) {
        count += is_serving(self, worker);
    }
    return count;
}

static uint32_t count_switched(const struct tg_control_deploys *self,
                               const struct tg_deploy_slot *slot)
{
    uint32_t count = 0;

    for (uint32_t worker = 0; worker < self->page->worker_count; worker++) {
        count += is_serving(self, worker) && is_switched(self, worker, slot);
    }
    return count;
}

static enum tg_control_state state_of(const struct tg_control_deploys *self,
                                      const struct tg_deploy_slot *slot)
{
    if (slot->is_leaving || slot->is_kept_out) {
        return TG_CONTROL_REMOVED;
    }
    if (!tg_deploy_slots_has(&slot->live)) {
        return TG_CONTROL_NEW;
    }
    if (tg_unloaded_find(&self->page->unloaded, slot->name, slot->live.hash)) {
        return TG_CONTROL_UNAVAILABLE;
    }
    return slot->trial.is_on ? TG_CONTROL_TRIAL : TG_CONTROL_LIVE;
}

static void add_gateway(const struct tg_control_deploys *self, const struct tg_deploy_slot *slot,
                        struct tg_control_status *status)
{
    struct tg_control_gateway *gateway = &status->gateways[status->count++];
    struct tg_deploy_view view = {0};
    uint64_t now_ms = tg_clock_mono_ms(self->deploys->options.clock);

    (void)snprintf(gateway->name, sizeof(gateway->name), "%s", slot->name);
    gateway->state = state_of(self, slot);
    if (tg_deploy_slots_has(&slot->live)) {
        memcpy(gateway->generation, slot->live.hash, sizeof(gateway->generation));
        gateway->counter = slot->live.counter;
        gateway->workers = count_switched(self, slot);
        find_path(self->page, gateway);
    }
    if (tg_deploy_table_read(&self->page->deploys, slot->index, &view)) {
        gateway->since_ms = view.since_ms;
    }
    if (gateway->state == TG_CONTROL_TRIAL && slot->trial.ends_ms > now_ms) {
        gateway->trial_left_ms = slot->trial.ends_ms - now_ms;
    }
    gateway->connections = count_connections(self->page, slot->index);
    gateway->has_fault = slot->has_fault;
    if (slot->has_fault) {
        gateway->fault_since_ms = slot->fault_at_ms;
        memcpy(gateway->fault_generation, slot->fault_hash, sizeof(gateway->fault_generation));
        gateway->fault = slot->fault;
    }
}

static int compare_names(const void *left, const void *right)
{
    const struct tg_control_gateway *a = left;
    const struct tg_control_gateway *b = right;

    return strcmp(a->name, b->name);
}

static void on_status(void *self, struct tg_control_status *status)
{
    const struct tg_control_deploys *one = self;

    status->root = one->config->gateways;
    status->pid = (uint64_t)getpid();
    status->workers = count_serving(one);
    (void)snprintf(status->root_fault, sizeof(status->root_fault), "%s", one->deploys->root_fault);
    status->root_fault_since_ms = one->deploys->root_fault_at_ms;
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        if (one->deploys->slots.slots[i].is_bound) {
            add_gateway(one, &one->deploys->slots.slots[i], status);
        }
    }
    qsort(status->gateways, status->count, sizeof(status->gateways[0]), compare_names);
}

/* --- what is asked for --- */

static int on_begin(void *self, const struct tg_control_request *request, uint64_t *ticket,
                    struct tg_errmsg *msg)
{
    struct tg_control_deploys *one = self;

    *ticket = 0;
    switch (request->verb) {
    case TG_CONTROL_RELOAD:
        *ticket = tg_deploy_wire_scan(one->wire);
        return TG_OK;
    case TG_CONTROL_ROLLBACK:
        return tg_deploys_go_back(one->deploys, request->name, msg);
    case TG_CONTROL_REMOVE:
        return tg_deploys_remove(one->deploys, request->name, msg);
    case TG_CONTROL_STATUS:
        break;
    }
    return tg_errmsg_set(msg, TG_ERR_INVALID, "nothing to begin");
}

/* Whether some worker has not switched yet. One that holds nothing of the gateway left it out when
 * it started, and has nothing to switch to. */
static bool is_awaited(const struct tg_control_deploys *self, const struct tg_deploy_slot *slot)
{
    enum tg_control_state state = state_of(self, slot);
    bool is_behind = false;

    for (uint32_t worker = 0; worker < self->page->worker_count; worker++) {
        uint64_t held = atomic_load(&self->page->rows[worker].slots_held);
        is_behind = is_behind || ((held >> slot->index & 1) && is_serving(self, worker) &&
                                  !is_switched(self, worker, slot));
    }
    return (state == TG_CONTROL_TRIAL || state == TG_CONTROL_LIVE) && is_behind;
}

/* Of the gateway, or of any when name is NULL. */
static bool is_under_way(const struct tg_control_deploys *self, const char *name)
{
    bool is_found = tg_deploys_is_busy(self->deploys, name);

    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        const struct tg_deploy_slot *slot = &self->deploys->slots.slots[i];
        bool is_asked = slot->is_bound && (!name || strcmp(slot->name, name) == 0);
        is_found = is_found || (is_asked && is_awaited(self, slot));
    }
    return is_found;
}

/* A reload is done when the deployer has told all that it found, and nothing of it is under way:
 * who calls afterwards finds the new generation in every worker. */
static int on_look(void *self, const struct tg_control_request *request, uint64_t ticket,
                   struct tg_errmsg *msg)
{
    const struct tg_control_deploys *one = self;

    (void)msg;
    if (request->verb == TG_CONTROL_RELOAD) {
        return one->deploys->scanned < ticket || is_under_way(one, NULL) ? TG_ERR_INCOMPLETE
                                                                         : TG_OK;
    }
    return is_under_way(one, request->name) ? TG_ERR_INCOMPLETE : TG_OK;
}

int tg_control_deploys_start(struct tg_control_deploys *self, struct tg_control **control,
                             struct tg_errmsg *msg)
{
    const struct tg_control_handlers handlers = {
        .on_status = on_status, .on_begin = on_begin, .on_look = on_look, .self = self};

    return tg_control_start(control, self->config->deploy_socket, &handlers, msg);
}
