/* SPDX-License-Identifier: MIT */
/* Resolve, connect to one address after the other, TLS, write the request, read until the answer
 * is whole. Every wait is a poll that ends at the deadline.
 *
 * Not by the client of libwebsockets: this version resolves names in the loop that it serves, and
 * its HTTP client is the part of it with the most faults found since. */
#include "net/http_get.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "net/http_response.h"

enum {
    REQUEST_BYTES_MAX = 4096,
    PIECE_BYTES = 16384,
    OVERHEAD_BYTES = 64 << 10,
    ADDRESSES_MAX = 8
};

struct get {
    const struct tg_http_url *url;
    const struct tg_http_get_options *options;
    struct tg_errmsg *msg;
    uint64_t due_ms;
    int fd;
    SSL_CTX *context; /* NULL: plain */
    SSL *ssl;
};

static uint64_t now_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

static int fail_late(const struct get *get)
{
    return tg_errmsg_set(get->msg, TG_ERR_TIMEOUT, "it took longer than %u ms",
                         get->options->deadline_ms);
}

/* 0 when the socket is ready for events before due_ms; TIMEOUT. */
static int wait_for(const struct get *get, short events, uint64_t due_ms)
{
    for (;;) {
        struct pollfd socket = {.fd = get->fd, .events = events};
        uint64_t now = now_ms();
        if (now >= due_ms) {
            return fail_late(get);
        }
        int ready = poll(&socket, 1, (int)(due_ms - now));
        if (ready > 0) {
            return TG_OK;
        }
        if (ready < 0 && errno != EINTR) {
            return tg_errmsg_set(get->msg, TG_ERR_IO, "%s", strerror(errno));
        }
    }
}

/* --- the connection --- */

/* Leaves the socket in get->fd. */
static int try_address(struct get *get, const struct addrinfo *address, uint64_t due_ms)
{
    int cause = 0;
    socklen_t length = sizeof(cause);

    get->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (get->fd < 0) {
        return tg_errmsg_set(get->msg, TG_ERR_IO, "socket: %s", strerror(errno));
    }
    if (connect(get->fd, address->ai_addr, address->ai_addrlen) == 0) {
        return TG_OK;
    }
    if (errno != EINPROGRESS) {
        return tg_errmsg_set(get->msg, TG_ERR_UNAVAILABLE, "connect: %s", strerror(errno));
    }
    int err = wait_for(get, POLLOUT, due_ms);
    if (err) {
        return err;
    }
    if (getsockopt(get->fd, SOL_SOCKET, SO_ERROR, &cause, &length) != 0 || cause != 0) {
        return tg_errmsg_set(get->msg, TG_ERR_UNAVAILABLE, "connect: %s", strerror(cause));
    }
    return TG_OK;
}

static int connect_any(struct get *get, const struct addrinfo *first)
{
    int err = tg_errmsg_set(get->msg, TG_ERR_UNAVAILABLE, "the host has no address");
    unsigned count = 0;

    for (const struct addrinfo *at = first; at; at = at->ai_next) {
        count++;
    }
    count = count < ADDRESSES_MAX ? count : ADDRESSES_MAX;
    for (const struct addrinfo *at = first; at && count > 0; at = at->ai_next, count--) {
        /* One that doesn't answer must not take the time of those behind it. */
        uint64_t now = now_ms();
        uint64_t left = get->due_ms > now ? get->due_ms - now : 0;
        err = try_address(get, at, now + left / count);
        if (err == TG_OK) {
            return TG_OK;
        }
        if (get->fd >= 0) {
            (void)close(get->fd);
            get->fd = -1;
        }
    }
    return err;
}

static int open_connection(struct get *get)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG};
    const struct addrinfo literal = {.ai_family = AF_UNSPEC,
                                     .ai_socktype = SOCK_STREAM,
                                     .ai_flags = AI_NUMERICSERV | AI_NUMERICHOST};
    struct addrinfo *first = NULL;

    /* AI_ADDRCONFIG passes over literals on a machine that has loopback alone. */
    int status = getaddrinfo(get->url->host, get->url->port, &literal, &first);
    if (status != 0) {
        status = getaddrinfo(get->url->host, get->url->port, &hints, &first);
    }
    if (status != 0) {
        return tg_errmsg_set(get->msg, TG_ERR_UNAVAILABLE, "the host can't be resolved: %s",
                             gai_strerror(status));
    }
    int err = connect_any(get, first);
    freeaddrinfo(first);
    return err;
}

