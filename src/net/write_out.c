/* SPDX-License-Identifier: MIT */
/* A conn is marked dirty by whatever happens to it, and settled once, at the end of the turn. So a
 * handler that sends ten messages, or ten handlers that send one each, cost one write. When the
 * kernel refuses octets the conn rests until it is writable (tg_write_out_drained). */
#include "net/write_out.h"

#include <sys/socket.h>

#include <libwebsockets.h>

#include "base/err.h"
#include "hub/client.h"
#include "net/conn.h"
#include "net/conn_stream.h"
#include "net/server_state.h"
#include "net/tls.h"

int tg_write_out_octets(struct tg_conn *conn, struct tg_str octets)
{
    /* lws_write wants to write before and into the buffer in other roles; a raw socket's it only
     * reads (lws_issue_raw), so frames that many clients share are safe. */
    union {
        const char *ours;
        unsigned char *theirs;
    } at = {.ours = octets.at};

    if (lws_write(conn->wsi, at.theirs, octets.length, LWS_WRITE_RAW) < 0) {
        return TG_ERR_IO;
    }
    conn->is_partial = lws_partial_buffered(conn->wsi) != 0;
    return TG_OK;
}

void tg_write_out_drained(struct tg_conn *conn)
{
    if (conn->phase == TG_CONN_FINISHING) {
        tg_conn_mark(conn); /* what TLS says last may have been refused */
    }
    if (!conn->is_partial || lws_partial_buffered(conn->wsi)) {
        return;
    }
    conn->is_partial = false;
    if (conn->client) {
        tg_outbox_written(&conn->client->outbox);
        tg_client_blocked(conn->client, false);
    }
    tg_conn_mark(conn);
}

/* Writes what waits, until nothing does or the kernel has enough. */
static int write_frames(struct tg_conn *conn)
{
    struct tg_server *server = conn->server;
    struct tg_outbox *outbox = &conn->client->outbox;

    while (!conn->is_partial && tg_outbox_has_waiting(outbox)) {
        struct tg_str octets = tg_outbox_take(outbox, server->scratch, TG_SERVER_SCRATCH_BYTES);
        int err = tg_write_out_octets(conn, octets);
        if (err) {
            return err;
        }
        tg_hub_count(server->hub, TG_COUNT_BYTES_OUT, octets.length);
        if (conn->is_partial) {
            tg_client_blocked(conn->client, true);
        } else {
            tg_outbox_written(outbox);
        }
    }
    return TG_OK;
}

/* Reading is off while the hub takes nothing, and while libwebsockets holds octets to write: it
 * reads nothing then, yet leaves the socket polled for reading and would spin. */
int tg_write_out_switch_reading(struct tg_conn *conn)
{
    bool is_held_back = conn->phase == TG_CONN_OPEN && (conn->is_paused || conn->rest);
    bool is_deaf = conn->is_partial || is_held_back;

    if (is_deaf == conn->is_deaf) {
        return TG_OK;
    }
    conn->is_deaf = is_deaf;
    return lws_rx_flow_control(conn->wsi, is_deaf ? 0 : 1) < 0 ? TG_ERR_IO : TG_OK;
}

/* Nothing is left to write: says so to the peer, and waits for it to do the same. Closing at once
 * could reset the connection and destroy what the peer hasn't read yet. */
static void shut_when_done(struct tg_conn *conn)
{
    bool is_done =
        !conn->is_partial && (!conn->client || tg_outbox_is_empty(&conn->client->outbox));

    if (conn->phase != TG_CONN_FINISHING || !is_done) {
        return;
    }
    if (tg_tls_shut(conn->wsi) == TG_ERR_INCOMPLETE) {
        (void)lws_callback_on_writable(conn->wsi); /* goes on in tg_write_out_drained */
        return;
    }
    conn->phase = TG_CONN_LINGERING;
    /* Fails when the peer is gone: then the end comes as a read of nothing. */
    (void)shutdown(lws_get_socket_fd(conn->wsi), SHUT_WR);
}

static int settle(struct tg_conn *conn)
{
    int err = TG_OK;

    do {
        if (conn->rest) {
            tg_conn_stream_resume(conn);
        }
        if (conn->is_aborting) {
            return TG_ERR_CLOSED;
        }
        if (conn->client) {
            err = write_frames(conn);
        }
    } while (!err && conn->rest && tg_conn_stream_can_resume(conn));
    if (!err) {
        err = tg_write_out_switch_reading(conn);
    }
    if (!err && conn->phase >= TG_CONN_FINISHING) {
        tg_conn_stream_fini(conn);
        shut_when_done(conn);
    }
    return err;
}

void tg_write_out_flush(struct tg_server *server)
{
    struct tg_link now;
    struct tg_link *link;

    /* Ends, because nothing is read meanwhile: each round hands over octets that were read before,
     * or runs ends of clients, and both grow less. */
    tg_link_init(&now);
    while (!tg_link_is_alone(&server->dirty)) {
        tg_list_move(&server->dirty, &now);
        while ((link = tg_list_take_first(&now))) {
            struct tg_conn *conn = TG_CONTAINER(link, struct tg_conn, dirty);
            if (settle(conn) != TG_OK) {
                /* Cuts at once, through on_closed; whatever is unsent is lost. */
                lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
            }
        }
        /* Handing over and cutting may have decided ends, which have to be run before sleep. */
        tg_hub_turn(server->hub);
    }
}
