/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { START_MS = 1000, STEP_MS = 50 };

static void on_wake(struct tg_conn *conn)
{
    conn->wakes++;
}

static void on_pause(struct tg_conn *conn, bool is_paused)
{
    conn->is_paused = is_paused;
}

static void on_finish(struct tg_conn *conn)
{
    conn->is_finished = true;
}

static void on_abort(struct tg_conn *conn)
{
    conn->is_aborted = true;
}

static const struct tg_transport transport = {on_wake, on_pause, on_finish, on_abort};

static void on_call(void *vm, const struct tg_call *call, struct tg_answer *answer)
{
    struct fake_house *house = vm;
    struct fake_call *kept = &house->calls[house->call_count];

    assert_true(house->call_count < FAKE_CALLS_MAX);
    house->call_count++;
    kept->kind = call->kind;
    kept->client = call->client;
    kept->cause = call->cause;
    kept->rooms = call->client->room_count;
    (void)snprintf(kept->payload, sizeof(kept->payload), "%.*s", TG_STR_ARGS(call->payload));
    answer->outcome = TG_OUTCOME_DONE;
    if (house->handler) {
        struct tg_client *before = house->hub.running;
        house->hub.running = call->client;
        house->handler(house, call, answer);
        house->hub.running = before;
    }
}

static void on_forget(void *vm, struct tg_client *client)
{
    struct fake_house *house = vm;

    (void)client;
    house->forgotten++;
}

static void on_destroy(void *vm)
{
    (void)vm;
}

static const struct tg_script script = {on_call, on_forget, on_destroy};

static uint64_t read_mono(void *self)
{
    return ((struct fake_house *)self)->wheel.now_ms;
}

static uint64_t read_wall(void *self)
{
    return ((struct fake_house *)self)->wall_ms;
}

static void set_config(struct fake_house *house, const char *const *settings)
{
    struct tg_errmsg msg = {{0}};

    assert_int_equal(tg_config_init(&house->config), TG_OK);
    for (; settings && *settings; settings++) {
        struct tg_str value = tg_str_of(*settings);
        struct tg_str key = tg_str_split(&value, '=');
        char name[128];
        (void)snprintf(name, sizeof(name), "%.*s", TG_STR_ARGS(key));
        if (tg_config_set(&house->config, name, value, &msg) != TG_OK) {
            fail_msg("%s", msg.text);
        }
    }
}

static void add_chat(struct fake_house *house)
{
    struct tg_errmsg msg = {{0}};
    struct tg_gateway *chat = tg_gateway_create(TG_STR("chat"));

    assert_non_null(chat);
    assert_int_equal(tg_gateway_set_path(chat, TG_STR("/chat"), &msg), TG_OK);
    assert_int_equal(tg_gateway_add_event(chat, TG_STR("say"), 1, false), TG_OK);
    assert_int_equal(tg_gateway_add_event(chat, TG_STR("raw"), 2, true), TG_OK);
    chat->has_connect = true;
    chat->has_disconnect = true;
    chat->script = &script;
    chat->vm = house;
    assert_int_equal(tg_hub_add_gateway(&house->hub, chat, &msg), TG_OK);
    house->chat = chat;
}

struct fake_house *fake_house_create(const char *const *settings)
{
    struct fake_house *house = calloc(1, sizeof(*house));
    struct tg_errmsg msg = {{0}};

    assert_non_null(house);
    set_config(house, settings);
    house->page = tg_page_create(1);
    assert_non_null(house->page);
    assert_int_equal(tg_seats_prepare(house->page, &house->config), TG_OK);
    tg_wheel_init(&house->wheel, START_MS);
    house->clock = (struct tg_clock){read_mono, read_wall, house};
    house->wall_ms = 1700000000000;
    struct tg_hub_options options = {
        .config = &house->config,
        .page = house->page,
        .wheel = &house->wheel,
        .clock = &house->clock,
        .transport = &transport,
        .seed = 7,
    };
    if (tg_hub_init(&house->hub, &options, &msg) != TG_OK) {
        fail_msg("%s", msg.text);
    }
    add_chat(house);
    return house;
}

void fake_house_destroy(struct fake_house *house)
{
    tg_hub_fini(&house->hub);
    assert_int_equal(tg_page_seats(house->page), 0);
    assert_int_equal(house->wheel.count, 0);
    tg_page_destroy(house->page);
    tg_config_fini(&house->config);
    free(house);
}

struct tg_handshake *fake_house_request(struct fake_house *house, const char *path,
                                        const char *const *headers)
{
    struct tg_str rest = tg_str_of(path);
    uint32_t count = 0;

    for (; headers && *headers; headers++) {
        struct tg_str value = tg_str_of(*headers);
        struct tg_str name = tg_str_split(&value, ':');
        assert_true(count < FAKE_HEADERS_MAX);
        house->headers[count++] = (struct tg_header){name, tg_str_trim(value)};
    }
    house->request = (struct tg_handshake){
        .path = tg_str_split(&rest, '?'),
        .query = rest,
        .headers = house->headers,
        .header_count = count,
        .address = TG_STR("192.0.2.7"),
    };
    return &house->request;
}

