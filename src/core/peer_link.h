/* SPDX-License-Identifier: MIT */
/* How a worker that runs is given its end of a stream socket to one that is started: one message
 * over the SOCK_SEQPACKET socket between supervisor and worker, with the descriptor beside it.
 *   "peer", slot (4 octets, little-endian)
 * Lives in: the supervisor sends, workers take. The reader is pure. */
#ifndef TG_CORE_PEER_LINK_H
#define TG_CORE_PEER_LINK_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { TG_PEER_LINK_BYTES = 8 };

/* Reads a whole message. TG_ERR_SYNTAX: it isn't one, or its slot is none of
 * TG_PAGE_WORKERS_MAX. */
int tg_peer_link_read(struct tg_str octets, uint32_t *slot);

/* Sends fd, which stays the caller's, as the end to the worker at the slot. TG_ERR_FULL (later),
 * TG_ERR_CLOSED (the worker has ended), TG_ERR_IO. */
int tg_peer_link_send(int control, uint32_t slot, int fd);

/* Takes the next message; *fd is the caller's then. TG_ERR_INCOMPLETE: nothing is there.
 * TG_ERR_CLOSED: the supervisor has ended. TG_ERR_SYNTAX: a message that is none, or came without
 * exactly one descriptor, is dropped with what came with it. TG_ERR_IO. */
int tg_peer_link_take(int control, uint32_t *slot, int *fd);

#endif
