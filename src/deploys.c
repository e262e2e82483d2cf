/* SPDX-License-Identifier: MIT */
/* The happy path: a candidate comes and waits for its turn; a round sends it to the workers; all
 * are ready; it is committed, the one before is kept while the trial lasts; the trial ends well,
 * and the kept one is let go of, but for its file.
 *
 * What can go wrong: a worker can't load it, dies of it, or is late: the deploy is off and the
 * fault stands. The trial is a breach: the kept one is sent round and committed, whatever workers
 * say, since who can't follow is replaced by one that starts with it; unless its path has become
 * another gateway's. */
#include "deploys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "deploy_report.h"

static const char LOG_MODULE[] = "deploy";
static const char FAILED[] = "deploy failed, what was live stays";

static uint64_t now_ms(const struct tg_deploys *deploys)
{
    return tg_clock_mono_ms(deploys->options.clock);
}

static uint64_t wall_ms(const struct tg_deploys *deploys)
{
    return tg_clock_wall_ms(deploys->options.clock);
}

/* --- life --- */

int tg_deploys_init(struct tg_deploys *deploys, const struct tg_deploys_options *options)
{
    *deploys = (struct tg_deploys){.options = *options, .round = {.fd = -1}};
    deploys->sample = calloc(1, sizeof(*deploys->sample));
    if (!deploys->sample) {
        return TG_ERR_NOMEM;
    }
    tg_deploy_slots_init(&deploys->slots, &options->page->deploys);
    return TG_OK;
}

void tg_deploys_fini(struct tg_deploys *deploys)
{
    tg_deploy_slots_fini(&deploys->slots);
    free(deploys->sample);
    *deploys = (struct tg_deploys){.round = {.fd = -1}};
}

/* --- what is live --- */

static void sample(struct tg_deploys *deploys, const struct tg_deploy_slot *slot)
{
    const struct tg_page *page = deploys->options.page;

    *deploys->sample = (struct tg_trial_sample){.workers = 0};
    for (uint32_t i = 0; i < page->worker_count; i++) {
        tg_trial_add(deploys->sample, &page->rows[i].tallies[slot->index], slot->live.counter);
    }
}

static bool is_unloaded(const struct tg_deploys *deploys, const char *name, const char *hash)
{
    return tg_unloaded_find(&deploys->options.page->unloaded, name, hash) != NULL;
}

/* Whether there is one to go back to; what may not run any more is none, and is let go of. */
static bool has_former(struct tg_deploys *deploys, struct tg_deploy_slot *slot)
{
    if (!slot->is_going_back && is_unloaded(deploys, slot->name, slot->former.hash)) {
        tg_deploy_slots_close(&slot->former);
    }
    return tg_deploy_slots_has(&slot->former);
}

/* One store says it; what is idle is woken to see it. */
static void publish(struct tg_deploys *deploys, struct tg_deploy_slot *slot,
                    enum tg_deploy_state state)
{
    uint64_t window_ms = deploys->options.config->deploy_trial_window_ms;
    struct tg_deploy_commit commit = {
        .counter = slot->live.counter,
        .proven = slot->proven,
        .hash = tg_deploy_table_hash(slot->live.hash),
        .state = state,
        .since_ms = wall_ms(deploys),
        .trial_ends_ms = slot->trial.is_on ? wall_ms(deploys) + window_ms : 0,
    };
    tg_deploy_table_commit(deploys->slots.table, slot->index, &commit);
    tg_deploy_door_wake(&deploys->options.door);
}

int tg_deploys_add(struct tg_deploys *deploys, const char *name, const char *hash, int fd)
{
    struct tg_deploy_slot *slot = tg_deploy_slots_bind(&deploys->slots, name);

    if (!slot) {
        return TG_ERR_FULL;
    }
    slot->live = (struct tg_deploy_generation){.counter = ++slot->last_counter, .fd = fd};
    (void)snprintf(slot->live.hash, sizeof(slot->live.hash), "%s", hash);
    slot->proven = slot->live.counter;
    publish(deploys, slot, TG_DEPLOY_LIVE);
    return TG_OK;
}

/* Nothing is compared with a generation that may not run, nor with none. */
static void keep_former(struct tg_deploys *deploys, struct tg_deploy_slot *slot)
{
    if (slot->live.counter == 0 || slot->live.counter != slot->proven ||
        is_unloaded(deploys, slot->name, slot->live.hash)) {
        tg_deploy_slots_close(&slot->live);
        return;
    }
    sample(deploys, slot);
    tg_trial_measure(deploys->sample, &slot->trial.before);
    tg_deploy_slots_close(&slot->former);
    slot->former = slot->live;
}