/* --- TLS --- */

static int fail_tls(const struct get *get, int err, const char *what)
{
    char reason[128] = "";
    unsigned long code = ERR_peek_last_error();

    if (code) {
        ERR_error_string_n(code, reason, sizeof(reason));
    }
    ERR_clear_error();
    return tg_errmsg_set(get->msg, err, "%s%s%s", what, *reason ? ": " : "", reason);
}

static bool set_name(SSL *ssl, const struct tg_http_url *url)
{
    X509_VERIFY_PARAM *rules = SSL_get0_param(ssl);
    char host[sizeof(url->host)]; /* OpenSSL's macro casts const away */

    memcpy(host, url->host, sizeof(host));
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_ip_asc(rules, url->host) == 1) {
        return true; /* a literal; it is never sent as a name (RFC 6066 section 3) */
    }
    return SSL_set1_host(ssl, url->host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

static int make_tls(struct get *get)
{
    const char *ca_file = get->options->ca_file;

    get->context = SSL_CTX_new(TLS_client_method());
    if (!get->context || SSL_CTX_set_min_proto_version(get->context, TLS1_2_VERSION) != 1) {
        return fail_tls(get, TG_ERR_NOMEM, "TLS can't be set up");
    }
    int status = ca_file ? SSL_CTX_load_verify_locations(get->context, ca_file, NULL)
                         : SSL_CTX_set_default_verify_paths(get->context);
    if (status != 1) {
        return fail_tls(get, TG_ERR_INVALID,
                        ca_file ? "the CA file can't be read" : "the system has no CA files");
    }
    SSL_CTX_set_verify(get->context, SSL_VERIFY_PEER, NULL);
    get->ssl = SSL_new(get->context);
    if (!get->ssl || !set_name(get->ssl, get->url) || SSL_set_fd(get->ssl, get->fd) != 1) {
        return fail_tls(get, TG_ERR_NOMEM, "TLS can't be set up");
    }
    return TG_OK;
}

/* OpenSSL wants the socket ready for something: 0 when it is, else what ended it. */
static int wait_for_tls(const struct get *get, int result, const char *what)
{
    switch (SSL_get_error(get->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return wait_for(get, POLLIN, get->due_ms);
    case SSL_ERROR_WANT_WRITE:
        return wait_for(get, POLLOUT, get->due_ms);
    default:
        return fail_tls(get, TG_ERR_IO, what);
    }
}

static int shake_hands(struct get *get)
{
    for (;;) {
        ERR_clear_error();
        int result = SSL_connect(get->ssl);
        if (result == 1) {
            return TG_OK;
        }
        long verdict = SSL_get_verify_result(get->ssl);
        if (verdict != X509_V_OK) {
            return tg_errmsg_set(get->msg, TG_ERR_DENIED, "the certificate is not trusted: %s",
                                 X509_verify_cert_error_string(verdict));
        }
        int err = wait_for_tls(get, result, "the TLS handshake failed");
        if (err) {
            return err;
        }
    }
}

/* --- request and answer --- */

static int send_request(struct get *get, const char *octets, size_t length)
{
    size_t sent = 0;

    while (sent < length) {
        int err = TG_OK;
        if (get->ssl) {
            ERR_clear_error();
            int written = SSL_write(get->ssl, octets + sent, (int)(length - sent));
            sent += written > 0 ? (size_t)written : 0;
            err = written > 0 ? TG_OK : wait_for_tls(get, written, "the request can't be sent");
        } else {
            ssize_t written = send(get->fd, octets + sent, length - sent, MSG_NOSIGNAL);
            sent += written > 0 ? (size_t)written : 0;
            if (written < 0 && errno != EAGAIN && errno != EINTR) {
                return tg_errmsg_set(get->msg, TG_ERR_IO, "the request can't be sent: %s",
                                     strerror(errno));
            }
            err = written > 0 ? TG_OK : wait_for(get, POLLOUT, get->due_ms);
        }
        if (err) {
            return err;
        }
    }
    return TG_OK;
}

/* Some octets; 0 in *got: the peer has said that no more will come. */
static int receive(struct get *get, char *piece, size_t *got)
{
    for (;;) {
        int err = TG_OK;
        if (get->ssl) {
            ERR_clear_error();
            int result = SSL_read(get->ssl, piece, PIECE_BYTES);
            *got = result > 0 ? (size_t)result : 0;
            if (result > 0 || SSL_get_error(get->ssl, result) == SSL_ERROR_ZERO_RETURN) {
                return TG_OK;
            }
            err = wait_for_tls(get, result, "the answer can't be read");
        } else {
            ssize_t result = recv(get->fd, piece, PIECE_BYTES, 0);
            *got = result > 0 ? (size_t)result : 0;
            if (result >= 0) {
                return TG_OK;
            }
            if (errno != EAGAIN && errno != EINTR) {
                return tg_errmsg_set(get->msg, TG_ERR_IO, "the answer can't be read: %s",
                                     strerror(errno));
            }
            err = wait_for(get, POLLIN, get->due_ms);
        }
        if (err) {
            return err;
        }
    }
}

static int read_answer(struct get *get, int *status, struct tg_buf *body)
{
    struct tg_buf octets;
    char piece[PIECE_BYTES];
    size_t got = 0;
    int err;

    tg_buf_init(&octets, body->limit + TG_HTTP_RESPONSE_HEAD_MAX + OVERHEAD_BYTES);
    do {
        err = now_ms() < get->due_ms ? receive(get, piece, &got) : fail_late(get);
        if (err) {
            break;
        }
        tg_buf_add(&octets, piece, got);
        if (octets.err) {
            err = tg_errmsg_set(get->msg, octets.err, "the answer: %s", tg_err_text(octets.err));
            break;
        }
        err = tg_http_response_read(tg_buf_str(&octets), got == 0, status, body, get->msg);
    } while (err == TG_ERR_INCOMPLETE);
    tg_buf_fini(&octets);
    return err;
}

static int ask(struct get *get, struct tg_buf *body)
{
    const struct tg_http_url *url = get->url;
    char request[REQUEST_BYTES_MAX];
    int status = 0;
    int length = snprintf(request, sizeof(request),
                          "GET %s HTTP/1.1\r\n"
                          "Host: %s%s%s%s%s\r\n"
                          "User-Agent: tidegate/" TG_VERSION "\r\n"
                          "Accept: application/jwk-set+json, application/json\r\n"
                          "Accept-Encoding: identity\r\n"
                          "Connection: close\r\n\r\n",
                          url->target, url->is_ipv6 ? "[" : "", url->host, url->is_ipv6 ? "]" : "",
                          url->has_port ? ":" : "", url->has_port ? url->port : "");

    if (length < 0 || length >= (int)sizeof(request)) {
        return tg_errmsg_set(get->msg, TG_ERR_TOO_LARGE, "the request is too large");
    }
    int err = send_request(get, request, (size_t)length);
    err = err ? err : read_answer(get, &status, body);
    if (!err && status >= 300 && status < 400) {
        return tg_errmsg_set(get->msg, TG_ERR_UNAVAILABLE,
                             "it answered %d, and redirects are not followed", status);
    }
    if (!err && status != 200) {
        return tg_errmsg_set(get->msg, TG_ERR_UNAVAILABLE, "it answered %d", status);
    }
    return err;
}

int tg_http_get(const struct tg_http_url *url, const struct tg_http_get_options *options,
                struct tg_buf *body, struct tg_errmsg *msg)
{
    struct get get = {.url = url,
                      .options = options,
                      .msg = msg,
                      .due_ms = now_ms() + options->deadline_ms,
                      .fd = -1};
    int err = open_connection(&get);

    if (!err && url->is_tls) {
        err = make_tls(&get);
        err = err ? err : shake_hands(&get);
    }
    err = err ? err : ask(&get, body);
    SSL_free(get.ssl);
    SSL_CTX_free(get.context);
    if (get.fd >= 0) {
        (void)close(get.fd);
    }
    return err;
}
