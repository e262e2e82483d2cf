/* SPDX-License-Identifier: MIT */
/* A hub in a test: a transport that writes down what it is asked, a script that does what the
 * test says, a clock that stands until the test moves it. */
#ifndef TG_TEST_FAKE_HOUSE_H
#define TG_TEST_FAKE_HOUSE_H

/* cmocka.h wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "core/seats.h"
#include "hub/client.h"
#include "hub/handshake.h"
#include "hub/hub.h"
#include "hub/script.h"

enum { FAKE_HEADERS_MAX = 16, FAKE_CALLS_MAX = 256 };

/* The transport's side of one connection. */
struct tg_conn {
    struct tg_client *client; /* NULL once told lost */
    struct tg_buf written;    /* all octets taken so far */
    uint32_t wakes;
    bool is_paused;
    bool is_finished;
    bool is_aborted;
};

struct fake_house;

/* What the script does with a call; NULL: returns with DONE. */
typedef void (*fake_handler_fn)(struct fake_house *house, const struct tg_call *call,
                                struct tg_answer *answer);

struct fake_call {
    enum tg_call_kind kind;
    struct tg_client *client; /* may be gone */
    enum tg_close_reason cause;
    uint16_t rooms; /* of the client when called */
    char payload[64];
};

struct fake_house {
    struct tg_config config;
    struct tg_page *page;
    struct tg_wheel wheel;
    struct tg_clock clock;
    uint64_t wall_ms;
    struct tg_hub hub;
    struct tg_gateway *chat; /* /chat, with events "say" and "raw", and both hooks */
    fake_handler_fn handler;
    struct fake_call calls[FAKE_CALLS_MAX];
    uint32_t call_count;
    uint32_t forgotten;
    struct tg_header headers[FAKE_HEADERS_MAX];
    struct tg_handshake request;
};

/* Starts at wheel time 1000 and wall time 1,700,000,000,000 with the default configuration but
 * these settings: "key=value", ended by NULL. */
struct fake_house *fake_house_create(const char *const *settings);
void fake_house_destroy(struct fake_house *house);

/* A request for the path, with headers "Name: value" ended by NULL. */
struct tg_handshake *fake_house_request(struct fake_house *house, const char *path,
                                        const char *const *headers);

/* Decides and opens; fails the test when refused. The conn belongs to the caller. */
void fake_house_connect(struct fake_house *house, struct tg_conn *conn, const char *path,
                        const char *const *headers);

/* Connects to /chat, without a tenant when NULL. */
void fake_house_join(struct fake_house *house, struct tg_conn *conn, const char *tenant);

/* Moves the clock, both hands, in small steps, each with the end of its turn. */
void fake_house_advance(struct fake_house *house, uint64_t ms);

/* The same at once, as after a stop of the whole process. */
void fake_house_leap(struct fake_house *house, uint64_t ms);

/* Takes all that waits in the conn's outbox, as a kernel with room would. */
void fake_conn_drain(struct tg_conn *conn);

/* The payload of the i-th frame written, as text; "" when there is none. */
const char *fake_conn_frame(struct tg_conn *conn, uint32_t i);

/* The opcode of the i-th frame; -1 when there is none. */
int fake_conn_opcode(struct tg_conn *conn, uint32_t i);
uint32_t fake_conn_frames(struct tg_conn *conn);

/* The code of the last frame when that is a close frame with one; otherwise 0. */
int fake_conn_close_code(struct tg_conn *conn);

/* Tells the hub that the socket is gone, ends the turn, frees what the conn holds. */
void fake_conn_lose(struct tg_conn *conn);

/* Hands over a text message. */
void fake_conn_say(struct tg_conn *conn, const char *text);

uint64_t fake_house_counter(const struct fake_house *house, uint32_t counter);

#endif
