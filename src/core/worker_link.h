/* SPDX-License-Identifier: MIT */
/* What the supervisor tells a worker that runs: one message of a fixed size over the SOCK_SEQPACKET
 * socket between the two, in some kinds with a descriptor beside it.
 *   word (4 octets), slot (4), counter (8), ticket (8); numbers are little-endian
 *   "peer", a worker's slot, with this worker's end of a stream socket to that one
 *   "prep", a gateway's slot, counter, ticket, with its sealed files (deploy/bundle_file.h)
 *   "drop", a gateway's slot, counter: what was to be prepared won't be committed
 *   "look": wakes a worker that waits, since the page has changed (core/deploy_table.h)
 * Lives in: the supervisor sends, workers take. The reader is pure. */
#ifndef TG_CORE_WORKER_LINK_H
#define TG_CORE_WORKER_LINK_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { TG_WORKER_LINK_BYTES = 24 };

enum tg_order_kind { TG_ORDER_PEER, TG_ORDER_PREPARE, TG_ORDER_DROP, TG_ORDER_LOOK };

struct tg_order {
    enum tg_order_kind kind;
    uint32_t slot;    /* PEER: a worker's, PREPARE and DROP: a gateway's, LOOK: 0 */
    uint64_t counter; /* PREPARE and DROP: not 0, else 0 */
    uint64_t ticket;  /* PREPARE: what the vote is to name (core/vote.h), else 0 */
};

/* Reads a whole message. TG_ERR_SYNTAX: it isn't one; *order is as before then. */
int tg_worker_link_read(struct tg_str octets, struct tg_order *order);

/* Sends the order; fd stays the caller's: -1 for DROP and LOOK. TG_ERR_FULL (later), TG_ERR_CLOSED
 * (the worker has ended), TG_ERR_INVALID (no such order, or not with this descriptor), TG_ERR_IO.
 */
int tg_worker_link_send(int control, const struct tg_order *order, int fd);

/* Takes the next message; *fd is the caller's then, -1 where none comes. TG_ERR_INCOMPLETE: nothing
 * is there. TG_ERR_CLOSED: the supervisor has ended. TG_ERR_SYNTAX: a message that is none, or has
 * a descriptor too many or too few, is dropped with what came with it. TG_ERR_IO. */
int tg_worker_link_take(int control, struct tg_order *order, int *fd);

#endif
