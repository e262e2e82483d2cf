/* SPDX-License-Identifier: MIT */
#include "net/conn_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/err.h"
#include "hub/client.h"
#include "net/conn.h"
#include "net/server_state.h"
#include "net/write_out.h"

/* A pause can fall between two reads of one turn, so the rest of one and the whole other. */
enum { REST_MAX = 2 * TG_SERVER_READ_BYTES };

struct tg_conn_rest {
    size_t from; /* what lies before was handed over */
    size_t length;
    uint8_t octets[];
};

/* Answers leave at the end of the turn: who sends much at once waits for them to leave, instead of
 * being evicted for what it had no chance to read. */
static bool has_room(const struct tg_client *client)
{
    struct tg_outbox_limits limits = tg_client_outbox_limits(client);

    return client->outbox.count <= limits.messages / 2 && client->outbox.bytes <= limits.bytes / 2;
}

static bool is_taking(const struct tg_conn *conn)
{
    return conn->phase == TG_CONN_OPEN && !conn->is_paused && !conn->is_aborting &&
           has_room(conn->client);
}

bool tg_conn_stream_can_resume(const struct tg_conn *conn)
{
    return conn->rest && is_taking(conn);
}

static void hand_over(struct tg_client *client, const struct tg_ws_event *event)
{
    switch (event->kind) {
    case TG_WS_MESSAGE:
        tg_client_receive(client, event->opcode, event->payload);
        break;
    case TG_WS_PING:
        tg_client_ping(client, event->payload);
        break;
    case TG_WS_CLOSE:
        tg_client_peer_close(client, event->code);
        break;
    case TG_WS_FAULT:
        tg_client_fault(client, event->fault);
        break;
    case TG_WS_PONG:
    case TG_WS_NOTHING:
        break;
    }
}

static void feed(struct tg_conn *conn, struct tg_ws_input *input)
{
    const struct tg_config *config = conn->server->config;
    struct tg_ws_limits limits = {
        .message_bytes = (uint32_t)conn->client->message_bytes,
        .message_fragments = (uint32_t)config->message_fragments,
    };
    struct tg_ws_event event;

    while (input->length > 0 && is_taking(conn)) {
        tg_ws_frame_next(&conn->reader, input, &limits, &event);
        hand_over(conn->client, &event);
        tg_ws_frame_release(&conn->reader);
    }
}

/* Keeps what the hub doesn't take now. */
static void keep(struct tg_conn *conn, const uint8_t *octets, size_t length)
{
    size_t kept = conn->rest ? conn->rest->length : 0;

    if (!tg_check(kept + length <= REST_MAX)) {
        tg_conn_abort(conn);
        return;
    }
    struct tg_conn_rest *rest = realloc(conn->rest, sizeof(*rest) + kept + length);
    if (!rest) {
        tg_client_fault(conn->client, TG_CLOSE_NO_MEMORY);
        return;
    }
    if (!conn->rest) {
        rest->from = 0;
    }
    memcpy(rest->octets + kept, octets, length);
    rest->length = kept + length;
    conn->rest = rest;
    tg_conn_mark(conn);
    /* Now, not at the end of the turn: with 1024 descriptors ready libuv waits again within one. */
    if (tg_write_out_switch_reading(conn) != TG_OK) {
        tg_conn_abort(conn);
    }
}

void tg_conn_stream_receive(struct tg_conn *conn, uint8_t *octets, size_t length)
{
    struct tg_ws_input input = {octets, length};

    tg_hub_count(conn->server->hub, TG_COUNT_BYTES_IN, length);
    /* Also within a long frame: its sender is not silent, and can't answer our pings before its
     * end. */
    tg_client_touch(conn->client);
    if (!conn->rest) {
        feed(conn, &input);
    }
    if (input.length > 0 && conn->phase == TG_CONN_OPEN && !conn->is_aborting) {
        keep(conn, input.at, input.length);
    }
}

void tg_conn_stream_resume(struct tg_conn *conn)
{
    struct tg_conn_rest *rest = conn->rest;

    if (!tg_conn_stream_can_resume(conn)) {
        return;
    }
    struct tg_ws_input input = {rest->octets + rest->from, rest->length - rest->from};
    feed(conn, &input);
    rest->from = rest->length - input.length;
    if (input.length == 0) {
        free(rest);
        conn->rest = NULL;
    }
}

void tg_conn_stream_fini(struct tg_conn *conn)
{
    free(conn->rest);
    conn->rest = NULL;
    tg_ws_frame_fini(&conn->reader);
}
