/* SPDX-License-Identifier: MIT */
#include "listen_sockets.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

enum { ADDRESS_BYTES = 80 };

struct endpoint {
    struct sockaddr_storage address;
    socklen_t length;
};

static const char *describe(const struct tg_address *address, char out[ADDRESS_BYTES])
{
    bool is_ipv6 = strchr(address->host, ':') != NULL;

    (void)snprintf(out, ADDRESS_BYTES, is_ipv6 ? "[%s]:%u" : "%s:%u", address->host,
                   (unsigned)address->port);
    return out;
}

static int fail(const struct tg_address *address, const char *what, struct tg_errmsg *msg)
{
    char text[ADDRESS_BYTES];
    return tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", describe(address, text), what);
}

/* A literal: names are never looked up. */
static int resolve(const struct tg_address *address, struct endpoint *endpoint,
                   struct tg_errmsg *msg)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found = NULL;
    char port[8];

    (void)snprintf(port, sizeof(port), "%u", (unsigned)address->port);
    int failed = getaddrinfo(address->host, port, &hints, &found);
    if (failed) {
        return fail(address, gai_strerror(failed), msg);
    }
    memcpy(&endpoint->address, found->ai_addr, found->ai_addrlen);
    endpoint->length = found->ai_addrlen;
    freeaddrinfo(found);
    return TG_OK;
}

/* A bound socket, or -1 with errno set. */
static int bind_socket(const struct endpoint *endpoint, bool shares_port)
{
    const int on = 1;
    int family = endpoint->address.ss_family;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        (shares_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0) ||
        (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
        bind(fd, (const struct sockaddr *)&endpoint->address, endpoint->length) != 0) {
        int cause = errno;
        (void)close(fd);
        errno = cause;
        return -1;
    }
    return fd;
}

static int probe(const struct tg_address *address, const struct endpoint *endpoint,
                 struct tg_errmsg *msg)
{
    int fd = bind_socket(endpoint, false);

    if (fd < 0) {
        return fail(address, errno == EADDRINUSE ? "the address is in use" : strerror(errno), msg);
    }
    (void)close(fd);
    return TG_OK;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage bound = {0};
    socklen_t length = sizeof(bound);

    if (getsockname(fd, (struct sockaddr *)&bound, &length) != 0) {
        return 0;
    }
    if (bound.ss_family == AF_INET6) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, &bound, sizeof(ipv6));
        return ntohs(ipv6.sin6_port);
    }
    struct sockaddr_in ipv4;
    memcpy(&ipv4, &bound, sizeof(ipv4));
    return ntohs(ipv4.sin_port);
}

static int open_one(struct tg_listen_sockets *sockets, uint32_t slot, uint32_t index,
                    struct tg_errmsg *msg)
{
    struct tg_address *address = &sockets->addresses[index];
    struct endpoint endpoint = {0};
    int err = resolve(address, &endpoint, msg);

    /* Port 0: the first socket is given a port that is free, the others share that one. */
    if (!err && slot == 0 && address->port != 0) {
        err = probe(address, &endpoint, msg);
    }
    if (err) {
        return err;
    }
    int fd = bind_socket(&endpoint, true);
    if (fd < 0) {
        return fail(address, strerror(errno), msg);
    }
    sockets->fds[slot][index] = fd;
    if (listen(fd, TG_LISTEN_BACKLOG) != 0) {
        return fail(address, strerror(errno), msg);
    }
    address->port = port_of(fd);
    return TG_OK;
}

int tg_listen_sockets_open(struct tg_listen_sockets *sockets, const struct tg_address *addresses,
                           uint32_t address_count, uint32_t slot_count, struct tg_errmsg *msg)
{
    int err = TG_OK;

    tg_require(address_count <= TG_LISTEN_MAX && slot_count <= TG_PAGE_WORKERS_MAX);
    *sockets = (struct tg_listen_sockets){.address_count = address_count, .slot_count = slot_count};
    for (uint32_t i = 0; i < address_count; i++) {
        sockets->addresses[i] = addresses[i];
    }
    memset(sockets->fds, -1, sizeof(sockets->fds));
    for (uint32_t slot = 0; slot < slot_count && !err; slot++) {
        for (uint32_t i = 0; i < address_count && !err; i++) {
            err = open_one(sockets, slot, i, msg);
        }
    }
    if (err) {
        tg_listen_sockets_fini(sockets);
    }
    return err;
}

void tg_listen_sockets_keep(struct tg_listen_sockets *sockets, uint32_t slot)
{
    for (uint32_t i = 0; i < sockets->slot_count; i++) {
        for (uint32_t j = 0; j < sockets->address_count && i != slot; j++) {
            if (sockets->fds[i][j] >= 0) {
                (void)close(sockets->fds[i][j]);
                sockets->fds[i][j] = -1;
            }
        }
    }
}

void tg_listen_sockets_fini(struct tg_listen_sockets *sockets)
{
    tg_listen_sockets_keep(sockets, UINT32_MAX);
}

const char *tg_listen_sockets_text(const struct tg_listen_sockets *sockets,
                                   char out[TG_LISTEN_TEXT_BYTES])
{
    size_t length = 0;

    (void)snprintf(out, TG_LISTEN_TEXT_BYTES, "off");
    for (uint32_t i = 0; i < sockets->address_count; i++) {
        char text[ADDRESS_BYTES];
        int added = snprintf(out + length, TG_LISTEN_TEXT_BYTES - length, "%s%s", i > 0 ? "," : "",
                             describe(&sockets->addresses[i], text));
        tg_require(added > 0 && length + (size_t)added < TG_LISTEN_TEXT_BYTES);
        length += (size_t)added;
    }
    return out;
}