void fake_house_connect(struct fake_house *house, struct tg_conn *conn, const char *path,
                        const char *const *headers)
{
    struct tg_verdict verdict;

    *conn = (struct tg_conn){0};
    tg_buf_init(&conn->written, 1 << 20);
    tg_handshake_decide(&house->hub, fake_house_request(house, path, headers), &verdict);
    assert_int_equal(verdict.refusal, TG_REFUSAL_NONE);
    conn->client = tg_client_open(&house->hub, &verdict, conn);
    assert_non_null(conn->client);
}

void fake_house_join(struct fake_house *house, struct tg_conn *conn, const char *tenant)
{
    char header[96];
    const char *headers[] = {header, NULL};

    (void)snprintf(header, sizeof(header), "X-Tenant-Id: %s", tenant ? tenant : "");
    fake_house_connect(house, conn, "/chat", tenant ? headers : NULL);
}

void fake_house_leap(struct fake_house *house, uint64_t ms)
{
    house->wall_ms += ms;
    tg_wheel_advance(&house->wheel, house->wheel.now_ms + ms);
    tg_hub_turn(&house->hub);
}

void fake_house_advance(struct fake_house *house, uint64_t ms)
{
    do {
        uint64_t step_ms = ms < STEP_MS ? ms : STEP_MS;
        fake_house_leap(house, step_ms);
        ms -= step_ms;
    } while (ms > 0);
}

void fake_conn_drain(struct tg_conn *conn)
{
    char scratch[1024];
    struct tg_outbox *outbox = &conn->client->outbox;

    while (tg_outbox_has_waiting(outbox)) {
        tg_buf_add_str(&conn->written, tg_outbox_take(outbox, scratch, sizeof(scratch)));
        tg_outbox_written(outbox);
    }
    assert_int_equal(conn->written.err, TG_OK);
}

/* Finds the i-th frame among the written octets by the rules of RFC 6455 section 5.2. */
static const uint8_t *find_frame(struct tg_conn *conn, uint32_t i, size_t *length, uint32_t *count)
{
    const uint8_t *at = (const uint8_t *)conn->written.at;
    size_t left = conn->written.length;
    const uint8_t *found = NULL;

    for (*count = 0; left > 0; (*count)++) {
        size_t head = 2;
        size_t payload = at[1];
        if (payload == 126) {
            head = 4;
            payload = (size_t)at[2] << 8 | at[3];
        } else if (payload == 127) {
            head = 10;
            payload = (size_t)at[7] << 16 | (size_t)at[8] << 8 | at[9];
        }
        assert_true(left >= head + payload);
        if (*count == i) {
            found = at;
            *length = payload;
        }
        at += head + payload;
        left -= head + payload;
    }
    return found;
}

static const uint8_t *payload_of(const uint8_t *frame)
{
    return frame + (frame[1] == 126 ? 4 : frame[1] == 127 ? 10 : 2);
}

const char *fake_conn_frame(struct tg_conn *conn, uint32_t i)
{
    static char text[4096];
    size_t length = 0;
    uint32_t count;
    const uint8_t *frame = find_frame(conn, i, &length, &count);

    (void)snprintf(text, sizeof(text), "%.*s", (int)length,
                   frame ? (const char *)payload_of(frame) : "");
    return text;
}

int fake_conn_opcode(struct tg_conn *conn, uint32_t i)
{
    size_t length;
    uint32_t count;
    const uint8_t *frame = find_frame(conn, i, &length, &count);

    return frame ? frame[0] & 15 : -1;
}

uint32_t fake_conn_frames(struct tg_conn *conn)
{
    size_t length;
    uint32_t count;

    (void)find_frame(conn, UINT32_MAX, &length, &count);
    return count;
}

int fake_conn_close_code(struct tg_conn *conn)
{
    size_t length = 0;
    uint32_t count = fake_conn_frames(conn);
    const uint8_t *frame = count ? find_frame(conn, count - 1, &length, &count) : NULL;

    if (!frame || (frame[0] & 15) != TG_OPCODE_CLOSE || length < 2) {
        return 0;
    }
    return payload_of(frame)[0] << 8 | payload_of(frame)[1];
}

void fake_conn_lose(struct tg_conn *conn)
{
    struct tg_hub *hub = conn->client->hub;

    tg_client_lost(conn->client);
    conn->client = NULL;
    tg_hub_turn(hub);
    tg_buf_fini(&conn->written);
}

void fake_conn_say(struct tg_conn *conn, const char *text)
{
    tg_client_touch(conn->client);
    tg_client_receive(conn->client, TG_OPCODE_TEXT, tg_str_of(text));
}

uint64_t fake_house_counter(const struct fake_house *house, uint32_t counter)
{
    return tg_row_read(house->hub.row, counter);
}
