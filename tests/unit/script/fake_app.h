/* SPDX-License-Identifier: MIT */
/* A hub with real gateways made from Lua text, over a transport that only remembers, on a clock
 * that stands until the test moves it. Log lines are kept, not printed. */
#ifndef TG_TEST_FAKE_APP_H
#define TG_TEST_FAKE_APP_H

/* cmocka.h wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "hub/client.h"
#include "hub/hub.h"
#include "script/gateway_loader.h"
#include "script/vm.h"

/* The trace of every connection. */
#define FAKE_APP_TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

/* The transport's side of one connection. */
struct tg_conn {
    struct tg_client *client; /* NULL once told lost */
    bool is_finished;
    char frame[65536]; /* the payload taken last, terminated */
    size_t frame_length;
    int opcode;
};

struct fake_app {
    struct tg_config config;
    struct tg_page *page;
    struct tg_wheel wheel;
    struct tg_clock clock;
    uint64_t wall_ms;
    struct tg_hub hub;
    struct tg_buf log;
    struct tg_errmsg msg;
};

/* Starts at wheel time 1000 and wall time 1,700,000,000,000 with the default configuration but
 * these settings: "key=value", ended by NULL. */
struct fake_app *fake_app_create(const char *const *settings);

/* Connections must be gone. Fails the test when something is left. */
void fake_app_destroy(struct fake_app *app);

/* The files (path, content, path, content ..., NULL) as the seventh generation of the gateway NAME;
 * the caller's. */
void fake_app_pack(struct tg_bundle *bundle, const char *name, const char *const *files);

/* Loads the files (path, content, path, content ..., NULL) as the gateway NAME; fails the test when
 * that fails. */
struct tg_gateway *fake_app_load(struct fake_app *app, const char *name, const char *const *files);

/* The same with gateway.lua alone. */
struct tg_gateway *fake_app_add(struct fake_app *app, const char *name, const char *gateway_lua);

/* Tries to load a gateway that must not load: the error, with the message in app->msg. */
int fake_app_try(struct fake_app *app, const char *const *files);

/* A gateway at /NAME whose events, beside probe, come from body, Lua text that fills in the table
 * `gateway` and its `events`. */
struct tg_gateway *fake_app_script(struct fake_app *app, const char *name, const char *body);

/* Connects; tenant and claims (JSON, a literal) may be NULL. */
void fake_app_connect(struct fake_app *app, struct tg_conn *conn, struct tg_gateway *gateway,
                      const char *tenant, const char *claims);

/* Moves the clock, both hands, and ends the turn. */
void fake_app_advance(struct fake_app *app, uint64_t ms);

uint64_t fake_app_counter(const struct fake_app *app, uint32_t counter);

/* Whether a log line with the text was written since the last call. Forgets all lines. */
bool fake_app_logged(struct fake_app *app, const char *text);

void fake_conn_say(struct tg_conn *conn, const char *text);

/* The payload of the next frame in the outbox; "" when there is none. */
const char *fake_conn_take(struct tg_conn *conn);

/* Sends {"event": event, "data": data, "id": 1} and gives the next frame. */
const char *fake_conn_ask(struct tg_conn *conn, const char *event, const char *data);

/* The fixture of most tests: an app, a gateway at /chat, alice and bob, who are connected when the
 * test has started it. */
struct fake_stage {
    struct fake_app *app;
    struct tg_gateway *gateway;
    struct tg_conn alice;
    struct tg_conn bob;
};

int fake_stage_set_up(void **state);
int fake_stage_tear_down(void **state);

/* Loads the gateway (fake_app_script) and connects both without tenant or claims. */
void fake_stage_start(struct fake_stage *stage, const char *body);

#define FAKE_TEST(name) \
    cmocka_unit_test_setup_teardown(name, fake_stage_set_up, fake_stage_tear_down)

/* Tells the hub that the socket is gone and ends the turn. */
void fake_conn_lose(struct tg_conn *conn);

#endif