static void commit_candidate(struct tg_deploys *deploys, struct tg_deploy_slot *slot)
{
    uint64_t window_ms = deploys->options.config->deploy_trial_window_ms;

    keep_former(deploys, slot);
    slot->live = slot->candidate;
    slot->candidate = (struct tg_deploy_generation){.fd = -1};
    slot->trial.is_on = window_ms > 0 && tg_deploy_slots_has(&slot->former);
    slot->trial.ends_ms = now_ms(deploys) + window_ms;
    slot->proven = slot->trial.is_on ? slot->former.counter : slot->live.counter;
    slot->refused[0] = '\0';
    atomic_fetch_add(&deploys->slots.table->rows[slot->index].deploys, 1);
    tg_deploy_slots_clear_fault(&deploys->slots, slot);
    publish(deploys, slot, slot->trial.is_on ? TG_DEPLOY_TRIAL : TG_DEPLOY_LIVE);
    tg_deploy_report_step("gateway deployed", slot->name, &slot->live);
}

static void commit_former(struct tg_deploys *deploys, struct tg_deploy_slot *slot)
{
    tg_deploy_slots_close(&slot->live);
    slot->live = slot->former;
    slot->former = (struct tg_deploy_generation){.fd = -1};
    slot->is_going_back = false;
    slot->proven = slot->live.counter;
    atomic_fetch_add(&deploys->slots.table->rows[slot->index].rollbacks, 1);
    publish(deploys, slot, TG_DEPLOY_LIVE);
    tg_deploy_report_warning("gateway went back to the generation before", slot->name, &slot->live);
    if (tg_deploy_slots_is(&slot->candidate, slot->live.hash)) {
        tg_deploy_slots_close(&slot->candidate); /* the folder went back as well */
    }
}

/* --- the round --- */

/* Takes the slot's candidate, or what is gone back to, round the workers. */
static void start_round(struct tg_deploys *deploys, struct tg_deploy_slot *slot)
{
    const struct tg_deploy_generation *generation = &slot->former;
    uint64_t patience_ms = TG_DEPLOYS_GO_BACK_MS;

    if (!slot->is_going_back) {
        slot->candidate.counter = ++slot->last_counter;
        generation = &slot->candidate;
        patience_ms = deploys->options.config->deploy_prepare_deadline_ms;
    }
    deploys->round = (struct tg_deploy_round){
        .is_on = true,
        .is_rollback = slot->is_going_back,
        .slot = slot->index,
        .counter = generation->counter,
        .ticket = ++deploys->tickets,
        .fd = generation->fd,
        .deadline_ms = now_ms(deploys) + patience_ms,
    };
    TG_LOG_DEBUG("generation is sent to the workers", "gateway=%s generation=%s counter=%" PRIu64,
                 slot->name, generation->hash, generation->counter);
}

static struct tg_deploy_slot *round_slot(struct tg_deploys *deploys)
{
    return deploys->round.is_on ? &deploys->slots.slots[deploys->round.slot] : NULL;
}

/* What is being prepared of the slot waits for its turn anew, or is about to be closed. */
static void stop_round(struct tg_deploys *deploys, const struct tg_deploy_slot *slot)
{
    if (round_slot(deploys) == slot) {
        tg_deploy_round_drop(&deploys->round, &deploys->options.door);
    }
}

static void drop_candidate(struct tg_deploys *deploys, struct tg_deploy_slot *slot)
{
    if (!deploys->round.is_rollback) {
        stop_round(deploys, slot);
    }
    tg_deploy_slots_close(&slot->candidate);
}

/* The deploy is off. */
static void fail_candidate(struct tg_deploys *deploys, struct tg_deploy_slot *slot,
                           const struct tg_fault *fault)
{
    tg_deploy_report_fault(FAILED, slot->name, &slot->candidate, fault);
    tg_deploy_slots_set_fault(&deploys->slots, slot, fault, slot->candidate.hash, wall_ms(deploys));
    drop_candidate(deploys, slot);
}

/* Another gateway has taken the path of what was to come back: no worker could start with both. */
static void stay(struct tg_deploys *deploys, struct tg_deploy_slot *slot,
                 const struct tg_fault *fault)
{
    tg_deploy_report_fault("there is no way back, what is live stays", slot->name, &slot->former,
                           fault);
    tg_deploy_slots_set_fault(&deploys->slots, slot, fault, slot->former.hash, wall_ms(deploys));
    stop_round(deploys, slot);
    slot->is_going_back = false;
    slot->refused[0] = '\0';
    tg_deploy_slots_prove(&deploys->slots, slot);
    tg_deploy_door_wake(&deploys->options.door);
}

