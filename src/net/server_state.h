/* SPDX-License-Identifier: MIT */
/* What the files that make up a server share; nobody else includes it.
 * Lives in: a worker. Owns: conns through libwebsockets, which frees them after RAW_CLOSE. */
#ifndef TG_NET_SERVER_STATE_H
#define TG_NET_SERVER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/log.h"
#include "core/address_list.h"
#include "core/config.h"
#include "core/loop.h"
#include "hub/handshake.h"
#include "hub/hub.h"
#include "net/listener.h"

struct lws_context; /* libwebsockets */
struct lws_vhost;
struct tg_server;
struct tg_tls;

enum {
    TG_SERVER_READ_BYTES = 32768,    /* of one read, and so what may be read and not handed over; a
                                        message that lies whole in one is never copied */
    TG_SERVER_SCRATCH_BYTES = 65536, /* of frames gathered for one write */
    TG_SERVER_UNSENT_BYTES = 256 * 1024 /* that the kernel keeps for a peer before it refuses */
};

/* A listening socket, and what its connections speak. */
struct tg_door {
    struct tg_server *server;
    struct tg_listener *listener;
    struct lws_vhost *vhost; /* with the certificate, where the door has one */
    bool is_secure;
};

/* A certificate, whichever doors it is for. */
struct tg_server_certificate {
    struct tg_tls *tls;
    struct lws_vhost *vhost;
};

struct tg_server {
    /* borrowed */
    struct tg_loop *loop;
    struct tg_hub *hub;
    const struct tg_config *config;

    /* owned */
    struct lws_context *context;
    struct tg_server_certificate certificates[TG_LISTEN_MAX];
    uint32_t certificate_count;
    struct tg_door doors[TG_LISTEN_MAX];
    uint32_t door_count;
    struct tg_address_list proxies; /* who sends a PROXY header */
    struct tg_address_list trusted; /* whose X-Forwarded-For is believed */
    struct tg_header *headers;      /* config->head_fields of room for the head being read now */
    struct tg_link conns;           /* all, by conn->all */
    struct tg_link arrivals;        /* sockets that no conn is made for yet (net/arrival.c) */
    struct tg_link dirty; /* those that tg_write_out_flush has to look at, by conn->dirty */
    uint32_t conn_count;
    struct tg_log_limit adopt_log;
    struct tg_log_limit proxy_log;
    char scratch[TG_SERVER_SCRATCH_BYTES];
};

#endif
