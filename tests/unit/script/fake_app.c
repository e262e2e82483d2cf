/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/admission.h"
#include "hub/handshake.h"
#include "hub/provenance.h"

enum { START_MS = 1000, LOG_BYTES = 1 << 20 };

static void on_wake(struct tg_conn *conn)
{
    (void)conn;
}

static void on_pause(struct tg_conn *conn, bool is_paused)
{
    (void)conn;
    (void)is_paused;
}

static void on_finish(struct tg_conn *conn)
{
    conn->is_finished = true;
}

static const struct tg_transport transport = {on_wake, on_pause, on_finish, on_finish};

static uint64_t read_mono(void *self)
{
    return ((struct fake_app *)self)->wheel.now_ms;
}

static uint64_t read_wall(void *self)
{
    return ((struct fake_app *)self)->wall_ms;
}

static void on_line(void *self, enum tg_log_level level, struct tg_str line)
{
    struct fake_app *app = self;

    (void)level;
    tg_buf_add_str(&app->log, line);
    tg_buf_add_char(&app->log, '\n');
}

static void set_config(struct fake_app *app, const char *const *settings)
{
    assert_int_equal(tg_config_init(&app->config), TG_OK);
    for (; settings && *settings; settings++) {
        struct tg_str value = tg_str_of(*settings);
        struct tg_str key = tg_str_split(&value, '=');
        char name[128];
        (void)snprintf(name, sizeof(name), "%.*s", TG_STR_ARGS(key));
        if (tg_config_set(&app->config, name, value, &app->msg) != TG_OK) {
            fail_msg("%s", app->msg.text);
        }
    }
}

struct fake_app *fake_app_create(const char *const *settings)
{
    struct fake_app *app = calloc(1, sizeof(*app));

    assert_non_null(app);
    set_config(app, settings);
    app->page = tg_page_create(1);
    assert_non_null(app->page);
    tg_wheel_init(&app->wheel, START_MS);
    app->clock = (struct tg_clock){read_mono, read_wall, app};
    app->wall_ms = 1700000000000;
    tg_buf_init(&app->log, LOG_BYTES);
    tg_log_set_sink(on_line, app);
    tg_log_set_level(TG_LOG_LEVEL_INFO);
    struct tg_hub_options options = {
        .config = &app->config,
        .page = app->page,
        .wheel = &app->wheel,
        .clock = &app->clock,
        .transport = &transport,
        .seed = 7,
    };
    if (tg_hub_init(&app->hub, &options, &app->msg) != TG_OK) {
        fail_msg("%s", app->msg.text);
    }
    return app;
}

void fake_app_destroy(struct fake_app *app)
{
    tg_hub_fini(&app->hub);
    assert_int_equal(tg_page_seats(app->page), 0);
    assert_int_equal(app->wheel.count, 0);
    /* What can never happen is logged by the check module. */
    if (fake_app_logged(app, " check ")) {
        fail_msg("%s", app->log.at);
    }
    tg_log_set_sink(NULL, NULL);
    tg_page_destroy(app->page);
    tg_config_fini(&app->config);
    tg_buf_fini(&app->log);
    free(app);
}

/* The file whose path comes next after last in order, as a bundle wants them; NULL at the end. */
static const char *const *next_file(const char *const *files, const char *last)
{
    const char *const *found = NULL;

    for (; *files; files += 2) {
        if (strcmp(files[0], last) > 0 && (!found || strcmp(files[0], found[0]) < 0)) {
            found = files;
        }
    }
    return found;
}

void fake_app_pack(struct tg_bundle *bundle, const char *name, const char *const *files)
{
    char origin[128];

    *bundle = (struct tg_bundle){.generation = "0123456789ab", .counter = 7};
    (void)snprintf(origin, sizeof(origin), "gateways/%s", name);
    bundle->name = tg_str_copy(tg_str_of(name));
    bundle->origin = tg_str_copy(tg_str_of(origin));
    for (const char *last = "";; last = bundle->files[bundle->count - 1].path) {
        const char *const *next = next_file(files, last);
        if (!next) {
            break;
        }
        assert_int_equal(tg_bundle_add(bundle, tg_str_of(next[0]), tg_str_of(next[1])), TG_OK);
    }
}

static int load(struct fake_app *app, const char *name, const char *const *files,
                struct tg_gateway **gateway)
{
    struct tg_bundle bundle;

    fake_app_pack(&bundle, name, files);
    int err = tg_gateway_load(&app->hub, &bundle, gateway, &app->msg);
    tg_bundle_fini(&bundle);
    return err;
}

struct tg_gateway *fake_app_load(struct fake_app *app, const char *name, const char *const *files)
{
    struct tg_gateway *gateway = NULL;

    if (load(app, name, files, &gateway) != TG_OK ||
        tg_hub_add_gateway(&app->hub, gateway, &app->msg) != TG_OK) {
        fail_msg("%s", app->msg.text);
    }
    return gateway;
}

struct tg_gateway *fake_app_add(struct fake_app *app, const char *name, const char *gateway_lua)
{
    const char *files[] = {"gateway.lua", gateway_lua, NULL};

    return fake_app_load(app, name, files);
}

