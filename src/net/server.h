/* SPDX-License-Identifier: MIT */
/* The WebSocket side of a worker: accepts, reads request heads, speaks RFC 6455, writes.
 * Lives in: a worker. Owns: the libwebsockets context and every conn. Borrows: loop, hub, config,
 * listening sockets. */
#ifndef TG_NET_SERVER_H
#define TG_NET_SERVER_H

#include <stdint.h>

#include "base/err.h"
#include "core/config.h"
#include "core/loop.h"
#include "hub/hub.h"

struct tg_server; /* opaque */

struct tg_server_options {
    struct tg_loop *loop;
    struct tg_hub *hub; /* whose transport is tg_server_transport() */
    const struct tg_config *config;
    const int
        *listeners; /* listening sockets, non-blocking: that of config->listen[i] is the i-th */
    uint32_t listener_count;
};

/* What the hub calls. Static. */
const struct tg_transport *tg_server_transport(void);

/* Accepts from the next loop turn on. NULL with a message when a part can't be made. */
struct tg_server *tg_server_create(const struct tg_server_options *options, struct tg_errmsg *msg);

/* Writes what clients have waiting, one raw write per client, and ends the connections that are
 * to end. The worker calls it at the end of each loop turn, after tg_hub_turn. */
void tg_server_flush(struct tg_server *server);

/* Whether tg_server_flush has something to do. */
bool tg_server_is_dirty(const struct tg_server *server);

/* No connection is accepted any more; those without a finished handshake are cut. */
void tg_server_stop_accepting(struct tg_server *server);

/* Reads the certificates of all listeners again. What is no good pair is logged as an error, and
 * handshakes go on with the one before; connections keep what they began with. */
void tg_server_reload_certificates(struct tg_server *server);

/* Open sockets, lingering ones included. */
uint32_t tg_server_conn_count(const struct tg_server *server);

/* Cuts what is left (the hub is told of each loss), and frees. Accepts NULL. The loop must be run
 * on until it is idle. */
void tg_server_destroy(struct tg_server *server);

#endif
