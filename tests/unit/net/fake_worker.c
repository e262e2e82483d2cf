/* SPDX-License-Identifier: MIT */
#include "fake_worker.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/log.h"
#include "fake_tls.h"
#include "fake_wire.h"

enum { TICK_MS = 5, TEARDOWN_TURNS = 1000, RECEIVED_MAX = 64 << 20 };

void fake_worker_echo(const struct tg_call *call)
{
    enum tg_opcode opcode = call->kind == TG_CALL_TEXT ? TG_OPCODE_TEXT : TG_OPCODE_BINARY;
    struct tg_frame *frame = tg_frame_of(opcode, call->payload);

    assert_non_null(frame);
    (void)tg_client_send(call->client, frame);
    tg_frame_unref(frame);
}

static void on_call(void *vm, const struct tg_call *call, struct tg_answer *answer)
{
    struct fake_worker *worker = vm;

    worker->calls[call->kind]++;
    if (call->kind == TG_CALL_CONNECT) {
        worker->client = call->client;
    } else if (call->kind == TG_CALL_DISCONNECT) {
        worker->cause = call->cause;
    }
    answer->outcome = TG_OUTCOME_DONE;
    if (worker->script) {
        struct tg_client *before = worker->hub.running;
        worker->hub.running = call->client;
        worker->script(worker, call, answer);
        worker->hub.running = before;
    } else if (call->kind == TG_CALL_TEXT || call->kind == TG_CALL_BINARY) {
        fake_worker_echo(call);
    }
}

static void on_forget(void *vm, struct tg_client *client)
{
    struct fake_worker *worker = vm;

    if (worker->client == client) {
        worker->client = NULL;
    }
}

static void on_destroy(void *vm)
{
    (void)vm;
}

static const struct tg_script SCRIPT = {on_call, on_forget, on_destroy};

static void set_config(struct fake_worker *worker, const char *const *settings)
{
    struct tg_errmsg msg = {{0}};

    assert_int_equal(tg_config_init(&worker->config), TG_OK);
    for (; settings && *settings; settings++) {
        struct tg_str value = tg_str_of(*settings);
        struct tg_str key = tg_str_split(&value, '=');
        char name[128];
        (void)snprintf(name, sizeof(name), "%.*s", TG_STR_ARGS(key));
        if (tg_config_set(&worker->config, name, value, &msg) != TG_OK) {
            fail_msg("%s", msg.text);
        }
    }
}

static void add_gateway(struct fake_worker *worker)
{
    struct tg_errmsg msg = {{0}};

    worker->raw = tg_gateway_create(TG_STR("raw"));
    assert_non_null(worker->raw);
    assert_int_equal(tg_gateway_set_path(worker->raw, TG_STR("/raw"), &msg), TG_OK);
    worker->raw->has_connect = true;
    worker->raw->has_disconnect = true;
    worker->raw->has_text = true;
    worker->raw->has_binary = true;
    worker->raw->script = &SCRIPT;
    worker->raw->vm = worker;
    assert_int_equal(tg_hub_add_gateway(&worker->hub, worker->raw, &msg), TG_OK);
}

static void listen_on_loopback(struct fake_worker *worker)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    worker->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(worker->listener >= 0);
    assert_int_equal(bind(worker->listener, (struct sockaddr *)(void *)&address, length), 0);
    assert_int_equal(listen(worker->listener, 64), 0);
    assert_int_equal(getsockname(worker->listener, (struct sockaddr *)(void *)&address, &length),
                     0);
    worker->port = ntohs(address.sin_port);
}

/* The end of a loop turn, as in the worker. */
static void on_turn(void *self)
{
    struct fake_worker *worker = self;

    tg_hub_turn(&worker->hub);
    if (worker->server && tg_server_is_dirty(worker->server)) {
        tg_server_flush(worker->server);
        assert_false(tg_server_is_dirty(worker->server));
        assert_true(tg_link_is_alone(&worker->hub.ending));
    }
}

static void on_tick(struct tg_timer *timer)
{
    struct fake_worker *worker = TG_CONTAINER(timer, struct fake_worker, tick);

    tg_timer_set(tg_loop_wheel(worker->loop), timer, tg_loop_now_ms(worker->loop) + TICK_MS);
}

struct fake_worker *fake_worker_create(const char *const *settings)
{
    struct fake_worker *worker = calloc(1, sizeof(*worker));
    struct tg_errmsg msg = {{0}};

