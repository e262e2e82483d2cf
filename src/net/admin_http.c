/* SPDX-License-Identifier: MIT */
/* One request per connection: accepted by our own listener, adopted as HTTP, answered in the one
 * callback that libwebsockets makes for a complete head, closed when the answer is out. Timers of
 * libwebsockets don't fire when set from outside of its callbacks, so a connection's whole life
 * has one deadline of ours.
 *
 * Every Upgrade is refused without a look at it: in this version the value may be freed already
 * (CVE-2025-11677), and h2c would be accepted. CONNECT makes the connection a raw one, which ends
 * it here. */
#include "net/admin_http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/log.h"
#include "net/admin_host.h"
#include "net/listener.h"
#include "net/lws_context.h"
#include "net/lws_log.h"

static const char LOG_MODULE[] = "admin-http";

enum {
    CONNS_MAX = 64,
    LIFE_MS = 5000, /* of a connection, from accept to the last octet of the answer */
    BODY_BYTES_MAX = 1 << 20,
    HEAD_BYTES_MAX = 512,
    HOST_BYTES_MAX = 128,
    VERSION_BYTES = 16
};

struct tg_admin_http {
    struct tg_loop *loop;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct tg_listener *listener;
    struct tg_link conns;
    uint32_t conn_count;
    bool is_loopback; /* the address it listens on */
    tg_admin_handler_fn handler;
    void *self;
    struct tg_buf body;
};

struct conn {
    struct tg_link link;
    struct tg_admin_http *http;
    struct lws *wsi; /* NULL until it is adopted */
    struct tg_timer deadline;
};

static const char *phrase_of(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return "Unknown";
    }
}

static void refuse(struct tg_admin_answer *answer, int status, const char *text)
{
    answer->status = status;
    answer->content_type = "text/plain; charset=utf-8";
    tg_buf_clear(answer->body);
    tg_buf_add_str(answer->body, tg_str_of(text));
}

static bool has_header(struct lws *wsi, enum lws_token_indexes token)
{
    return lws_hdr_total_length(wsi, token) > 0;
}

static bool is_host_believed(const struct tg_admin_http *http, struct lws *wsi)
{
    char host[HOST_BYTES_MAX];

    if (!http->is_loopback || !has_header(wsi, WSI_TOKEN_HOST)) {
        return true;
    }
    int length = lws_hdr_copy(wsi, host, (int)sizeof(host), WSI_TOKEN_HOST);
    return length >= 0 && tg_admin_host_is_literal(tg_str(host, (size_t)length));
}

/* Whether the request line ends in a version that is spoken here. Without this check a line feed
 * that was percent-encoded in the path would end it, and what follows would count as a header. */
static bool is_version_known(struct lws *wsi)
{
    char version[VERSION_BYTES];
    int length = lws_hdr_copy(wsi, version, (int)sizeof(version), WSI_TOKEN_HTTP);

    return length > 0 && (strcmp(version, "HTTP/1.1") == 0 || strcmp(version, "HTTP/1.0") == 0);
}

/* The answer to the request whose head is complete. */
static void decide(struct tg_admin_http *http, struct lws *wsi, struct tg_str path,
                   struct tg_admin_answer *answer)
{
    char *uri = NULL;
    int uri_length = 0;
    int method = lws_http_get_uri_and_method(wsi, &uri, &uri_length);

    if (!is_version_known(wsi)) {
        refuse(answer, 400, "the request line makes no sense");
    } else if (!is_host_believed(http, wsi)) {
        refuse(answer, 403, "this host is not served here");
    } else if (method != LWSHUMETH_GET && method != LWSHUMETH_HEAD) {
        refuse(answer, 405, "method not allowed");
    } else if (has_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) ||
               has_header(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING)) {
        refuse(answer, 400, "a body is not taken here");
    } else {
        struct tg_str name = method == LWSHUMETH_GET ? TG_STR("GET") : TG_STR("HEAD");
        http->handler(http->self, name, path, answer);
        if (answer->body->err) {
            TG_LOG_ERROR("answer dropped", "reason=%d", answer->body->err);
            refuse(answer, 500, "the answer is too large");
        }
    }
}