int fake_app_try(struct fake_app *app, const char *const *files)
{
    struct tg_gateway *gateway = NULL;
    int err = load(app, "chat", files, &gateway);

    if (err == TG_OK) {
        tg_gateway_destroy(gateway);
        (void)snprintf(app->msg.text, sizeof(app->msg.text), "it loaded");
    } else {
        assert_null(gateway);
    }
    return err;
}

struct tg_gateway *fake_app_script(struct fake_app *app, const char *name, const char *body)
{
    char *text = NULL;
    int length = asprintf(&text,
                          "local tide = require 'tidegate' local events = {} "
                          "local gateway = { path = '/%s', events = events } %s return gateway",
                          name, body);

    assert_true(length > 0);
    struct tg_gateway *gateway = fake_app_add(app, name, text);
    free(text);
    return gateway;
}

void fake_app_connect(struct fake_app *app, struct tg_conn *conn, struct tg_gateway *gateway,
                      const char *tenant, const char *claims)
{
    struct tg_param param = {TG_STR("room"), TG_STR("blue")};
    struct tg_trace trace = {FAKE_APP_TRACE, "00f067aa0ba902b7"};
    struct tg_token token = {.claims = claims};
    struct tg_provenance_parts parts = {
        .trace = &trace,
        .tenant = tg_str_of(tenant),
        .token = &token,
        .path = tg_str_of(gateway->path),
        .query = TG_STR("a=1&b=x%20y+z&a=2"),
        .address = TG_STR("192.0.2.7"),
        .connected_at_ms = app->wall_ms,
        .params = &param,
        .param_count = 1,
    };
    struct tg_verdict verdict = {
        .refusal = TG_REFUSAL_NONE,
        .gateway = gateway,
        .provenance = tg_provenance_create(&parts),
    };

    assert_non_null(verdict.provenance);
    assert_int_equal(tg_admission_take(&app->hub, parts.address, tg_str(NULL, 0), &verdict.ticket),
                     TG_REFUSAL_NONE);
    *conn = (struct tg_conn){.opcode = -1};
    conn->client = tg_client_open(&app->hub, &verdict, conn);
    assert_non_null(conn->client);
}

void fake_app_advance(struct fake_app *app, uint64_t ms)
{
    app->wall_ms += ms;
    tg_wheel_advance(&app->wheel, app->wheel.now_ms + ms);
    tg_hub_turn(&app->hub);
}

uint64_t fake_app_counter(const struct fake_app *app, uint32_t counter)
{
    return tg_row_read(app->hub.row, counter);
}

bool fake_app_logged(struct fake_app *app, const char *text)
{
    tg_buf_add_char(&app->log, '\0');
    bool is_there = strstr(app->log.at, text) != NULL;
    tg_buf_clear(&app->log);
    return is_there;
}

void fake_conn_say(struct tg_conn *conn, const char *text)
{
    tg_client_touch(conn->client);
    tg_client_receive(conn->client, TG_OPCODE_TEXT, tg_str_of(text));
}

/* Copies the payload of the first frame of the ring and forgets that frame. */
const char *fake_conn_take(struct tg_conn *conn)
{
    struct tg_outbox *outbox = &conn->client->outbox;

    conn->frame_length = 0;
    conn->opcode = -1;
    if (outbox->count > 0) {
        struct tg_frame *frame = outbox->capacity == 1 ? outbox->only : outbox->ring[outbox->first];
        conn->opcode = frame->opcode;
        conn->frame_length = tg_frame_payload_length(frame);
        assert_true(conn->frame_length < sizeof(conn->frame));
        memcpy(conn->frame, tg_frame_payload(frame), conn->frame_length);
        outbox->flying = 1; /* as if it had been taken by itself */
        tg_outbox_written(outbox);
    }
    conn->frame[conn->frame_length] = '\0';
    return conn->frame;
}

const char *fake_conn_ask(struct tg_conn *conn, const char *event, const char *data)
{
    char text[4096];

    (void)snprintf(text, sizeof(text), "{\"event\":\"%s\",\"data\":%s,\"id\":1}", event,
                   data ? data : "null");
    fake_conn_say(conn, text);
    return fake_conn_take(conn);
}

void fake_conn_lose(struct tg_conn *conn)
{
    struct tg_hub *hub = conn->client->hub;

    tg_client_lost(conn->client);
    conn->client = NULL;
    tg_hub_turn(hub);
}

int fake_stage_set_up(void **state)
{
    struct fake_stage *stage = calloc(1, sizeof(*stage));

    assert_non_null(stage);
    stage->app = fake_app_create(NULL);
    *state = stage;
    return 0;
}

int fake_stage_tear_down(void **state)
{
    struct fake_stage *stage = *state;

    if (stage->alice.client) {
        fake_conn_lose(&stage->alice);
    }
    if (stage->bob.client) {
        fake_conn_lose(&stage->bob);
    }
    fake_app_destroy(stage->app);
    free(stage);
    return 0;
}

void fake_stage_start(struct fake_stage *stage, const char *body)
{
    stage->gateway = fake_app_script(stage->app, "chat", body);
    fake_app_connect(stage->app, &stage->alice, stage->gateway, NULL, NULL);
    fake_app_connect(stage->app, &stage->bob, stage->gateway, NULL, NULL);
}
