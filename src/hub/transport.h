/* SPDX-License-Identifier: MIT */
/* What the hub asks of whatever carries octets: sockets in a worker (net), memory in tests and
 * the kit. None of these calls back into the hub before the turn ends, so the hub may call them
 * at any moment, also in the middle of a broadcast.
 * Lives in: a worker. */
#ifndef TG_HUB_TRANSPORT_H
#define TG_HUB_TRANSPORT_H

#include <stdbool.h>

struct tg_conn; /* the transport's side of one connection */

struct tg_transport {
    /* The client's outbox has got something to write: write it at the end of this turn. */
    void (*wake)(struct tg_conn *conn);

    /* Stop, or go on, handing over what the peer sends. Octets stay in the kernel meanwhile. */
    void (*pause)(struct tg_conn *conn, bool is_paused);

    /* The outbox holds the last frame it will ever hold, a close frame: write it out, discard what
     * the peer sends from now on, end the connection when the peer has ended or close_deadline has
     * passed. */
    void (*finish)(struct tg_conn *conn);

    /* End the connection at the end of this turn, whatever is unsent. */
    void (*abort)(struct tg_conn *conn);
};

#endif
