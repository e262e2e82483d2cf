/* SPDX-License-Identifier: MIT */
/* What the files of cluster share: this worker's view of the others.
 * Lives in: a worker. Only files of cluster include it. */
#ifndef TG_CLUSTER_CLUSTER_STATE_H
#define TG_CLUSTER_CLUSTER_STATE_H

#include <stdint.h>

#include "cluster/cluster.h"
#include "cluster/inquiry.h"
#include "core/mailbox.h"
#include "core/shared_page.h"

struct tg_peer {
    struct tg_cluster *cluster;
    struct tg_mailbox *mailbox;
    uint32_t slot;
    uint32_t mails; /* taken from it in this turn */
    uint64_t octets;
};

struct tg_cluster {
    struct tg_loop *loop;
    struct tg_hub *hub; /* its wheel is the loop's */
    uint32_t slot;
    void (*on_lost)(void *self, uint32_t slot, int err);
    void *self;
    struct tg_bus bus;
    struct tg_peer *peers[TG_PAGE_WORKERS_MAX]; /* by slot; NULL: none */
    uint32_t peer_count;
    struct tg_inquiry_table inquiries;
};

#endif
