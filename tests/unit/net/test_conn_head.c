/* SPDX-License-Identifier: MIT */
#include "net/conn_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <sys/socket.h>

#include <cmocka.h>

#include "fake_wire.h"
#include "fake_worker.h"

#define HEAD                                                                        \
    "GET /raw HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define SWITCHING                                                                       \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

static int set_up(void **state)
{
    return fake_stage_set_up(state, NULL);
}

static int set_up_hurried(void **state)
{
    static const char *const SETTINGS[] = {"limits.handshake_timeout=150ms",
                                           "limits.close_deadline=150ms", NULL};

    return fake_stage_set_up(state, SETTINGS);
}

static int set_up_small(void **state)
{
    static const char *const SETTINGS[] = {"limits.max_connections=1", "limits.message_bytes=100",
                                           "limits.message_fragments=3", "limits.head_bytes=1024",
                                           NULL};

    return fake_stage_set_up(state, SETTINGS);
}

static void an_upgraded_client_gets_its_messages_echoed(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_upgrade(&stage->alice, stage->worker);
    fake_client_send_frames(&stage->alice, "81:Hello 82:%00%FF 81:");
    fake_client_expect_text(&stage->alice, "Hello");
    fake_client_expect(&stage->alice, TG_STR("\x82\x02\x00\xff"));
    fake_client_expect_text(&stage->alice, "");
    assert_int_equal(fake_worker_counter(stage->worker, TG_COUNT_UPGRADES), 1);
    assert_int_equal(fake_worker_counter(stage->worker, TG_COUNT_BYTES_IN), 11 + 8 + 6);
    assert_int_equal(fake_worker_counter(stage->worker, TG_COUNT_BYTES_OUT), 7 + 4 + 2);
}

static void a_head_may_come_octet_by_octet(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    for (size_t i = 0; i < sizeof(HEAD) - 1; i++) {
        fake_client_send(&stage->alice, tg_str(&HEAD[i], 1));
    }
    fake_client_expect(&stage->alice, TG_STR(SWITCHING));
}

static void frames_behind_the_head_in_one_segment_are_read(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_buf wire;

    tg_buf_init(&wire, FAKE_WIRE_MAX);
    tg_buf_add_str(&wire, TG_STR(HEAD));
    fake_wire_parse(&wire, "81:early 81:bird");
    fake_client_connect(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, tg_buf_str(&wire));
    tg_buf_fini(&wire);
    fake_client_expect(&stage->alice, TG_STR(SWITCHING));
    fake_client_expect_text(&stage->alice, "early");
    fake_client_expect_text(&stage->alice, "bird");
}

static void frames_behind_a_head_in_two_segments_are_read(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_buf wire;

    tg_buf_init(&wire, FAKE_WIRE_MAX);
    tg_buf_add_str(&wire, tg_str(HEAD + 40, sizeof(HEAD) - 1 - 40));
    fake_wire_parse(&wire, "81:early");
    fake_client_connect(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, tg_str(HEAD, 40));
    fake_worker_run(stage->worker, 20);
    fake_client_send(&stage->alice, tg_buf_str(&wire));
    tg_buf_fini(&wire);
    fake_client_expect(&stage->alice, TG_STR(SWITCHING));
    fake_client_expect_text(&stage->alice, "early");
}

static void expect_refusal(struct fake_stage *stage, struct tg_str request, const char *status_line,
                           enum tg_refusal refusal)
{
    uint64_t before = fake_worker_counter(stage->worker, TG_COUNT_REFUSED + (uint32_t)refusal);

    fake_client_connect(&stage->bob, stage->worker);
    fake_client_send(&stage->bob, request);
    fake_client_expect(&stage->bob, tg_str_of(status_line));
    fake_client_receive(&stage->bob, SIZE_MAX);
    assert_true(stage->bob.is_ended);
    assert_int_equal(fake_worker_counter(stage->worker, TG_COUNT_REFUSED + (uint32_t)refusal),
                     before + 1);
    fake_client_close(&stage->bob);
    fake_worker_run_until_conns(stage->worker, 0);
}

static void an_answer_to_head_has_no_body(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_str request = TG_STR("HEAD /raw HTTP/1.1\r\nHost: a\r\n\r\n");

    for (size_t piece = 1; piece <= request.length; piece += request.length - 1) {
        fake_client_connect(&stage->bob, stage->worker);
        for (size_t at = 0; at < request.length; at += piece) {
            fake_client_send(&stage->bob, tg_str(request.at + at, piece));
        }
        fake_client_expect(&stage->bob, TG_STR("HTTP/1.1 405 "));
        fake_client_receive(&stage->bob, SIZE_MAX);
        struct tg_str answer = tg_buf_str(&stage->bob.received);
        assert_non_null(memmem(answer.at, answer.length, "Content-Length: 25\r\n", 20));
        assert_memory_equal(answer.at + answer.length - 4, "\r\n\r\n", 4);
        fake_client_close(&stage->bob);
        fake_worker_run_until_conns(stage->worker, 0);
    }
}