static void step_round(struct tg_deploys *deploys)
{
    struct tg_deploy_slot *slot = round_slot(deploys);
    struct tg_fault fault = {0};

    if (!slot) {
        return;
    }
    switch (
        tg_deploy_round_step(&deploys->round, &deploys->options.door, now_ms(deploys), &fault)) {
    case TG_ROUND_WAITS:
        return;
    case TG_ROUND_FAILED:
        (deploys->round.is_rollback ? stay : fail_candidate)(deploys, slot, &fault);
        return;
    case TG_ROUND_READY:
        break;
    }
    deploys->round.is_on = false;
    if (deploys->round.is_rollback) {
        commit_former(deploys, slot);
    } else {
        commit_candidate(deploys, slot);
    }
}

/* Rollbacks first, then who has waited longest. NULL: nobody waits. */
static struct tg_deploy_slot *choose_next(struct tg_deploys *deploys)
{
    struct tg_deploy_slot *next = NULL;

    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        struct tg_deploy_slot *slot = &deploys->slots.slots[i];
        if (slot->is_going_back) {
            return slot;
        }
        if (tg_deploy_slots_has(&slot->candidate) && !slot->is_leaving &&
            (!next || slot->candidate_order < next->candidate_order)) {
            next = slot;
        }
    }
    return next;
}

/* A rollback doesn't wait for a candidate, which is then sent round again. */
static void start_next(struct tg_deploys *deploys)
{
    struct tg_deploy_slot *next = choose_next(deploys);

    if (next && deploys->round.is_on && next->is_going_back && !deploys->round.is_rollback) {
        tg_deploy_round_drop(&deploys->round, &deploys->options.door);
    }
    if (next && !deploys->round.is_on) {
        start_round(deploys, next);
    }
}

/* --- trials --- */

static void start_going_back(struct tg_deploys *deploys, struct tg_deploy_slot *slot,
                             const struct tg_fault *fault)
{
    if (fault) {
        tg_deploy_report_fault("generation does worse than the one before, going back", slot->name,
                               &slot->live, fault);
        tg_deploy_slots_set_fault(&deploys->slots, slot, fault, slot->live.hash, wall_ms(deploys));
    }
    memcpy(slot->refused, slot->live.hash, sizeof(slot->refused));
    slot->trial.is_on = false;
    slot->is_going_back = true;
}

static void look_at_trial(struct tg_deploys *deploys, struct tg_deploy_slot *slot)
{
    struct tg_trial_rules rules = tg_trial_rules(deploys->options.config);
    bool is_compared = has_former(deploys, slot);
    struct tg_fault fault;

    sample(deploys, slot);
    if (is_compared && tg_trial_judge(&rules, &slot->trial.before, deploys->sample, &fault)) {
        start_going_back(deploys, slot, &fault);
        return;
    }
    bool is_settled = deploys->sample->settled == deploys->sample->workers;
    if (!is_compared || (now_ms(deploys) >= slot->trial.ends_ms && is_settled)) {
        tg_deploy_slots_prove(&deploys->slots, slot);
        tg_deploy_door_wake(&deploys->options.door);
        tg_deploy_report_step(is_compared ? "trial ended well"
                                          : "trial ended, the generation before was unloaded",
                              slot->name, &slot->live);
    }
}

static void look_at_trials(struct tg_deploys *deploys)
{
    if (now_ms(deploys) < deploys->judge_due_ms) {
        return;
    }
    deploys->judge_due_ms = now_ms(deploys) + TG_DEPLOYS_JUDGE_MS;
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        if (deploys->slots.slots[i].trial.is_on) {
            look_at_trial(deploys, &deploys->slots.slots[i]);
        }
    }
}

/* --- removal --- */

static void leave(struct tg_deploys *deploys, struct tg_deploy_slot *slot)
{
    stop_round(deploys, slot);
    tg_deploy_slots_close(&slot->candidate);
    tg_deploy_slots_close(&slot->former);
    tg_deploy_slots_close(&slot->live);
    slot->trial.is_on = false;
    slot->is_going_back = false;
    slot->proven = 0;
    slot->is_leaving = true;
    publish(deploys, slot, TG_DEPLOY_REMOVED);
}

/* Of those that were removed, and of which nobody has anything any more. */
static void release(struct tg_deploys *deploys)
{
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        struct tg_deploy_slot *slot = &deploys->slots.slots[i];
        if (!slot->is_leaving || tg_deploy_door_is_held(&deploys->options.door, i)) {
            continue;
        }
        slot->is_leaving = false;
        TG_LOG_DEBUG("nobody has the removed gateway any more", "gateway=%s", slot->name);
        if (!slot->is_kept_out && !tg_deploy_slots_has(&slot->candidate)) {
            tg_deploy_slots_free(&deploys->slots, slot);
        }
    }
}

