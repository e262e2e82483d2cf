/* SPDX-License-Identifier: MIT */
/* The happy path: tg_slot_commit parks the live generation, exchanges its contents with the
 * candidate's and wakes that; the one before, now in the gateway of its own that the candidate came
 * in, is kept. tg_slot_step hands its save over as soon as no call of it is left. tg_slot_prove
 * retires it: its timers are cancelled, its clients' tables are taken away (deploy/generations.c),
 * and the step that finds it empty destroys it.
 *
 * Other ways: a call that is still suspended at the deadline ends with an error. A commit of the
 * kept one, or of an older one loaded anew, retires the live one and hands nothing over. Several
 * commits before the first handover: they come one after the other, each to the next. A gateway
 * that is removed ends with all its generations, the live one when its last client has gone. One
 * that comes back after it was unloaded is unavailable, and its clients are closed. */
#include "deploy/slot.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"
#include "hub/unavailable.h"
#include "script/emptying.h"
#include "script/succession.h"

static const char LOG_MODULE[] = "deploy";

enum { WALKS = 2 }; /* the one that goes on may have passed some clients already */

void tg_slot_init(struct tg_slot *slot, struct tg_hub *hub, struct tg_tally *tally)
{
    *slot = (struct tg_slot){.hub = hub, .tally = tally};
    tg_link_init(&slot->ending);
}

/* --- the generations of a slot --- */

static struct tg_generation *ending_of(struct tg_link *link)
{
    return TG_CONTAINER(link, struct tg_generation, link);
}

static bool is_empty(const struct tg_slot *slot)
{
    return !slot->live && tg_link_is_alone(&slot->ending);
}

/* Whether one before it has still to hand over to it. */
static bool is_owed(const struct tg_slot *slot, const struct tg_generation *generation)
{
    if (slot->kept && slot->kept->heir == generation) {
        return true;
    }
    for (struct tg_link *link = slot->ending.next; link != &slot->ending; link = link->next) {
        if (ending_of(link)->heir == generation) {
            return true;
        }
    }
    return false;
}

/* Nobody gets anything any more. */
static void forget_heirs(struct tg_slot *slot)
{
    if (slot->kept) {
        slot->kept->heir = NULL;
    }
    for (struct tg_link *link = slot->ending.next; link != &slot->ending; link = link->next) {
        ending_of(link)->heir = NULL;
    }
}

/* The state goes with all that is in it. */
static void destroy(struct tg_generation *generation)
{
    if (generation) {
        if (!generation->is_removed) {
            tg_gateway_destroy(generation->gateway);
        }
        free(generation);
    }
}

void tg_slot_fini(struct tg_slot *slot)
{
    struct tg_link *link;

    tg_slot_drop_candidate(slot);
    destroy(slot->kept);
    while ((link = tg_list_take_first(&slot->ending))) {
        destroy(ending_of(link));
    }
    free(slot->live);
    slot->kept = NULL;
    slot->live = NULL;
}

/* --- the candidate --- */

int tg_slot_set_candidate(struct tg_slot *slot, struct tg_gateway *gateway, uint64_t counter)
{
    struct tg_generation *made = calloc(1, sizeof(*made));

    if (!made) {
        return TG_ERR_NOMEM;
    }
    tg_slot_drop_candidate(slot);
    tg_link_init(&made->link);
    made->gateway = gateway;
    made->counter = counter;
    tg_succession_park(gateway);
    slot->candidate = made;
    return TG_OK;
}

void tg_slot_drop_candidate(struct tg_slot *slot)
{
    destroy(slot->candidate);
    slot->candidate = NULL;
}

/* --- the switch --- */

/* All but the last TG_SLOT_ENDING_MAX of those that end have no more time for their calls. */
static void hurry(struct tg_slot *slot)
{
    struct tg_link *link = slot->ending.previous;

    for (int i = 0; i < TG_SLOT_ENDING_MAX && link != &slot->ending; i++) {
        link = link->previous;
    }
    for (; link != &slot->ending; link = link->previous) {
        ending_of(link)->deadline_ms = tg_hub_now_ms(slot->hub);
    }
}

/* It ends as soon as nothing holds it any more. */
static void retire(struct tg_slot *slot, struct tg_generation *generation)
{
    tg_succession_retire(generation->gateway);
    tg_list_append(&slot->ending, &generation->link);
    hurry(slot);
}

static void start_live(struct tg_slot *slot, struct tg_generation *generation)
{
    slot->live = generation;
    generation->deadline_ms = 0;
    generation->ended_calls = 0;
    tg_tally_begin(slot->tally, generation->counter, slot->hub->config->script_memory);
    atomic_store(&slot->tally->memory_bytes, tg_succession_memory(generation->gateway));
    atomic_store(&slot->tally->clients, generation->gateway->client_count);
    tg_succession_unpark(generation->gateway, slot->tally);
}

