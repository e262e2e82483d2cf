/* SPDX-License-Identifier: MIT */
/* libwebsockets' callbacks for raw sockets, and how a socket gets there.
 * Lives in: a worker. */
#ifndef TG_NET_WS_EVENTS_H
#define TG_NET_WS_EVENTS_H

#include <stdint.h>

#include "base/str.h"

struct lws_protocols; /* libwebsockets */
struct tg_door;

/* The table with our one protocol. Static. */
const struct lws_protocols *tg_ws_events_protocols(void);

/* Gives fd, which came in by the door, to libwebsockets, which closes it on failure too. The
 * request head must have come by deadline_ms (monotonic).
 * TG_ERR_UNAVAILABLE: it had no room or memory. TG_ERR_CLOSED: the TLS handshake failed at once. */
int tg_ws_events_adopt(const struct tg_door *door, int fd, struct tg_str address,
                       uint64_t deadline_ms);

#endif
