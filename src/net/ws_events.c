/* SPDX-License-Identifier: MIT */
/* on_open when a socket was adopted, then on_rx and on_writable, on_closed once at the end. */
#include "net/ws_events.h"

#include <libwebsockets.h>

#include "base/err.h"
#include "net/conn.h"
#include "net/server_state.h"
#include "net/tls.h"
#include "net/write_out.h"

static const char PROTOCOL[] = "raw";

/* One write may be as large as an outbox: libwebsockets would copy what passes this. */
enum { WRITE_MAX = 4 << 20 };

/* What on_open has to know, on its way through lws_adopt_descriptor_vhost_via_info. */
struct arrival {
    struct tg_server *server;
    struct tg_str address;
    uint64_t deadline_ms;
    bool has_failed; /* it was closed before on_open */
};

/* A socket was adopted. */
static int on_open(struct lws *wsi, struct tg_conn *conn)
{
    const struct arrival *arrival = lws_get_opaque_user_data(wsi);

    struct tg_conn_options options = {
        .server = arrival->server,
        .wsi = wsi,
        .address = arrival->address,
        .deadline_ms = arrival->deadline_ms,
    };

    lws_set_opaque_user_data(wsi, NULL);
    return tg_conn_open(conn, &options) == TG_OK ? 0 : -1;
}

/* Octets were read into libwebsockets' buffer, which is ours until we return. */
static int on_rx(struct tg_conn *conn, uint8_t *octets, size_t length)
{
    tg_conn_receive(conn, octets, length);
    return 0;
}

/* The kernel takes octets again, and libwebsockets has none left. */
static int on_writable(struct tg_conn *conn)
{
    tg_write_out_drained(conn);
    return 0;
}

/* The socket is gone. conn is NULL when it failed before it was adopted. */
static int on_closed(struct lws *wsi, struct tg_conn *conn)
{
    struct arrival *arrival = lws_get_opaque_user_data(wsi);

    if (arrival) {
        arrival->has_failed = true;
    }
    if (conn) {
        tg_conn_closed(conn);
    }
    return 0;
}

/* A vhost's context was made: the last word on its rules is ours. */
static int on_tls_context(struct lws_vhost *vhost, struct ssl_ctx_st *context)
{
    return tg_tls_set_up(lws_get_vhost_user(vhost), context) == TG_OK ? 0 : -1;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length)
{
    switch (reason) {
    case LWS_CALLBACK_RAW_ADOPT:
        return on_open(wsi, user);
    case LWS_CALLBACK_RAW_RX:
        return on_rx(user, in, length);
    case LWS_CALLBACK_RAW_WRITEABLE:
        return on_writable(user);
    case LWS_CALLBACK_RAW_CLOSE:
        return on_closed(wsi, user);
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        return on_tls_context(in, user);
    default:
        return 0;
    }
}

const struct lws_protocols *tg_ws_events_protocols(void)
{
    static const struct lws_protocols PROTOCOLS[] = {
        {
            .name = PROTOCOL,
            .callback = on_event,
            .per_session_data_size = sizeof(struct tg_conn),
            .rx_buffer_size = TG_SERVER_READ_BYTES,
            .tx_packet_size = WRITE_MAX,
        },
        {0},
    };

    return PROTOCOLS;
}

int tg_ws_events_adopt(const struct tg_door *door, int fd, struct tg_str address,
                       uint64_t deadline_ms)
{
    struct arrival arrival = {
        .server = door->server, .address = address, .deadline_ms = deadline_ms};
    lws_adopt_desc_t adoption = {
        .vh = door->vhost,
        .type = LWS_ADOPT_SOCKET | (door->is_secure ? LWS_ADOPT_ALLOW_SSL : 0),
        .fd = {.sockfd = fd},
        .vh_prot_name = PROTOCOL,
        .opaque = &arrival,
    };

    if (lws_adopt_descriptor_vhost_via_info(&adoption)) {
        return TG_OK;
    }
    return door->is_secure && arrival.has_failed ? TG_ERR_CLOSED : TG_ERR_UNAVAILABLE;
}