static int commit_first(struct tg_slot *slot, struct tg_errmsg *msg)
{
    struct tg_generation *first = slot->candidate;
    int err = tg_hub_add_gateway(slot->hub, first->gateway, msg);

    if (err) {
        return err;
    }
    slot->candidate = NULL;
    first->is_proven = true;
    start_live(slot, first);
    return TG_OK;
}

/* The contents change places, what points to the hub's gateway stays. */
static void exchange(struct tg_generation *old, struct tg_generation *next)
{
    struct tg_gateway *gateway = old->gateway;

    tg_succession_exchange(gateway, next->gateway);
    old->gateway = next->gateway;
    next->gateway = gateway;
}

/* What is not proven, or can't run any more, is nothing to go back to. */
static void put_away(struct tg_slot *slot, struct tg_generation *old, struct tg_generation *next)
{
    old->deadline_ms = tg_hub_now_ms(slot->hub) + slot->hub->config->retire_deadline_ms;
    if (old->counter > next->counter) {
        forget_heirs(slot);
        next->is_proven = true;
        if (slot->kept) {
            retire(slot, slot->kept);
            slot->kept = NULL;
        }
        retire(slot, old);
        return;
    }
    old->heir = next;
    if (!old->is_proven || old->gateway->is_unavailable) {
        retire(slot, old);
        return;
    }
    if (slot->kept) {
        retire(slot, slot->kept);
    }
    slot->kept = old;
}

/* It may have been unloaded when it was loaded, or while it stood beside the live one: then not a
 * line of it runs, and who is connected has nothing to go on with. Their handles may be in its
 * state, so they end first. */
static void stop_unloaded(struct tg_slot *slot, struct tg_generation *next)
{
    struct tg_hub *hub = slot->hub;
    struct tg_gateway *gateway = next->gateway;

    if (!gateway->is_unavailable &&
        !tg_unloaded_find(&hub->page->unloaded, gateway->name, gateway->generation)) {
        return;
    }
    if (slot->live) {
        (void)tg_unavailable_end_clients(hub, slot->live->gateway);
    }
    if (!gateway->is_unavailable) {
        tg_unavailable_make(hub, gateway);
    }
}

static void commit_over(struct tg_slot *slot, struct tg_generation *next)
{
    struct tg_generation *old = slot->live;

    if (next == slot->kept) {
        next->heir = NULL;
        slot->kept = NULL;
    } else {
        slot->candidate = NULL;
    }
    tg_succession_park(old->gateway);
    exchange(old, next);
    start_live(slot, next);
    put_away(slot, old, next);
}

int tg_slot_commit(struct tg_slot *slot, uint64_t counter, struct tg_errmsg *msg)
{
    if (slot->live && slot->live->counter == counter) {
        return TG_OK;
    }
    if (slot->candidate && slot->candidate->counter == counter) {
        stop_unloaded(slot, slot->candidate);
        if (!slot->live) {
            return commit_first(slot, msg);
        }
        commit_over(slot, slot->candidate);
        return TG_OK;
    }
    if (slot->live && slot->kept && slot->kept->counter == counter) {
        stop_unloaded(slot, slot->kept);
        commit_over(slot, slot->kept);
        return TG_OK;
    }
    return tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "it was never prepared");
}

void tg_slot_prove(struct tg_slot *slot)
{
    slot->live->is_proven = true;
    if (slot->kept) {
        retire(slot, slot->kept);
        slot->kept = NULL;
    }
}

void tg_slot_remove(struct tg_slot *slot)
{
    struct tg_generation *live = slot->live;

    tg_slot_drop_candidate(slot);
    forget_heirs(slot);
    if (slot->kept) {
        retire(slot, slot->kept);
        slot->kept = NULL;
    }
    if (live) {
        slot->live = NULL;
        live->is_removed = true;
        live->walks = WALKS;
        live->deadline_ms = tg_hub_now_ms(slot->hub) + slot->hub->config->retire_deadline_ms;
        tg_hub_remove_gateway(slot->hub, live->gateway);
        tg_succession_park(live->gateway);
        tg_list_append(&slot->ending, &live->link);
    }
}

/* --- afterwards --- */

static void end_calls(struct tg_slot *slot, struct tg_generation *generation)
{
    const struct tg_gateway *gateway = generation->gateway;

    if (tg_hub_now_ms(slot->hub) < generation->deadline_ms || tg_succession_calls(gateway) == 0) {
        return;
    }
    generation->ended_calls += tg_succession_end_calls(generation->gateway, TG_SLOT_CALLS);
    if (tg_succession_calls(gateway) == 0) {
        TG_LOG_WARN("calls of an old generation were ended",
                    "gateway=%s generation=%s counter=%" PRIu64 " calls=%" PRIu32, gateway->name,
                    gateway->generation, generation->counter, generation->ended_calls);
        generation->ended_calls = 0;
    }
}

