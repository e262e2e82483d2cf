/* SPDX-License-Identifier: MIT */
#include "net/write_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_worker.h"

static int set_up_hurried(void **state)
{
    static const char *const SETTINGS[] = {"limits.handshake_timeout=150ms",
                                           "limits.close_deadline=150ms", NULL};

    return fake_stage_set_up(state, SETTINGS);
}

static int set_up_roomy(void **state)
{
    static const char *const SETTINGS[] = {"limits.outbound_bytes=64MiB",
                                           "limits.outbound_messages=10000",
                                           "limits.message_bytes=1MiB", NULL};

    return fake_stage_set_up(state, SETTINGS);
}

enum { BIG = 1 << 20, BIG_COUNT = 24 };

static void send_big_frames(struct fake_worker *worker)
{
    for (int i = 0; i < BIG_COUNT; i++) {
        struct tg_frame *frame = tg_frame_create(TG_OPCODE_BINARY, BIG);
        assert_non_null(frame);
        memset(tg_frame_payload(frame), i, BIG);
        assert_int_equal(tg_client_send(worker->client, frame), TG_OK);
        tg_frame_unref(frame);
    }
}

static void a_slow_reader_gets_every_octet_and_nobody_spins(void **state)
{
    struct fake_stage *stage = *state;
    const size_t frame_length = BIG + 10;

    fake_client_upgrade(&stage->alice, stage->worker);
    send_big_frames(stage->worker);
    fake_worker_run(stage->worker, 100);
    assert_true(stage->worker->client->is_blocked);
    /* It sends although it doesn't read: libwebsockets would poll in vain. */
    fake_client_send_frames(&stage->alice, "81:still 89:here");
    uint64_t turns = stage->worker->turns;
    fake_worker_run(stage->worker, 300);
    assert_in_range(stage->worker->turns - turns, 0, 180);
    assert_int_equal(stage->worker->calls[TG_CALL_TEXT], 0);

    fake_client_receive(&stage->alice, BIG_COUNT * frame_length);
    const uint8_t *octets = (const uint8_t *)stage->alice.received.at + stage->alice.read;
    for (size_t i = 0; i < BIG_COUNT; i++) {
        const uint8_t *frame = octets + i * frame_length;
        assert_int_equal(frame[0], 0x82);
        for (size_t k = 10; k < frame_length; k++) {
            if (frame[k] != i) {
                fail_msg("octet %zu of frame %zu is %u", k, i, frame[k]);
            }
        }
    }
    stage->alice.read += BIG_COUNT * frame_length;
    fake_client_expect_text(&stage->alice, "still");
    fake_client_expect(&stage->alice, TG_STR("\x8a\x04here"));
    assert_false(stage->worker->client->is_blocked);
    assert_true(tg_outbox_is_empty(&stage->worker->client->outbox));
}

static void a_close_behind_what_is_blocked_comes_after_it(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_upgrade(&stage->alice, stage->worker);
    send_big_frames(stage->worker);
    tg_client_close(stage->worker->client, TG_CLOSE_DRAIN);
    fake_worker_run(stage->worker, 50);
    fake_client_receive(&stage->alice, BIG_COUNT * (size_t)(BIG + 10));
    stage->alice.read += BIG_COUNT * (size_t)(BIG + 10);
    fake_client_expect_close(&stage->alice, 1001);
    fake_client_expect_end(&stage->alice);
}

static void who_never_reads_is_cut_at_the_close_deadline(void **state)
{
    struct fake_stage *stage = *state;

    stage->worker->config.outbound_bytes = 64 << 20;
    fake_client_upgrade(&stage->alice, stage->worker);
    send_big_frames(stage->worker);
    fake_worker_run(stage->worker, 50);
    assert_true(stage->worker->client->is_blocked);
    tg_client_close(stage->worker->client, TG_CLOSE_SLOW_CLIENT);
    fake_worker_run_until_conns(stage->worker, 0);
    assert_int_equal(stage->worker->cause, TG_CLOSE_SLOW_CLIENT);
}

int main(void)
{
#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, fake_stage_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_slow_reader_gets_every_octet_and_nobody_spins, set_up_roomy),
        TEST(a_close_behind_what_is_blocked_comes_after_it, set_up_roomy),
        TEST(who_never_reads_is_cut_at_the_close_deadline, set_up_hurried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
