/* SPDX-License-Identifier: MIT */
/* Keeps a worker's gateways as the page says: loads what it was given at its fork, prepares what
 * the supervisor sends and votes on it, and switches when the page has changed.
 * Lives in: a worker. Owns: the generations. Borrows: hub, page. */
#ifndef TG_WORKER_GATEWAYS_H
#define TG_WORKER_GATEWAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/worker_link.h"
#include "deploy/generations.h"
#include "worker/worker.h"

struct tg_gateways {
    struct tg_hub *hub;
    struct tg_generations *generations;
    uint64_t changes;                    /* of the page's table, when it was last looked at */
    uint64_t live[TG_GATEWAYS_MAX];      /* counters; 0: none */
    uint64_t committed[TG_GATEWAYS_MAX]; /* as the page said when that was last followed */
    uint64_t proven[TG_GATEWAYS_MAX];    /* of the live ones, once that is known here */
    bool is_letting_go;                  /* a removed gateway still has clients */
};

/* Loads what is live and closes its files. What was unloaded before its path was known is left out,
 * and what would be at the path of one before it. TG_ERR_* with a message that names the file in a
 * gateway's folder, as tg_gateways_stop is still to be called then. */
int tg_gateways_start(struct tg_gateways *gateways, struct tg_hub *hub,
                      const struct tg_worker_generation *list, uint32_t count,
                      struct tg_errmsg *msg);

/* Before tg_hub_fini. Accepts zeroes. */
void tg_gateways_stop(struct tg_gateways *gateways);

/* The supervisor has said something; fd is taken over. */
void tg_gateways_on_order(struct tg_gateways *gateways, const struct tg_order *order, int fd);

/* To be called at the end of every loop turn: one load when nothing has changed. TG_ERR_NOT_FOUND:
 * what has been committed is not here, so this worker has to end; its successor will load it. */
int tg_gateways_turn(struct tg_gateways *gateways);

/* Once a second. */
void tg_gateways_measure(struct tg_gateways *gateways);

#endif