static void hand_over(struct tg_slot *slot, struct tg_generation *from)
{
    struct tg_generation *to = from->heir;
    struct tg_errmsg msg;
    char quoted[2 * sizeof(msg.text)];

    from->heir = NULL;
    if (tg_succession_hand_over(from->gateway, to->gateway, &msg) == TG_OK) {
        return;
    }
    if (to == slot->live) {
        atomic_store(&slot->tally->breach, TG_BREACH_HANDOVER);
    }
    tg_hub_count(slot->hub, TG_COUNT_SCRIPT_HANDOVER_LOST, 1);
    TG_LOG_ERROR(
        "what was saved is lost",
        "gateway=%s generation=%s counter=%" PRIu64 " to=%s to_counter=%" PRIu64 " error=%s",
        from->gateway->name, from->gateway->generation, from->counter, to->gateway->generation,
        to->counter, tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg.text)));
}

/* Ends its calls when it is time, and hands over when it has none; whether it did. */
static bool settle(struct tg_slot *slot, struct tg_generation *generation)
{
    end_calls(slot, generation);
    if (!generation->heir || tg_succession_calls(generation->gateway) > 0 ||
        is_owed(slot, generation)) {
        return false;
    }
    hand_over(slot, generation);
    return true;
}

static bool settle_all(struct tg_slot *slot)
{
    bool has_handed_over = slot->kept && settle(slot, slot->kept);

    for (struct tg_link *link = slot->ending.next; link != &slot->ending; link = link->next) {
        has_handed_over = settle(slot, ending_of(link)) || has_handed_over;
    }
    return has_handed_over;
}

static bool is_held(const struct tg_slot *slot, const struct tg_generation *generation)
{
    const struct tg_gateway *gateway = generation->gateway;

    return generation->heir || is_owed(slot, generation) || tg_succession_calls(gateway) > 0 ||
           (generation->is_removed ? gateway->client_count : tg_succession_handles(gateway)) > 0;
}

static void let_go(struct tg_slot *slot, struct tg_generation *generation)
{
    if (is_held(slot, generation)) {
        return;
    }
    tg_link_remove(&generation->link);
    TG_LOG_DEBUG("generation has ended", "gateway=%s generation=%s counter=%" PRIu64,
                 generation->gateway->name, generation->gateway->generation, generation->counter);
    tg_emptying_start(slot->hub, generation->gateway);
    free(generation);
}

bool tg_slot_step(struct tg_slot *slot)
{
    struct tg_link *link;
    struct tg_link *next;
    bool was_empty = is_empty(slot);

    /* Who has got its part may have to pass it on. */
    while (settle_all(slot)) {
    }
    for (link = slot->ending.next; link != &slot->ending; link = next) {
        next = link->next;
        let_go(slot, ending_of(link));
    }
    if (slot->live && !is_owed(slot, slot->live)) {
        atomic_store(&slot->tally->is_settled, 1);
    }
    if (!was_empty && is_empty(slot)) {
        tg_tally_end(slot->tally);
    }
    return !tg_link_is_alone(&slot->ending) ||
           (slot->kept && (slot->kept->heir || tg_succession_calls(slot->kept->gateway) > 0));
}

bool tg_slot_is_held(const struct tg_slot *slot)
{
    return slot->candidate || !is_empty(slot);
}

bool tg_slot_wants_walk(const struct tg_slot *slot)
{
    for (struct tg_link *link = slot->ending.next; link != &slot->ending; link = link->next) {
        const struct tg_generation *generation = ending_of(link);
        if (generation->walks > 0 ||
            (tg_succession_calls(generation->gateway) == 0 &&
             tg_succession_handles(generation->gateway) > 0 && !generation->is_removed)) {
            return true;
        }
    }
    return false;
}

void tg_slot_walked(struct tg_slot *slot)
{
    for (struct tg_link *link = slot->ending.next; link != &slot->ending; link = link->next) {
        struct tg_generation *generation = ending_of(link);
        generation->walks -= generation->walks > 0 ? 1 : 0;
    }
}

static const struct tg_gateway *match(const struct tg_generation *generation,
                                      const struct tg_gateway *like)
{
    return generation && tg_gateway_is_same_path(generation->gateway, like) ? generation->gateway
                                                                            : NULL;
}

const struct tg_gateway *tg_slot_find_path(const struct tg_slot *slot,
                                           const struct tg_gateway *like)
{
    const struct tg_generation *all[] = {slot->live, slot->candidate, slot->kept};
    const struct tg_gateway *found = NULL;

    for (size_t i = 0; !found && i < sizeof(all) / sizeof(all[0]); i++) {
        found = match(all[i], like);
    }
    return found;
}