    assert_non_null(worker);
    tg_log_set_level(TG_LOG_LEVEL_ERROR);
    set_config(worker, settings);
    worker->page = tg_page_create(1);
    worker->loop = tg_loop_create();
    assert_non_null(worker->page);
    assert_int_equal(tg_seats_prepare(worker->page, &worker->config), TG_OK);
    assert_non_null(worker->loop);
    struct tg_hub_options hub = {.config = &worker->config,
                                 .page = worker->page,
                                 .wheel = tg_loop_wheel(worker->loop),
                                 .clock = tg_clock_system(),
                                 .transport = tg_server_transport(),
                                 .seed = 7};
    if (tg_hub_init(&worker->hub, &hub, &msg) != TG_OK) {
        fail_msg("%s", msg.text);
    }
    add_gateway(worker);
    listen_on_loopback(worker);
    struct tg_server_options server = {.loop = worker->loop,
                                       .hub = &worker->hub,
                                       .config = &worker->config,
                                       .listeners = &worker->listener,
                                       .listener_count = 1};
    worker->server = tg_server_create(&server, &msg);
    if (!worker->server) {
        fail_msg("%s", msg.text);
    }
    tg_loop_on_turn(worker->loop, on_turn, worker);
    tg_timer_init(&worker->tick, on_tick);
    tg_timer_set(tg_loop_wheel(worker->loop), &worker->tick, 0);
    return worker;
}

void fake_worker_destroy(struct fake_worker *worker)
{
    tg_server_destroy(worker->server);
    worker->server = NULL;
    for (int i = 0; i < TEARDOWN_TURNS && tg_loop_step(worker->loop); i++) {
    }
    tg_timer_cancel(tg_loop_wheel(worker->loop), &worker->tick);
    tg_hub_fini(&worker->hub);
    tg_loop_destroy(worker->loop);
    (void)close(worker->listener);
    tg_page_destroy(worker->page);
    tg_config_fini(&worker->config);
    free(worker);
}

static void turn(struct fake_worker *worker)
{
    worker->turns++;
    (void)tg_loop_step(worker->loop);
}

void fake_worker_run(struct fake_worker *worker, uint64_t ms)
{
    uint64_t end = tg_clock_mono_ms(tg_clock_system()) + ms;

    while (tg_clock_mono_ms(tg_clock_system()) < end) {
        turn(worker);
    }
}

void fake_worker_run_until(struct fake_worker *worker, bool (*condition)(void *self), void *self)
{
    uint64_t end = tg_clock_mono_ms(tg_clock_system()) + FAKE_PATIENCE_MS;

    while (!condition(self)) {
        assert_true(tg_clock_mono_ms(tg_clock_system()) < end);
        turn(worker);
    }
}

struct count {
    struct fake_worker *worker;
    uint32_t wanted;
};

static bool has_count(void *self)
{
    const struct count *count = self;

    return tg_server_conn_count(count->worker->server) == count->wanted;
}

void fake_worker_run_until_conns(struct fake_worker *worker, uint32_t count)
{
    struct count wanted = {worker, count};

    fake_worker_run_until(worker, has_count, &wanted);
}

uint64_t fake_worker_counter(const struct fake_worker *worker, uint32_t counter)
{
    return tg_row_read(worker->hub.row, counter);
}

/* --- clients --- */

void fake_client_connect(struct fake_client *client, struct fake_worker *worker)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(worker->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    *client = (struct fake_client){.worker = worker};
    tg_buf_init(&client->received, RECEIVED_MAX);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client->fd >= 0);
    assert_int_equal(connect(client->fd, (struct sockaddr *)(void *)&address, sizeof(address)), 0);
}

void fake_client_secure(struct fake_client *client)
{
    uint64_t end = tg_clock_mono_ms(tg_clock_system()) + FAKE_PATIENCE_MS;

    assert_int_equal(fcntl(client->fd, F_SETFL, O_NONBLOCK), 0);
    client->ssl = fake_tls_client(client->fd);
    while (fake_tls_connect(client->ssl) < 0) {
        assert_int_equal(errno, EAGAIN);
        assert_true(tg_clock_mono_ms(tg_clock_system()) < end);
        turn(client->worker);
    }
}

void fake_client_close(struct fake_client *client)
{
    fake_tls_client_free(client->ssl);
    client->ssl = NULL;
    if (client->fd >= 0) {
        (void)close(client->fd);
    }
    client->fd = -1;
    tg_buf_fini(&client->received);
}

