/* SPDX-License-Identifier: MIT */
/* A worker in a test: the real loop, hub and server on a loopback socket, with a script in C and
 * clients in the same thread, which pump the loop while they wait. Lives in: tests. */
#ifndef TG_FAKE_WORKER_H
#define TG_FAKE_WORKER_H

#include "base/buf.h"
#include "core/loop.h"
#include "hub/client.h"
#include "hub/hub.h"
#include "net/server.h"

enum { FAKE_CALLS_MAX = 256, FAKE_PATIENCE_MS = 5000 };

struct fake_worker;

/* What the script does with a call of /raw, which takes text and binary; NULL: echoes messages. */
typedef void (*fake_script_fn)(struct fake_worker *worker, const struct tg_call *call,
                               struct tg_answer *answer);

struct fake_worker {
    struct tg_config config;
    struct tg_page *page;
    struct tg_loop *loop;
    struct tg_hub hub;
    struct tg_server *server; /* NULL once stopped */
    struct tg_gateway *raw;
    struct tg_timer tick; /* keeps the loop turning while a test waits for something */
    int listener;
    uint16_t port;
    uint64_t turns;
    fake_script_fn script;
    uint32_t calls[TG_CALL_DISCONNECT + 1]; /* by enum tg_call_kind */
    enum tg_close_reason cause;             /* of the last DISCONNECT */
    struct tg_client *client;               /* of the last CONNECT; may be gone */
};

struct fake_client {
    struct fake_worker *worker;
    int fd;
    struct ssl_st *ssl; /* NULL: plain, or nothing said yet */
    struct tg_buf received;
    size_t read; /* octets of it that the test has looked at */
    bool is_ended;
};

/* A worker and two clients that may connect to it. */
struct fake_stage {
    struct fake_worker *worker;
    struct fake_client alice;
    struct fake_client bob;
};

/* For cmocka. settings: "key=value", ended by NULL, or NULL. */
int fake_stage_set_up(void **state, const char *const *settings);
int fake_stage_tear_down(void **state);

struct fake_worker *fake_worker_create(const char *const *settings);
void fake_worker_destroy(struct fake_worker *worker);

/* Turns the loop for this long. */
void fake_worker_run(struct fake_worker *worker, uint64_t ms);

/* Turns the loop until the condition holds; fails the test when patience ends. */
void fake_worker_run_until(struct fake_worker *worker, bool (*condition)(void *self), void *self);
void fake_worker_run_until_conns(struct fake_worker *worker, uint32_t count);

uint64_t fake_worker_counter(const struct fake_worker *worker, uint32_t counter);

/* Echoes a message through the client's outbox. */
void fake_worker_echo(const struct tg_call *call);

void fake_client_connect(struct fake_client *client, struct fake_worker *worker);

/* Shakes hands, where the worker speaks TLS. */
void fake_client_secure(struct fake_client *client);

/* Closes; the test goes on. Accepts a closed one. */
void fake_client_close(struct fake_client *client);

/* Sends all, pumping. */
void fake_client_send(struct fake_client *client, struct tg_str octets);

/* The same for the notation of ws_frame_cases.def. */
void fake_client_send_frames(struct fake_client *client, const char *notation);

/* Connects to /raw and waits for the 101. */
void fake_client_upgrade(struct fake_client *client, struct fake_worker *worker);

/* The next octets that come are these; fails the test otherwise. */
void fake_client_expect(struct fake_client *client, struct tg_str octets);
void fake_client_expect_text(struct fake_client *client, const char *message);
void fake_client_expect_close(struct fake_client *client, int code);

/* Receives until count octets are there, or the end. */
void fake_client_receive(struct fake_client *client, size_t count);

/* The peer ends the connection without a further octet. */
void fake_client_expect_end(struct fake_client *client);

#endif
