/* SPDX-License-Identifier: MIT */
/* What is left to do after a switch is done in turns of their own, each of a few milliseconds at
 * most: one walk over the registry moves the tables of clients that have not called since, and
 * closes those of a gateway that goes. Who connects meanwhile stands on the new one already, so it
 * does no harm that a slot behind the cursor is filled anew; who has a call in flight is found by
 * the next walk. */
#include "deploy/generations.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"
#include "deploy/load.h"
#include "deploy/slot.h"
#include "hub/client.h"
#include "hub/recheck.h"
#include "script/succession.h"

static const char LOG_MODULE[] = "deploy";

enum {
    WALK_MS = 1,      /* to the next slice */
    WAIT_MS = 10,     /* to the next look at what can't go on now */
    SLICE_MS = 2,     /* of a walk's work */
    SLICE_MOVES = 256 /* at most, where the clock stands */
};

struct tg_generations {
    struct tg_hub *hub;
    struct tg_slot slots[TG_GATEWAYS_MAX];
    struct tg_timer work;
    uint32_t cursor; /* registry slots below it have been looked at in this walk */
};

/* --- afterwards --- */

struct slice {
    uint64_t until_ms;
    uint32_t moves;
    uint32_t closes;
};

/* Whether the slice has had its share. */
static bool is_spent(const struct tg_generations *generations, const struct slice *slice)
{
    return slice->moves >= SLICE_MOVES || slice->closes >= TG_RECHECK_CLOSES ||
           tg_clock_mono_ms(generations->hub->clock) >= slice->until_ms;
}

static void look_at(struct tg_client *client, struct slice *slice)
{
    if (client->gateway->is_removed && tg_client_is_open(client)) {
        tg_client_close(client, TG_CLOSE_GATEWAY_REMOVED);
        slice->closes++;
    }
    if (!client->is_busy && tg_succession_is_stranded(client)) {
        tg_succession_move(client);
        slice->moves++;
    }
}

/* Whether the walk has come to its end. */
static bool walk(struct tg_generations *generations)
{
    const struct tg_registry *registry = &generations->hub->registry;
    struct slice slice = {
        .until_ms = tg_clock_mono_ms(generations->hub->clock) + SLICE_MS,
    };

    for (uint32_t i = 0; i < TG_RECHECK_SLOTS && generations->cursor < registry->capacity; i++) {
        struct tg_client *client = registry->slots[generations->cursor++];
        if (client) {
            look_at(client, &slice);
            if (is_spent(generations, &slice)) {
                return false;
            }
        }
    }
    if (generations->cursor < registry->capacity) {
        return false;
    }
    generations->cursor = 0;
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        tg_slot_walked(&generations->slots[i]);
    }
    return true;
}

static bool has_to_walk(const struct tg_generations *generations)
{
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        if (tg_slot_wants_walk(&generations->slots[i])) {
            return true;
        }
    }
    return false;
}

static void plan(struct tg_generations *generations, uint64_t delay_ms)
{
    struct tg_wheel *wheel = generations->hub->wheel;

    tg_timer_set(wheel, &generations->work, wheel->now_ms + delay_ms);
}

/* It is time to go on. A walk that came to its end has left only what has to wait. */
static void on_work(struct tg_timer *timer)
{
    struct tg_generations *generations = TG_CONTAINER(timer, struct tg_generations, work);
    bool is_walking = has_to_walk(generations) && !walk(generations);
    bool is_waiting = false;

    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        is_waiting = tg_slot_step(&generations->slots[i]) || is_waiting;
    }
    if (is_walking || is_waiting) {
        plan(generations, is_walking ? WALK_MS : WAIT_MS);
    }
}

/* --- life --- */

struct tg_generations *tg_generations_create(struct tg_hub *hub)
{
    struct tg_generations *generations = calloc(1, sizeof(*generations));

    if (!generations) {
        return NULL;
    }
    generations->hub = hub;
    tg_timer_init(&generations->work, on_work);
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        tg_slot_init(&generations->slots[i], hub, &hub->row->tallies[i]);
    }
    return generations;
}

void tg_generations_destroy(struct tg_generations *generations)
{
    if (!generations) {
        return;
    }
    struct tg_hub *hub = generations->hub;
    tg_timer_cancel(hub->wheel, &generations->work);
    for (uint32_t i = 0; i < hub->registry.capacity; i++) {
        if (hub->registry.slots[i]) {
            tg_succession_forget_parked(hub->registry.slots[i]);
        }
    }
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        tg_slot_fini(&generations->slots[i]);
    }
    free(generations);
}

/* --- deploys --- */

static struct tg_slot *find_slot(struct tg_generations *generations, uint32_t slot)
{
    tg_require(slot < TG_GATEWAYS_MAX);
    (void)tg_check(!generations->hub->running);
    return &generations->slots[slot];
}

static bool is_counter(const struct tg_generation *generation, uint64_t counter)
{
    return generation && generation->counter == counter;
}

