/* SPDX-License-Identifier: MIT */
#include "swarm.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 1024, FAULTS_TOLD = 5, TURN_MS = 10 };

uint64_t tg_swarm_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

bool tg_swarm_fault(struct tg_swarm *swarm, const char *format, ...)
{
    if (swarm->faults++ < FAULTS_TOLD) {
        va_list arguments;
        va_start(arguments, format);
        fputs("wsload: ", stderr);
        vfprintf(stderr, format, arguments);
        fputc('\n', stderr);
        va_end(arguments);
    }
    return false;
}

bool tg_swarm_init(struct tg_swarm *swarm, uint16_t port, const char *path, size_t client_count,
                   struct tg_swarm_handler handler)
{
    *swarm = (struct tg_swarm){
        .port = port, .path = path, .client_count = client_count, .handler = handler};
    swarm->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (swarm->epoll_fd < 0) {
        return false;
    }
    swarm->clients = calloc(client_count, sizeof *swarm->clients);
    if (swarm->clients == NULL) {
        goto err_after_epoll;
    }
    swarm->read_octets = malloc(TG_SWARM_READ_BYTES + TG_CLIENT_IN_MAX);
    if (swarm->read_octets == NULL) {
        goto err_after_clients;
    }
    for (size_t i = 0; i < client_count; i++) {
        swarm->clients[i].fd = -1;
        swarm->clients[i].index = (uint32_t)i;
    }
    return true;

err_after_clients:
    free(swarm->clients);
err_after_epoll:
    close(swarm->epoll_fd);
    return false;
}

void tg_swarm_fini(struct tg_swarm *swarm)
{
    for (size_t i = 0; i < swarm->client_count; i++) {
        tg_client_fini(&swarm->clients[i]);
    }
    free(swarm->clients);
    free(swarm->read_octets);
    close(swarm->epoll_fd);
}

bool tg_swarm_turn(struct tg_swarm *swarm, int wait_ms)
{
    struct epoll_event events[EVENTS_PER_TURN];

    int count = epoll_wait(swarm->epoll_fd, events, EVENTS_PER_TURN, wait_ms);
    if (count < 0 && errno != EINTR) {
        return tg_swarm_fault(swarm, "epoll_wait: %s", strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        struct tg_client *client = &swarm->clients[events[i].data.u32];
        bool is_good = true;
        if (client->state == TG_CLIENT_CLOSED) {
            continue;
        }
        if ((events[i].events & EPOLLOUT) != 0) {
            is_good = tg_client_on_writable(swarm, client);
        }
        if (is_good && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
            is_good = tg_client_on_readable(swarm, client);
        }
        if (!is_good) {
            tg_client_fini(client);
        }
    }
    return swarm->faults == 0;
}

bool tg_swarm_open_all(struct tg_swarm *swarm, size_t at_once, uint64_t deadline_ns)
{
    size_t started = 0;

    while (swarm->opened < swarm->client_count) {
        while (started < swarm->client_count && started - swarm->opened < at_once) {
            if (!tg_client_connect(swarm, &swarm->clients[started])) {
                return false;
            }
            started++;
        }
        if (!tg_swarm_turn(swarm, TURN_MS)) {
            return false;
        }
        if (tg_swarm_now() > deadline_ns) {
            return tg_swarm_fault(swarm, "only %zu of %zu connections opened in time",
                                  swarm->opened, swarm->client_count);
        }
    }
    return true;
}

static size_t count_living(const struct tg_swarm *swarm)
{
    size_t living = 0;
    for (size_t i = 0; i < swarm->client_count; i++) {
        living += swarm->clients[i].state != TG_CLIENT_CLOSED;
    }
    return living;
}

bool tg_swarm_close_all(struct tg_swarm *swarm, uint64_t deadline_ns)
{
    for (size_t i = 0; i < swarm->client_count; i++) {
        struct tg_client *client = &swarm->clients[i];
        if (client->state == TG_CLIENT_OPEN && !tg_client_close(swarm, client)) {
            return false;
        }
    }
    while (count_living(swarm) > 0) {
        if (!tg_swarm_turn(swarm, TURN_MS)) {
            return false;
        }
        if (tg_swarm_now() > deadline_ns) {
            return tg_swarm_fault(swarm, "%zu connections did not close in time",
                                  count_living(swarm));
        }
    }
    return true;
}
