/* SPDX-License-Identifier: MIT */
/* The gateways as the supervisor knows them: which generations of each there are, with their sealed
 * files, and the fault that stands.
 * Lives in: the supervisor. Owns: the files. Borrows: the page, whose table is kept in step. */
#ifndef TG_DEPLOY_SLOTS_H
#define TG_DEPLOY_SLOTS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/deploy_table.h"
#include "core/fault.h"
#include "trial.h"
#include "worker/worker.h"

/* Zeroes with a fd of -1: none. */
struct tg_deploy_generation {
    uint64_t counter; /* 0 of a candidate that was not sent to workers yet */
    char hash[sizeof(((struct tg_bundle *)0)->generation)]; /* "": there is none */
    int fd;                                                 /* the sealed file */
};

/* How the live generation is compared with the one before. */
struct tg_deploy_trial {
    bool is_on;
    uint64_t ends_ms; /* monotonic */
    struct tg_trial_rates before;
};

struct tg_deploy_slot {
    bool is_bound;
    char name[TG_DEPLOY_NAME_BYTES]; /* of a free one: whose it was last */
    uint32_t index;
    uint64_t last_counter; /* that was ever given */

    struct tg_deploy_generation live;      /* what every worker is to run */
    struct tg_deploy_generation former;    /* the last proven one beside it, to go back to */
    struct tg_deploy_generation candidate; /* waits for its turn, or is being prepared */
    uint64_t candidate_order;              /* the lowest is next */
    uint64_t proven;                       /* the counter of the last proven one */
    struct tg_deploy_trial trial;
    bool is_going_back; /* to former, as soon as may be */

    bool is_leaving;  /* removed; workers have not let go of it yet */
    bool is_kept_out; /* removed by hand: its folder may still be there */
    char refused[sizeof(((struct tg_bundle *)0)->generation)]; /* not to be tried again */

    bool has_fault;
    uint64_t fault_at_ms;                                         /* wall clock */
    char fault_hash[sizeof(((struct tg_bundle *)0)->generation)]; /* whose; "": not known */
    struct tg_fault fault;
};

struct tg_deploy_slots {
    struct tg_deploy_table *table;
    struct tg_deploy_slot slots[TG_GATEWAYS_MAX];
};

/* All are free. */
void tg_deploy_slots_init(struct tg_deploy_slots *slots, struct tg_deploy_table *table);

/* Closes the files. */
void tg_deploy_slots_fini(struct tg_deploy_slots *slots);

/* NULL: there is none of that name. */
struct tg_deploy_slot *tg_deploy_slots_find(struct tg_deploy_slots *slots, const char *name);

/* The slot of that name, bound now if there is none: best the one that it had before, and when all
 * are taken the one of a gateway of which there is nothing but a fault. NULL: there is no room. */
struct tg_deploy_slot *tg_deploy_slots_bind(struct tg_deploy_slots *slots, const char *name);

/* Nothing of it is left anywhere. Its counter goes on when the name comes back. */
void tg_deploy_slots_free(struct tg_deploy_slots *slots, struct tg_deploy_slot *slot);

/* The same, when there is nothing of it but what is wrong with it. */
void tg_deploy_slots_free_if_empty(struct tg_deploy_slots *slots, struct tg_deploy_slot *slot);

/* Closes the file, if there is one: there is no such generation then. */
void tg_deploy_slots_close(struct tg_deploy_generation *generation);

static inline bool tg_deploy_slots_has(const struct tg_deploy_generation *generation)
{
    return generation->hash[0] != '\0';
}

static inline bool tg_deploy_slots_is(const struct tg_deploy_generation *generation,
                                      const char *hash)
{
    return tg_deploy_slots_has(generation) && strcmp(generation->hash, hash) == 0;
}

/* The live one is proven: its trial, if it had one, is over. */
void tg_deploy_slots_prove(struct tg_deploy_slots *slots, struct tg_deploy_slot *slot);

/* The fault of the generation with that hash, "" if it has none, stands until it is cleared; it
 * counts as a failed deploy at its step. */
void tg_deploy_slots_set_fault(struct tg_deploy_slots *slots, struct tg_deploy_slot *slot,
                               const struct tg_fault *fault, const char *hash, uint64_t wall_ms);
void tg_deploy_slots_clear_fault(struct tg_deploy_slots *slots, struct tg_deploy_slot *slot);

/* What a worker that is forked now is to load; in that worker the other files are closed. A gateway
 * that goes back is inherited as it will be. */
uint32_t tg_deploy_slots_inherit(const struct tg_deploy_slots *slots,
                                 struct tg_worker_generation list[TG_GATEWAYS_MAX]);
void tg_deploy_slots_keep_inherited(struct tg_deploy_slots *slots);

#endif
