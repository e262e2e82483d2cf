/* SPDX-License-Identifier: MIT */
/* One connection, from accept4 to the end of its socket:
 *   HEAD -> (101) OPEN -> FINISHING -> LINGERING -> closed
 *   HEAD -> (refusal) FINISHING -> ...
 * The hub's calls only change flags and put the conn on the server's dirty list; what they ask is
 * done at the end of the turn (net/write_out.h).
 * Lives in: a worker. Memory: libwebsockets', zeroed before tg_conn_open, freed after
 * tg_conn_closed. Owns: head, rest, reader. Borrows: server, client. */
#ifndef TG_NET_CONN_H
#define TG_NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "core/wheel.h"
#include "net/ws_frame.h"

struct lws; /* libwebsockets */
struct tg_client;
struct tg_conn_head; /* net/conn_head.h */
struct tg_conn_rest; /* net/conn_stream.h */
struct tg_server;

enum tg_conn_phase {
    TG_CONN_HEAD,      /* TLS is agreed on and the request head comes in, until
                          limits.handshake_timeout */
    TG_CONN_OPEN,      /* frames go both ways */
    TG_CONN_FINISHING, /* what waits is written; from here on what the peer sends is discarded */
    TG_CONN_LINGERING  /* all is written, our side is shut; waits for the peer's end, or for
                          limits.close_deadline, counted from FINISHING */
};

struct tg_conn {
    struct tg_server *server; /* NULL: not opened, or closed */
    struct lws *wsi;
    struct tg_client *client;  /* NULL before the 101 and after a refusal */
    struct tg_conn_head *head; /* HEAD only */
    struct tg_conn_rest *rest; /* read and not yet handed over; NULL: nothing */
    struct tg_link all;
    struct tg_link dirty;
    struct tg_timer deadline;
    struct tg_ws_reader reader;
    uint8_t phase;    /* enum tg_conn_phase */
    bool is_paused;   /* the hub takes no messages */
    bool is_partial;  /* libwebsockets holds octets that the kernel refused */
    bool is_deaf;     /* reading is off at libwebsockets */
    bool is_aborting; /* to be cut at the end of the turn */
};

struct tg_conn_options {
    struct tg_server *server;
    struct lws *wsi;
    struct tg_str address; /* the client's, as text */
    uint64_t deadline_ms;  /* monotonic: when the request head must have come */
};

/* A socket was adopted. TG_ERR_NOMEM: it has to be closed; tg_conn_closed is no harm then. */
int tg_conn_open(struct tg_conn *conn, const struct tg_conn_options *options);

/* Octets came in; they are written over. */
void tg_conn_receive(struct tg_conn *conn, uint8_t *octets, size_t length);

/* The socket is gone: tells the hub and frees what the conn holds. */
void tg_conn_closed(struct tg_conn *conn);

/* To be looked at at the end of the turn. */
void tg_conn_mark(struct tg_conn *conn);

/* (Re)starts the deadline; when it passes the conn is cut. */
void tg_conn_set_deadline(struct tg_conn *conn, uint64_t span_ms);

/* hub/transport.h */
void tg_conn_pause(struct tg_conn *conn, bool is_paused);
void tg_conn_finish(struct tg_conn *conn);
void tg_conn_abort(struct tg_conn *conn);

#endif
