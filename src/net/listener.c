/* SPDX-License-Identifier: MIT */
#include "net/listener.h"

#include <errno.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

static const char LOG_MODULE[] = "net";

struct tg_listener {
    struct tg_loop *loop;
    struct tg_watch *watch;
    struct tg_timer retry;
    tg_accept_fn on_accept;
    tg_loop_fn on_pause; /* NULL: nobody asks */
    void *self;
    struct tg_log_limit pause_log;
    int fd;
    bool is_gone; /* destroyed from within on_accept: freed when the batch has ended */
    bool is_accepting;
};

/* The peer's address as text in room; the view's text is terminated. */
static struct tg_str write_address(const struct sockaddr_storage *peer, char room[INET6_ADDRSTRLEN])
{
    const char *text = NULL;

    if (peer->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)peer;
        text = inet_ntop(AF_INET, &v4->sin_addr, room, INET6_ADDRSTRLEN);
    } else if (peer->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)peer;
        /* One client has one text, whichever socket it came through. */
        text = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)
                   ? inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], room, INET6_ADDRSTRLEN)
                   : inet_ntop(AF_INET6, &v6->sin6_addr, room, INET6_ADDRSTRLEN);
    }
    return text ? tg_str_of(text) : TG_STR("unix");
}

/* The retry time is over. */
static void on_retry(struct tg_timer *timer)
{
    struct tg_listener *listener = TG_CONTAINER(timer, struct tg_listener, retry);

    tg_watch_pause(listener->watch, false);
}

static void pause_accepting(struct tg_listener *listener, int reason)
{
    uint64_t now_ms = tg_loop_now_ms(listener->loop);
    uint64_t suppressed;

    tg_watch_pause(listener->watch, true);
    tg_timer_set(tg_loop_wheel(listener->loop), &listener->retry, now_ms + TG_LISTENER_RETRY_MS);
    if (tg_log_limit_pass(&listener->pause_log, now_ms, &suppressed)) {
        TG_LOG_WARN("accepting paused, the system is short of descriptors or memory",
                    "errno=%d suppressed=%llu", reason, (unsigned long long)suppressed);
    }
    if (listener->on_pause) {
        listener->on_pause(listener->self);
    }
}

/* Errors that belong to one connection, which is gone already (accept(2)). */
static bool is_passing(int reason)
{
    switch (reason) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case EPERM:
        return true;
    default:
        return false;
    }
}

/* Takes one connection. False when the batch has to end. */
static bool accept_one(struct tg_listener *listener)
{
    struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
    socklen_t length = sizeof(peer);
    char room[INET6_ADDRSTRLEN];
    const int on = 1;
    int fd = accept4(listener->fd, (struct sockaddr *)(void *)&peer, &length,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        if (is_passing(errno)) {
            return true;
        }
        if (errno != EAGAIN && errno != EWOULDBLOCK) {
            pause_accepting(listener, errno);
        }
        return false;
    }
    if (peer.ss_family != AF_UNIX) {
        /* Frames leave in one write per turn; waiting for the peer's ACK would only delay them. A
         * failure costs speed, nothing else. */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    listener->on_accept(listener->self, fd, write_address(&peer, room));
    return !listener->is_gone;
}

/* Connections wait. The bound leaves time for the others; the watch is level-triggered. */
static void on_readable(void *self)
{
    struct tg_listener *listener = self;

    listener->is_accepting = true;
    for (int i = 0; i < TG_LISTENER_BATCH; i++) {
        if (!accept_one(listener)) {
            break;
        }
    }
    listener->is_accepting = false;
    if (listener->is_gone) {
        free(listener);
    }
}

struct tg_listener *tg_listener_create(struct tg_loop *loop, int fd, tg_accept_fn on_accept,
                                       void *self)
{
    struct tg_listener *listener = calloc(1, sizeof(*listener));

    if (!listener) {
        return NULL;
    }
    listener->loop = loop;
    listener->fd = fd;
    listener->on_accept = on_accept;
    listener->self = self;
    tg_timer_init(&listener->retry, on_retry);
    listener->watch = tg_watch_start(loop, fd, on_readable, listener);
    if (!listener->watch) {
        free(listener);
        return NULL;
    }
    return listener;
}

void tg_listener_on_pause(struct tg_listener *listener, tg_loop_fn on_pause)
{
    listener->on_pause = on_pause;
}

void tg_listener_destroy(struct tg_listener *listener)
{
    if (!listener) {
        return;
    }
    tg_timer_cancel(tg_loop_wheel(listener->loop), &listener->retry);
    tg_watch_stop(listener->watch);
    listener->is_gone = true;
    if (!listener->is_accepting) {
        free(listener);
    }
}