/* Head and, but for HEAD, body in one write: libwebsockets keeps what the kernel doesn't take.
 * False when the connection is lost. */
static bool write_answer(struct lws *wsi, const struct tg_admin_answer *answer, bool has_body)
{
    struct tg_str body = tg_buf_str(answer->body);
    unsigned char *block = malloc(LWS_PRE + HEAD_BYTES_MAX + body.length);

    if (!block) {
        return false;
    }
    char *octets = (char *)block + LWS_PRE;
    int length = snprintf(octets, HEAD_BYTES_MAX,
                          "HTTP/1.1 %d %s\r\n"
                          "Content-Type: %s\r\n"
                          "Content-Length: %zu\r\n"
                          "%s"
                          "Cache-Control: no-store\r\n"
                          "X-Content-Type-Options: nosniff\r\n"
                          "Connection: close\r\n\r\n",
                          answer->status, phrase_of(answer->status), answer->content_type,
                          body.length, answer->status == 405 ? "Allow: GET, HEAD\r\n" : "");
    bool is_written = length > 0 && length < HEAD_BYTES_MAX;
    if (is_written) {
        size_t total = (size_t)length;
        if (has_body && body.length > 0) {
            memcpy(octets + total, body.at, body.length);
            total += body.length;
        }
        is_written = lws_write(wsi, (unsigned char *)octets, total, LWS_WRITE_HTTP_HEADERS) >= 0;
    }
    free(block);
    return is_written;
}

/* A request's head is complete. The result is for libwebsockets: -1 ends the connection. */
static int on_request(struct conn *conn, struct tg_str path)
{
    struct tg_admin_http *http = conn->http;
    struct tg_admin_answer answer = {.status = 404, .body = &http->body};
    bool is_head = has_header(conn->wsi, WSI_TOKEN_HEAD_URI);

    tg_buf_clear(&http->body);
    refuse(&answer, 404, "not found");
    decide(http, conn->wsi, path, &answer);
    if (!write_answer(conn->wsi, &answer, !is_head) || !lws_partial_buffered(conn->wsi)) {
        return -1;
    }
    return lws_callback_on_writable(conn->wsi) < 0 ? -1 : 0;
}

/* The kernel takes octets again. */
static int on_writable(struct conn *conn)
{
    if (lws_partial_buffered(conn->wsi)) {
        return lws_callback_on_writable(conn->wsi) < 0 ? -1 : 0;
    }
    return -1;
}

static void conn_destroy(struct conn *conn)
{
    tg_timer_cancel(tg_loop_wheel(conn->http->loop), &conn->deadline);
    tg_link_remove(&conn->link);
    conn->http->conn_count--;
    free(conn);
}

/* The connection ends, or has ended: libwebsockets may still call back for it, but we are not
 * interested any more. */
static void forget(struct lws *wsi, struct conn *conn)
{
    lws_set_opaque_user_data(wsi, NULL);
    conn_destroy(conn);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length)
{
    struct conn *conn = wsi ? lws_get_opaque_user_data(wsi) : NULL;

    (void)user;
    if (!conn) {
        return 0; /* of the context's own, or of a connection that was never ours */
    }
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return on_request(conn, tg_str(in, length));
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writable(conn);
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_WSI_DESTROY:
        forget(wsi, conn);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
    case LWS_CALLBACK_HTTP_BODY:
    case LWS_CALLBACK_RAW_ADOPT:
    case LWS_CALLBACK_RAW_RX:
        return -1;
    default:
        return 0;
    }
}

/* The connection's time is over. */
static void on_deadline(struct tg_timer *timer)
{
    struct conn *conn = TG_CONTAINER(timer, struct conn, deadline);

    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

static struct conn *conn_create(struct tg_admin_http *http)
{
    struct conn *conn = calloc(1, sizeof(*conn));

    if (conn) {
        conn->http = http;
        tg_link_init(&conn->link);
        tg_list_append(&http->conns, &conn->link);
        tg_timer_init(&conn->deadline, on_deadline);
        http->conn_count++;
    }
    return conn;
}

/* A client has connected. */
static void on_accept(void *self, int fd, struct tg_str address)
{
    struct tg_admin_http *http = self;
    struct conn *conn = http->conn_count < CONNS_MAX ? conn_create(http) : NULL;

    (void)address;
    if (!conn) {
        (void)close(fd);
        return;
    }
    lws_adopt_desc_t adoption = {
        .vh = http->vhost,
        .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP,
        .fd = {.sockfd = fd},
        .opaque = conn,
    };
    struct tg_link *last = http->conns.previous;
    struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&adoption);
    if (wsi) {
        struct tg_wheel *wheel = tg_loop_wheel(http->loop);
        conn->wsi = wsi;
        tg_timer_set(wheel, &conn->deadline, wheel->now_ms + LIFE_MS);
    } else if (http->conns.previous == last) {
        /* The descriptor is closed already; whether a callback came depends on how far it got. */
        conn_destroy(conn);
    }
}

