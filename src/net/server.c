/* SPDX-License-Identifier: MIT */
/* listener accepts -> arrival takes off a proxy's header -> ws_events adopts, and libwebsockets
 * runs the TLS handshake -> conn_head reads the head and answers 101 -> conn_stream hands messages
 * to the hub -> write_out writes what the hub queued, at the end of the turn. What can go wrong:
 * descriptors run out (the listener pauses); the peer is silent, slow or breaks rules (conn's
 * deadline, the hub's limits); the peer vanishes (on_closed tells the hub). */
#include "net/server.h"

#include <malloc.h>
#include <stdlib.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <libwebsockets.h>

#include "hub/transport.h"
#include "net/arrival.h"
#include "net/certificates.h"
#include "net/conn.h"
#include "net/lws_context.h"
#include "net/lws_log.h"
#include "net/server_state.h"
#include "net/write_out.h"
#include "net/ws_events.h"

/* Freeing large frames each turn would otherwise give pages to the kernel and take them again. */
enum { TRIM_THRESHOLD = 64 << 20, TOP_PAD = 1 << 20 };

/* libwebsockets has a patience of its own for TLS handshakes, which must not end before ours. */
enum { HANDSHAKE_SPARE_S = 10 };

/* A listener got a connection. The kernel takes a bounded lead over the peer: by itself it would
 * buffer megabytes for one that does not read, and nobody would be seen as slow before. */
static void on_accept(void *self, int fd, struct tg_str address)
{
    const int unsent = TG_SERVER_UNSENT_BYTES;

    /* Fails on a socket that isn't TCP's, and there the kernel has its bound. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
    tg_arrival_begin(self, fd, address);
}

/* A listener ran out of descriptors. */
static void on_accept_pause(void *self)
{
    const struct tg_door *door = self;

    tg_hub_count(door->server->hub, TG_COUNT_ACCEPT_PAUSES, 1);
}

const struct tg_transport *tg_server_transport(void)
{
    static const struct tg_transport TRANSPORT = {
        .wake = tg_conn_mark,
        .pause = tg_conn_pause,
        .finish = tg_conn_finish,
        .abort = tg_conn_abort,
    };

    return &TRANSPORT;
}

static int create_context(struct tg_server *server, struct tg_errmsg *msg)
{
    /* All zero: no keep-alive of libwebsockets' own, whose timers are one sorted list. */
    static const lws_retry_bo_t NO_RETRY = {0};
    const struct tg_config *config = server->config;
    void *loops[1] = {tg_loop_native(server->loop)};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = tg_ws_events_protocols(),
        .gid = -1,
        .uid = -1,
        .foreign_loops = loops,
        .pt_serv_buf_size = TG_SERVER_READ_BYTES + LWS_PRE,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME,
        .timeout_secs = (unsigned)(config->handshake_timeout_ms / 1000) + HANDSHAKE_SPARE_S,
        .retry_and_idle_policy = &NO_RETRY,
        .alpn = "http/1.1", /* with h2 in the list it would change the role */
    };

    if (tg_certificates_are_wanted(config)) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    }
    server->context = lws_create_context(&info);
    if (!server->context) {
        return tg_errmsg_set(msg, TG_ERR_UNAVAILABLE,
                             "libwebsockets can't start; is its libuv plugin installed?");
    }
    return tg_certificates_load(server, &info, msg);
}

static int open_doors(struct tg_server *server, const struct tg_server_options *options,
                      struct tg_errmsg *msg)
{
    if (options->listener_count > server->config->listen_count) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "more listening sockets than addresses");
    }
    for (uint32_t i = 0; i < options->listener_count; i++) {
        struct tg_door *door = &server->doors[i];
        door->server = server;
        door->listener = tg_listener_create(server->loop, options->listeners[i], on_accept, door);
        if (!door->listener) {
            return tg_errmsg_set(msg, TG_ERR_UNAVAILABLE, "can't watch a listening socket");
        }
        tg_listener_on_pause(door->listener, on_accept_pause);
        server->door_count++;
    }
    return TG_OK;
}

static int read_proxies(struct tg_server *server, struct tg_errmsg *msg)
{
    int err = tg_address_list_read(&server->proxies, &server->config->proxy_protocol,
                                   "proxy_protocol", msg);

    return err ? err
               : tg_address_list_read(&server->trusted, &server->config->trusted_proxies,
                                      "trusted_proxies", msg);
}

struct tg_server *tg_server_create(const struct tg_server_options *options, struct tg_errmsg *msg)
{
    struct tg_server *server = calloc(1, sizeof(*server));

    if (!server) {
        (void)tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
        return NULL;
    }
    server->loop = options->loop;
    server->hub = options->hub;
    server->config = options->config;
    tg_link_init(&server->conns);
    tg_link_init(&server->arrivals);
    tg_link_init(&server->dirty);
    (void)mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD);
    (void)mallopt(M_TOP_PAD, TOP_PAD);
    tg_lws_log_start();
    server->headers = calloc(server->config->head_fields, sizeof(*server->headers));
    if (!server->headers) {
        (void)tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
        goto err_after_server;
    }
    if (read_proxies(server, msg) != TG_OK || create_context(server, msg) != TG_OK ||
        open_doors(server, options, msg) != TG_OK) {
        goto err_after_server;
    }
    return server;

err_after_server:
    tg_server_destroy(server);
    return NULL;
}

void tg_server_flush(struct tg_server *server)
{
    tg_write_out_flush(server);
}

bool tg_server_is_dirty(const struct tg_server *server)
{
    return !tg_link_is_alone(&server->dirty);
}

static void stop_listeners(struct tg_server *server)
{
    for (uint32_t i = 0; i < server->door_count; i++) {
        tg_listener_destroy(server->doors[i].listener);
    }
    server->door_count = 0;
}

void tg_server_stop_accepting(struct tg_server *server)
{
    stop_listeners(server);
    tg_arrival_cut_all(server);
    for (struct tg_link *link = server->conns.next; link != &server->conns; link = link->next) {
        struct tg_conn *conn = TG_CONTAINER(link, struct tg_conn, all);
        if (conn->phase == TG_CONN_HEAD) {
            tg_conn_abort(conn);
        }
    }
}

void tg_server_reload_certificates(struct tg_server *server)
{
    tg_certificates_reload(server);
}

uint32_t tg_server_conn_count(const struct tg_server *server)
{
    return server->conn_count;
}

void tg_server_destroy(struct tg_server *server)
{
    struct tg_link *link;

    if (!server) {
        return;
    }
    stop_listeners(server);
    tg_arrival_cut_all(server);
    while ((link = tg_list_take_first(&server->conns))) {
        struct tg_conn *conn = TG_CONTAINER(link, struct tg_conn, all);
        lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
    }
    tg_lws_context_end(server->loop, server->context);
    tg_certificates_fini(server);
    free(server->headers);
    free(server);
}
