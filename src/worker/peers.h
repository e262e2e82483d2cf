/* SPDX-License-Identifier: MIT */
/* The other workers, as this one gets to know them: those that run when it starts it inherits a
 * socket to; of one that is started later the supervisor sends the end.
 * Lives in: a worker. Owns: the cluster, the sockets. Borrows: loop, hub. */
#ifndef TG_WORKER_PEERS_H
#define TG_WORKER_PEERS_H

#include <stdint.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "core/worker_link.h"

struct tg_watch; /* core/loop.h */

/* The descriptor, -1 where none came, is the callee's. */
typedef void (*tg_peers_order_fn)(void *self, const struct tg_order *order, int fd);

struct tg_peers {
    struct tg_cluster *cluster;
    struct tg_watch *watch;
    int control; /* SOCK_SEQPACKET, to the supervisor; -1: none, or it has ended */
    tg_peers_order_fn on_order;
    void *self;
};

struct tg_peers_options {
    struct tg_loop *loop;
    struct tg_hub *hub;
    uint32_t slot;       /* this worker's own */
    int *links;          /* by slot: a stream socket to the worker there, or -1 */
    uint32_t link_count; /* at most TG_PAGE_WORKERS_MAX */
    int control;         /* -1: nobody is ever added */

    /* What the supervisor says that is not about a peer; NULL: an error. */
    tg_peers_order_fn on_order;
    void *self;
};

/* Takes the sockets over, also when it fails: TG_ERR_NOMEM, TG_ERR_IO with a message. From here on
 * the hub's bus is the cluster's. */
int tg_peers_init(struct tg_peers *peers, const struct tg_peers_options *options,
                  struct tg_errmsg *msg);

/* To be called at the end of every loop turn, as tg_cluster_flush. */
void tg_peers_flush(struct tg_peers *peers);

/* The hub is alone again; who waits for answers is not told. After tg_peers_init alone. */
void tg_peers_fini(struct tg_peers *peers, struct tg_hub *hub);

#endif
