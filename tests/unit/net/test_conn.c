/* SPDX-License-Identifier: MIT */
#include "net/conn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <sys/socket.h>

#include <cmocka.h>

#include "fake_worker.h"

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

static bool is_disconnected(void *self)
{
    const struct fake_worker *worker = self;

    return worker->calls[TG_CALL_DISCONNECT] > 0;
}

static void a_close_by_the_peer_is_echoed_and_ended(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_upgrade(&stage->alice, stage->worker);
    fake_client_send_frames(&stage->alice, "81:last 88:%0F%A1bye");
    fake_client_expect_text(&stage->alice, "last");
    fake_client_expect_close(&stage->alice, 4001);
    fake_client_expect_end(&stage->alice);
    assert_int_equal(stage->worker->calls[TG_CALL_DISCONNECT], 1);
    assert_int_equal(stage->worker->cause, TG_CLOSE_CLIENT_CLOSED);
    fake_client_close(&stage->alice);
    fake_worker_run_until_conns(stage->worker, 0);
}

static void a_vanished_peer_is_told_to_the_hub(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_upgrade(&stage->alice, stage->worker);
    fake_client_close(&stage->alice);
    fake_worker_run_until_conns(stage->worker, 0);
    fake_worker_run_until(stage->worker, is_disconnected, stage->worker);
    assert_int_equal(stage->worker->cause, TG_CLOSE_CLIENT_GONE);
}

static void a_reset_is_told_to_the_hub(void **state)
{
    struct fake_stage *stage = *state;
    struct linger hard = {.l_onoff = 1, .l_linger = 0};

    fake_client_upgrade(&stage->alice, stage->worker);
    assert_int_equal(setsockopt(stage->alice.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)), 0);
    fake_client_close(&stage->alice);
    fake_worker_run_until_conns(stage->worker, 0);
    fake_worker_run_until(stage->worker, is_disconnected, stage->worker);
    assert_int_equal(stage->worker->cause, TG_CLOSE_CLIENT_GONE);
}

static void expect_fault(struct fake_stage *stage, const char *frames, int code,
                         enum tg_close_reason cause)
{
    stage->worker->calls[TG_CALL_DISCONNECT] = 0;
    fake_client_upgrade(&stage->bob, stage->worker);
    fake_client_send_frames(&stage->bob, frames);
    fake_client_expect_close(&stage->bob, code);
    fake_client_expect_end(&stage->bob);
    assert_int_equal(stage->worker->calls[TG_CALL_DISCONNECT], 1);
    assert_int_equal(stage->worker->cause, cause);
    fake_client_close(&stage->bob);
    fake_worker_run_until_conns(stage->worker, 0);
}

static void each_fault_has_its_close_code(void **state)
{
    struct fake_stage *stage = *state;

    expect_fault(stage, "81u:bare", 1002, TG_CLOSE_PROTOCOL_ERROR);
    expect_fault(stage, "81:%FF 81:late", 1007, TG_CLOSE_INVALID_UTF8);
    expect_fault(stage, "81=101:", 1009, TG_CLOSE_TOO_BIG);
    expect_fault(stage, "01:a 00:b 00:c 00:d", 1008, TG_CLOSE_TOO_FRAGMENTED);
    assert_int_equal(stage->worker->calls[TG_CALL_TEXT], 0);
}

static void a_peer_that_never_closes_is_cut_at_the_deadline(void **state)
{
    struct fake_stage *stage = *state;
    uint64_t start = tg_clock_mono_ms(tg_clock_system());

    fake_client_upgrade(&stage->alice, stage->worker);
    tg_client_close(stage->worker->client, TG_CLOSE_DRAIN);
    fake_client_expect_close(&stage->alice, 1001);
    fake_client_expect_end(&stage->alice);
    assert_int_equal(tg_server_conn_count(stage->worker->server), 1);
    fake_worker_run_until_conns(stage->worker, 0);
    assert_in_range(tg_clock_mono_ms(tg_clock_system()) - start, 100, 1000);
}

static void what_the_peer_sends_after_our_close_is_discarded(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_upgrade(&stage->alice, stage->worker);
    tg_client_close(stage->worker->client, TG_CLOSE_DRAIN);
    fake_client_expect_close(&stage->alice, 1001);
    fake_client_send_frames(&stage->alice, "81:late 83: 81u:bad");
    fake_worker_run(stage->worker, 30);
    assert_int_equal(stage->worker->calls[TG_CALL_TEXT], 0);
    assert_int_equal(shutdown(stage->alice.fd, SHUT_WR), 0);
    fake_client_expect_end(&stage->alice);
    fake_worker_run_until_conns(stage->worker, 0);
}

static void turn_away(struct fake_worker *worker, const struct tg_call *call,
                      struct tg_answer *answer)
{
    (void)worker;
    if (call->kind == TG_CALL_CONNECT) {
        answer->outcome = TG_OUTCOME_REFUSED;
    }
}

static void who_is_turned_away_gets_the_101_and_then_the_close(void **state)
{
    struct fake_stage *stage = *state;

    stage->worker->script = turn_away;
    fake_client_upgrade(&stage->alice, stage->worker);
    fake_client_expect_close(&stage->alice, 4403);
    fake_client_expect_end(&stage->alice);
}

int main(void)
{
#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, fake_stage_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_close_by_the_peer_is_echoed_and_ended, set_up),
        TEST(a_vanished_peer_is_told_to_the_hub, set_up),
        TEST(a_reset_is_told_to_the_hub, set_up),
        TEST(each_fault_has_its_close_code, set_up_small),
        TEST(a_peer_that_never_closes_is_cut_at_the_deadline, set_up_hurried),
        TEST(what_the_peer_sends_after_our_close_is_discarded, set_up),
        TEST(who_is_turned_away_gets_the_101_and_then_the_close, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
