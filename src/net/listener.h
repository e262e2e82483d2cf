/* SPDX-License-Identifier: MIT */
/* Accepts connections from one listening socket.
 * Lives in: a worker, the admin process. Owns: its watch and timer. Borrows: loop and socket.
 * When descriptors or memory run out it stops watching for RETRY milliseconds: the queued
 * connection would keep the socket readable and the loop would spin. */
#ifndef TG_NET_LISTENER_H
#define TG_NET_LISTENER_H

#include "base/str.h"
#include "core/loop.h"

struct tg_listener; /* opaque */

enum { TG_LISTENER_RETRY_MS = 500, TG_LISTENER_BATCH = 64 /* connections per turn */ };

/* A connection was accepted: fd, non-blocking, close-on-exec and without Nagle's delay, now
 * belongs to the callee. address is the peer's as text, without port; "unix" for a local socket. */
typedef void (*tg_accept_fn)(void *self, int fd, struct tg_str address);

/* fd listens and is non-blocking. NULL when the kernel or memory refuses. */
struct tg_listener *tg_listener_create(struct tg_loop *loop, int fd, tg_accept_fn on_accept,
                                       void *self);

/* Calls on_pause, with the listener's self, each time accepting has to pause. */
void tg_listener_on_pause(struct tg_listener *listener, tg_loop_fn on_pause);

/* Accepts NULL. The socket stays open. */
void tg_listener_destroy(struct tg_listener *listener);

#endif