void fake_client_send(struct fake_client *client, struct tg_str octets)
{
    uint64_t end = tg_clock_mono_ms(tg_clock_system()) + FAKE_PATIENCE_MS;

    while (octets.length > 0) {
        ssize_t sent =
            client->ssl ? fake_tls_send(client->ssl, octets.at, octets.length)
                        : send(client->fd, octets.at, octets.length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            octets = tg_str(octets.at + sent, octets.length - (size_t)sent);
        } else {
            assert_int_equal(errno, EAGAIN);
            assert_true(tg_clock_mono_ms(tg_clock_system()) < end);
        }
        turn(client->worker);
    }
}

void fake_client_send_frames(struct fake_client *client, const char *notation)
{
    struct tg_buf wire;

    tg_buf_init(&wire, FAKE_WIRE_MAX);
    fake_wire_parse(&wire, notation);
    fake_client_send(client, tg_buf_str(&wire));
    tg_buf_fini(&wire);
}

/* Takes all that has come. */
static void receive_some(struct fake_client *client)
{
    char octets[65536];
    ssize_t count = 1;

    while (count > 0) {
        count = client->ssl ? fake_tls_receive(client->ssl, octets, sizeof(octets))
                            : recv(client->fd, octets, sizeof(octets), MSG_DONTWAIT);
        if (count > 0) {
            tg_buf_add(&client->received, octets, (size_t)count);
            assert_int_equal(client->received.err, TG_OK);
        }
    }
    if (count == 0 || errno == ECONNRESET) {
        client->is_ended = true;
    } else {
        assert_int_equal(errno, EAGAIN);
    }
}

static size_t unread(const struct fake_client *client)
{
    return client->received.length - client->read;
}

void fake_client_receive(struct fake_client *client, size_t count)
{
    uint64_t end = tg_clock_mono_ms(tg_clock_system()) + FAKE_PATIENCE_MS;

    while (unread(client) < count && !client->is_ended) {
        assert_true(tg_clock_mono_ms(tg_clock_system()) < end);
        turn(client->worker);
        receive_some(client);
    }
}

void fake_client_expect(struct fake_client *client, struct tg_str octets)
{
    fake_client_receive(client, octets.length);
    size_t there = unread(client) < octets.length ? unread(client) : octets.length;
    struct tg_str got = tg_str(client->received.at + client->read, there);
    if (!tg_str_is(got, octets)) {
        fail_msg("expected \"%.*s\", got \"%.*s\"", TG_STR_ARGS(octets), TG_STR_ARGS(got));
    }
    client->read += octets.length;
}

static void expect_frame(struct fake_client *client, struct tg_frame *frame)
{
    assert_non_null(frame);
    fake_client_expect(client, tg_str((const char *)frame->octets, frame->length));
    tg_frame_unref(frame);
}

void fake_client_expect_text(struct fake_client *client, const char *message)
{
    expect_frame(client, tg_frame_of(TG_OPCODE_TEXT, tg_str_of(message)));
}

void fake_client_expect_close(struct fake_client *client, int code)
{
    uint8_t head[4];

    fake_client_receive(client, 4);
    assert_true(unread(client) >= 4);
    memcpy(head, client->received.at + client->read, 4);
    assert_int_equal(head[0], 0x88);
    assert_in_range(head[1], 2, 125);
    assert_int_equal(head[2] << 8 | head[3], code);
    fake_client_receive(client, 2 + (size_t)head[1]);
    client->read += 2 + (size_t)head[1];
}

void fake_client_expect_end(struct fake_client *client)
{
    fake_client_receive(client, 1);
    assert_true(client->is_ended);
    assert_int_equal(unread(client), 0);
}

void fake_client_upgrade(struct fake_client *client, struct fake_worker *worker)
{
    fake_client_connect(client, worker);
    if (worker->config.listen_tls[0].certificate) {
        fake_client_secure(client);
    }
    fake_client_send(client, TG_STR("GET /raw HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                                    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    fake_client_expect(client, TG_STR("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                      "Connection: Upgrade\r\n"
                                      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                                      "\r\n"));
}

/* --- the stage --- */

int fake_stage_set_up(void **state, const char *const *settings)
{
    struct fake_stage *stage = calloc(1, sizeof(*stage));

    assert_non_null(stage);
    stage->worker = fake_worker_create(settings);
    stage->alice.fd = -1;
    stage->bob.fd = -1;
    *state = stage;
    return 0;
}

int fake_stage_tear_down(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_close(&stage->alice);
    fake_client_close(&stage->bob);
    fake_worker_destroy(stage->worker);
    free(stage);
    return 0;
}
