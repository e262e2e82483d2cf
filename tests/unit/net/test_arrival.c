/* SPDX-License-Identifier: MIT */
#include "net/arrival.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fake_wire.h"
#include "fake_worker.h"
#include "hub/provenance.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define LINE "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n"
#define REQUEST                                       \
    "GET /raw HTTP/1.1\r\n"                           \
    "Host: x\r\n"                                     \
    "Upgrade: websocket\r\n"                          \
    "Connection: Upgrade\r\n"                         \
    "Sec-WebSocket-Version: 13\r\n"                   \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" \
    "\r\n"

static int set_up(void **state)
{
    static const char *const SETTINGS[] = {"proxy_protocol=127.0.0.0/8",
                                           "limits.handshake_timeout=300ms", NULL};

    return fake_stage_set_up(state, SETTINGS);
}

static int set_up_others(void **state)
{
    static const char *const SETTINGS[] = {"proxy_protocol=10.0.0.0/8,127.0.0.2", NULL};

    return fake_stage_set_up(state, SETTINGS);
}

static int set_up_both(void **state)
{
    static const char *const SETTINGS[] = {"proxy_protocol=127.0.0.1", "trusted_proxies=10.0.0.0/8",
                                           NULL};

    return fake_stage_set_up(state, SETTINGS);
}

static uint64_t failures(const struct fake_stage *stage)
{
    return fake_worker_counter(stage->worker, TG_COUNT_PROXY_FAILURES);
}

static void expect_upgrade(struct fake_stage *stage, const char *address)
{
    fake_client_expect(&stage->alice, TG_STR("HTTP/1.1 101"));
    fake_worker_run_until_conns(stage->worker, 1);
    assert_string_equal(stage->worker->client->provenance->address, address);
}

static void a_header_gives_the_clients_address(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, TG_STR(LINE REQUEST));
    expect_upgrade(stage, "192.0.2.7");
    assert_int_equal(failures(stage), 0);
}

static void a_header_that_comes_octet_by_octet_is_read_too(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_str octets = TG_STR(LINE REQUEST);

    fake_client_connect(&stage->alice, stage->worker);
    for (size_t i = 0; i < octets.length; i++) {
        fake_client_send(&stage->alice, tg_str(octets.at + i, 1));
    }
    expect_upgrade(stage, "192.0.2.7");
}

static void a_binary_header_gives_the_address_too(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_client_send(&stage->alice,
                     TG_STR(SIGNATURE "\x21\x11\x00\x0c\xc0\x00\x02\x09\xc0\x00\x02\x01"
                                      "\x12\x34\x01\xbb" REQUEST));
    expect_upgrade(stage, "192.0.2.9");
}

static void a_proxy_that_speaks_for_itself_is_the_peer(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, TG_STR(SIGNATURE "\x20\x00\x00\x00" REQUEST));
    expect_upgrade(stage, "127.0.0.1");
}

static void what_comes_without_a_header_is_cut(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, TG_STR(REQUEST));
    fake_client_expect_end(&stage->alice);
    assert_int_equal(failures(stage), 1);
    assert_int_equal(tg_server_conn_count(stage->worker->server), 0);
}

static void a_peer_that_ends_within_its_header_is_counted(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, TG_STR("PROXY TCP4"));
    fake_client_close(&stage->alice);
    fake_worker_run(stage->worker, 50);
    assert_int_equal(failures(stage), 1);
}

static void half_a_header_is_cut_at_the_deadline(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_client_connect(&stage->bob, stage->worker);
    fake_client_send(&stage->alice, TG_STR("PROXY TCP4 192.0.2.7"));
    uint64_t before = stage->worker->turns;
    fake_client_expect_end(&stage->alice);
    fake_client_expect_end(&stage->bob);
    assert_int_equal(fake_worker_counter(stage->worker, TG_COUNT_HANDSHAKE_TIMEOUTS), 2);
    /* What has come was taken off, so the socket isn't readable and the loop sleeps. */
    assert_in_range(stage->worker->turns - before, 1, 2000);
}

static void the_deadline_spans_header_and_request(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_worker_run(stage->worker, 200);
    fake_client_send(&stage->alice, TG_STR(LINE));
    fake_worker_run_until_conns(stage->worker, 1);
    fake_worker_run(stage->worker, 200);
    assert_int_equal(tg_server_conn_count(stage->worker->server), 0);
    assert_int_equal(fake_worker_counter(stage->worker, TG_COUNT_HANDSHAKE_TIMEOUTS), 1);
}

static void others_are_never_asked_for_a_header(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, TG_STR(LINE REQUEST));
    fake_client_expect(&stage->alice, TG_STR("HTTP/1.1 40"));
    fake_client_connect(&stage->bob, stage->worker);
    fake_client_send(&stage->bob, TG_STR(REQUEST));
    fake_client_expect(&stage->bob, TG_STR("HTTP/1.1 101"));
    assert_int_equal(failures(stage), 0);
}

static void a_header_may_name_a_trusted_proxy(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, TG_STR("PROXY TCP4 10.0.0.5 192.0.2.1 4711 443\r\n"
                                           "GET /raw HTTP/1.1\r\n"
                                           "X-Forwarded-For: 1.1.1.1, 192.0.2.9\r\n"
                                           "Host: x\r\n"
                                           "Upgrade: websocket\r\n"
                                           "Connection: Upgrade\r\n"
                                           "Sec-WebSocket-Version: 13\r\n"
                                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                           "\r\n"));
    expect_upgrade(stage, "192.0.2.9");
}

static void a_stopped_server_cuts_who_waits(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_client_connect(&stage->bob, stage->worker);
    fake_client_send(&stage->bob, TG_STR("PROXY"));
    fake_worker_run(stage->worker, 30);
    tg_server_stop_accepting(stage->worker->server);
    fake_client_expect_end(&stage->alice);
    fake_client_expect_end(&stage->bob);
    assert_int_equal(fake_worker_counter(stage->worker, TG_COUNT_HANDSHAKE_TIMEOUTS), 0);
}

static void a_destroyed_server_leaves_nobody_behind(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_connect(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, TG_STR("PROXY"));
    fake_worker_run(stage->worker, 30); /* the sanitizers see what is not freed at the end */
    assert_int_equal(failures(stage), 0);
}

int main(void)
{
#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, fake_stage_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_header_gives_the_clients_address, set_up),
        TEST(a_header_that_comes_octet_by_octet_is_read_too, set_up),
        TEST(a_binary_header_gives_the_address_too, set_up),
        TEST(a_proxy_that_speaks_for_itself_is_the_peer, set_up),
        TEST(what_comes_without_a_header_is_cut, set_up),
        TEST(a_peer_that_ends_within_its_header_is_counted, set_up),
        TEST(half_a_header_is_cut_at_the_deadline, set_up),
        TEST(the_deadline_spans_header_and_request, set_up),
        TEST(others_are_never_asked_for_a_header, set_up_others),
        TEST(a_header_may_name_a_trusted_proxy, set_up_both),
        TEST(a_stopped_server_cuts_who_waits, set_up),
        TEST(a_destroyed_server_leaves_nobody_behind, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
