/* SPDX-License-Identifier: MIT */
/* All clients of a run in one epoll loop, and the list of what went wrong.
 * Lives in: the load generator. Owns: the clients. Borrows: the handler's self. Units: nanoseconds
 * of CLOCK_MONOTONIC. */
#ifndef TG_BENCH_SWARM_H
#define TG_BENCH_SWARM_H

#include "client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TG_SWARM_READ_BYTES = 256 * 1024 };

/* What the load does with its clients. What on_text writes is sent at the end of the read that it
 * came with, all in one write. False is a fault that on_text has told. */
struct tg_token_list; /* token_list.h */

struct tg_swarm_handler {
    void *self;
    void (*on_open)(void *self, struct tg_client *client);
    bool (*on_text)(void *self, struct tg_client *client, const char *text, size_t len,
                    uint64_t now_ns);
    void (*on_end)(void *self, struct tg_client *client);
};

struct tg_swarm {
    int epoll_fd;
    uint16_t port;
    const char *path;
    struct tg_token_list *tokens; /* NULL: handshakes bring none; borrowed */
    struct tg_client *clients;
    size_t client_count;
    size_t opened; /* handshakes done, ever */
    uint64_t pings;
    unsigned faults;
    struct tg_swarm_handler handler;
    uint8_t *read_octets; /* TG_SWARM_READ_BYTES + TG_CLIENT_IN_MAX */
};

/* Makes client_count closed clients for path on port of 127.0.0.1. path is kept. False when memory
 * or descriptors are short; then there is nothing to free. */
bool tg_swarm_init(struct tg_swarm *swarm, uint16_t port, const char *path, size_t client_count,
                   struct tg_swarm_handler handler);
void tg_swarm_fini(struct tg_swarm *swarm);

/* Opens every client, at most `at_once` handshakes at the same time. False when it took longer than
 * `deadline_ns` or a fault came. */
bool tg_swarm_open_all(struct tg_swarm *swarm, size_t at_once, uint64_t deadline_ns);

/* One turn of the loop: waits at most wait_ms, then handles what is ready. False after a fault. */
bool tg_swarm_turn(struct tg_swarm *swarm, int wait_ms);

/* Closes every open client politely, at most until deadline_ns. False after a fault. */
bool tg_swarm_close_all(struct tg_swarm *swarm, uint64_t deadline_ns);

/* Says on standard error what is wrong (the first few times) and counts it. Returns false. */
__attribute__((format(printf, 2, 3))) bool tg_swarm_fault(struct tg_swarm *swarm,
                                                          const char *format, ...);

uint64_t tg_swarm_now(void);

#endif