static void refusals_are_answered_counted_and_ended(void **state)
{
    struct fake_stage *stage = *state;
    char flood[2000] = "GET / HTTP/1.1\r\nA: ";

    memset(flood + 19, 'a', sizeof(flood) - 19);
    expect_refusal(stage, TG_STR("GET /raw HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 426 ",
                   TG_REFUSAL_NOT_WEBSOCKET);
    expect_refusal(stage, TG_STR("POST /raw HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 405 ",
                   TG_REFUSAL_BAD_METHOD);
    expect_refusal(stage, TG_STR("\x16\x03\x01\x02\x00\x01\x00\x01\xfc"), "HTTP/1.1 400 ",
                   TG_REFUSAL_MALFORMED);
    expect_refusal(stage, TG_STR("GET /raw HTTP/1.0\r\n\r\n"), "HTTP/1.1 505 ",
                   TG_REFUSAL_BAD_HTTP_VERSION);
    expect_refusal(stage, tg_str(flood, sizeof(flood)), "HTTP/1.1 431 ", TG_REFUSAL_HEAD_TOO_LARGE);
    expect_refusal(stage,
                   TG_STR("GET /none HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
                   "HTTP/1.1 404 ", TG_REFUSAL_NO_ROUTE);
    assert_int_equal(stage->worker->calls[TG_CALL_CONNECT], 0);
}

static void past_the_cap_an_upgrade_is_refused(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_upgrade(&stage->alice, stage->worker);
    fake_client_connect(&stage->bob, stage->worker);
    fake_client_send(&stage->bob, TG_STR(HEAD));
    fake_client_expect(&stage->bob, TG_STR("HTTP/1.1 503 Service Unavailable\r\n"));
    fake_client_receive(&stage->bob, SIZE_MAX);
    static const char BODY[] = "\r\n\r\nwebsocket capacity reached";
    assert_memory_equal(stage->bob.received.at + stage->bob.received.length - (sizeof(BODY) - 1),
                        BODY, sizeof(BODY) - 1);
    assert_int_equal(fake_worker_counter(stage->worker, TG_COUNT_UPGRADES_REFUSED), 1);
}

static void a_silent_peer_is_cut_and_counted(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_client_connect(&stage->bob, stage->worker);
    fake_client_send(&stage->bob, TG_STR("GET /raw HTTP/1.1\r\nHost:"));
    fake_client_expect_end(&stage->alice);
    fake_client_expect_end(&stage->bob);
    assert_int_equal(fake_worker_counter(stage->worker, TG_COUNT_HANDSHAKE_TIMEOUTS), 2);
    fake_worker_run_until_conns(stage->worker, 0);
}

static void dripping_octets_do_not_stretch_the_handshake(void **state)
{
    struct fake_stage *stage = *state;
    uint64_t start = tg_clock_mono_ms(tg_clock_system());

    fake_client_connect(&stage->alice, stage->worker);
    for (size_t i = 0; i < 100 && !stage->alice.is_ended; i++) {
        (void)send(stage->alice.fd, &HEAD[i], 1, MSG_NOSIGNAL);
        fake_worker_run(stage->worker, 10);
        char octet;
        stage->alice.is_ended = recv(stage->alice.fd, &octet, 1, MSG_DONTWAIT) == 0;
    }
    assert_true(stage->alice.is_ended);
    assert_in_range(tg_clock_mono_ms(tg_clock_system()) - start, 100, 800);
}

int main(void)
{
#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, fake_stage_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_upgraded_client_gets_its_messages_echoed, set_up),
        TEST(a_head_may_come_octet_by_octet, set_up),
        TEST(frames_behind_the_head_in_one_segment_are_read, set_up),
        TEST(frames_behind_a_head_in_two_segments_are_read, set_up),
        TEST(an_answer_to_head_has_no_body, set_up_small),
        TEST(refusals_are_answered_counted_and_ended, set_up_small),
        TEST(past_the_cap_an_upgrade_is_refused, set_up_small),
        TEST(a_silent_peer_is_cut_and_counted, set_up_hurried),
        TEST(dripping_octets_do_not_stretch_the_handshake, set_up_hurried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