/* Its path must lead to no other gateway, nor to one that another generation would bring back. */
static int check_path(const struct tg_generations *generations, const struct tg_slot *own,
                      const struct tg_gateway *gateway, struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        const struct tg_slot *slot = &generations->slots[i];
        const struct tg_gateway *other = slot == own ? NULL : tg_slot_find_path(slot, gateway);
        if (other) {
            return tg_errmsg_set(msg, TG_ERR_EXISTS, "gateways %s and %s are both at the path %s",
                                 other->name, gateway->name, gateway->path);
        }
    }
    return TG_OK;
}

static int take_candidate(struct tg_generations *generations, struct tg_slot *slot,
                          struct tg_gateway *gateway, struct tg_errmsg *msg)
{
    int err = check_path(generations, slot, gateway, msg);

    if (!err && !slot->live && generations->hub->gateway_count == TG_GATEWAYS_MAX) {
        err = tg_errmsg_set(msg, TG_ERR_FULL, "more than %d gateways", TG_GATEWAYS_MAX);
    }
    if (!err && tg_slot_set_candidate(slot, gateway, gateway->counter) != TG_OK) {
        err = tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    return err;
}

int tg_generations_prepare(struct tg_generations *generations, uint32_t slot, uint64_t counter,
                           const struct tg_bundle *bundle, struct tg_errmsg *msg)
{
    struct tg_slot *at = find_slot(generations, slot);
    struct tg_bundle counted = *bundle;
    struct tg_gateway *gateway = NULL;

    if (is_counter(at->live, counter) || is_counter(at->kept, counter) ||
        is_counter(at->candidate, counter)) {
        return TG_OK;
    }
    tg_slot_drop_candidate(at);
    if (at->live && strcmp(at->live->gateway->name, bundle->name) != 0) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: its slot is that of the gateway %s",
                             bundle->name, at->live->gateway->name);
    }
    counted.counter = counter;
    int err = tg_load_bundle(generations->hub, &counted, &gateway, msg);
    if (err) {
        return err;
    }
    tg_require(gateway != NULL);
    err = take_candidate(generations, at, gateway, msg);
    if (err) {
        tg_gateway_destroy(gateway);
    }
    return err;
}

struct tg_gateway *tg_generations_candidate(const struct tg_generations *generations, uint32_t slot)
{
    tg_require(slot < TG_GATEWAYS_MAX);
    return generations->slots[slot].candidate ? generations->slots[slot].candidate->gateway : NULL;
}

void tg_generations_drop(struct tg_generations *generations, uint32_t slot, uint64_t counter)
{
    struct tg_slot *at = find_slot(generations, slot);

    if (is_counter(at->candidate, counter)) {
        tg_slot_drop_candidate(at);
    }
}

/* What can be done at once is: most often nothing is in flight. */
static void go_on(struct tg_generations *generations, struct tg_slot *slot)
{
    if (tg_slot_step(slot)) {
        plan(generations, WALK_MS);
    }
}

int tg_generations_commit(struct tg_generations *generations, uint32_t slot, uint64_t counter)
{
    struct tg_slot *at = find_slot(generations, slot);
    const struct tg_generation *before = at->live;
    struct tg_errmsg msg;
    char quoted[2 * sizeof(msg.text)];

    if (is_counter(before, counter)) {
        return TG_OK;
    }
    int err = tg_slot_commit(at, counter, &msg);
    if (err) {
        TG_LOG_ERROR("a generation can't be committed",
                     "slot=%" PRIu32 " counter=%" PRIu64 " error=%s", slot, counter,
                     tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg.text)));
        return err;
    }
    const struct tg_gateway *gateway = at->live->gateway;
    TG_LOG_INFO(before ? "gateway switched" : "gateway loaded",
                "gateway=%s path=%s generation=%s counter=%" PRIu64 " events=%u", gateway->name,
                gateway->path, gateway->generation, gateway->counter,
                (unsigned)HASH_COUNT(gateway->events));
    go_on(generations, at);
    return TG_OK;
}

void tg_generations_prove(struct tg_generations *generations, uint32_t slot, uint64_t counter)
{
    struct tg_slot *at = find_slot(generations, slot);

    if (is_counter(at->live, counter)) {
        tg_slot_prove(at);
        go_on(generations, at);
    }
}

void tg_generations_remove(struct tg_generations *generations, uint32_t slot)
{
    struct tg_slot *at = find_slot(generations, slot);

    if (at->live) {
        TG_LOG_INFO("gateway removed", "gateway=%s generation=%s counter=%" PRIu64 " clients=%u",
                    at->live->gateway->name, at->live->gateway->generation, at->live->counter,
                    at->live->gateway->client_count);
    }
    tg_slot_remove(at);
    go_on(generations, at);
}

uint64_t tg_generations_held(const struct tg_generations *generations)
{
    uint64_t held = 0;

    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        held |= tg_slot_is_held(&generations->slots[i]) ? (uint64_t)1 << i : 0;
    }
    return held;
}

void tg_generations_measure(struct tg_generations *generations)
{
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        const struct tg_slot *slot = &generations->slots[i];
        if (slot->live) {
            const struct tg_gateway *gateway = slot->live->gateway;
            atomic_store(&slot->tally->memory_bytes, tg_succession_memory(gateway));
            atomic_store(&slot->tally->clients, gateway->client_count);
        }
    }
}
