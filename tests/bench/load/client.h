/* SPDX-License-Identifier: MIT */
/* One WebSocket client of the generator: a non-blocking socket, what it has still to send, and the
 * rest of a frame that isn't whole yet. It takes what a correct server may send to it and nothing
 * else: a masked, fragmented or binary frame, a reserved bit, a wrong Sec-WebSocket-Accept or an
 * end without a close frame is a fault. Lives in: the load generator. Owns: its socket and buffers.
 * RFC 6455 sections 4.1, 5 and 7. */
#ifndef TG_BENCH_CLIENT_H
#define TG_BENCH_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tg_swarm; /* swarm.h */

enum tg_client_state {
    TG_CLIENT_CLOSED,
    TG_CLIENT_CONNECTING,
    TG_CLIENT_UPGRADING,
    TG_CLIENT_OPEN,
    TG_CLIENT_CLOSING, /* our close frame is on its way */
    TG_CLIENT_CLOSE_ECHOED
};

enum {
    TG_CLIENT_IN_MAX = 1024 * 1024, /* octets of one frame, or of a response head */
    TG_CLIENT_OUT_MAX = 8192 * 1024 /* octets that a server leaves unread before that is a fault */
};

/* All zero, but for index and fd (-1), is closed. */
struct tg_client {
    int fd;
    uint32_t index; /* in the swarm */
    enum tg_client_state state;
    bool wants_out; /* epoll tells when it can be written */
    uint8_t *in;    /* the start of a frame whose end hasn't come */
    size_t in_len;
    size_t in_size;
    uint8_t *out;
    size_t out_len;
    size_t out_size;
    uint64_t connect_ns; /* when connect was called */
    int receive_bytes;   /* SO_RCVBUF; 0: the kernel's choice */
    uint64_t sent;       /* counted by the load */
    uint64_t received;
};

/* Starts to connect to 127.0.0.1. False is a fault, told to the swarm. */
bool tg_client_connect(struct tg_swarm *swarm, struct tg_client *client);

/* Room for `len` octets at the end of what is to be sent; they count as written. NULL is a fault.
 */
uint8_t *tg_client_reserve(struct tg_swarm *swarm, struct tg_client *client, size_t len);

/* Puts a whole frame behind what is to be sent. False is a fault. */
bool tg_client_put(struct tg_swarm *swarm, struct tg_client *client, unsigned opcode,
                   const void *payload, size_t len);

/* Sends what the kernel takes; the rest goes when it takes more. False is a fault. */
bool tg_client_flush(struct tg_swarm *swarm, struct tg_client *client);

/* Starts the close handshake with code 1000. The swarm's on_end tells when the server has answered
 * it and ended the connection. False is a fault. */
bool tg_client_close(struct tg_swarm *swarm, struct tg_client *client);

/* What epoll told. False is a fault. */
bool tg_client_on_writable(struct tg_swarm *swarm, struct tg_client *client);
bool tg_client_on_readable(struct tg_swarm *swarm, struct tg_client *client);

/* Nothing more is read of what the server sends, for ever. False is a fault. */
bool tg_client_stall(struct tg_swarm *swarm, struct tg_client *client);

/* Closes the socket without ceremony and frees the buffers. */
void tg_client_fini(struct tg_client *client);

#endif
