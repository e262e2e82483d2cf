/* SPDX-License-Identifier: MIT */
#include "deploy_slots.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct tg_deploy_generation none = {.fd = -1};

void tg_deploy_slots_init(struct tg_deploy_slots *slots, struct tg_deploy_table *table)
{
    slots->table = table;
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        slots->slots[i] =
            (struct tg_deploy_slot){.index = i, .live = none, .former = none, .candidate = none};
    }
}

static void close_file(struct tg_deploy_generation *generation)
{
    if (generation->fd >= 0) {
        (void)close(generation->fd);
        generation->fd = -1;
    }
}

void tg_deploy_slots_close(struct tg_deploy_generation *generation)
{
    close_file(generation);
    *generation = none;
}

static void close_all(struct tg_deploy_slot *slot)
{
    tg_deploy_slots_close(&slot->live);
    tg_deploy_slots_close(&slot->former);
    tg_deploy_slots_close(&slot->candidate);
}

void tg_deploy_slots_fini(struct tg_deploy_slots *slots)
{
    for (uint32_t i = 0; slots->table && i < TG_GATEWAYS_MAX; i++) {
        close_all(&slots->slots[i]);
    }
}

struct tg_deploy_slot *tg_deploy_slots_find(struct tg_deploy_slots *slots, const char *name)
{
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        if (slots->slots[i].is_bound && strcmp(slots->slots[i].name, name) == 0) {
            return &slots->slots[i];
        }
    }
    return NULL;
}

/* There is nothing of it but what is wrong with it. */
static bool has_only_a_fault(const struct tg_deploy_slot *slot)
{
    return slot->live.counter == 0 && !tg_deploy_slots_has(&slot->candidate) && !slot->is_leaving &&
           !slot->is_kept_out;
}

/* The best one first: the slot that the name had, one that nobody had, any free one. */
static struct tg_deploy_slot *choose(struct tg_deploy_slots *slots, const char *name)
{
    struct tg_deploy_slot *fresh = NULL;
    struct tg_deploy_slot *used = NULL;
    struct tg_deploy_slot *faulty = NULL;

    for (uint32_t i = TG_GATEWAYS_MAX; i > 0; i--) {
        struct tg_deploy_slot *slot = &slots->slots[i - 1];
        if (slot->is_bound) {
            faulty = has_only_a_fault(slot) ? slot : faulty;
        } else if (strcmp(slot->name, name) == 0) {
            return slot;
        } else if (slot->name[0] == '\0') {
            fresh = slot;
        } else {
            used = slot;
        }
    }
    return fresh ? fresh : used ? used : faulty;
}

struct tg_deploy_slot *tg_deploy_slots_bind(struct tg_deploy_slots *slots, const char *name)
{
    struct tg_deploy_slot *slot = tg_deploy_slots_find(slots, name);

    if (slot) {
        return slot;
    }
    slot = choose(slots, name);
    if (!slot) {
        return NULL;
    }
    if (slot->is_bound) {
        tg_deploy_slots_free(slots, slot);
    }
    bool had_name = strcmp(slot->name, name) == 0;
    *slot = (struct tg_deploy_slot){.is_bound = true,
                                    .index = slot->index,
                                    .last_counter = had_name ? slot->last_counter : 0,
                                    .live = none,
                                    .former = none,
                                    .candidate = none};
    (void)snprintf(slot->name, sizeof(slot->name), "%s", name);
    tg_deploy_table_bind(slots->table, slot->index, slot->name);
    return slot;
}

void tg_deploy_slots_free(struct tg_deploy_slots *slots, struct tg_deploy_slot *slot)
{
    close_all(slot);
    slot->is_bound = false;
    slot->has_fault = false;
    tg_deploy_table_free(slots->table, slot->index);
}

void tg_deploy_slots_free_if_empty(struct tg_deploy_slots *slots, struct tg_deploy_slot *slot)
{
    if (has_only_a_fault(slot)) {
        tg_deploy_slots_free(slots, slot);
    }
}

void tg_deploy_slots_set_fault(struct tg_deploy_slots *slots, struct tg_deploy_slot *slot,
                               const struct tg_fault *fault, const char *hash, uint64_t wall_ms)
{
    struct tg_deploy_row *row = &slots->table->rows[slot->index];
    uint32_t step = fault->step < TG_FAULT_STEP_COUNT ? fault->step : TG_FAULT_SCAN;

    slot->has_fault = true;
    slot->fault_at_ms = wall_ms;
    slot->fault = *fault;
    (void)snprintf(slot->fault_hash, sizeof(slot->fault_hash), "%s", hash);
    atomic_store(&row->fault, 1 + step);
    atomic_fetch_add(&row->failures[step], 1);
}

void tg_deploy_slots_clear_fault(struct tg_deploy_slots *slots, struct tg_deploy_slot *slot)
{
    slot->has_fault = false;
    atomic_store(&slots->table->rows[slot->index].fault, 0);
}

void tg_deploy_slots_prove(struct tg_deploy_slots *slots, struct tg_deploy_slot *slot)
{
    slot->trial.is_on = false;
    slot->proven = slot->live.counter;
    tg_deploy_table_prove(slots->table, slot->index, slot->proven);
}

static const struct tg_deploy_generation *inherited(const struct tg_deploy_slot *slot)
{
    return slot->is_going_back ? &slot->former : &slot->live;
}

uint32_t tg_deploy_slots_inherit(const struct tg_deploy_slots *slots,
                                 struct tg_worker_generation list[TG_GATEWAYS_MAX])
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        const struct tg_deploy_slot *slot = &slots->slots[i];
        const struct tg_deploy_generation *generation = inherited(slot);
        if (generation->counter > 0) {
            list[count++] = (struct tg_worker_generation){i, generation->counter, generation->fd,
                                                          slot->live.counter};
        }
    }
    return count;
}

void tg_deploy_slots_keep_inherited(struct tg_deploy_slots *slots)
{
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        struct tg_deploy_slot *slot = &slots->slots[i];
        close_file(&slot->candidate);
        close_file(slot->is_going_back ? &slot->live : &slot->former);
    }
}
