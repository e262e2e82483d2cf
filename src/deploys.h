/* SPDX-License-Identifier: MIT */
/* What is live, and how it changes. A candidate is sent to all workers, committed by one store in
 * the page when every living one stands ready, and compared with the generation before while its
 * trial lasts; a breach goes back to that one. One candidate is prepared at a time, trials of
 * several gateways overlap.
 * Lives in: the supervisor. Owns: slots, files. Borrows: configuration, page, clock. Pure but for
 * the log, the files it closes and what the door does. */
#ifndef TG_DEPLOYS_H
#define TG_DEPLOYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "core/config.h"
#include "core/gateway_rows.h"
#include "deploy_door.h"
#include "deploy_round.h"
#include "deploy_slots.h"

enum {
    TG_DEPLOYS_JUDGE_MS = 250,    /* between two looks at a trial */
    TG_DEPLOYS_GO_BACK_MS = 1000, /* how long a rollback waits for workers */
    TG_DEPLOYS_LOOK_MS = 5        /* between two looks at the votes */
};

struct tg_deploys_options {
    const struct tg_config *config;
    struct tg_page *page;
    const struct tg_clock *clock;
    struct tg_deploy_door door;
};

struct tg_deploys {
    struct tg_deploys_options options;
    struct tg_deploy_slots slots;
    struct tg_deploy_round round;
    struct tg_trial_sample *sample; /* filled anew for each look */
    uint64_t orders;                /* candidates that have come */
    uint64_t tickets;               /* rounds that were begun */
    uint64_t judge_due_ms;
    uint64_t scanned;                     /* the last SCAN that the deployer has answered */
    uint64_t root_fault_at_ms;            /* wall clock */
    char root_fault[TG_FAULT_TEXT_BYTES]; /* "": none stands */
};

/* No gateway yet. TG_ERR_NOMEM. */
int tg_deploys_init(struct tg_deploys *deploys, const struct tg_deploys_options *options);

/* Closes the files. Accepts zeroes. */
void tg_deploys_fini(struct tg_deploys *deploys);

/* At the start, before any worker: this is live from the beginning. Takes fd over on success.
 * TG_ERR_FULL. */
int tg_deploys_add(struct tg_deploys *deploys, const char *name, const char *hash, int fd);

/* --- what the deployer says (core/deploy_link.h) --- */

/* Takes fd over. */
void tg_deploys_on_candidate(struct tg_deploys *deploys, const char *name, const char *hash,
                             int fd);

/* An empty text: what the deployer told before is over; all that was wrong is, when the hash is
 * that of what is live. */
void tg_deploys_on_fault(struct tg_deploys *deploys, const char *name, const char *hash,
                         const struct tg_fault *fault);
void tg_deploys_on_gone(struct tg_deploys *deploys, const char *name);

/* Which the deployer has logged; an empty text: it is fine. */
void tg_deploys_on_root(struct tg_deploys *deploys, const char *text);

/* --- what happens to workers --- */

void tg_deploys_lose_worker(struct tg_deploys *deploys, uint32_t worker);

/* A worker died in this code, is_too_often: not for the first time. True: the deploy is off, or the
 * gateway goes back to the generation before; false: there is nothing to go back to. */
bool tg_deploys_blame(struct tg_deploys *deploys, const struct tg_gateway_row *gateway,
                      bool is_too_often);

/* --- what is done by hand --- */

/* Goes back to the last proven generation beside the live one, whose content is not tried again
 * until it changes. TG_ERR_NOT_FOUND with a message: no such gateway, or nothing to go back to. */
int tg_deploys_go_back(struct tg_deploys *deploys, const char *name, struct tg_errmsg *msg);

/* Removes at once, and until the folder's content changes. TG_ERR_NOT_FOUND with a message. */
int tg_deploys_remove(struct tg_deploys *deploys, const char *name, struct tg_errmsg *msg);

/* Whether of the gateway, or of any when name is NULL, something is still to be committed or let
 * go of. A trial is not waited for. */
bool tg_deploys_is_busy(const struct tg_deploys *deploys, const char *name);

/* --- the supervisor's loop --- */

/* Does what is due. */
void tg_deploys_step(struct tg_deploys *deploys);

/* How long nothing is. */
uint64_t tg_deploys_wait_ms(const struct tg_deploys *deploys);

#endif