/* --- what the deployer says --- */

/* The folder holds what is live: nothing is to be done, and nothing is wrong any more. */
static void settle(struct tg_deploys *deploys, struct tg_deploy_slot *slot)
{
    drop_candidate(deploys, slot);
    slot->refused[0] = '\0';
    tg_deploy_report_over(slot);
    tg_deploy_slots_clear_fault(&deploys->slots, slot);
}

/* Whether it is a candidate at all. */
static bool is_wanted(struct tg_deploys *deploys, struct tg_deploy_slot *slot, const char *hash)
{
    struct tg_fault fault;

    if (!slot->is_going_back && tg_deploy_slots_is(&slot->live, hash)) {
        settle(deploys, slot);
        return false;
    }
    if (tg_deploy_slots_is(&slot->candidate, hash)) {
        return false;
    }
    drop_candidate(deploys, slot); /* the folder holds something else now */
    if (strcmp(slot->refused, hash) == 0) {
        TG_LOG_WARN("generation is not tried again until the folder changes",
                    "gateway=%s generation=%s", slot->name, hash);
        return false;
    }
    if (is_unloaded(deploys, slot->name, hash)) {
        struct tg_deploy_generation generation = {.fd = -1};
        (void)snprintf(generation.hash, sizeof(generation.hash), "%s", hash);
        tg_fault_set(&fault, TG_FAULT_TRIAL, tg_str(NULL, 0), 0, "too many workers died in it");
        tg_deploy_report_fault(FAILED, slot->name, &generation, &fault);
        tg_deploy_slots_set_fault(&deploys->slots, slot, &fault, hash, wall_ms(deploys));
        return false;
    }
    return true;
}

static void take_candidate(struct tg_deploys *deploys, struct tg_deploy_slot *slot,
                           const char *hash, int fd)
{
    slot->candidate = (struct tg_deploy_generation){.fd = fd};
    (void)snprintf(slot->candidate.hash, sizeof(slot->candidate.hash), "%s", hash);
    slot->candidate_order = ++deploys->orders;
    slot->is_kept_out = false;
    if (!slot->is_going_back) {
        slot->refused[0] = '\0';
    }
}

void tg_deploys_on_candidate(struct tg_deploys *deploys, const char *name, const char *hash, int fd)
{
    struct tg_deploy_slot *slot = tg_deploy_slots_bind(&deploys->slots, name);

    if (!slot) {
        TG_LOG_ERROR("gateway can't be deployed, there are too many",
                     "gateway=%s generation=%s most=%d", name, hash, (int)TG_GATEWAYS_MAX);
    } else if (is_wanted(deploys, slot, hash)) {
        take_candidate(deploys, slot, hash, fd);
        return;
    }
    (void)close(fd);
}

void tg_deploys_on_fault(struct tg_deploys *deploys, const char *name, const char *hash,
                         const struct tg_fault *fault)
{
    struct tg_deploy_generation generation = {.fd = -1};
    struct tg_deploy_slot *slot = NULL;

    (void)snprintf(generation.hash, sizeof(generation.hash), "%s", hash);
    if (fault->text[0] == '\0') {
        slot = tg_deploy_slots_find(&deploys->slots, name);
        if (slot && !slot->is_going_back && tg_deploy_slots_is(&slot->live, hash)) {
            settle(deploys, slot);
        } else if (slot && slot->has_fault && slot->fault.step <= TG_FAULT_SELFTEST) {
            tg_deploy_report_over(slot);
            tg_deploy_slots_clear_fault(&deploys->slots, slot);
            tg_deploy_slots_free_if_empty(&deploys->slots, slot);
        }
        return;
    }
    tg_deploy_report_fault(FAILED, name, &generation, fault);
    slot = tg_deploy_slots_bind(&deploys->slots, name);
    if (slot) {
        drop_candidate(deploys, slot); /* the folder holds something else now */
        tg_deploy_slots_set_fault(&deploys->slots, slot, fault, hash, wall_ms(deploys));
    }
}

void tg_deploys_on_gone(struct tg_deploys *deploys, const char *name)
{
    struct tg_deploy_slot *slot = tg_deploy_slots_find(&deploys->slots, name);

    if (!slot) {
        return;
    }
    slot->is_kept_out = false;
    if (slot->live.counter > 0) {
        tg_deploy_report_step("gateway removed", slot->name, &slot->live);
    }
    if (!slot->is_leaving || tg_deploy_slots_has(&slot->candidate)) {
        leave(deploys, slot);
    }
}

