/* SPDX-License-Identifier: MIT */
#include "net/conn.h"

#include "base/err.h"
#include "hub/client.h"
#include "net/conn_head.h"
#include "net/conn_stream.h"
#include "net/server_state.h"
#include "net/tls.h"

/* The peer had time enough. */
static void on_deadline(struct tg_timer *timer)
{
    struct tg_conn *conn = TG_CONTAINER(timer, struct tg_conn, deadline);

    if (conn->phase == TG_CONN_HEAD) {
        tg_hub_count(conn->server->hub, TG_COUNT_HANDSHAKE_TIMEOUTS, 1);
    }
    tg_conn_abort(conn);
}

int tg_conn_open(struct tg_conn *conn, const struct tg_conn_options *options)
{
    struct tg_server *server = options->server;
    uint64_t now_ms = tg_loop_now_ms(server->loop);

    conn->head = tg_conn_head_create(server, options->address);
    if (!conn->head) {
        return TG_ERR_NOMEM;
    }
    conn->server = server;
    conn->wsi = options->wsi;
    tg_link_init(&conn->dirty);
    tg_link_init(&conn->all);
    tg_list_append(&server->conns, &conn->all);
    server->conn_count++;
    tg_timer_init(&conn->deadline, on_deadline);
    tg_conn_set_deadline(conn, options->deadline_ms > now_ms ? options->deadline_ms - now_ms : 0);
    return TG_OK;
}

void tg_conn_receive(struct tg_conn *conn, uint8_t *octets, size_t length)
{
    if (conn->is_aborting) {
        return;
    }
    switch ((enum tg_conn_phase)conn->phase) {
    case TG_CONN_HEAD:
        tg_conn_head_receive(conn, octets, length);
        break;
    case TG_CONN_OPEN:
        tg_conn_stream_receive(conn, octets, length);
        break;
    case TG_CONN_FINISHING:
    case TG_CONN_LINGERING:
        /* Closing with unread octets would send a reset, which could overtake our last words. */
        break;
    }
}

void tg_conn_closed(struct tg_conn *conn)
{
    struct tg_client *client = conn->client;

    if (!conn->server) {
        return;
    }
    if (conn->phase == TG_CONN_HEAD && !conn->is_aborting && !tg_tls_is_established(conn->wsi)) {
        tg_hub_count(conn->server->hub, TG_COUNT_TLS_FAILURES, 1);
    }
    tg_timer_cancel(tg_loop_wheel(conn->server->loop), &conn->deadline);
    tg_link_remove(&conn->all);
    tg_link_remove(&conn->dirty);
    conn->server->conn_count--;
    conn->server = NULL;
    tg_conn_head_destroy(conn->head);
    conn->head = NULL;
    tg_conn_stream_fini(conn);
    conn->client = NULL;
    if (client) {
        tg_client_lost(client);
    }
}

void tg_conn_mark(struct tg_conn *conn)
{
    if (tg_link_is_alone(&conn->dirty)) {
        tg_list_append(&conn->server->dirty, &conn->dirty);
    }
}

void tg_conn_set_deadline(struct tg_conn *conn, uint64_t span_ms)
{
    struct tg_loop *loop = conn->server->loop;

    tg_timer_set(tg_loop_wheel(loop), &conn->deadline, tg_loop_now_ms(loop) + span_ms);
}

void tg_conn_pause(struct tg_conn *conn, bool is_paused)
{
    conn->is_paused = is_paused;
    tg_conn_mark(conn);
}

void tg_conn_finish(struct tg_conn *conn)
{
    if (conn->phase < TG_CONN_FINISHING) {
        conn->phase = TG_CONN_FINISHING;
        tg_conn_set_deadline(conn, conn->server->config->close_deadline_ms);
        tg_conn_mark(conn);
    }
}

void tg_conn_abort(struct tg_conn *conn)
{
    conn->is_aborting = true;
    tg_conn_mark(conn);
}