/* Static: libwebsockets looks at it until its last handle is closed, after destroy has returned. */
static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_event, .tx_packet_size = BODY_BYTES_MAX + HEAD_BYTES_MAX},
    {.name = NULL},
};

static int make_context(struct tg_admin_http *http)
{
    /* Without a policy of ours, idle connections are pinged and cut by the library's. */
    static const lws_retry_bo_t no_policy = {0};
    void *loops[] = {tg_loop_native(http->loop)};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME,
        .foreign_loops = loops,
        .gid = -1,
        .uid = -1,
        .timeout_secs = LIFE_MS / 1000,
        .timeout_secs_ah_idle = LIFE_MS / 1000,
        .keepalive_timeout = LIFE_MS / 1000,
        .retry_and_idle_policy = &no_policy,
        .alpn = "http/1.1",
    };

    tg_lws_log_start();
    http->context = lws_create_context(&info);
    http->vhost = http->context ? lws_get_vhost_by_name(http->context, "default") : NULL;
    return http->vhost ? TG_OK : TG_ERR_IO;
}

static bool is_loopback(int listener)
{
    struct sockaddr_storage bound = {0};
    socklen_t length = sizeof(bound);

    if (getsockname(listener, (struct sockaddr *)&bound, &length) != 0) {
        return true; /* the stricter of the two */
    }
    if (bound.ss_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, &bound, sizeof(ipv4));
        return ntohl(ipv4.sin_addr.s_addr) >> 24 == 127;
    }
    struct sockaddr_in6 ipv6;
    memcpy(&ipv6, &bound, sizeof(ipv6));
    return bound.ss_family != AF_INET6 || IN6_IS_ADDR_LOOPBACK(&ipv6.sin6_addr);
}

struct tg_admin_http *tg_admin_http_create(struct tg_loop *loop, int listener,
                                           tg_admin_handler_fn handler, void *self,
                                           struct tg_errmsg *msg)
{
    struct tg_admin_http *http = calloc(1, sizeof(*http));

    if (!http) {
        (void)tg_errmsg_set(msg, TG_ERR_NOMEM, "%s", tg_err_text(TG_ERR_NOMEM));
        return NULL;
    }
    http->loop = loop;
    http->handler = handler;
    http->self = self;
    http->is_loopback = is_loopback(listener);
    tg_link_init(&http->conns);
    tg_buf_init(&http->body, BODY_BYTES_MAX);
    if (make_context(http) != TG_OK) {
        (void)tg_errmsg_set(msg, TG_ERR_IO, "libwebsockets can't make its context");
        goto err_after_http;
    }
    http->listener = tg_listener_create(loop, listener, on_accept, http);
    if (!http->listener) {
        (void)tg_errmsg_set(msg, TG_ERR_IO, "the listening socket can't be watched");
        goto err_after_http;
    }
    return http;
err_after_http:
    tg_admin_http_destroy(http);
    return NULL;
}

void tg_admin_http_destroy(struct tg_admin_http *http)
{
    if (!http) {
        return;
    }
    tg_listener_destroy(http->listener);
    while (!tg_link_is_alone(&http->conns)) {
        struct conn *conn = TG_CONTAINER(http->conns.next, struct conn, link);
        struct lws *wsi = conn->wsi;
        /* First forgotten: its last callback may come when http is no more. */
        forget(wsi, conn);
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
    }
    tg_lws_context_end(http->loop, http->context);
    tg_buf_fini(&http->body);
    free(http);
}