void tg_deploys_on_root(struct tg_deploys *deploys, const char *text)
{
    if (strcmp(text, deploys->root_fault) == 0) {
        return;
    }
    (void)snprintf(deploys->root_fault, sizeof(deploys->root_fault), "%s", text);
    deploys->root_fault_at_ms = wall_ms(deploys);
    atomic_store(&deploys->slots.table->root_fault, text[0] != '\0');
}

/* --- what happens to workers --- */

void tg_deploys_lose_worker(struct tg_deploys *deploys, uint32_t worker)
{
    tg_deploy_round_lose(&deploys->round, worker);
}

bool tg_deploys_blame(struct tg_deploys *deploys, const struct tg_gateway_row *gateway,
                      bool is_too_often)
{
    struct tg_deploy_slot *slot = tg_deploy_slots_find(&deploys->slots, gateway->name);
    struct tg_fault fault;

    if (!slot) {
        return false;
    }
    if (round_slot(deploys) == slot && !deploys->round.is_rollback &&
        tg_deploy_slots_is(&slot->candidate, gateway->generation)) {
        memcpy(slot->refused, slot->candidate.hash, sizeof(slot->refused));
        tg_fault_set(&fault, TG_FAULT_PREPARE, tg_str(NULL, 0), 0, "a worker died in its code");
        fail_candidate(deploys, slot, &fault);
        return true;
    }
    if (!tg_deploy_slots_is(&slot->live, gateway->generation) || !has_former(deploys, slot)) {
        return false;
    }
    if (!slot->is_going_back && (slot->trial.is_on || is_too_often)) {
        tg_fault_set(&fault, TG_FAULT_TRIAL, tg_str(NULL, 0), 0, "a worker died in its code");
        start_going_back(deploys, slot, &fault);
    }
    return slot->is_going_back;
}

/* --- what is done by hand --- */

static struct tg_deploy_slot *find_live(struct tg_deploys *deploys, const char *name,
                                        struct tg_errmsg *msg)
{
    struct tg_deploy_slot *slot = tg_deploy_slots_find(&deploys->slots, name);

    if (!slot || slot->live.counter == 0) {
        (void)tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "no gateway \"%s\" is live", name);
        return NULL;
    }
    return slot;
}

int tg_deploys_go_back(struct tg_deploys *deploys, const char *name, struct tg_errmsg *msg)
{
    struct tg_deploy_slot *slot = find_live(deploys, name, msg);

    if (!slot) {
        return TG_ERR_NOT_FOUND;
    }
    if (!has_former(deploys, slot)) {
        return tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "%s: there is no generation to go back to",
                             name);
    }
    if (!slot->is_going_back) {
        drop_candidate(deploys, slot);
        start_going_back(deploys, slot, NULL);
    }
    return TG_OK;
}

int tg_deploys_remove(struct tg_deploys *deploys, const char *name, struct tg_errmsg *msg)
{
    struct tg_deploy_slot *slot = find_live(deploys, name, msg);

    if (!slot) {
        return TG_ERR_NOT_FOUND;
    }
    tg_deploy_report_step("gateway removed by hand", slot->name, &slot->live);
    memcpy(slot->refused, slot->live.hash, sizeof(slot->refused));
    slot->is_kept_out = true;
    tg_deploy_slots_clear_fault(&deploys->slots, slot);
    leave(deploys, slot);
    return TG_OK;
}

bool tg_deploys_is_busy(const struct tg_deploys *deploys, const char *name)
{
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        const struct tg_deploy_slot *slot = &deploys->slots.slots[i];
        bool is_asked = !name || (slot->is_bound && strcmp(slot->name, name) == 0);
        if (is_asked &&
            (slot->is_leaving || slot->is_going_back || tg_deploy_slots_has(&slot->candidate))) {
            return true;
        }
    }
    return false;
}

/* --- the loop --- */

void tg_deploys_step(struct tg_deploys *deploys)
{
    release(deploys);
    look_at_trials(deploys);
    start_next(deploys);
    step_round(deploys);
}

uint64_t tg_deploys_wait_ms(const struct tg_deploys *deploys)
{
    uint64_t now = now_ms(deploys);
    bool has_trial = false;

    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        has_trial = has_trial || deploys->slots.slots[i].trial.is_on;
    }
    if (tg_deploys_is_busy(deploys, NULL)) {
        return TG_DEPLOYS_LOOK_MS;
    }
    if (!has_trial) {
        return UINT64_MAX;
    }
    return deploys->judge_due_ms > now ? deploys->judge_due_ms - now : 0;
}
