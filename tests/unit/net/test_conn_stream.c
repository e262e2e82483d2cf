/* SPDX-License-Identifier: MIT */
#include "net/conn_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fake_wire.h"
#include "fake_worker.h"

static int set_up(void **state)
{
    return fake_stage_set_up(state, NULL);
}

static int set_up_roomy(void **state)
{
    static const char *const SETTINGS[] = {"limits.outbound_bytes=64MiB",
                                           "limits.outbound_messages=10000",
                                           "limits.message_bytes=1MiB", NULL};

    return fake_stage_set_up(state, SETTINGS);
}

static void pings_are_answered_in_order_between_messages(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_buf wire;
    static const uint8_t MASK[4] = {1, 2, 3, 4};

    tg_buf_init(&wire, FAKE_WIRE_MAX);
    for (int i = 0; i < 100; i++) {
        char text[8];
        int length = snprintf(text, sizeof(text), "%03d", i);
        fake_wire_frame(&wire, i % 2 ? 0x89 : 0x81, 0, (uint64_t)length, MASK,
                        tg_str(text, (size_t)length));
    }
    fake_client_upgrade(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, tg_buf_str(&wire));
    tg_buf_clear(&wire);
    for (int i = 0; i < 100; i++) {
        tg_buf_add_format(&wire, "%c%c%03d", i % 2 ? 0x8a : 0x81, 3, i);
    }
    fake_client_expect(&stage->alice, tg_buf_str(&wire));
    tg_buf_fini(&wire);
}

/* The first message suspends its handler until the test ends the call. */
static void suspend_first(struct fake_worker *worker, const struct tg_call *call,
                          struct tg_answer *answer)
{
    if (call->kind == TG_CALL_TEXT && worker->calls[TG_CALL_TEXT] == 1) {
        answer->outcome = TG_OUTCOME_SUSPENDED;
    } else if (call->kind == TG_CALL_TEXT) {
        fake_worker_echo(call);
    }
}

static bool has_paused(void *self)
{
    const struct fake_worker *worker = self;

    return worker->client && worker->client->is_paused;
}

static void messages_behind_a_suspended_handler_wait_and_come_in_order(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_answer done = {.outcome = TG_OUTCOME_DONE};
    struct tg_buf wire;
    static const uint8_t MASK[4] = {9, 8, 7, 6};
    enum { MESSAGES = 3000 };

    tg_buf_init(&wire, FAKE_WIRE_MAX);
    for (int i = 0; i < MESSAGES; i++) {
        char text[8];
        int length = snprintf(text, sizeof(text), "%06d", i);
        fake_wire_frame(&wire, 0x81, 0, (uint64_t)length, MASK, tg_str(text, (size_t)length));
    }
    stage->worker->script = suspend_first;
    fake_client_upgrade(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, tg_buf_str(&wire));
    fake_worker_run_until(stage->worker, has_paused, stage->worker);
    uint64_t turns = stage->worker->turns;
    uint64_t taken = fake_worker_counter(stage->worker, TG_COUNT_BYTES_IN);
    fake_worker_run(stage->worker, 200);
    /* Nothing more is read, and the readable socket makes nobody spin. */
    assert_int_equal(fake_worker_counter(stage->worker, TG_COUNT_BYTES_IN), taken);
    assert_true(taken < wire.length);
    assert_in_range(stage->worker->turns - turns, 0, 120);
    assert_int_equal(stage->worker->calls[TG_CALL_TEXT], 1);

    tg_client_resume_done(stage->worker->client, &done);
    tg_buf_clear(&wire);
    for (int i = 1; i < MESSAGES; i++) {
        tg_buf_add_format(&wire, "\x81\x06%06d", i);
    }
    fake_client_expect(&stage->alice, tg_buf_str(&wire));
    tg_buf_fini(&wire);
    assert_int_equal(stage->worker->calls[TG_CALL_TEXT], MESSAGES);
}

static void a_peer_that_closes_behind_a_pause_is_noticed_after_it(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_answer done = {.outcome = TG_OUTCOME_DONE};
    struct tg_buf wire;

    tg_buf_init(&wire, FAKE_WIRE_MAX);
    for (int i = 0; i < 40; i++) {
        fake_wire_parse(&wire, "81:x");
    }
    fake_wire_parse(&wire, "88:%03%E8");
    stage->worker->script = suspend_first;
    fake_client_upgrade(&stage->alice, stage->worker);
    fake_client_send(&stage->alice, tg_buf_str(&wire));
    tg_buf_fini(&wire);
    fake_worker_run_until(stage->worker, has_paused, stage->worker);
    tg_client_resume_done(stage->worker->client, &done);
    for (int i = 1; i < 40; i++) {
        fake_client_expect_text(&stage->alice, "x");
    }
    fake_client_expect_close(&stage->alice, 1000);
    fake_client_expect_end(&stage->alice);
}

int main(void)
{
#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, fake_stage_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(pings_are_answered_in_order_between_messages, set_up),
        TEST(messages_behind_a_suspended_handler_wait_and_come_in_order, set_up_roomy),
        TEST(a_peer_that_closes_behind_a_pause_is_noticed_after_it, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
