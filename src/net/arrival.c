/* SPDX-License-Identifier: MIT */
/* begin -> (a watch of our own, until the header is whole) -> adopted. Octets of a header are taken
 * off as they come, so that what is left in the socket is the client's, and a header that comes in
 * pieces doesn't keep the socket readable. What can go wrong: no header, half of one, something
 * else (all counted, the socket closed); no memory. */
#include "net/arrival.h"

#include <errno.h>
#include <stdlib.h>

#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/proxy_protocol.h"
#include "net/server_state.h"
#include "net/ws_events.h"

static const char LOG_MODULE[] = "net";

struct arrival {
    struct tg_door *door;
    struct tg_watch *watch; /* NULL: not needed yet */
    struct tg_timer deadline;
    struct tg_link link; /* in server->arrivals */
    uint64_t deadline_ms;
    struct tg_buf header;
    char address[TG_IP_TEXT_BYTES];
    int fd; /* -1: handed over */
};

/* Hands fd to libwebsockets, and tells what went wrong. */
static void adopt(const struct tg_door *door, int fd, struct tg_str address, uint64_t deadline_ms)
{
    struct tg_server *server = door->server;
    uint64_t suppressed;
    int err = tg_ws_events_adopt(door, fd, address, deadline_ms);

    if (err == TG_ERR_CLOSED) {
        tg_hub_count(server->hub, TG_COUNT_TLS_FAILURES, 1);
    } else if (err &&
               tg_log_limit_pass(&server->adopt_log, tg_loop_now_ms(server->loop), &suppressed)) {
        TG_LOG_WARN("connection dropped, no room or memory for it", "suppressed=%llu",
                    (unsigned long long)suppressed);
    }
}

/* Closes the socket unless it was handed over. */
static void destroy(struct arrival *arrival)
{
    struct tg_server *server = arrival->door->server;

    tg_watch_stop(arrival->watch);
    tg_timer_cancel(tg_loop_wheel(server->loop), &arrival->deadline);
    tg_link_remove(&arrival->link);
    tg_buf_fini(&arrival->header);
    if (arrival->fd >= 0) {
        (void)close(arrival->fd);
    }
    free(arrival);
}

static void refuse(struct arrival *arrival, const char *why)
{
    struct tg_server *server = arrival->door->server;
    uint64_t suppressed;

    tg_hub_count(server->hub, TG_COUNT_PROXY_FAILURES, 1);
    TG_LOG_DEBUG("proxy header refused", "reason=%s address=%s", why, arrival->address);
    if (tg_log_limit_pass(&server->proxy_log, tg_loop_now_ms(server->loop), &suppressed)) {
        TG_LOG_WARN("proxy headers are refused", "reason=%s address=%s suppressed=%llu", why,
                    arrival->address, (unsigned long long)suppressed);
    }
    destroy(arrival);
}

/* The header is whole, and off the socket. */
static void finish(struct arrival *arrival, const struct tg_proxy_header *header)
{
    struct tg_door *door = arrival->door;
    uint64_t deadline_ms = arrival->deadline_ms;
    char address[TG_IP_TEXT_BYTES];
    int fd = arrival->fd;

    if (header->has_source) {
        (void)tg_ip_write(&header->source, address);
    } else {
        memcpy(address, arrival->address, sizeof(address));
    }
    arrival->fd = -1;
    /* Our watch must be gone before: the loop refuses a second one on the same descriptor. */
    destroy(arrival);
    adopt(door, fd, tg_str_of(address), deadline_ms);
}

/* Looks at what is there, and takes off the socket what belongs to the header. False: the arrival
 * is over, one way or the other. */
static bool take_octets(struct arrival *arrival)
{
    char octets[TG_PROXY_PROTOCOL_MAX];
    struct tg_proxy_header header;
    size_t before = arrival->header.length;
    ssize_t count = recv(arrival->fd, octets, sizeof(octets) - before, MSG_PEEK);

    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return true;
    }
    if (count <= 0) {
        refuse(arrival, "ended");
        return false;
    }
    tg_buf_add(&arrival->header, octets, (size_t)count);
    if (arrival->header.err) {
        refuse(arrival, "no_memory");
        return false;
    }
    int err = tg_proxy_protocol_read(tg_buf_str(&arrival->header), &header);
    if (err && err != TG_ERR_INCOMPLETE) {
        refuse(arrival, err == TG_ERR_TOO_LARGE ? "too_large" : "malformed");
        return false;
    }
    size_t own = err ? (size_t)count : header.length - before;
    if (recv(arrival->fd, octets, own, 0) != (ssize_t)own) {
        refuse(arrival, "ended");
        return false;
    }
    if (err) {
        return true;
    }
    finish(arrival, &header);
    return false;
}

/* Octets have come, or the end. */
static void on_readable(void *self)
{
    (void)take_octets(self);
}

/* The peer had time enough. */
static void on_deadline(struct tg_timer *timer)
{
    struct arrival *arrival = TG_CONTAINER(timer, struct arrival, deadline);

    tg_hub_count(arrival->door->server->hub, TG_COUNT_HANDSHAKE_TIMEOUTS, 1);
    destroy(arrival);
}

static void wait_for_header(struct tg_door *door, int fd, struct tg_str address,
                            uint64_t deadline_ms)
{
    struct tg_server *server = door->server;
    struct arrival *arrival = calloc(1, sizeof(*arrival));

    if (!arrival) {
        (void)close(fd);
        return;
    }
    arrival->door = door;
    arrival->fd = fd;
    arrival->deadline_ms = deadline_ms;
    memcpy(arrival->address, address.at, address.length);
    tg_buf_init(&arrival->header, TG_PROXY_PROTOCOL_MAX);
    tg_link_init(&arrival->link);
    tg_list_append(&server->arrivals, &arrival->link);
    tg_timer_init(&arrival->deadline, on_deadline);
    /* Most proxies send it at once: then no watch is needed. */
    if (!take_octets(arrival)) {
        return;
    }
    arrival->watch = tg_watch_start(server->loop, fd, on_readable, arrival);
    if (!arrival->watch) {
        refuse(arrival, "no_memory");
        return;
    }
    tg_timer_set(tg_loop_wheel(server->loop), &arrival->deadline, deadline_ms);
}

void tg_arrival_begin(struct tg_door *door, int fd, struct tg_str address)
{
    struct tg_server *server = door->server;
    uint64_t deadline_ms = tg_loop_now_ms(server->loop) + server->config->handshake_timeout_ms;

    if (address.length < TG_IP_TEXT_BYTES && tg_address_list_has_text(&server->proxies, address)) {
        wait_for_header(door, fd, address, deadline_ms);
    } else {
        adopt(door, fd, address, deadline_ms);
    }
}

void tg_arrival_cut_all(struct tg_server *server)
{
    struct tg_link *link;

    while ((link = tg_list_take_first(&server->arrivals))) {
        destroy(TG_CONTAINER(link, struct arrival, link));
    }
}
