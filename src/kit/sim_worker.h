/* SPDX-License-Identifier: MIT */
/* One simulated worker: the hub, the gateways' scripts and the cluster of a real one, over lines in
 * memory. All workers of an app share its page, wheel and clock.
 * Lives in: the test kit. Owns: hub, generations, cluster, loop. Borrows: what its options name. */
#ifndef TG_KIT_SIM_WORKER_H
#define TG_KIT_SIM_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "cluster/cluster.h"
#include "deploy/generations.h"
#include "hub/hub.h"
#include "kit/faults.h"

struct tg_line_count; /* script/line_count.h */

struct tg_sim_worker {
    struct tg_hub hub;
    struct tg_generations *generations;
    struct tg_loop *loop;
    struct tg_cluster *cluster;
    struct tg_bus bus;       /* the cluster's, with the fault below */
    struct tg_link readable; /* lines that have something to read */
    struct tg_link dirty;    /* lines that may have something to write */
    struct tg_timer release; /* of the mail that is held */
    uint32_t slot;
    struct tg_faults *faults; /* the app's */
    uint32_t refusals;        /* publications that will be refused as unavailable */
    bool is_running;
};

struct tg_sim_worker_options {
    const struct tg_config *config;
    struct tg_page *page;
    struct tg_wheel *wheel;
    const struct tg_clock *clock;
    uint32_t slot;
    struct tg_faults *faults;
    uint64_t seed;                  /* not 0 */
    struct tg_line_count *coverage; /* NULL: lines are not counted */
};

/* Alone at first. TG_ERR_* with a message; nothing is held then. */
int tg_sim_worker_init(struct tg_sim_worker *worker, const struct tg_sim_worker_options *options,
                       struct tg_errmsg *msg);

/* As a worker that dies: no on_disconnect. Its lines must have lost it. Accepts zeroes. */
void tg_sim_worker_fini(struct tg_sim_worker *worker);

/* A stream socket between two. TG_ERR_IO, TG_ERR_NOMEM. */
int tg_sim_worker_join(struct tg_sim_worker *one, struct tg_sim_worker *other);

/* What a worker does in one turn of its loop. Whether there was anything to do. */
bool tg_sim_worker_turn(struct tg_sim_worker *worker);

/* What others publish arrives here when ms have passed. */
void tg_sim_worker_delay_mail(struct tg_sim_worker *worker, uint64_t ms);

#endif
