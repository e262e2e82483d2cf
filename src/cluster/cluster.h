/* SPDX-License-Identifier: MIT */
/* This worker among the others of its machine: fills the hub's table bus.h over a mailbox to each
 * of them, and does here what they ask.
 * Lives in: a worker. Owns: the mailboxes and their sockets, open questions. Borrows: loop, hub. */
#ifndef TG_CLUSTER_CLUSTER_H
#define TG_CLUSTER_CLUSTER_H

#include <stdint.h>

#include "core/loop.h"
#include "hub/bus.h"

struct tg_cluster; /* opaque */
struct tg_hub;     /* hub/hub.h */

struct tg_cluster_options {
    struct tg_loop *loop;
    struct tg_hub *hub;
    uint32_t slot; /* this worker's own */

    /* The worker at the slot has ended (TG_ERR_CLOSED), or wrote what it must not; its mailbox is
     * gone. Called from the loop; may attach another. */
    void (*on_lost)(void *self, uint32_t slot, int err);
    void *self;
};

/* Without peers. NULL when memory is short. */
struct tg_cluster *tg_cluster_create(const struct tg_cluster_options *options);

/* Closes the sockets; who waits for answers is not told. Accepts NULL. */
void tg_cluster_destroy(struct tg_cluster *cluster);

/* Takes the stream socket to the worker at the slot over, in place of an older one. TG_ERR_INVALID
 * (its own slot, or none of TG_PAGE_WORKERS_MAX), TG_ERR_NOMEM, TG_ERR_IO (the socket can't be
 * watched): nothing has changed then. */
int tg_cluster_attach(struct tg_cluster *cluster, uint32_t slot, int fd);

/* Closes the socket to the slot, if there is one; on_lost isn't called. */
void tg_cluster_detach(struct tg_cluster *cluster, uint32_t slot);

/* The workers it has a socket to. */
uint32_t tg_cluster_peer_count(const struct tg_cluster *cluster);

/* To be called at the end of every loop turn, when clients' queues have been written: sends what
 * was published, and lets the peers' mail go on. */
void tg_cluster_flush(struct tg_cluster *cluster);

/* Valid as long as the cluster. */
const struct tg_bus *tg_cluster_bus(const struct tg_cluster *cluster);

#endif
