/* SPDX-License-Identifier: MIT */
/* One gateway's generations in a worker, and what becomes of each:
 *   candidate -> live -> kept -> ending -> gone, from kept back to live, and from anywhere to its
 *   end.
 * The hub, its clients and rooms know one struct tg_gateway for as long as the gateway lives; the
 * live generation's contents are in that one, and the other generations' in their own.
 * Lives in: a worker. Owns: the generations. */
#ifndef TG_DEPLOY_SLOT_H
#define TG_DEPLOY_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "core/tally.h"
#include "hub/hub.h"

enum {
    TG_SLOT_ENDING_MAX = 4, /* generations that end at their leisure; more hurry the oldest */
    TG_SLOT_CALLS = 256     /* ended per step, at most */
};

struct tg_generation {
    struct tg_link link;        /* in the slot's ending ones */
    struct tg_gateway *gateway; /* that holds its contents */
    uint64_t counter;
    uint64_t deadline_ms;       /* not live any more: when its calls are ended */
    uint32_t ended_calls;       /* so far */
    struct tg_generation *heir; /* gets what it saves, as soon as it has no calls; NULL: nobody */
    uint32_t walks; /* of the registry, after which its clients have been told that it is removed */
    bool is_proven;
    bool is_removed; /* the gateway as a whole goes: the contents are in the hub's */
};

struct tg_slot {
    struct tg_hub *hub;
    struct tg_tally *tally;
    struct tg_generation *live;
    struct tg_generation *candidate;
    struct tg_generation *kept;
    struct tg_link ending; /* oldest first */
};

void tg_slot_init(struct tg_slot *slot, struct tg_hub *hub, struct tg_tally *tally);

/* Generations that aren't the hub's go at once, their clients' tables with them. */
void tg_slot_fini(struct tg_slot *slot);

/* The loaded gateway is taken over as the candidate. TG_ERR_NOMEM: it stays the caller's. */
int tg_slot_set_candidate(struct tg_slot *slot, struct tg_gateway *gateway, uint64_t counter);

/* Accepts a slot without one. */
void tg_slot_drop_candidate(struct tg_slot *slot);

/* See tg_generations_commit, _prove and _remove. */
int tg_slot_commit(struct tg_slot *slot, uint64_t counter, struct tg_errmsg *msg);
void tg_slot_prove(struct tg_slot *slot);
void tg_slot_remove(struct tg_slot *slot);

/* Goes on with what is due: calls past their deadline, save and restore, generations that nothing
 * holds any more. Whether something is left to wait for. */
bool tg_slot_step(struct tg_slot *slot);

/* Whether there is any generation in it. */
bool tg_slot_is_held(const struct tg_slot *slot);

/* Whether a walk over the registry is wanted: a generation that ends has clients' tables, and no
 * call that would keep it anyway; or a gateway is removed, and not all of its clients know. */
bool tg_slot_wants_walk(const struct tg_slot *slot);

/* A walk has come to its end. */
void tg_slot_walked(struct tg_slot *slot);

/* The gateway of one of its generations that the path leads to, or would when it came back; NULL:
 * none. */
const struct tg_gateway *tg_slot_find_path(const struct tg_slot *slot,
                                           const struct tg_gateway *like);

#endif
